#!/bin/sh
# golang.org/x/mod/semver's answer for each pair on standard input. Fetches that module.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cat > "$directory/main.go" <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		left, right, _ := strings.Cut(in.Text(), "\t")
		left = "v" + strings.TrimPrefix(left, "v")
		right = "v" + strings.TrimPrefix(right, "v")
		if !semver.IsValid(left) || !semver.IsValid(right) {
			fmt.Fprintln(out, "invalid")
			continue
		}
		fmt.Fprintln(out, []string{"<", "=", ">"}[semver.Compare(left, right)+1])
	}
}
GO
(cd "$directory" && go mod init oracle && go get golang.org/x/mod/semver && go build -o oracle .) >&2
"$directory/oracle"

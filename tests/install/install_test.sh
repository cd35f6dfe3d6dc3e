#!/bin/sh
# install_test.sh BUILD CMAKE: what an installation holds, and that it works where it lies: every program is there and
# finds the others, every manual, the completion, units whose programs exist, users.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
cmake=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failed=0
wrong() {
    echo "$1"
    failed=1
}

DESTDIR=$place "$cmake" --install "$build" --prefix /opt/thimble >"$place/log" 2>&1 || {
    cat "$place/log"
    exit 1
}
root=$place/opt/thimble

# Whatever the build makes that is not for tests.
for program in "$build"/bin/thimble "$build"/bin/thimble-*; do
    name=$(basename "$program")
    [ -e "$root/bin/$name" ] || [ -e "$root/libexec/thimble/$name" ] || wrong "not installed: $name"
done
for script in "$source"/src/apply/dnf/*.py; do
    [ -f "$root/libexec/thimble/thimble-dnf/$(basename "$script")" ] || wrong "not installed: $script"
done

# Each is a program of its own that `thimble` starts.
for words in "scan --help" "feeds sync --help" "patch plan --help" "hosts --help" "serve --help"; do
    # shellcheck disable=SC2086 # words
    "$root/bin/thimble" $words >"$place/out" 2>&1 || wrong "thimble $words: $(cat "$place/out")"
done
"$root/bin/thimble-agent" --help >/dev/null 2>&1 || wrong "thimble-agent does not start"

for manual in "$source"/docs/man/*.1; do
    [ -f "$root/share/man/man1/$(basename "$manual")" ] || wrong "not installed: $manual"
done
[ -f "$root/share/bash-completion/completions/thimble" ] || wrong "the completion is not installed"

for unit in "$source"/packaging/systemd/*.service "$source"/packaging/systemd/*.timer; do
    installed=$root/lib/systemd/system/$(basename "$unit")
    [ -f "$installed" ] || { wrong "not installed: $unit"; continue; }
    for program in $(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$installed"); do
        [ -x "$place$program" ] || wrong "$(basename "$unit") starts $program, which is not there"
    done
    for user in $(sed -n 's/^User=//p' "$installed"); do
        grep -qs "^u $user " "$root"/lib/sysusers.d/*.conf || wrong "$(basename "$unit"): nobody makes the user $user"
    done
done
exit $failed

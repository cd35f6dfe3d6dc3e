#!/bin/sh
# Compares our order of generated versions with the real tool's.
#   version_order.sh PROGRAM ECOSYSTEM COUNT [SEED]
# PROGRAM is `thimble`, or anything else that understands `version-order ECOSYSTEM`. Exits 0 when all pairs
# agree, 1 when one does not, 77 when the tool is not installed.
set -eu
program=$1
ecosystem=$2
count=$3
seed=${4:-1}
here=$(dirname "$0")

need() {
    command -v "$1" > /dev/null || { echo "skipped: no $1" >&2; exit 77; }
}
need perl

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
perl "$here/generate_versions.pl" "$ecosystem" "$count" "$seed" > "$work/pairs"

order=$ecosystem
case $ecosystem in
    dpkg) need dpkg; perl "$here/dpkg.pl" < "$work/pairs" ;;
    rpm) need rpm; sh "$here/rpm.sh" "$work/pairs" ;;
    npm) need node; need npm; node "$here/npm.js" < "$work/pairs" ;;
    pypi)
        need python3
        python3 -c "import pip._vendor.packaging" 2> /dev/null || { echo "skipped: no pip" >&2; exit 77; }
        python3 "$here/pypi.py" < "$work/pairs" ;;
    go) need go; sh "$here/go.sh" < "$work/pairs" ;;
    crates) need cargo; sh "$here/crates.sh" < "$work/pairs" ;;
    *) echo "no oracle for $ecosystem" >&2; exit 64 ;;
esac > "$work/theirs"

# Status 1: some pair is invalid, which is an answer to compare like any other.
"$program" version-order "$order" < "$work/pairs" > "$work/ours" || [ $? -eq 1 ]
paste "$work/pairs" "$work/theirs" "$work/ours" | perl "$here/differences.pl" "$ecosystem" > "$work/differences"
head -n 40 "$work/differences"
echo "$ecosystem: $(wc -l < "$work/pairs") pairs, seed $seed, $(grep -c invalid "$work/theirs" || true) invalid," \
    "$(wc -l < "$work/differences") differ"
[ ! -s "$work/differences" ] && [ "$(wc -l < "$work/ours")" -eq "$(wc -l < "$work/theirs")" ]

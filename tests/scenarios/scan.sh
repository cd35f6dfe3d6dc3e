#!/bin/sh
# scan.sh BIN_FOLDER SCENARIO [--rewrite]: compiles the scenario's feeds, scans its root, and compares
# table and JSON with the golden files; --rewrite writes them anew.
set -eu
bin=$(cd "$1" && pwd)
scenario=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset THIMBLE_STATE
export LC_ALL=C.UTF-8 NO_COLOR=1

"$bin/thimble" catalog build --feed osv="$scenario/feeds/osv" \
    --feed kev="$scenario/feeds/known_exploited_vulnerabilities.json" --output "$work/catalog" >"$work/build.txt"
grep -q "1 quarantined" "$work/build.txt" || { echo "the bad record was not quarantined" >&2; cat "$work/build.txt" >&2; exit 1; }

cp -R "$scenario/root" "$work/root" # named by a short path, which the output repeats
scan() { # NAME ARG..: output to NAME; host and catalog dates are the machine's own
    name=$1
    shift
    status=0
    (cd "$work" && "$bin/thimble" scan --root root --catalog catalog --no-offers --state state \
        --now 2026-11-01T12:00:00Z "$@") >"$work/raw" || status=$?
    sed -e 's/"built_at":"[^"]*"/"built_at":"BUILT"/' "$work/raw" >"$work/$name"
    [ "$status" -eq 1 ] || { echo "thimble scan $* ended with $status, not 1" >&2; cat "$work/raw" >&2; exit 1; }
}
scan table.txt
scan scan.json --json
scan findings.csv --csv

failed=0
for name in table.txt scan.json findings.csv; do
    if [ "${3:-}" = --rewrite ]; then
        cp "$work/$name" "$scenario/expected_$name"
    elif ! cmp -s "$work/$name" "$scenario/expected_$name"; then
        diff "$scenario/expected_$name" "$work/$name" >&2 || failed=1
    fi
done
exit $failed

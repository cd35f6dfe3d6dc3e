#!/bin/sh
# run.sh BUILD: the benchmarks of every room, then whole programs on the corpus of THIMBLE_DATA. Prints what
# bench/README.md records: machine, date, medians.
set -eu
bin=$1/bin
data=${THIMBLE_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "# $(date -u +%F), $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
# The fleet's benchmarks take their packages from the whole catalog.
if [ -d "$data" ] && [ -x "$bin/thimble-feeds" ]; then
    "$bin/thimble" feeds sync --state "$work/state" --mirror "$data" >/dev/null 2>&1 || true
    [ ! -f "$work/state/catalog.thimble" ] || export THIMBLE_CATALOG="$work/state/catalog.thimble"
    kev=kev/known_exploited_vulnerabilities.json
    if [ -n "${THIMBLE_CATALOG:-}" ] && [ -f "$data/$kev" ]; then
        # The same before it was known that freetype is exploited.
        cp -a "$work/state" "$work/before"
        mkdir -p "$work/mirror/kev"
        /usr/bin/python3 bench/without_kev_entry.py CVE-2025-27363 <"$data/$kev" >"$work/mirror/$kev"
        "$bin/thimble" feeds sync --state "$work/before" --mirror "$work/mirror" >/dev/null 2>&1 || true
        export THIMBLE_CATALOG_BEFORE="$work/before/catalog.thimble"
    fi
fi
for program in "$bin"/thimble_*_bench; do
    [ -x "$program" ] || continue
    echo "# $(basename "$program")"
    "$program" --benchmark_min_time=0.2 2>/dev/null
done

if [ ! -d "$data" ]; then
    echo "skipped: no data (THIMBLE_DATA)"
    exit 0
fi
/usr/bin/python3 bench/whole_programs.py "$bin" "$data" "$work"

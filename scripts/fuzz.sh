#!/bin/sh
# fuzz.sh BUILD SECONDS: runs every fuzz target that long, from its seed corpus, and fails on a crash.
# The target <room>_<file>_fuzz has its seeds in src/<room>/testdata/corpus_<file>_fuzz.
set -eu
build=$1
seconds=$2
root=$(pwd)
failed=0
ran=0
for target in "$build"/bin/*_fuzz; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    room=${name%%_*}
    seeds=src/$room/testdata/corpus_${name#*_}
    work=.cache/fuzz/$name
    log=$work.log
    mkdir -p "$work"
    [ -d "$seeds" ] || { echo "no seed corpus: $seeds" >&2; failed=1; continue; }
    echo "== $name"
    ran=$((ran + 1))
    status=0
    # Into a file, since a pipe would hide the status.
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$root/$work-" "$work" "$seeds" >"$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then
        tail -n 12 "$log"
    else
        tail -n 60 "$log"
        echo "$name failed with status $status; all of it: $log" >&2
        failed=1
    fi
done
[ "$ran" -gt 0 ] || { echo "no fuzz targets in $build/bin" >&2; exit 1; }
exit $failed

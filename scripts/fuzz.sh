#!/bin/sh
# fuzz.sh BUILD SECONDS: runs every fuzz target that long, from its seed corpus, and fails on a crash.
set -eu
build=$1
seconds=$2
root=$(pwd)
failed=0
for target in "$build"/bin/*_fuzz; do
    name=$(basename "$target")
    room=${name%%_*}
    seeds=src/$room/testdata/corpus_${name#*_}
    work=.cache/fuzz/$name
    mkdir -p "$work"
    [ -d "$seeds" ] || { echo "no seed corpus: $seeds" >&2; failed=1; continue; }
    echo "== $name"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$root/$work-" "$work" "$seeds" 2>&1 | tail -n 12 || failed=1
done
exit $failed

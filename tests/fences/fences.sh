#!/bin/sh
# fences.sh [BUILD]: rules of the tree that the compiler does not enforce. Prints each breach; exits 1
# when there is one. The symbols of pure objects are looked at when BUILD (build/release) holds objects.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "fences need a git checkout" >&2; exit 77; }
export LC_ALL=C
build=${1:-build/release}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/breaches"
breach() { echo "fence: $1" >>"$scratch/breaches"; }

# Sizes.
git ls-files '*.cpp' '*.hpp' '*.sh' '*.py' | xargs wc -l | awk '$2 != "total" && $1 > 600 {
    print "fence: " $2 " has " $1 " lines; the limit is 600: split it by what it decides" }' >>"$scratch/breaches"
git ls-files 'src/*/README.md' | xargs wc -l | awk '$2 != "total" && $1 > 30 {
    print "fence: " $2 " has " $1 " lines; the limit is 30" }' >>"$scratch/breaches"

# Headers and includes.
for file in $(git grep -l '#include "\.\./' -- '*.cpp' '*.hpp' || true); do
    breach "$file includes by \"../\": use \"thimble/<room>/..\""
done
git ls-files 'src/*.hpp' | xargs awk '
    FNR == 1 && $0 != "#pragma once" { print "fence: " FILENAME " does not begin with #pragma once" }
    FNR == 1 { is_told = 0 }
    FNR <= 3 && /^\/\/\/ @file / { is_told = 1 }
    FNR == 3 && !is_told { print "fence: " FILENAME " does not say what it is: /// @file" }' >>"$scratch/breaches"

# Every source that is in a room is listed in its CMakeLists.txt, and every room has a README.
git ls-files 'src/*.cpp' >"$scratch/sources"
awk '
    FILENAME == ARGV[1] { sources[$0] = 1; next }
    FNR == 1 { split(FILENAME, path, "/") }
    { gsub(/[()]/, " "); for (i = 1; i <= NF; i++) listed["src/" path[2] "/" $i] = 1 }
    END { for (source in sources) if (!(source in listed)) {
        split(source, path, "/"); print "fence: " source " is not listed in src/" path[2] "/CMakeLists.txt" } }
    ' "$scratch/sources" $(git ls-files 'src/*/CMakeLists.txt') >>"$scratch/breaches"
for list in $(git ls-files 'src/*/CMakeLists.txt'); do
    [ -f "$(dirname "$list")/README.md" ] || breach "$(dirname "$list") has no README.md"
done

# Every fuzz target has seeds.
for file in $(git ls-files 'src/*_fuzz.cpp'); do
    room=$(echo "$file" | cut -d/ -f2)
    seeds=src/$room/testdata/corpus_$(basename "$file" .cpp)
    [ -n "$(git ls-files "$seeds")" ] || breach "$file has no seeds in $seeds"
done

for pattern in utils common helpers manager; do
    for file in $(git ls-files | grep -E "(^|/)$pattern(/|\.)" || true); do
        breach "$file: no folder or file is called $pattern"
    done
done

# A shell between us and a command would make every name an injection.
for file in $(git grep -lE 'std::system\(|popen\(' -- 'src/*.cpp' || true); do
    breach "$file starts a shell: pass an argument vector"
done

# The rooms and what they may use: the table of ARCHITECTURE.md is the declared graph.
for list in $(git ls-files 'src/*/CMakeLists.txt'); do
    awk -f "$here/room_uses.awk" "$list"
done | sort >"$scratch/declared"
awk -f "$here/architecture_uses.awk" ARCHITECTURE.md | sort >"$scratch/documented"
if ! cmp -s "$scratch/declared" "$scratch/documented"; then
    breach "ARCHITECTURE.md and the USES lists differ (< declared, > in the table):"
    diff "$scratch/declared" "$scratch/documented" >>"$scratch/breaches" || true
fi

sh "$here/documents.sh" >>"$scratch/breaches"
sh "$here/pure_objects.sh" "$build" >>"$scratch/breaches"

if [ -s "$scratch/breaches" ]; then
    cat "$scratch/breaches" >&2
    exit 1
fi
echo "fences hold"

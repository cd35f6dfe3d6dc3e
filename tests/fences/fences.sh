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
for file in $(git ls-files '*.cpp' '*.hpp' '*.sh' '*.py'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || breach "$file has $lines lines; the limit is 600: split it by what it decides"
done
for file in $(git ls-files 'src/*/README.md'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 30 ] || breach "$file has $lines lines; the limit is 30"
done

# Headers and includes.
for file in $(git grep -l '#include "\.\./' -- '*.cpp' '*.hpp' || true); do
    breach "$file includes by \"../\": use \"thimble/<room>/..\""
done
for file in $(git ls-files 'src/*.hpp'); do
    [ "$(head -n 1 "$file")" = '#pragma once' ] || breach "$file does not begin with #pragma once"
    sed -n 2,3p "$file" | grep -q '^/// @file ' || breach "$file does not say what it is: /// @file"
done

# Every source that is in a room is listed in its CMakeLists.txt, and every room has a README.
for file in $(git ls-files 'src/*.cpp'); do
    room=$(echo "$file" | cut -d/ -f2)
    name=${file#src/"$room"/}
    grep -q -- "$name" "src/$room/CMakeLists.txt" || breach "$file is not listed in src/$room/CMakeLists.txt"
done
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

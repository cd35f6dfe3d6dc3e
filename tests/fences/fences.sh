#!/bin/sh
# Rules of the tree that the compiler does not enforce. Prints each breach; exits 1 when there is one.
set -eu
breaches=0
breach() { echo "fence: $1" >&2; breaches=$((breaches + 1)); }

for file in $(git ls-files '*.cpp' '*.hpp' '*.sh' '*.py'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || breach "$file has $lines lines; the limit is 600: split it by what it decides"
done

for file in $(git grep -l '#include "\.\./' -- '*.cpp' '*.hpp' || true); do
    breach "$file includes by \"../\": use \"thimble/<room>/..\""
done

# Every source that is in a room is listed in its CMakeLists.txt.
for file in $(git ls-files 'src/*.cpp'); do
    room=$(echo "$file" | cut -d/ -f2)
    name=${file#src/"$room"/}
    grep -q -- "$name" "src/$room/CMakeLists.txt" || breach "$file is not listed in src/$room/CMakeLists.txt"
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

[ "$breaches" -eq 0 ] || exit 1
echo "fences hold"

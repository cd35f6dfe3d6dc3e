#!/bin/sh
# lint.sh: clang-tidy over every source, one for each processor at a time. A source that was clean once is not linted
# again while it, what it includes of ours, the configuration and the tool are what they were.
set -eu
build=build/lint
cmake --preset lint >/dev/null
cache=${XDG_CACHE_HOME:-$HOME/.cache}/thimble/lint
mkdir -p "$cache"
headers=$build/lint_headers.pch
export build cache headers
# The standard headers are most of what is to be parsed.
clang++-22 -std=c++2b -x c++-header scripts/lint_headers.hpp -o "$headers"

# Tests, benchmarks and fuzz targets are compiled with every warning, but not linted: the macros of
# their frameworks break half of the checks. What is not clean is linted once more without the parsed headers,
# which do not fit a source of another standard and must not be what is found.
git ls-files 'src/*.cpp' | grep -v -e '_test\.cpp$' -e '_bench\.cpp$' -e '_fuzz\.cpp$' |
    python3 scripts/lint_keys.py "$(clang-tidy-22 --version)" |
    xargs -P "$(nproc)" -n 2 sh -c '
        stamp=$cache/$0
        [ -e "$stamp" ] && exit 0
        parsed="--extra-arg=-include-pch --extra-arg=$headers"
        if clang-tidy-22 --quiet -p "$build" $parsed "$1" >/dev/null 2>&1 ||
            findings=$(clang-tidy-22 --quiet -p "$build" "$1" 2>/dev/null); then
            touch "$stamp"
        else
            printf "%s\n" "$findings"
            exit 1
        fi
    '

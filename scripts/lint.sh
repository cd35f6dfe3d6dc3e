#!/bin/sh
# lint.sh: clang-tidy over every source, two at a time. A file that was clean once is not linted again
# while it, every header, the configuration and the tool are what they were.
set -eu
build=build/lint
cmake --preset lint >/dev/null
cache=${XDG_CACHE_HOME:-$HOME/.cache}/thimble/lint
mkdir -p "$cache"
common=$(
    {
        clang-tidy-19 --version
        sed "s|$PWD|.|g" .clang-tidy "$build/compile_commands.json"
        git ls-files 'src/*.hpp' | xargs cat
    } | sha256sum | cut -c1-32
)
export build cache common

# Tests, benchmarks and fuzz targets are compiled with every warning, but not linted: the macros of
# their frameworks break half of the checks.
git ls-files 'src/*.cpp' | grep -v -e '_test\.cpp$' -e '_bench\.cpp$' -e '_fuzz\.cpp$' |
    xargs -P "$(nproc)" -n 1 sh -c '
        stamp=$cache/$common-$(sha256sum "$0" | cut -c1-32)
        [ -e "$stamp" ] && exit 0
        if findings=$(clang-tidy-19 --quiet -p "$build" "$0" 2>/dev/null); then
            touch "$stamp"
        else
            printf "%s\n" "$findings"
            exit 1
        fi
    '

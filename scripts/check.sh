#!/bin/sh
# Formatting, fences and lint. Each part prints what is wrong and how to mend it.
set -eu
failed=0

echo "== format"
if ! git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror; then
    echo "mend with: ./dev format" >&2
    failed=1
fi

echo "== fences"
sh tests/fences/fences.sh || failed=1

echo "== lint"
cmake --preset lint >/dev/null
# Generated headers do not exist; only the sources of the rooms are linted, two at a time.
if ! git ls-files 'src/*.cpp' | grep -v -e '_test\.cpp$' -e '_fuzz\.cpp$' -e '_bench\.cpp$' |
    xargs -P "$(nproc)" -n 1 clang-tidy-19 --quiet -p build/lint 2>/dev/null; then
    failed=1
fi
exit $failed

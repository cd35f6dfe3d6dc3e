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
sh scripts/lint.sh || failed=1
exit $failed

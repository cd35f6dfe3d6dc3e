#!/bin/sh
# must_not_compile.sh FILE COMPILER [OPTION..]: FILE must fail because of its line marked `// forbidden`,
# and for no other reason: without that line it compiles.
set -eu
file=$1
shift
errors=$(grep -v '// forbidden$' "$file" | "$@" -fsyntax-only -x c++ - 2>&1) || {
    echo "$file does not compile even without its forbidden line:"
    echo "$errors"
    exit 1
}
if "$@" -fsyntax-only -x c++ - <"$file" 2>/dev/null; then
    echo "$file compiles; this must not be possible:"
    grep '// forbidden$' "$file"
    exit 1
fi

#!/bin/sh
# What the documents say is there: links, files, tests and fuzz targets. Prints each breach.
set -eu
cd "$(dirname "$0")/../.."
breach() { echo "fence: $1"; }

# Relative links, without their anchors.
for document in $(git ls-files '*.md'); do
    folder=$(dirname "$document")
    links=$(grep -oE '\]\([^) ]+\)' "$document" | sed 's/^](//; s/)$//; s/#.*//' | grep -vE '^(https?:|mailto:|$)' || true)
    for link in $links; do
        [ -e "$folder/$link" ] || breach "$document links to $link, which is not there"
    done
done

# A folder of pages has a list of them, and an ADR a number of its own.
for page in $(git ls-files 'docs/adr/*.md' 'docs/formats/*.md' | grep -v '/README\.md$'); do
    grep -qF "]($(basename "$page"))" "$(dirname "$page")/README.md" ||
        breach "$page is not listed in $(dirname "$page")/README.md"
done
for number in $(git ls-files 'docs/adr/*.md' | grep -oE '/[0-9]{4}-' | sort | uniq -d); do
    breach "two decisions have the number ${number#/}"
done

# Whole paths in documents and comments: src/room/file.cpp, docs/adr/0005-who-is-believed.md.
for path in $(git grep -ohE '(^|[^A-Za-z0-9_./-])(src|docs|tests|scripts|cmake)/[A-Za-z0-9_./-]+\.(cpp|hpp|sh|md|txt|awk|cmake|1)' \
    -- '*.md' 'src/*.hpp' 'src/*.cpp' | sed -E 's/^[^a-z]//' | sort -u); do
    [ -e "$path" ] || breach "a document or comment names $path, which is not there"
done

# Every size that the catalog's layout asserts stands in the page that describes it.
for size in $(grep -oE '^static_assert\(sizeof\([A-Za-z]+\) == [0-9]+' src/catalog/format.hpp | grep -oE '[0-9]+$'); do
    grep -qE "(^|[^0-9])$size bytes" docs/formats/catalog.md ||
        breach "docs/formats/catalog.md has no record of $size bytes; src/catalog/format.hpp has"
done

# Statuses, blockers and reasons that the output uses are words of the glossary.
words=$(sed -nE '/^std::string_view (finding_status|blocker|restart)_name/,/^}/s/.*return "([a-z_]+)";.*/\1/p' \
    src/model/finding.cpp src/report/scan_report.cpp
    sed -n '/kReasons/,/^}};/p' src/report/finding_words.cpp | grep -oE '"[a-z_]+"' | tr -d '"')
for word in $words; do
    grep -qF "\`$word\`" docs/glossary.md || breach "docs/glossary.md lacks the word $word"
done

# Tests and fuzz targets that documents lean on.
tests=$(git grep -ohE 'TEST(_F|_P)?\([A-Za-z0-9]+, *[A-Za-z0-9_]+\)' -- 'src/*_test.cpp' |
    sed -E 's/TEST(_F|_P)?\(([A-Za-z0-9]+), *([A-Za-z0-9_]+)\)/\2.\3/')
for document in SECURITY.md $(git ls-files 'docs/adr/*.md'); do
    for test in $(grep -oE '`[A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+`' "$document" | tr -d '`' || true); do
        echo "$tests" | grep -qxF "$test" || breach "$document leans on the test $test, which is not there"
    done
    for target in $(grep -oE '`[a-z0-9_]+_fuzz`' "$document" | tr -d '`' || true); do
        [ -e "src/${target%%_*}/${target#*_}.cpp" ] ||
            breach "$document leans on the fuzz target $target, which is not there"
    done
done

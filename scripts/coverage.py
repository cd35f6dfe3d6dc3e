#!/usr/bin/env python3
"""coverage.py BUILD: line coverage of the pure files, from what the tests of BUILD (preset coverage) have
run; names each file below the floor with the lines that no test reached. Ends with 1 when there is one."""
import json
import pathlib
import subprocess
import sys
import tempfile

FLOOR = 0.95
PURE_ROOMS = {"base", "model", "assess", "prioritize", "protocol", "report"}
TREE = pathlib.Path(__file__).resolve().parent.parent


def is_pure(room, name):
    """The rooms that are pure, and the pure files of the others: as ARCHITECTURE.md has it."""
    return room in PURE_ROOMS or name.startswith("parse_") or (room == "apply" and name.startswith("plan_"))


def reached_lines(build, counts):
    """Of the source of one object: line number to how often it ran."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["gcov", "--json-format", "--stdout", str(counts)]
        answer = subprocess.run(command, cwd=scratch, capture_output=True, check=True).stdout
    for document in answer.splitlines():
        for file in json.loads(document)["files"]:
            source = (build / file["file"]).resolve()
            if source.name == counts.name.removesuffix(".gcda") and source.is_relative_to(TREE / "src"):
                text = source.read_text().splitlines()
                # A brace alone holds nothing but the clean-up after a throw.
                lines = {}
                for line in file["lines"]:
                    number = line["line_number"]
                    if text[number - 1].strip() != "}":
                        lines[number] = max(lines.get(number, 0), line["count"])
                yield source, lines


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    files = {}
    for counts in sorted(build.glob("src/*/CMakeFiles/thimble_*.dir/*.gcda")):
        # The objects of the rooms, not those of their tests.
        of_room = not counts.parent.name.endswith(("_test.dir", "_bench.dir"))
        if of_room and is_pure(counts.parent.parent.parent.name, counts.name):
            for source, lines in reached_lines(build, counts):
                if lines:
                    files[source.relative_to(TREE)] = lines
    low = 0
    for source, lines in sorted(files.items()):
        missed = sorted(number for number, count in lines.items() if count == 0)
        share = 1 - len(missed) / len(lines)
        if share < FLOOR:
            low += 1
            print(f"{share:7.1%}  {source}: {' '.join(map(str, missed))}")
    total = sum(len(lines) for lines in files.values())
    reached = sum(1 for lines in files.values() for count in lines.values() if count)
    print(f"{reached} of {total} lines of {len(files)} pure files, {reached / max(total, 1):.1%}; below {FLOOR:.0%}: {low}")
    return 1 if low or not files else 0


sys.exit(main())

#!/usr/bin/python3
"""Prints "KEY PATH" for each source to lint: the key names the source's content, that of every header
of ours that it includes by whatever way, the configuration and the tool. usage: lint_keys.py TOOL_VERSION < paths"""

import functools
import hashlib
import pathlib
import re
import sys

INCLUDE = re.compile(rb'^#include "(?:thimble/)?([^"]+)"', re.MULTILINE)
SOURCES = pathlib.Path("src")


def digest(data):
    return hashlib.sha256(data).hexdigest()


@functools.cache
def content(path):
    return path.read_bytes()


def included(path):
    for name in INCLUDE.findall(content(path)):
        for place in (SOURCES / name.decode(), path.parent / name.decode()):
            if place.is_file():
                yield place
                break


def closure(path):
    seen, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(included(current))
    return sorted(seen)


def main():
    common = digest(sys.argv[1].encode() + pathlib.Path(".clang-tidy").read_bytes())
    for line in sys.stdin:
        path = pathlib.Path(line.strip())
        parts = [common] + [f"{other} {digest(content(other))}" for other in closure(path)]
        print(digest("\n".join(parts).encode())[:40], path)


main()

#!/usr/bin/python3
"""Builds the signed archive of purpose-made packages.

usage: make_archive.py OUT [--fault NAME].. [--serve]
OUT becomes: archive/ (the archive), key.asc (who signed it), pool/ (the packages before any fault).
--serve offers OUT/archive on a free port of the loopback interface, prints its URL and runs until its
input ends. --list prints the packages and what each is for, --faults what can be wrong."""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "archive"))

import all_purposes  # noqa: E402
import apt_archive  # noqa: E402
from mirror import Mirror  # noqa: E402
from signing import SigningKey  # noqa: E402


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("out", nargs="?", type=pathlib.Path)
    parser.add_argument("--fault", action="append", default=[], choices=sorted(apt_archive.FAULTS))
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    if options.list:
        for purpose in all_purposes.all_purposes().values():
            print(f"{purpose.name:22} {purpose.why}")
        return
    if options.faults:
        for name, what in apt_archive.FAULTS.items():
            print(f"{name:16} {what}")
        return
    if options.out is None:
        parser.error("OUT is missing")
    purposes = all_purposes.built_purposes()
    apt_archive.build_pool(options.out / "pool", purposes)
    with SigningKey("Purpose Archive") as key, SigningKey("Somebody Else") as other:
        apt_archive.publish(
            options.out / "archive", options.out / "pool", purposes, key, options.fault, wrong_key=other
        )
        (options.out / "key.asc").write_bytes(key.public())
    if options.serve:
        with Mirror(options.out / "archive") as mirror:
            print(mirror.url, flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()

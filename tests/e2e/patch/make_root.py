#!/usr/bin/python3
"""Makes a Debian 12 root in which the older versions of the purpose-made packages are installed.

usage: make_root.py ARCHIVE OUT [--url URL]
ARCHIVE is what make_archive.py made. OUT becomes the root; its only source is URL (default: the file:
address of the archive, for programs that see this machine's files). Its index is fetched from a
mirror that lives as long as this program, unless URL is given.
The system below is made once and kept in THIMBLE_TEST_CACHE (default: a folder in TMPDIR)."""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "archive"))

import all_purposes  # noqa: E402
import debian_root  # noqa: E402
from mirror import Mirror  # noqa: E402


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("archive", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    try:
        made = debian_root.purpose_root(options.archive / "pool", all_purposes.all_purposes())
    except debian_root.Unavailable as reason:
        sys.exit(f"make_root.py: {reason}")
    debian_root.copy_tree(made, options.out)
    key = (options.archive / "key.asc").read_bytes()
    if options.url:
        debian_root.point_to_archive(options.out, options.url, key)
        debian_root.update(options.out)
        return
    file_url = f"file:{(options.archive / 'archive').resolve()}"
    with Mirror(options.archive / "archive") as mirror:
        debian_root.point_to_archive(options.out, mirror.url, key)
        debian_root.update(options.out)
        # The lists are named after the address: they are renamed with it.
        old = mirror.url.removeprefix("http://").replace("/", "_")
        new = file_url.removeprefix("file:").replace("_", "%5f").replace("/", "_")
        lists = options.out / "var/lib/apt/lists"
        for path in lists.iterdir():
            if path.name.startswith(old):
                path.rename(lists / (new + path.name.removeprefix(old)))
    debian_root.point_to_archive(options.out, file_url, key)


if __name__ == "__main__":
    main()

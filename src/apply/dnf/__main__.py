"""Asks dnf's own library, and lets it work: one verb a call, JSON in, JSON out.

Started by DnfPackages as `<dnf's interpreter> -I -B <this folder> VERB ...`. What it writes on standard output
is one document; words for people go to standard error, "<per mille>\t<what>" to descriptor 3.
Why it is Python: docs/adr/0012-rpm-package-managers.md.
"""

import argparse
import fcntl
import json
import os
import sys

import asking
import fetching
import transacting

VERBS = {
    "resolve": asking.resolve,
    "offers": asking.offers,
    "fetch": fetching.fetch,
    "transact": transacting.transact,
    "history": transacting.history,
    "close-history": transacting.close_history,
}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("verb", choices=sorted(VERBS))
    for name in ("root", "dbpath", "cache", "folder", "archives"):
        parser.add_argument("--" + name, default="/" if name == "root" else "")
    options = parser.parse_args()
    # rpm, dnf and scripts write where they like: the answer has a channel that they do not know.
    answer = os.fdopen(fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 10), "w", encoding="utf-8")
    os.dup2(2, 1)
    text = sys.stdin.read()
    document = VERBS[options.verb](options, json.loads(text) if text else {})
    json.dump(document, answer)
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

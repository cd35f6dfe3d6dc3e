"""packaging's answer for each pair on standard input; pip brings the library."""
import sys

from pip._vendor.packaging.version import InvalidVersion, Version

for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    try:
        a, b = Version(left), Version(right)
        print("<" if a < b else "=" if a == b else ">")
    except InvalidVersion:
        print("invalid")

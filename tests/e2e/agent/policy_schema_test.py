#!/usr/bin/python3
"""The JSON Schema of policies, as an editor uses it, takes what the program takes and refuses what it refuses.
usage: policy_schema_test.py PROGRAMS POLICIES"""

import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SMALLEST = {"policy": "p", "hosts": "all"}
GOOD = [
    SMALLEST,
    {**SMALLEST, "hosts": {"groups": "web"}},
    {**SMALLEST, "rings": [{"name": "a", "share": "rest", "at_once": 3, "soak": "1d 12h"}]},
    {**SMALLEST, "windows": [{"rule": "FREQ=DAILY", "opens": "22:00", "lasts": "4h", "for": ["install", "reboot"]}]},
    {**SMALLEST, "patches": {"select": "named", "cves": ["CVE-2026-1"]}},
    {**SMALLEST, "health": {"probes": [{"name": "web", "http": "https://localhost:8443/up?x=1"}], "tries": 5}},
    {**SMALLEST, "notice": {"before": "24h"}},
    {**SMALLEST, "notice": {"before": "24h", "defer": {"times": 2, "at_most": "7d"}}},
    {**SMALLEST, "hooks": {"drain": {"hook": "out", "limit": "10m"}, "post": {"hook": "x", "on_failure": "ignore"}}},
    {**SMALLEST, "order": [{"tags": "db=standby"}, {"groups": ["db"]}], "order_failure": "go on", "rollback": "never"},
]
BAD = [
    {"policy": "p"},
    {**SMALLEST, "policy": "a b"},
    {**SMALLEST, "ring": []},
    {**SMALLEST, "hosts": {}},
    {**SMALLEST, "hosts": {"groups": []}},
    {**SMALLEST, "rings": [{"name": "a"}]},
    {**SMALLEST, "rings": [{"name": "a", "share": "rest", "hosts": "all"}]},
    {**SMALLEST, "rings": [{"name": "a", "share": "half"}]},
    {**SMALLEST, "windows": [{"rule": "FREQ=HOURLY", "opens": "22:00", "lasts": "4h"}]},
    {**SMALLEST, "windows": [{"rule": "FREQ=DAILY", "opens": "24:00", "lasts": "4h"}]},
    {**SMALLEST, "windows": [{"rule": "FREQ=DAILY", "opens": "22:00", "lasts": "four hours"}]},
    {**SMALLEST, "freezes": [{"name": "f", "from": "tomorrow", "until": "2027-01-01"}]},
    {**SMALLEST, "approval": {"people": -1}},
    {**SMALLEST, "notice": {}},
    {**SMALLEST, "notice": {"before": "24h", "defer": {"times": 0, "at_most": "7d"}}},
    {**SMALLEST, "notice": {"before": "24h", "defer": {"times": 2}}},
    {**SMALLEST, "reboot": {"when": "now"}},
    {**SMALLEST, "patches": {"exclude": [{"package": "a"}]}},
    {**SMALLEST, "health": {"probes": [{"name": "web", "http": "http://10.0.0.1/"}]}},
    {**SMALLEST, "health": {"probes": [{"name": "db", "tcp": "127.0.0.1"}]}},
    {**SMALLEST, "health": {"probes": [{"name": "db", "command": "true"}]}},
    {**SMALLEST, "hooks": {"drain": {"hook": "../out"}}},
    {**SMALLEST, "hooks": {"post": {"hook": "x", "on_failure": "skip-host"}}},
    {**SMALLEST, "order": ["all"]},
    {**SMALLEST, "order": [{}]},
]


def main():
    programs, policies = map(pathlib.Path, sys.argv[1:3])
    thimble = programs / "thimble"
    schema = json.loads(subprocess.run([thimble, "policy", "schema"], capture_output=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0

    def check(document, text, is_good):
        nonlocal wrong
        taken = subprocess.run([thimble, "policy", "validate", "-"], input=text, text=True, capture_output=True)
        by_schema = validator.is_valid(document)
        if (taken.returncode == 0) != is_good or by_schema != is_good:
            wrong += 1
            print(f"FAILED: {text}\n  program {taken.returncode} {taken.stderr}  schema {by_schema}, wanted {is_good}")

    for document in GOOD:
        check(document, json.dumps(document), True)
    for document in BAD:
        check(document, json.dumps(document), False)
    for file in sorted(policies.glob("*.yaml")):
        text = file.read_text()
        check(json.loads(json.dumps(yaml.safe_load(text), default=str)), text, True)
    print(f"{len(GOOD) + len(BAD)} documents, {wrong} not as wanted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

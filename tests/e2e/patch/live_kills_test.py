#!/usr/bin/python3
"""Kills thimble on a machine that patches itself: the process alone, while the package manager goes on, or
everything, as a power cut does. What is taken up afterwards ends in a clean state and a true record.
usage: live_kills_test.py PROGRAMS
THIMBLE_TEST_KILLS: how many instants (6); THIMBLE_TEST_SEED: another draw of them."""

import os
import random
import sys
import time

sys.dont_write_bytecode = True

from small_host import NEW, OLD, SmallHost, debian_root, until  # noqa: E402
from small_machine import INSTALLED, SmallMachine  # noqa: E402
from thimble_calls import Thimble, answer, run_patch_test  # noqa: E402

STATE = "/var/lib/thimble"
CATALOG = "/var/lib/thimble.catalog"
PACKAGES = ("slow-steps", "slow-part", "good-fix", "libgood1")
APPLY = ["patch", "apply", "/root/plan.json", "--without-rehearsal", "--reason", "x", "--state", STATE]


class Running:
    """What `until` asks of a process."""

    def __init__(self, machine, number):
        self._machine, self._number = machine, number

    def poll(self):
        return None if self._machine.lives(self._number) else 0


def journal(host):
    return Thimble.journal(SmallHost(host.root, host.path(STATE)))


def taken_up(machine, host, checks, before, what):
    done = machine.thimble("patch", "resume", "--json", "--state", STATE)
    ends = [run["result"] for run in done.json["resumed"]] if done.status in (0, 1) else []
    checks.equal(done.status, 0 if all(end == "applied" for end in ends) else 1, f"resume tells how it ended, {what}", done)
    checks.equal(host.audit(), "", f"the package database, {what}")
    versions = host.versions()
    seen = {versions.get(name) for name in PACKAGES}
    entries = journal(host)
    result = entries[-1]["word"] if entries and entries[-1]["phase"] == "ended" else "none" if not entries else "unfinished"
    expected = {"applied": {NEW}, "unchanged": {OLD}, "rolled_back": {OLD}, "none": {OLD}}
    story = "\n".join(f"{entry['phase']} {entry['word']} {entry['detail'][-300:]}" for entry in entries)
    checks.equal(seen, expected.get(result), f"versions after '{result}', {what}", story)
    others = {name: version for name, version in versions.items() if name not in PACKAGES}
    checks.same({name: version for name, version in before.items() if name not in PACKAGES}, others, f"others, {what}")
    runs = answer(machine.thimble("history", "--json", "--state", STATE)).get("runs", [])
    checks.expect(all(run["problem"] is None for run in runs), f"the record is readable, {what}")
    return result


def one_kill(supply, thimble, checks, clean, wait, everything, what):
    root = supply.folder / "machine"
    debian_root.run(["rm", "-rf", root])
    debian_root.copy_tree(clean.root, root)
    host = SmallHost(root, supply.folder / "unused")
    before = host.versions()
    with SmallMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        number = machine.start_alone(f"{INSTALLED}/thimble", *APPLY)
        until(lambda: wait(host), Running(machine, number))
        if not everything:
            machine.run("kill", "-KILL", number)
            return taken_up(machine, host, checks, before, what)
    with SmallMachine(host, supply, thimble.programs) as machine:
        return taken_up(machine, host, checks, before, what)


def reached(phase):
    return lambda host: phase in [entry["phase"] for entry in journal(host)]


def after_the_first_entry(seconds):
    ends = []

    def passed(host):
        if not ends and journal(host):
            ends.append(time.monotonic() + seconds)
        return bool(ends) and time.monotonic() >= ends[0]

    return passed


def test(supply, thimble, checks):
    clean = supply.host("clean")
    clean.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    with SmallMachine(clean, supply, thimble.programs) as machine:
        words = [word for name in PACKAGES for word in ("--package", name)]
        plan = ["patch", "plan", "--catalog", CATALOG, "-o", "/root/plan.json", *words, "--state", STATE]
        done = machine.thimble(*plan)
        checks.equal(done.status, 0, "the plan", done)
    for everything in (False, True):
        kind = "everything" if everything else "the process alone"
        for phase in ("ready", "applying", "applied"):
            result = one_kill(supply, thimble, checks, clean, reached(phase), everything, f"{kind} at '{phase}'")
            print(f"killed {kind} at '{phase}': {result}", flush=True)
        draw = random.Random(int(os.environ.get("THIMBLE_TEST_SEED", "20261124")))
        for number in range(int(os.environ.get("THIMBLE_TEST_KILLS", "6"))):
            instant = draw.uniform(0.2, 2.0)
            wait = after_the_first_entry(instant)
            result = one_kill(supply, thimble, checks, clean, wait, everything, f"{kind}, {instant:.3f} s, {number}")
            print(f"killed {kind} after {instant:.3f} s: {result}", flush=True)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

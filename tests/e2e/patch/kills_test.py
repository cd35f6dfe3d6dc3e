#!/usr/bin/python3
"""Kills a run, at each step of its journal and at instants drawn by chance, and takes it up again. Every
time the package database is clean afterwards, the versions are all those before or all those of the plan,
and the record says which.
usage: kills_test.py PROGRAMS [back]
THIMBLE_TEST_KILLS: how many instants (20); THIMBLE_TEST_SEED: another draw of them."""

import os
import random
import signal
import sys
import time

sys.dont_write_bytecode = True

from small_host import NEW, SmallHost, debian_root, until  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

# What is upgraded in each run: conffiles, libraries, a slow one, a new one.
PACKAGES = ("slow-steps", "good-fix", "libgood1", "conffile-edited", "conffile-foreign", "wants-new", "auto-library")
ALL = {*PACKAGES, "slow-part", "brand-new"}
FORWARD = ("begun", "checked", "observed", "ready", "applying", "applied", "examined", "ended")
BACK = ("rolling_back", "rolled_back", "examined_back")


class Bench:
    """A host that is put back to where it was before every kill."""

    def __init__(self, supply, thimble, checks, names):
        self.supply, self.thimble, self.checks = supply, thimble, checks
        self.clean = supply.host("clean")
        planned = thimble.plan(self.clean, *names)
        checks.equal(planned.status, 0, "the plan", planned)
        self.before = self.clean.versions()
        self.etc = self.clean.configuration()
        self.automatic = self.clean.automatic()
        self.host = None
        self.longest = 0.0

    def fresh(self):
        """The same paths each time: a run belongs to its root."""
        if self.host is not None:
            debian_root.run(["rm", "-rf", self.host.root, self.host.state])
        root, state = self.supply.folder / "host", self.supply.folder / "host.state"
        debian_root.copy_tree(self.clean.root, root)
        debian_root.copy_tree(self.clean.state, state)
        self.host = SmallHost(root, state)
        debian_root.run(["cp", self.thimble.plan_file(self.clean), self.thimble.plan_file(self.host)])

    def start(self):
        plan = self.thimble.plan_file(self.host)
        return self.thimble.start(self.host, "patch", "apply", plan, "--without-rehearsal", "--reason", "x", "--json")

    def kill(self, process):
        if process.poll() is None:  # else its number may be another's already
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def phase(self):
        phases = self.thimble.phases(self.host)
        return phases[-1] if phases else ""

    def resumed(self, what):
        """Takes the run up and compares what is with what is said."""
        at, host, checks = self.phase(), self.host, self.checks
        done = self.thimble.call(host, "patch", "resume", "--json")
        what = f"{what} (killed in '{at}')"
        ends = [run["result"] for run in answer(done).get("resumed", [])]
        is_back = bool(ends) and self.thimble.runs(host)[-1]["kind"] == "rollback"
        well = all(end == "applied" or (end == "rolled_back" and is_back) for end in ends)
        checks.equal(done.status, 3 if "skipped" in ends else 0 if well else 1, f"resume tells how it ended, {what}", done)
        checks.equal(host.audit(), "", f"the package database, {what}")
        versions = host.versions()
        new = {name for name in ALL if versions.get(name) == NEW}
        old = {name for name in ALL if versions.get(name, "") == self.before.get(name, "")}
        whole = "new" if new == ALL else "old" if old == ALL else "mixed"
        runs = self.thimble.runs(host)
        result = runs[-1]["result"] if runs and runs[-1]["entries"] else "none"
        expected = {"applied": "new", "rolled_back": "old", "unchanged": "old", "skipped": "old", "none": "old"}
        checks.equal(whole, expected.get(result, f"nothing that {result} allows"), f"versions, {what}", self.evidence())
        if whole == "old":
            others = {name: version for name, version in versions.items() if name not in ALL}
            checks.same({n: v for n, v in self.before.items() if n not in ALL}, others, f"other versions, {what}")
            checks.same(self.etc, host.configuration(), f"/etc, {what}")
        marks = self.automatic if whole == "old" else self.automatic | {"brand-new"} & ALL
        checks.equal(sorted(host.automatic() ^ marks), [], f"automatic marks that differ, {what}")
        pins = [run["pin"] for run in runs if run["pin"]]
        checks.equal(host.pins(), pins, f"apt's pins are those of what is blocked, {what}")
        checks.equal(bool(pins), result == "rolled_back", f"what was taken back is pinned, {what}", runs)
        again = self.thimble.call(host, "patch", "resume", "--json")
        checks.equal(answer(again).get("resumed"), [], f"nothing is left to take up, {what}", again)
        return result

    def evidence(self):
        return "\n".join(f"{e['phase']} {e['word']} {e['detail'][-300:]}" for e in self.thimble.journal(self.host))


def unfinished_is_told(bench, phase):
    """Until it is taken up, nobody is told that all is well. Only where no package manager is left that the looks would give time to."""
    if phase not in ("ready", "applied", "rolled_back") or bench.phase() != phase:
        return
    run = bench.thimble.runs(bench.host)[-1]["run"]
    verified = bench.thimble.call(bench.host, "verify", "--json")
    told = [one["run"] for one in answer(verified).get("open_runs", [])]
    bench.checks.equal((verified.status, told), (1, [run]), f"verify tells of a run that was killed at '{phase}'", verified)
    doctor = bench.thimble.call(bench.host, "doctor")
    bench.checks.expect(doctor.status == 1 and run in doctor.output, f"so does doctor, at '{phase}'", doctor)


def at_each_step(bench, phases):
    for phase in phases:
        bench.fresh()
        process = bench.start()
        seen = until(lambda wanted=phase: wanted in bench.thimble.phases(bench.host), process)
        bench.kill(process)
        bench.checks.expect(seen, f"the journal comes to '{phase}'")
        unfinished_is_told(bench, phase)
        print(f"killed at '{phase}': {bench.resumed(phase)}", flush=True)


def at_random(bench, count, seed):
    """Instants within the time that a whole run takes here, after its first entry."""
    bench.fresh()
    began = time.monotonic()
    process = bench.start()
    process.wait()
    whole = time.monotonic() - began
    bench.checks.equal(bench.thimble.journal(bench.host)[-1]["word"], "applied", "a run that nobody kills")
    print(f"a whole run takes {whole:.2f} s; seed {seed}", flush=True)
    draw = random.Random(seed)
    results = {}
    for number in range(count):
        instant = draw.uniform(0.0, whole)
        bench.fresh()
        process = bench.start()
        until(lambda end=time.monotonic() + instant: time.monotonic() >= end, process)
        bench.kill(process)
        at = bench.phase()
        result = bench.resumed(f"instant {number}, {instant:.3f} s")
        results[(at, result)] = results.get((at, result), 0) + 1
    for (at, result), times in sorted(results.items()):
        print(f"{times} killed in '{at}': {result}")


def killed_again(bench):
    """Kills the taking up as well, twice, at its first entry."""
    bench.fresh()
    process = bench.start()
    until(lambda: "applying" in bench.thimble.phases(bench.host), process)
    bench.kill(process)
    for _ in range(2):
        length = len(bench.thimble.journal(bench.host))
        process = bench.thimble.start(bench.host, "patch", "resume")
        until(lambda known=length: len(bench.thimble.journal(bench.host)) > known, process)
        bench.kill(process)
    print(f"killed three times: {bench.resumed('three times')}")


def same_order_again(bench):
    """Whoever applies the plan whose run was killed gets that run's answer, and no refusal of what it did itself."""
    bench.fresh()
    process = bench.start()
    until(lambda: "applied" in bench.thimble.phases(bench.host), process)
    bench.kill(process)
    if bench.phase() == "ended":
        return
    run = bench.thimble.runs(bench.host)[-1]["run"]
    told = bench.thimble.call(bench.host, "history")
    bench.checks.expect("Next: thimble patch resume " in told.output, "history names the step of a run that was killed", told)
    done = bench.thimble.apply_unrehearsed(bench.host)
    said = answer(done)
    bench.checks.equal((done.status, said.get("run"), said.get("result")), (0, run, "applied"), "the same order again", done)
    bench.checks.expect("taken up" in said.get("reason", ""), "it says whose answer that is", done)
    bench.checks.equal(len(bench.thimble.runs(bench.host)), 1, "nothing else is begun")


def test(supply, thimble, checks):
    count = int(os.environ.get("THIMBLE_TEST_KILLS", "20"))
    seed = int(os.environ.get("THIMBLE_TEST_SEED", "20261124"))
    bench = Bench(supply, thimble, checks, PACKAGES)
    at_each_step(bench, FORWARD)
    same_order_again(bench)
    killed_again(bench)
    at_random(bench, count, seed)


def rollbacks(supply, thimble, checks):
    """The same on the way back: the transaction fails, and its rollback is killed."""
    bench = Bench(supply, thimble, checks, (*PACKAGES, "failing-postinst"))
    ALL.add("failing-postinst")
    at_each_step(bench, BACK)


if __name__ == "__main__":
    if sys.argv[2:] == ["back"]:
        run_patch_test(sys.argv, rollbacks)
    else:
        run_patch_test(sys.argv, test)

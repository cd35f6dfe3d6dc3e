#!/usr/bin/python3
"""Kills a transaction of Debian's own packages, which need each other in exact versions (perl, python3, PAM, apt
itself), on the way forward and on the way back, and takes it up again. Every time the package database is clean
afterwards, every file of every package is whole, the versions are all those before or all those of the plan, and the
record says which.
usage: debian_kills_test.py PROGRAMS
THIMBLE_TEST_KILLS: how many instants of the transaction (4), half of them on the way back; THIMBLE_TEST_SEED: another draw of them."""

import os
import random
import shutil
import signal
import sys
import time

sys.dont_write_bytecode = True

from small_host import SmallHost, debian_root, skip, until  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

# What the test is about: if Debian has no later version of it any more, the test proves nothing.
INTERLOCKED = {"perl", "perl-base", "libperl5.36", "perl-modules-5.36"}
LATER = "9999-1"
UNREHEARSED = ("--without-rehearsal", "--reason", "a test")
FORWARD = ("ready", "applying", "applied", "examined")
TRANSACTION = {"apply": ("applying", "applied"), "rollback": ("rolling_back", "rolled_back")}
BACK = ("begun", "checked", "observed", "ready", "rolling_back", "rolled_back", "examined_back")


def pending_root(supply):
    """A Debian 12 as first released, its security updates offered."""
    sources = [debian_root.debian_source(suite) for suite in ("bookworm", "bookworm-security")]
    root = supply.folder / "clean"
    debian_root.copy_tree(debian_root.bare_root(("perl",)), root)
    lines = [f"deb {uri} {suite} main\n" for uri, suite in sources]
    (root / "etc/apt/sources.list").write_text("".join(lines))
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    try:
        debian_root.update(root)
    except RuntimeError as error:
        skip(f"the archive of Debian cannot be reached: {error}")
    return SmallHost(root, supply.folder / "clean.state")


class Bench:
    """A host that is put back before every kill: to before its plan was applied, or to after."""

    def __init__(self, supply, thimble, checks):
        self.folder = self.states = supply.folder  # in which the host is, and its state directory
        self.thimble, self.checks = thimble, checks
        self.clean = pending_root(supply)
        planned = thimble.plan(self.clean, options=("--all", "--level", "upgrade-with-new"))
        checks.equal(planned.status, 0, "the plan", planned)
        steps = answer(planned).get("steps", [])
        self.new = {step["name"]: step["to_version"] for step in steps}
        if not INTERLOCKED <= set(self.new):
            skip(f"no later version of {sorted(INTERLOCKED - set(self.new))} is offered")
        self.before = self.clean.versions()
        self.etc = self.clean.configuration()
        self.automatic = self.clean.automatic()
        self.damaged = self.verified(self.clean)
        self.host = self.placed(self.clean)
        self.run = ""
        self.lasts = {"apply": self.timed("apply", self.thimble.plan_file(self.host), *UNREHEARSED)}
        self.run = thimble.runs(self.host)[-1]["run"]
        self.applied = SmallHost(supply.folder / "applied", supply.folder / "applied.state")
        self.copied(self.host, self.applied)
        checks.equal(self.standing(self.applied), "new", "a run that nobody kills")
        self.lasts["rollback"] = self.timed("rollback", self.run)
        checks.equal(self.standing(self.host), "old", "a way back that nobody kills")
        print(f"{len(steps)} packages; seconds of the transactions: {self.lasts}", flush=True)

    @staticmethod
    def copied(source, target):
        for old, new in ((source.root, target.root), (source.state, target.state)):
            debian_root.run(["rm", "-rf", new])
            debian_root.copy_tree(old, new)

    def placed(self, source):
        """The same paths each time: a run belongs to its root."""
        host = SmallHost(self.folder / "host", self.states / "host.state")
        self.copied(source, host)
        debian_root.run(["cp", self.thimble.plan_file(self.clean), self.thimble.plan_file(host)])
        return host

    def start(self, verb, *words):
        return self.thimble.start(self.host, "patch", verb, *words, "--json")

    def timed(self, verb, *words):
        """How long the transaction lasts when nobody kills it."""
        process = self.start(verb, *words)
        first, last = TRANSACTION[verb]
        until(lambda: first in self.phases(verb), process)
        began = time.monotonic()
        until(lambda: last in self.phases(verb), process)
        lasted = time.monotonic() - began
        self.checks.equal(process.wait(), 0, f"{verb} that nobody kills", self.evidence())
        return lasted

    def began(self, verb):
        """Starts the way forward or the way back on a host that stands before it."""
        self.host = self.placed(self.clean if verb == "apply" else self.applied)
        words = (self.thimble.plan_file(self.host), *UNREHEARSED) if verb == "apply" else (self.run,)
        return self.start(verb, *words)

    @staticmethod
    def verified(host):
        """Files of packages that are not as their package has them."""
        shown = host.inside("dpkg", "--verify").output
        return sorted(line for line in shown.splitlines() if " c /etc/" not in line)

    def phases(self, verb):
        """How far the run is that was started; the one that it takes back has ended long before."""
        if verb == "rollback" and max(path.name for path in (self.host.state / "runs").iterdir()) == self.run:
            return []
        return self.thimble.phases(self.host)

    def standing(self, host):
        versions = host.versions()
        others = {name: version for name, version in versions.items() if name not in self.new}
        self.checks.same({n: v for n, v in self.before.items() if n not in self.new}, others, "other versions")
        seen = {name: versions.get(name, "") for name in self.new}
        if seen == self.new:
            return "new"
        return "old" if seen == {name: self.before.get(name, "") for name in self.new} else f"mixed {seen}"

    def evidence(self):
        return "\n".join(f"{e['phase']} {e['word']} {e['detail'][-400:]}" for e in self.thimble.journal(self.host))

    def taken_up(self, verb, what):
        host, checks = self.host, self.checks
        phases = self.phases(verb)
        what = f"{what} (killed in '{phases[-1] if phases else ''}')"
        done = self.thimble.call(host, "patch", "resume", "--json")
        checks.equal(host.audit(), "", f"the package database, {what}", self.evidence())
        checked = host.inside("apt-get", "check")
        checks.equal(checked.status, 0, f"dependencies, {what}", checked)
        checks.equal(self.verified(host), self.damaged, f"files of packages, {what}", self.evidence())
        runs = self.thimble.runs(host)
        result = runs[-1]["result"] if runs and runs[-1]["entries"] else "none"
        first = "old" if verb == "apply" else "new"
        expected = {"applied": "new", "rolled_back": "old", "unchanged": first, "skipped": first, "none": first}
        standing = self.standing(host)
        checks.equal(standing, expected.get(result, f"nothing that {result} allows"), f"versions, {what}", f"{done}\n{self.evidence()}")
        if standing == "old":
            checks.same(self.etc, host.configuration(), f"/etc, {what}")
        wrong = sorted((host.automatic() ^ self.automatic) & set(self.before))
        checks.equal(wrong, [], f"automatic marks that differ, {what}")
        again = self.thimble.call(host, "patch", "resume", "--json")
        checks.equal(answer(again).get("resumed"), [], f"nothing is left to take up, {what}", again)
        return result


def kill(process):
    """Whether it had not ended."""
    if process.poll() is not None:  # then its number may be another's already
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def at_each_step(bench, verb, phases):
    for phase in phases:
        process = bench.began(verb)
        seen = until(lambda wanted=phase: wanted in bench.phases(verb), process)
        kill(process)
        bench.checks.expect(seen, f"the journal of {verb} comes to '{phase}'")
        print(f"{verb} killed at '{phase}': {bench.taken_up(verb, phase)}", flush=True)


def half_way(bench, process):
    """Until some packages are those of the plan, and some are not yet."""
    versions = bench.clean.versions()
    until(lambda: sum(version != versions.get(name) for name, version in bench.host.versions().items()) > 5, process)


def large_one_replaced(bench, process):
    """Until the largest package is that of the plan: the one before has to be unpacked beside it."""
    log = bench.host.path("/var/log/dpkg.log")
    until(lambda: log.exists() and "status unpacked libperl5.36:" in log.read_text(), process)


def disk_full_meanwhile(bench, when, with_state):
    """Somebody else fills the disk while the transaction lasts: the way back has its room all the same."""
    where = bench.folder / "small-disk"
    where.mkdir(exist_ok=True)
    debian_root.run(["mount", "-t", "tmpfs", "-o", "mode=755,size=1400m", "small-disk", where])
    folder, bench.folder = bench.folder, where
    bench.states = where if with_state else folder
    process = bench.began("apply")
    when(bench, process)
    debian_root.fill(where)
    process.wait()
    words = [(entry["phase"], entry["word"]) for entry in bench.thimble.journal(bench.host)]
    bench.checks.expect(("applied", "no_space") in words, "the disk was full", bench.evidence())
    bench.checks.equal(words[-1], ("ended", "rolled_back"), "the run", bench.evidence())
    bench.checks.equal(bench.host.audit(), "", "the package database after the disk was full")
    bench.checks.equal(bench.standing(bench.host), "old", "versions after the disk was full", bench.evidence())
    bench.checks.equal(bench.verified(bench.host), bench.damaged, "files of packages after the disk was full")
    bench.checks.same(bench.etc, bench.host.configuration(), "/etc after the disk was full")
    left = [*(bench.host.state / "runs").glob("*/kept/room"), *bench.host.path("/usr").glob(".thimble-room")]
    bench.checks.equal(left, [], "the room that was set aside")
    bench.folder = bench.states = folder
    debian_root.run(["umount", where])


def later_version(bench, name):
    """As a security update that comes meanwhile: the version before under a later number."""
    archive = next(bench.host.state.glob(f"runs/*/kept/{name}_*.deb"))
    folder = bench.folder / "later"
    debian_root.run(["dpkg-deb", "--raw-extract", archive, folder])
    control = folder / "DEBIAN/control"
    lines = [f"Version: {LATER}" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    debian_root.run(["dpkg-deb", "--build", folder, bench.host.path("/root/later.deb")])
    debian_root.run(["rm", "-rf", folder])


def upgraded_since(bench):
    """What the administrator did between the kill and the next start is not undone."""
    process = bench.began("apply")
    half_way(bench, process)
    kill(process)
    later_version(bench, "tzdata")
    bench.host.inside("dpkg", "--configure", "-a")
    bench.host.inside("dpkg", "--install", "/root/later.deb")
    done = bench.thimble.call(bench.host, "patch", "resume", "--json")
    ended = answer(done).get("resumed", [{}])[0]
    bench.checks.equal((done.status, ended.get("result")), (1, "failed"), "what somebody else has changed", done)
    bench.checks.expect(f"tzdata came to {LATER}" in done.text, "the package is named", done)
    bench.checks.equal(bench.host.version("tzdata"), LATER, "it is left as it is", bench.evidence())


def at_random(bench, count, seed):
    draw = random.Random(seed)
    results = {}
    number = 0
    while number < count:
        verb = ("apply", "rollback")[number % 2]
        instant = draw.uniform(0.0, bench.lasts[verb])
        process = bench.began(verb)
        until(lambda first=TRANSACTION[verb][0]: first in bench.phases(verb), process)
        began = time.monotonic()
        until(lambda end=began + instant: time.monotonic() >= end, process)
        if kill(process):
            number += 1
        else:  # the machine has less to do than when it was timed
            bench.lasts[verb] = min(bench.lasts[verb], time.monotonic() - began)
        phases = bench.phases(verb)
        result = bench.taken_up(verb, f"{verb}, instant {number}, {instant:.3f} s")
        key = (verb, phases[-1] if phases else "", result)
        results[key] = results.get(key, 0) + 1
    for (verb, at, result), times in sorted(results.items()):
        print(f"{times} of {verb} killed in '{at}': {result}")


def test(supply, thimble, checks):
    count = int(os.environ.get("THIMBLE_TEST_KILLS", "4"))
    seed = int(os.environ.get("THIMBLE_TEST_SEED", "20261201"))
    bench = Bench(supply, thimble, checks)
    at_each_step(bench, "apply", FORWARD)
    at_each_step(bench, "rollback", BACK)
    disk_full_meanwhile(bench, half_way, with_state=True)
    disk_full_meanwhile(bench, large_one_replaced, with_state=False)
    upgraded_since(bench)
    at_random(bench, count, seed)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

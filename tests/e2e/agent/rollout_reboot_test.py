#!/usr/bin/python3
"""Hooks of a host's owner run around its changes, and a reboot is proven: a program that stands for the machine's gives the
root another boot. A hook that fails halts, a machine that does not come back halts, and one that comes back late counts.
usage: rollout_reboot_test.py PROGRAMS"""

import os
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from rollout_test import Fleet, by_group  # noqa: E402
from small_host import NEW, OLD, until  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

POLICY = """health: {settle: 1s}
reboot: {when: in window, returns_within: 30s}
hooks:
  drain: {hook: out, limit: 20s, on_failure: halt-ring}
  pre: {hook: before}
  post: {hook: after}
  undrain: {hook: into, limit: 20s}
"""
# A root runs no kernel of its own: the release that it shows stands for the one that runs.
VERIFY = """#!/bin/sh
[ "$1" = verify ] || exec {programs}/thimble-patch "$@"
{programs}/thimble-patch "$@" > {folder}/verification
status=$?
[ "$(cat {root}/proc/sys/kernel/osrelease)" = new ] && {{ cat {folder}/verification; exit $status; }}
sed 's/"state":"verified"/"state":"installed_pending_reboot"/' {folder}/verification
exit 1
"""
RESTART = """#!/bin/sh
echo restart >> {folder}/log
[ ! -e {folder}/dies ] || {{ kill -9 $PPID; exit 1; }}
echo "boot-$$" > {root}/proc/sys/kernel/random/boot_id
echo new > {root}/proc/sys/kernel/osrelease
"""
HOOK = """#!/bin/sh
echo "$THIMBLE_PHASE" >> {folder}/log
echo "{name} for $THIMBLE_DEPLOYMENT"
[ "{name}" != out ] || [ ! -e {folder}/full ] || {{ echo the balancer is full >&2; exit 3; }}
"""


class Machine:
    """What surrounds the root of a member: its programs, its owner's hooks, its boot."""

    def __init__(self, member, folder):
        self.member = member
        self.folder = folder
        self.root = member.root.root
        self.words = {"folder": folder, "root": self.root, "programs": member.programs}
        (folder / "hooks").mkdir(parents=True)
        (self.root / "proc/sys/kernel/random").mkdir(parents=True, exist_ok=True)
        self.boots("boot-1", "old")
        for name in ("thimble-agent", "thimble-agent-helper"):
            shutil.copy(member.programs / name, folder / name)
        self.put("thimble-patch", VERIFY)
        self.put("restart", RESTART)
        for name in ("out", "before", "after", "into"):
            self.put(f"hooks/{name}", HOOK, name=name)
        member.programs = folder

    def put(self, file, text, **more):
        (self.folder / file).write_text(text.format(**self.words, **more))
        (self.folder / file).chmod(0o755)

    def boots(self, boot, kernel):
        (self.root / "proc/sys/kernel/random/boot_id").write_text(f"{boot}\n")
        (self.root / "proc/sys/kernel/osrelease").write_text(f"{kernel}\n")

    def log(self):
        """What happened since it was asked last."""
        file = self.folder / "log"
        lines = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def start(self):
        self.member.start("--hooks", self.folder / "hooks", "--reboot", self.folder / "restart")


def phase(fleet, rollout):
    return fleet.shown(rollout)["rollout"]["phase"]


def surrounds_changes(fleet, machine, checks):
    rollout = fleet.begin(checks, "hooked")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[0] == "verified"), "it restarts, and is verified", fleet.shown(rollout)
    )
    around = ["drain", "pre", "post", "undrain", "drain", "restart", "undrain"]
    checks.equal(machine.log(), around, "hooks run around both changes")
    told = fleet.server.command("rollout", "explain", machine.member.host)
    checks.expect("hook drain: out, if it fails: halt-ring" in told.output, "explain names the hooks", told)
    checks.expect(f"drain around reboot: out done: out for {rollout}" in told.output, "and what they said", told)
    fleet.server.command("rollout", "cancel", rollout)


def halts_for_a_hook(fleet, machine, checks):
    """The rollout that stands halted at the end."""
    machine.boots("boot-2", "old")
    (machine.folder / "full").touch()
    rollout = fleet.begin(checks, "again")
    checks.expect(fleet.wait_for(lambda: phase(fleet, rollout) == "halted"), "it halts", fleet.shown(rollout))
    checks.equal(by_group(fleet, rollout), ["hook-failed", "waiting", "waiting"], "for the hook")
    checks.equal(fleet.versions("libgood1"), [OLD, OLD, OLD], "nothing was changed")
    checks.equal(machine.log(), ["drain", "undrain"], "and the host is back in service")
    why = [host["why"] for host in fleet.shown(rollout)["hosts"] if host["phase"] == "hook-failed"]
    checks.expect("the balancer is full" in why[0], "it says why", why)
    return rollout


def comes_back_late(fleet, machine, rollout, checks):
    (machine.folder / "full").unlink()
    (machine.folder / "dies").touch()
    for act in (["retry", rollout, "staging"], ["resume", rollout]):
        done = fleet.server.command("rollout", *act, "--why", "the balancer has room")
        checks.equal(done.status, 0, f"{act[0]} is taken", done)
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[0] == "not-returned", 240),
        "a machine that does not come back has not returned",
        fleet.shown(rollout),
    )
    checks.expect(fleet.wait_for(lambda: phase(fleet, rollout) == "halted"), "and halts the rollout", fleet.shown(rollout))
    checks.equal(machine.log()[-2:], ["drain", "restart"], "it is still out of service")
    machine.boots("boot-3", "new")
    machine.member.stop()
    machine.start()
    checks.expect(
        until(lambda: by_group(fleet, rollout)[0] == "verified", machine.member.processes[-1], 120),
        "one that comes back late counts",
        fleet.shown(rollout),
    )
    checks.equal(machine.log(), ["undrain"], "and is in service again")
    checks.equal(fleet.versions("libgood1"), [NEW, OLD, OLD], "with its patch")


def body(supply, thimble, checks):
    with Fleet(thimble, supply) as fleet:
        fleet.server.log_in(checks)
        fleet.server.log_in_to_administer(checks)
        machine = Machine(fleet.members["staging"], supply.folder / "machine")
        machine.start()
        for ring in ("canary", "broad"):
            fleet.members[ring].start()
        checks.expect(
            fleet.wait_for(lambda: len(fleet.server.items("patches", "&source=good-fix")) == 3), "every host is judged"
        )
        for name, package in (("hooked", "good-fix"), ("again", "libgood1")):
            fleet.keep_policy(checks, name, package, POLICY, soak="1d")  # the other rings stay as they are
        surrounds_changes(fleet, machine, checks)
        rollout = halts_for_a_hook(fleet, machine, checks)
        comes_back_late(fleet, machine, rollout, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

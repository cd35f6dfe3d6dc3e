#!/usr/bin/python3
"""A server brings patches to three hosts: plan, rehearsal, transaction and verification, watched from the
command line. What breaks one host leaves the others alone; a halt and a cancellation leave hosts as they are.
usage: deployment_test.py PROGRAMS [sqlite|postgresql]"""

import os
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

import scratch_postgresql  # noqa: E402
from real_fleet import Member, Server  # noqa: E402
from small_host import NEW, OLD, skip, until  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

NAMES = ("one", "two", "three")


class Fleet:
    def __init__(self, thimble, supply, *options):
        self.server = Server(thimble.programs, supply.folder, "--catalog", thimble.catalog, *options)
        token = self.server.enrolment_token(reusable=True)
        self.members = []
        for name in NAMES:
            host = supply.host(name)
            host.state.mkdir(exist_ok=True)
            shutil.copy(thimble.catalog, host.state / "catalog.thimble")
            self.members.append(Member(self.server, supply.folder / f"member-{name}", host, token))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.stop()
        self.server.close()

    def versions(self, package):
        return [member.root.version(package) for member in self.members]

    def start(self, *words, members=None):
        hosts = [word for member in members or self.members for word in ("--host", member.host)]
        return self.server.command("deployments", "start", *hosts, *words, "--why", "a test")

    def patches(self, member):
        return [patch["source"] for patch in self.server.items("patches", f"&host_id={member.host}")]

    def states(self, source):
        told = self.server.command("patch-states", "--json").json["patch-states"]
        return [state["state"] for state in told if state["source"] == source]

    def wait_for(self, condition, seconds=90):
        return until(condition, self.members[0].processes[-1], seconds)


def phases(answer):
    return [host["phase"] for host in answer.json["deployment-hosts"]]


def patches_every_host(fleet, checks):
    first = fleet.members[0]
    checks.expect(
        fleet.wait_for(lambda: all("good-fix" in fleet.patches(member) for member in fleet.members)),
        "the server knows that every host misses the patch",
        fleet.server.items("hosts"),
    )
    done = fleet.start("--package", "good-fix", "--json")
    checks.equal(done.status, 0, "the deployment ends well", done)
    checks.equal(phases(done), ["verified"] * 3, "every host is verified", done)
    checks.equal(fleet.states("good-fix"), ["verified"] * 3, "so is the patch on every host")
    checks.equal(fleet.versions("good-fix"), [NEW] * 3, "the update is installed on every host")

    host = done.json["deployment-hosts"][0]
    runs = fleet.server.command("runs", "--json").json["runs"]
    checks.equal(sorted({run["result"] for run in runs}), ["applied"], "the server has the runs", runs)
    checks.expect(host["run"] in [run["run"] for run in runs], "the host names its run", host)
    plans = fleet.server.command("plans", "--json").json["plans"]
    checks.equal(len(plans), 3, "the server has the plan of each host", plans)
    checks.expect(all(plan["patches"] == ["good-fix 1.0-1+deb12u1"] for plan in plans), "a plan names its patches", plans)
    jobs = fleet.server.command("jobs", "--host", first.host, "--json").json["jobs"]
    told = sorted((job["kind"], job["state"]) for job in jobs)
    expected = [("apply", "done"), ("prefetch", "done"), ("rehearse", "done"), ("verify", "done")]
    checks.equal(told, expected, "each step was a job", jobs)
    checks.expect(
        fleet.wait_for(lambda: all("good-fix" not in fleet.patches(member) for member in fleet.members)),
        "the next inventories show it",
        fleet.patches(first),
    )
    checks.equal(fleet.states("good-fix"), ["verified"] * 3, "and they leave it verified")
    unknown = fleet.start("--package", "no-such-package")
    checks.expect("no patch of this host" in unknown.output, "a name that no host knows is told", unknown)
    again = fleet.start("--package", "good-fix", "--json")
    checks.equal((again.status, phases(again)), (0, ["nothing-to-do"] * 3), "a second one has nothing to do", again)


def stops_at_a_failed_rehearsal(fleet, checks):
    broken = fleet.start("--package", "failing-postinst", members=fleet.members[:1])
    checks.equal(broken.status, 1, "a patch that breaks the clone is not well", broken)
    checks.expect("rehearsal-failed" in broken.output, "it stops at the rehearsal", broken)
    checks.equal(fleet.members[0].root.version("failing-postinst"), OLD, "the host is as it was")
    shown = fleet.server.command("deployments", "show", broken.errors.split()[1][:12])
    checks.equal(shown.status, 1, "what failed is shown by how its id begins", shown)
    checks.expect("1 host: 1 rehearsal-failed" in shown.output and "  | " in shown.output, "with its last words", shown)


def says_that_nobody_knows_a_name(fleet, checks):
    unknown = fleet.start("--package", "no-such-thing", members=fleet.members[:1])
    checks.equal(unknown.status, 2, "a selection that no host knows is not well", unknown)
    checks.expect("knows no-such-thing" in unknown.errors, "and is named", unknown)


def halts_and_cancels(fleet, checks):
    halted = fleet.server.command("halt", "begin", "--why", "a test")
    checks.equal(halted.status, 0, "everything is halted", halted)
    started = fleet.start("--package", "libgood1", "--no-wait")
    checks.equal(started.status, 0, "a deployment is taken meanwhile", started)
    deployment = started.errors.split()[1]
    busy = fleet.start("--package", "libgood1")
    checks.expect(busy.status != 0 and "server.host_busy" in busy.text, "a second one on the same host is not", busy)
    cancelled = fleet.server.command("deployments", "cancel", deployment)
    checks.equal(cancelled.status, 0, "it is cancelled", cancelled)
    checks.equal(fleet.server.command("halt", "end").status, 0, "the halt ends")
    watched = fleet.server.command("deployments", "watch", deployment)
    checks.equal((watched.status, watched.output.count("cancelled")), (1, 7), "no host got a job of it", watched)
    checks.equal(fleet.versions("libgood1"), [OLD] * 3, "the hosts are as they were")


def keeps_the_record(fleet, checks):
    audit = fleet.server.items("audit")
    actions = {entry["action"] for entry in audit}
    wanted = {"deployment.create", "deployment.step", "deployment.cancel", "halt.begin", "halt.end"}
    checks.equal(wanted - actions, set(), "every decision is in the audit log", actions)


def body(supply, thimble, checks):
    if sys.argv[2:] == ["postgresql"]:
        if scratch_postgresql.why_not():
            skip(scratch_postgresql.why_not())
        with scratch_postgresql.ScratchPostgresql() as database:
            whole_path(supply, thimble, checks, "--database", database.address)
    else:
        whole_path(supply, thimble, checks)


def whole_path(supply, thimble, checks, *options):
    with Fleet(thimble, supply, *options) as fleet:
        fleet.server.log_in(checks)
        for member in fleet.members:
            checks.equal(member.enrolled.status, 0, "the host enrols", member.enrolled)
            member.start()
        patches_every_host(fleet, checks)
        stops_at_a_failed_rehearsal(fleet, checks)
        says_that_nobody_knows_a_name(fleet, checks)
        halts_and_cancels(fleet, checks)
        keeps_the_record(fleet, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

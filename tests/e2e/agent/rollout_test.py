#!/usr/bin/python3
"""Patch sets go through three rings of real hosts: a good one with the word of a second person while the server is
killed; a bad one that halts in staging with production untouched; an emergency that overtakes a rollout which
waits for its window.
usage: rollout_test.py PROGRAMS"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from real_fleet import Member, Server  # noqa: E402
from small_host import NEW, OLD, until  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

RINGS = ("staging", "canary", "broad")
POLICY = """
policy: {name}
hosts: {{groups: [staging, canary, broad]}}
patches:
  packages: [{package}, on-no-host]
  exclude: [{{package: spared, owner: anna, until: 2099-01-01, why: ticket 12}}]
rings:
  - {{name: staging, hosts: {{groups: [staging]}}, soak: {soak}}}
  - {{name: canary, hosts: {{groups: [canary]}}}}
  - {{name: broad, hosts: {{groups: [broad]}}}}
emergency: {{soak: [0s]}}
{more}
"""
# Nobody meets it: a window of five minutes on the 29th of February.
CLOSED = 'windows: [{rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", opens: "03:00", lasts: 5m}]'


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


class Fleet:
    def __init__(self, thimble, supply):
        self.folder = supply.folder
        self.server = Server(thimble.programs, supply.folder, "--catalog", thimble.catalog)
        self.members = {}
        for ring in RINGS:
            host = supply.host(ring)
            host.state.mkdir(exist_ok=True)
            shutil.copy(thimble.catalog, host.state / "catalog.thimble")
            token = self.server.enrolment_token(group=ring)
            self.members[ring] = Member(self.server, supply.folder / f"member-{ring}", host, token)

        self.key, self.stranger = (make_key(supply.folder / name) for name in ("key", "stranger"))
        self.approvers = supply.folder / "approvers"
        public = self.key.with_suffix(".pub").read_text()
        self.approvers.write_text(f'berta namespaces="thimble-approval" {public}')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members.values():
            member.stop()
        self.server.close()

    def versions(self, package):
        return [member.root.version(package) for member in self.members.values()]

    def keep_policy(self, checks, name, package, more="", soak="0s"):
        file = self.folder / f"{name}.yaml"
        file.write_text(POLICY.format(name=name, package=package, more=more, soak=soak))
        checks.equal(self.server.command("policy", "validate", file).status, 0, f"policy {name} is one")
        new = self.server.command("policy", "diff", file)
        checks.equal(new.status, 1, "diff says that it is new", new)
        kept = self.server.command("policy", "apply", file, "--why", "a test", name="boss")
        checks.equal(kept.status, 0, "the server keeps it", kept)
        checks.equal(self.server.command("policy", "diff", file).output, "", "then there is no difference")
        checks.equal(self.server.command("policy", "export", name).output, file.read_text(), "and it is given back")
        return file

    def begin(self, checks, policy, *words):
        begun = self.server.command("rollout", "start", policy, "--why", "a test", "--json", *words)
        checks.equal(begun.status, 0, f"a rollout of {policy} begins", begun)
        return begun.json["id"]

    def shown(self, rollout):
        return self.server.command("rollout", "show", rollout, "--json").json

    def hosts(self):
        return self.server.items("hosts")

    def wait_for(self, condition, seconds=120):
        return until(condition, self.members["staging"].processes[-1], seconds)


def by_group(fleet, rollout):
    """The phase of the host of each ring."""
    groups = {host["id"]: host["group"] for host in fleet.hosts()}
    phases = {groups[host["host_id"]]: host["phase"] for host in fleet.shown(rollout)["hosts"]}
    return [phases[ring] for ring in RINGS]


def is_signed_for_who_asks(fleet, checks, rollout, digest):
    """The last host has a list of approvers: the server's word alone is not enough for it."""
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[2] == "skipped"), "its own list refuses", fleet.shown(rollout)
    )
    told = fleet.server.command("rollout", "explain", fleet.members["broad"].host)
    checks.expect("thimble rollout approve --sign" in told.output, "explain says what it wants", told)
    for key, wanted in ((fleet.stranger, "skipped"), (fleet.key, "verified")):
        signed = fleet.server.command("rollout", "approve", rollout, "--set", digest, "--sign", key, name="berta")
        checks.equal((signed.status, "Signed" in signed.output), (0, True), f"signed with {key.name}", signed)
        before = len(fleet.server.items("jobs", f"&deployment_id={rollout}"))
        again = fleet.server.command("rollout", "retry", rollout, "broad", "--why", "signed")
        checks.equal(again.status, 0, "the ring is tried again", again)
        checks.expect(
            fleet.wait_for(
                lambda: len(fleet.server.items("jobs", f"&deployment_id={rollout}")) > before
                and by_group(fleet, rollout)[2] == wanted
            ),
            f"then it is {wanted}",
            fleet.shown(rollout),
        )


def goes_through_three_rings(fleet, checks):
    file = fleet.keep_policy(checks, "good", "good-fix", "approval: {people: 1, before: broad}")
    simulated = fleet.server.command("policy", "simulate", file, "--json")
    rings = [line["ring"] for line in simulated.json["hosts"]]
    checks.equal((simulated.status, rings, simulated.json["needs_approval"]), (0, list(RINGS), True), "as it would go", simulated)
    rollout = fleet.begin(checks, "good")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[0] == "verified"), "the first ring is verified", fleet.shown(rollout)
    )
    fleet.server.kill_and_start()
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout) == ["verified", "verified", "rehearsed"]),
        "after the server was killed it goes on, and production waits for a word",
        fleet.shown(rollout),
    )
    checks.equal(fleet.versions("good-fix"), [NEW, NEW, OLD], "production is as it was")
    told = fleet.server.command("rollout", "explain", fleet.members["broad"].host, "good-fix")
    checks.expect("it needs the word of 1 person other than user:admin" in told.output, "explain says why", told)
    spared = fleet.server.command("rollout", "explain", fleet.members["broad"].host, "spared")
    checks.expect("leaves spared as it is until 2099-01-01 (anna: ticket 12)" in spared.output, "and what is excluded", spared)
    own = fleet.server.command("rollout", "approve", rollout, "--set", fleet.shown(rollout)["rollout"]["frozen_digest"])
    checks.expect("server.second_person" in own.text, "who began it cannot approve it", own)
    shown = fleet.server.command("rollout", "approve", rollout, name="berta")
    checks.expect('"good-fix"' in shown.output and shown.status == 1, "what is to be approved is shown", shown)
    digest = fleet.shown(rollout)["rollout"]["frozen_digest"]
    yes = fleet.server.command("rollout", "approve", rollout, "--set", digest[:12], name="berta")
    checks.equal(yes.status, 0, "somebody else approves it", yes)
    is_signed_for_who_asks(fleet, checks, rollout, digest)
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(rollout)["rollout"]["phase"] == "done"), "it is done", fleet.shown(rollout)
    )
    checks.equal(fleet.versions("good-fix"), [NEW] * 3, "the update is installed on every host")
    checks.equal(fleet.server.command("rollout", "show", rollout).status, 0, "and show says so")


def halts_in_staging(fleet, checks):
    fleet.keep_policy(checks, "bad", "failing-postinst")
    rollout = fleet.begin(checks, "bad")
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(rollout)["rollout"]["phase"] == "halted"), "it halts by itself", fleet.shown(rollout)
    )
    checks.equal(by_group(fleet, rollout), ["rehearsal-failed", "waiting", "waiting"], "in staging")
    checks.equal(fleet.versions("failing-postinst"), [OLD] * 3, "every host is as it was")
    told = fleet.server.command("rollout", "explain", fleet.members["broad"].host)
    checks.expect("the rollout is halted: ring staging: 0 of 1 hosts" in told.output, "explain says why", told)
    jobs = fleet.server.items("jobs", f"&deployment_id={rollout}")
    checks.equal({job["host_id"] for job in jobs}, {fleet.members["staging"].host}, "production got no job")


def is_overtaken_by_an_emergency(fleet, checks):
    fleet.keep_policy(checks, "nightly", "libgood1", CLOSED)
    routine = fleet.begin(checks, "nightly")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, routine)[0] == "rehearsed"), "it waits for its window", fleet.shown(routine)
    )
    told = fleet.server.command("rollout", "explain", fleet.members["staging"].host)
    checks.expect("no window is open" in told.output, "explain says so", told)
    emergency = fleet.begin(checks, "nightly", "--emergency")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, emergency)[:2] == ["verified", "rehearsed"]),
        "the emergency patches staging at once and waits for a second person",
        fleet.shown(emergency),
    )
    digest = fleet.shown(emergency)["rollout"]["frozen_digest"]
    fleet.server.command("rollout", "approve", emergency, "--set", digest, "--sign", fleet.key, name="berta")
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(emergency)["rollout"]["phase"] == "done"), "then it is done", fleet.shown(emergency)
    )
    checks.equal(fleet.versions("libgood1"), [NEW] * 3, "outside the window")
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(routine)["rollout"]["phase"] == "done"),
        "the routine one finds nothing left to do",
        fleet.shown(routine),
    )
    checks.equal(by_group(fleet, routine), ["nothing-to-do"] * 3, "on any host")


def body(supply, thimble, checks):
    with Fleet(thimble, supply) as fleet:
        fleet.server.add_person("berta", "approver")
        for name in ("admin", "berta"):
            fleet.server.log_in(checks, name)
        fleet.server.log_in_to_administer(checks)
        for ring, member in fleet.members.items():
            member.start("--approvers", fleet.approvers if ring == "broad" else "/nonexistent")
        checks.expect(
            fleet.wait_for(lambda: len(fleet.server.items("patches", "&source=good-fix")) == 3), "every host is judged"
        )
        goes_through_three_rings(fleet, checks)
        halts_in_staging(fleet, checks)
        is_overtaken_by_an_emergency(fleet, checks)
        actions = {entry["action"] for entry in fleet.server.items("audit")}
        wanted = {"policy.set", "rollout.create", "rollout.approve", "rollout.step"}
        checks.equal(wanted - actions, set(), "every decision is in the audit log", actions)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

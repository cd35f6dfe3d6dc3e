#!/usr/bin/python3
"""Patch sets go through three rings of real hosts: a good one with the word of a second person while the server is
killed, twice; one that the owner of a host puts off; a bad one that halts in staging with production untouched; an emergency
that overtakes a rollout which waits for its window, while the server is killed again and again.
usage: rollout_test.py PROGRAMS [sqlite|postgresql]"""

import datetime
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

import scratch_postgresql  # noqa: E402
from real_fleet import Member, Server  # noqa: E402
from small_host import NEW, OLD, skip, until  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

RINGS = ("staging", "canary", "broad")
AT_WORK = ("rehearsing", "applying", "verifying")
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
    def __init__(self, thimble, supply, *options):
        self.folder = supply.folder
        self.server = Server(thimble.programs, supply.folder, "--catalog", thimble.catalog, *options)
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

    def frozen_set(self, checks, rollout):
        """The digest of what it may install. A host may have rehearsed before the server has frozen that, and only then is
        there somebody to be told, something to wait for, and something to approve."""
        frozen = self.wait_for(lambda: self.shown(rollout)["rollout"]["frozen_digest"])
        checks.expect(frozen, "its set is frozen", self.shown(rollout))
        return self.shown(rollout)["rollout"]["frozen_digest"]

    def hosts(self):
        return self.server.items("hosts")

    def applied(self, rollout):
        """The transactions of a rollout that ended well."""
        jobs = {job["id"] for job in self.server.items("jobs", f"&deployment_id={rollout}")}
        runs = self.server.items("runs", "&kind=apply")
        return [run for run in runs if run["job_id"] in jobs and run["result"] == "applied"]

    def wait_for(self, condition, seconds=120):
        return until(condition, self.members["staging"].processes[-1], seconds)

    def kill_server_when(self, checks, rollout, ring, phases):
        """As soon as the host of that ring stands there."""
        reached = self.wait_for(lambda: by_group(self, rollout)[RINGS.index(ring)] in phases)
        checks.expect(reached, f"{ring} is one of {', '.join(phases)}", self.shown(rollout))
        self.server.kill_and_start()


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
    # And once more while the next host is at it.
    fleet.kill_server_when(checks, rollout, "canary", AT_WORK)
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
    digest = fleet.frozen_set(checks, rollout)
    own = fleet.server.command("rollout", "approve", rollout, "--set", digest)
    checks.expect("server.second_person" in own.text, "who began it cannot approve it", own)
    shown = fleet.server.command("rollout", "approve", rollout, name="berta")
    checks.expect("\nPatch: good-fix " in shown.output and shown.status == 1, "what is to be approved is said in words", shown)
    checks.expect("\nHosts: 3: " in shown.output and "\nGood until: " in shown.output, "for which hosts, and until when", shown)
    whole = fleet.server.command("rollout", "approve", rollout, "--json", name="berta")
    checks.expect('"good-fix"' in whole.output and whole.status == 1, "and as it is, for programs", whole)
    yes = fleet.server.command("rollout", "approve", rollout, "--set", digest[:12], name="berta")
    checks.equal(yes.status, 0, "somebody else approves it", yes)
    is_signed_for_who_asks(fleet, checks, rollout, digest)
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(rollout)["rollout"]["phase"] == "done"), "it is done", fleet.shown(rollout)
    )
    checks.equal(fleet.versions("good-fix"), [NEW] * 3, "the update is installed on every host")
    checks.equal(fleet.server.command("rollout", "show", rollout).status, 0, "and show says so")
    done = [run["host_id"] for run in fleet.applied(rollout)]
    checks.equal(sorted(done), sorted(member.host for member in fleet.members.values()), "each host was changed once")


def is_put_off_by_its_owner(fleet, checks):
    """Olga may look at everything, and has one host."""
    host = fleet.members["staging"].host
    fleet.server.add_person("olga", "viewer")
    fleet.server.log_in(checks, "olga")
    fleet.server.ask("PATCH", f"/api/v1/hosts/{host}", {"add_tags": ["owner=olga"]})
    fleet.keep_policy(checks, "noticed", "arch-all", "notice: {before: 20s, defer: {times: 1, at_most: 1h}}")
    rollout = fleet.begin(checks, "noticed")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[0] == "rehearsed"), "the host is ready", fleet.shown(rollout)
    )
    fleet.frozen_set(checks, rollout)
    told = fleet.server.command("rollout", "explain", host, name="olga")
    checks.expect("has notice of 20s" in told.output, "explain says that its owner has notice", told)
    until_then = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=35)
    when = until_then.strftime("%Y-%m-%dT%H:%M:%SZ")

    def defer(member, name="olga"):
        words = ("defer", rollout, fleet.members[member].host, "--until", when, "--why", "a fair")
        return fleet.server.command("rollout", *words, name=name)

    checks.equal(defer("canary").status, 77, "of another host she is not the owner")
    put_off = defer("staging")
    checks.equal((put_off.status, when in put_off.output), (0, True), "she puts hers off", put_off)
    again = defer("staging")
    checks.equal((again.status, "notice.defer.times" in again.text), (75, True), "once, as the policy says", again)
    shown = fleet.server.command("rollout", "show", rollout)
    checks.expect(f"until {when} by user:olga: a fair" in shown.output, "show says so", shown)
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[0] == "verified"), "then it is changed", fleet.shown(rollout)
    )
    jobs = fleet.server.items("jobs", f"&deployment_id={rollout}&kind=apply")
    checks.expect([job["begun_at"] >= when for job in jobs] == [True], "not before", jobs)
    checks.equal(fleet.server.command("rollout", "cancel", rollout).status, 0, "that is enough of it")


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
    fleet.frozen_set(checks, routine)
    told = fleet.server.command("rollout", "explain", fleet.members["staging"].host)
    checks.expect("no window is open" in told.output, "explain says so", told)
    emergency = fleet.begin(checks, "nightly", "--emergency")
    # At its beginning, in a transaction, while people think and while the others are changed: nothing is lost or done twice.
    fleet.server.kill_and_start()
    fleet.kill_server_when(checks, emergency, "staging", ("applying", "verifying", "verified"))
    fleet.kill_server_when(checks, emergency, "canary", ("rehearsed",))
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, emergency)[:2] == ["verified", "rehearsed"]),
        "the emergency patches staging at once and waits for a second person",
        fleet.shown(emergency),
    )
    digest = fleet.frozen_set(checks, emergency)
    approved = fleet.server.command("rollout", "approve", emergency, "--set", digest, "--sign", fleet.key, name="berta")
    checks.equal(approved.status, 0, "one approves", approved)
    fleet.server.kill_and_start()
    for ring in ("canary", "broad"):
        fleet.kill_server_when(checks, emergency, ring, (*AT_WORK, "verified"))
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(emergency)["rollout"]["phase"] == "done"), "then it is done", fleet.shown(emergency)
    )
    checks.equal(fleet.versions("libgood1"), [NEW] * 3, "outside the window")
    checks.equal(len(fleet.applied(emergency)), 3, "each host was changed once, whatever the server was told twice")
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(routine)["rollout"]["phase"] == "done"),
        "the routine one finds nothing left to do",
        fleet.shown(routine),
    )
    checks.equal(by_group(fleet, routine), ["nothing-to-do"] * 3, "on any host")


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
        is_put_off_by_its_owner(fleet, checks)
        halts_in_staging(fleet, checks)
        is_overtaken_by_an_emergency(fleet, checks)
        actions = {entry["action"] for entry in fleet.server.items("audit")}
        wanted = {"policy.set", "rollout.create", "rollout.approve", "rollout.step", "rollout.notice", "rollout.defer"}
        checks.equal(wanted - actions, set(), "every decision is in the audit log", actions)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

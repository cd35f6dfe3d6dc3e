#!/usr/bin/python3
"""What is exploited opens an emergency by itself, in which the server is killed again and again; a cancel binds what was known
then, and not what becomes exploited later. Soft freezes do not hold it and hard ones do; the first ring is skipped, and the emergency
looked back on, by a second person alone.
usage: rollout_emergency_test.py PROGRAMS"""

import json
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from rollout_test import AT_WORK, CLOSED, Fleet, by_group  # noqa: E402
from small_host import NEW, OLD, ended  # noqa: E402
from thimble_calls import record, run_patch_test  # noqa: E402

PACKAGE = "libgood1"
FIRST, SECOND = "CVE-2099-0003", "CVE-2099-0004"  # which its update closes
ELSEWHERE = "CVE-2099-9999"  # in nothing that a host has
BY_RULE = """
policy: urgent
hosts: {groups: [staging, canary, broad]}
rings:
  - {name: staging, hosts: {groups: [staging]}, soak: 0s}
  - {name: canary, hosts: {groups: [canary]}, soak: 0s}
  - {name: broad, hosts: {groups: [broad]}}
freezes: [{name: fair, kind: soft, from: 2020-01-01, until: 2099-01-01}]
approval: {people: 1, before: staging}
emergency: {opens: by rule, soak: [0s]}
""" + CLOSED
HARD = "freezes: [{name: year end, kind: hard, from: 2020-01-01, until: 2099-01-01}]"


class Feeds:
    """The catalog that the server looks at, made anew with what is exploited."""

    def __init__(self, thimble, folder):
        self.program = thimble.programs / "thimble"
        self.catalog = thimble.catalog
        self.folder = folder / "feeds"
        (self.folder / "osv").mkdir(parents=True)
        for name, package, closed in (("DSA-9101-1", PACKAGE, [FIRST, SECOND]), ("DSA-9102-1", "good-fix", ["CVE-2099-0001"])):
            (self.folder / f"osv/{name}.json").write_text(json.dumps(record(name, package, closed)))

    def exploit(self, checks, *vulnerabilities):
        entries = [
            {"cveID": one, "vulnerabilityName": "A hole", "dateAdded": "2026-01-22", "dueDate": "2026-02-12",
             "knownRansomwareCampaignUse": "Unknown"}
            for one in vulnerabilities
        ]
        kev = self.folder / "kev.json"
        kev.write_text(json.dumps({"dateReleased": "2026-01-27T00:00:00Z", "vulnerabilities": entries}))
        words = ("--feed", f"osv={self.folder / 'osv'}", "--feed", f"kev={kev}", "--output", self.folder / "next")
        built = ended([self.program, "catalog", "build", *words])
        checks.equal(built.status, 0, f"the catalog says that {', '.join(vulnerabilities)} is exploited", built)
        os.replace(self.folder / "next", self.catalog)


def emergencies(fleet):
    """Those that the server has opened by itself, oldest first."""
    opened = [one for one in fleet.server.items("rollouts") if one["created_by"] == "server"]
    return sorted(opened, key=lambda one: one["created_at"])


def opens_by_rule(fleet, feeds, checks):
    """It waits for a word before anything is changed, and is cancelled."""
    feeds.exploit(checks, FIRST)
    fleet.server.kill_and_start()
    checks.expect(fleet.wait_for(lambda: len(emergencies(fleet)) == 1), "it opens by itself", fleet.server.items("fleet-patches"))
    emergency = emergencies(fleet)[0]
    checks.equal((emergency["policy"], emergency["emergency"]), ("urgent", True), "of the policy that says so")
    checks.expect(emergency["reason"].endswith(f"exploit: {PACKAGE} {NEW}"), "it says for what", emergency)
    fleet.server.kill_and_start()
    fleet.kill_server_when(checks, emergency["id"], "staging", ("rehearsing", "rehearsed"))
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, emergency["id"])[0] == "rehearsed"),
        "it waits for a word, and for no window or soft freeze",
        fleet.shown(emergency["id"]),
    )
    fleet.frozen_set(checks, emergency["id"])
    told = fleet.server.command("rollout", "explain", fleet.members["staging"].host)
    checks.expect("it needs the word of 1 person other than server" in told.output, "explain says so", told)
    checks.equal(fleet.server.command("rollout", "cancel", emergency["id"]).status, 0, "it is cancelled")
    fleet.server.kill_and_start()
    return emergency["id"]


def opens_again_for_what_is_new(fleet, feeds, cancelled, checks):
    feeds.exploit(checks, FIRST, SECOND)
    checks.expect(fleet.wait_for(lambda: len(emergencies(fleet)) == 2), "another of its holes opens one", emergencies(fleet))
    emergency = emergencies(fleet)[1]
    checks.expect("again, for what is new since: " in emergency["reason"], "it says why", emergency)
    checks.equal(fleet.shown(cancelled)["rollout"]["phase"], "cancelled", "the first one stays as it was left")
    fleet.kill_server_when(checks, emergency["id"], "staging", ("rehearsed",))
    digest = fleet.frozen_set(checks, emergency["id"])
    approved = fleet.server.command("rollout", "approve", emergency["id"], "--set", digest, name="berta")
    checks.equal(approved.status, 0, "somebody approves it", approved)
    for ring in ("staging", "canary", "broad"):
        fleet.kill_server_when(checks, emergency["id"], ring, (*AT_WORK, "verified"))
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(emergency["id"])["rollout"]["phase"] == "done"), "it is done", fleet.shown(emergency["id"])
    )
    checks.equal(fleet.versions(PACKAGE), [NEW] * 3, "on every host")
    checks.equal(len(fleet.applied(emergency["id"])), 3, "each was changed once")
    checks.equal(len(emergencies(fleet)), 2, "and nothing opened that was known")


def is_held_and_skipped(fleet, checks):
    """By hand, in a hard freeze: nothing is changed."""
    fleet.keep_policy(checks, "frozen", "good-fix", HARD)
    emergency = fleet.begin(checks, "frozen", "--emergency")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, emergency)[0] == "rehearsed"), "the first ring is ready", fleet.shown(emergency)
    )
    fleet.frozen_set(checks, emergency)
    told = fleet.server.command("rollout", "explain", fleet.members["staging"].host)
    checks.expect('the freeze "year end" until 2099-01-01T00:00:00Z holds' in told.output, "explain names the freeze", told)
    skip = ("rollout", "skip", emergency, "staging")
    checks.expect("--why" in fleet.server.command(*skip, name="olga").text, "it is not skipped without a reason")
    own = fleet.server.command(*skip, "--why", "now")
    checks.expect("server.second_person" in own.text, "nor by who began it", own)
    checks.equal(fleet.shown(emergency)["rings"][0]["phase"], "open", "it was not", fleet.shown(emergency))
    checks.equal(fleet.server.command(*skip, "--why", "now", name="olga").status, 0, "somebody else may")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, emergency)[1] == "rehearsed"), "then the next begins", fleet.shown(emergency)
    )
    fleet.server.command("rollout", "cancel", emergency)
    checks.equal(fleet.versions("good-fix"), [OLD] * 3, "nothing was changed")
    skipped = [entry for entry in fleet.server.items("audit") if entry["action"] == "rollout.skip"]
    checks.equal([(one["by"].split()[0], one["why"]) for one in skipped], [("olga", "now")], "it is in the audit log", skipped)
    return emergency


def is_looked_back_on(fleet, emergency, checks):
    open_ones = {one["id"] for one in fleet.server.items("reviews") if one["closed_at"] is None}
    checks.equal(open_ones, {emergency, *(one["id"] for one in emergencies(fleet))}, "every emergency has a review")
    review = ("rollout", "review", emergency, "--why", "we froze too long")
    own = fleet.server.command(*review)
    checks.expect("server.second_person" in own.text, "who began it does not close it", own)
    checks.equal(fleet.server.command(*review, name="olga").status, 0, "somebody else does")
    closed = [one for one in fleet.server.items("reviews") if one["id"] == emergency]
    checks.expect(closed[0]["closed_at"] is not None, "once", closed)
    checks.expect(fleet.server.command(*review, name="olga").status != 0, "and not again")


def body(supply, thimble, checks):
    feeds = Feeds(thimble, supply.folder)
    feeds.exploit(checks, ELSEWHERE)
    with Fleet(thimble, supply) as fleet:
        for name, role in (("berta", "approver"), ("olga", "operator")):
            fleet.server.add_person(name, role)
        for name in ("admin", "berta", "olga"):
            fleet.server.log_in(checks, name)
        fleet.server.log_in_to_administer(checks)
        for member in fleet.members.values():
            member.start()
        checks.expect(
            fleet.wait_for(lambda: len(fleet.server.items("patches", f"&source={PACKAGE}")) == 3), "every host is judged"
        )
        policy = supply.folder / "urgent.yaml"
        policy.write_text(BY_RULE)
        kept = fleet.server.command("policy", "apply", policy, "--why", "a test", name="boss")
        checks.equal(kept.status, 0, "the policy is kept", kept)
        cancelled = opens_by_rule(fleet, feeds, checks)
        opens_again_for_what_is_new(fleet, feeds, cancelled, checks)
        emergency = is_held_and_skipped(fleet, checks)
        is_looked_back_on(fleet, emergency, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

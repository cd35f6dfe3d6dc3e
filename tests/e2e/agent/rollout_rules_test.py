#!/usr/bin/python3
"""What a policy holds back is held on real hosts: a window, a freeze, the order of dependent hosts; a patch that a host keeps back
stops nobody else; a word that was given and has run out; hosts of one high-availability set, of which never two are changed together.
usage: rollout_rules_test.py PROGRAMS"""

import datetime
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from rollout_test import Fleet, by_group  # noqa: E402
from small_host import NEW, OLD  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

# One ring of everybody: what orders its hosts is the order alone. The window opens, and then the freeze still holds.
HELD = """
policy: held
hosts: {{groups: [staging, canary, broad]}}
patches: {{packages: [libgood1]}}
rings: [{{name: all, hosts: {{groups: [staging, canary, broad]}}, at_once: 100%}}]
order: [{{groups: [broad]}}, {{groups: [canary]}}, {{groups: [staging]}}]
windows: [{{rule: FREQ=DAILY, opens: "{opens}", lasts: 3h, zone: Etc/UTC}}]
freezes: [{{name: stocktaking, from: "{today} 00:00", until: "{thaws}", zone: Etc/UTC, owner: shop}}]
health: {{settle: 1s}}
"""
# Everybody at once, if they were not one set.
APART = """
policy: apart
hosts: {groups: [staging, canary, broad]}
patches: {packages: [good-fix]}
rings: [{name: all, hosts: {groups: [staging, canary, broad]}, at_once: 100%}]
approval: {people: 1, before: all, good_for: 10s}
health: {settle: 1s}
"""


def minute_from_now(minutes):
    return datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) + datetime.timedelta(minutes=minutes)


def keep(fleet, checks, name, text):
    file = fleet.folder / f"{name}.yaml"
    file.write_text(text)
    kept = fleet.server.command("policy", "apply", file, "--why", "a test", name="boss")
    checks.equal(kept.status, 0, f"the server keeps the policy {name}", kept)
    return file


def holds_back(fleet, checks):
    """@return the rollout, which is done"""
    opens, thaws = minute_from_now(1), minute_from_now(2)
    text = HELD.format(opens=opens.strftime("%H:%M"), thaws=thaws.strftime("%Y-%m-%d %H:%M"), today=opens.strftime("%Y-%m-%d"))
    file = keep(fleet, checks, "held", text)
    told = fleet.server.command("policy", "calendar", file, "--days", "2")
    for line in (f"DTSTART:{opens:%Y%m%dT%H%M00Z}", f"DTEND:{thaws:%Y%m%dT%H%M00Z}"):
        checks.expect(line in told.output, f"the calendar has {line}", told)
    held = fleet.members["canary"].root.inside("apt-mark", "hold", "libgood1")
    checks.equal(held.status, 0, "a host keeps a package back", held)

    rollout = fleet.begin(checks, "held")
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout)[::2] == ["rehearsed", "rehearsed"]), "both others are ready", fleet.shown(rollout)
    )
    fleet.frozen_set(checks, rollout)
    told = fleet.server.command("rollout", "explain", fleet.members["broad"].host, "libgood1")
    checks.expect('the freeze "stocktaking"' in told.output, "explain names the freeze", told)
    checks.equal(fleet.versions("libgood1"), [OLD] * 3, "nothing is changed before")
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(rollout)["rollout"]["phase"] == "done", 400), "the rollout ends", fleet.shown(rollout)
    )
    begun = {job["host_id"]: job for job in fleet.server.items("jobs", f"&deployment_id={rollout}&kind=apply")}
    first, last = (begun[fleet.members[ring].host] for ring in ("broad", "staging"))
    checks.expect(first["begun_at"] >= thaws.strftime("%Y-%m-%dT%H:%M:00Z"), "no transaction before window and freeze let it", first)
    checks.expect(first["finished_at"] <= last["begun_at"], "the order is kept", (first, last))
    return rollout


def names_the_blocker(fleet, checks, rollout):
    checks.equal(fleet.versions("libgood1"), [NEW, OLD, NEW], "what one host keeps back stops no other")
    host = fleet.members["canary"].host
    told = fleet.server.command("rollout", "explain", host, "libgood1")
    checks.expect("hold" in told.output, "explain names what blocks it", told)
    told = fleet.server.command("board")
    checks.expect("libgood1" in told.output and "hold" in told.output, "and it is on the board, for somebody to mend", told)


def wants_the_word_again(fleet, checks, rollout):
    """A word that was given while the rollout was paused has run out when it goes on."""
    checks.expect(
        fleet.wait_for(lambda: by_group(fleet, rollout) == ["rehearsed"] * 3), "all wait for a word", fleet.shown(rollout)
    )
    digest = fleet.frozen_set(checks, rollout)
    paused = fleet.server.command("rollout", "pause", rollout, "--why", "a test")
    checks.equal(paused.status, 0, "it is paused", paused)
    given = fleet.server.command("rollout", "approve", rollout, "--set", digest, name="berta")
    checks.equal(given.status, 0, "a word is given", given)
    over = datetime.datetime.now() + datetime.timedelta(seconds=11)
    fleet.wait_for(lambda: datetime.datetime.now() > over)
    resumed = fleet.server.command("rollout", "resume", rollout, "--why", "a test")
    checks.equal(resumed.status, 0, "it goes on", resumed)
    host = fleet.members["broad"].host

    def explained():
        return fleet.server.command("rollout", "explain", host, "good-fix").output

    checks.expect(fleet.wait_for(lambda: "needs the word of 1 person" in explained()), "the word has run out", explained())
    checks.equal(fleet.versions("good-fix"), [OLD] * 3, "nobody is changed by it")
    given = fleet.server.command("rollout", "approve", rollout, "--set", digest, name="berta")
    checks.equal(given.status, 0, "the word is given again", given)


def changes_no_two_of_a_set(fleet, checks):
    for member in fleet.members.values():
        fleet.server.ask("PATCH", f"/api/v1/hosts/{member.host}", {"add_tags": ["ha=shop"]})
    keep(fleet, checks, "apart", APART)
    rollout = fleet.begin(checks, "apart")
    wants_the_word_again(fleet, checks, rollout)

    def explained():
        # Not by the command line, which takes as long to start as a host is at its change.
        ask = "/api/v1/rollouts/{}/hosts/{}?patch=good-fix"
        said = [str(fleet.server.ask("GET", ask.format(rollout, member.host))[0]) for member in fleet.members.values()]
        return any("of its availability set is being changed" in one for one in said)

    checks.expect(fleet.wait_for(explained), "explain says that another of its set is being changed", fleet.shown(rollout))
    # A word is good for ten seconds: whoever comes later needs another.
    digest = fleet.shown(rollout)["rollout"]["frozen_digest"]

    def is_done():
        fleet.server.command("rollout", "approve", rollout, "--set", digest, name="berta")
        return fleet.shown(rollout)["rollout"]["phase"] == "done"

    checks.expect(fleet.wait_for(is_done, 400), "the rollout ends", fleet.shown(rollout))
    jobs = sorted(fleet.server.items("jobs", f"&deployment_id={rollout}&kind=apply"), key=lambda job: (job["begun_at"], job["finished_at"]))
    checks.equal(len(jobs), 3, "each host was changed once", jobs)
    for before, after in zip(jobs, jobs[1:]):
        checks.expect(before["finished_at"] <= after["begun_at"], "one after the other", (before, after))
    checks.equal(fleet.versions("good-fix"), [NEW] * 3, "and all have it")


def body(supply, thimble, checks):
    with Fleet(thimble, supply) as fleet:
        fleet.server.add_person("berta", "approver")
        for name in ("admin", "berta"):
            fleet.server.log_in(checks, name)
        fleet.server.log_in_to_administer(checks)
        for member in fleet.members.values():
            member.start()
        checks.expect(
            fleet.wait_for(lambda: len(fleet.server.items("patches", "&source=good-fix")) == 3), "every host is judged"
        )
        rollout = holds_back(fleet, checks)
        names_the_blocker(fleet, checks, rollout)
        changes_no_two_of_a_set(fleet, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

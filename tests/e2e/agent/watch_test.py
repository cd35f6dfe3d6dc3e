#!/usr/bin/python3
"""A hole that is watched, from the command line through server and agent to the kernel's audit: the control raises an event and
sees it in the log of a real auditd in time; the due date stays where it was; a log that is broken is noticed.

The kernel has one audit for all namespaces, so that nothing is done where an auditd runs already.
usage: watch_test.py PROGRAMS"""

import pathlib
import re
import subprocess
import sys
import types

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "controls"))
sys.path.insert(0, str(HERE.parent / "patch"))

from monitoring_test import check_that_nobody_listens, start_auditd, stop_auditd  # noqa: E402
from network_lab import SKIPPED, Lab, Unavailable, must  # noqa: E402
from real_fleet import Member, Server  # noqa: E402
from shield_test import CVE, Story, make_catalog  # noqa: E402
from small_host import Checks  # noqa: E402


def watched(story, lab):
    checks = story.checks
    secret = lab.scratch / "secret"
    secret.write_text("x")
    checks.expect(story.wait_for(story.due_in), "the hole is known", story.shop.log())
    before = story.finding()
    settings = {"watch": [{"path": str(secret), "permissions": "rwa"}], "within_seconds": 5}
    control = story.put_up("watch", "monitoring", settings)
    story.stands(control, "verified", "it is watched")
    told = str(lab.thimble("verify", control))
    seen = re.search(r"seen after (\d+) ms", told)
    checks.expect(seen and int(seen[1]) <= 5000, "the event that it raised was seen in time", told)
    print(f"    the event was seen after {seen[1]} ms" if seen else "")
    after = story.finding()
    for name in ("due_at", "outcome"):
        checks.equal(after[name], before[name], f"monitoring moves no {name}", after)

    must(["auditctl", "-e", "0"])
    story.stands(control, "lapsed", "the log is broken, which is noticed")
    must(["auditctl", "-e", "1"])
    story.command("it is put up again", "deploy", control, "--why", "events come again")
    story.stands(control, "verified", "it is seen again")
    checks.equal(story.finding()["due_at"], before["due_at"], "the date is the same all along")
    story.command("it is retired", "retire", control, "--why", "the test is over")
    story.stands(control, "retired", "it is gone, as its host has shown")
    checks.equal(must(["auditctl", "-l"]).strip(), "No rules", "from the kernel, too")


def test(programs, lab, checks):
    # Whatever version this machine has is affected.
    catalog = make_catalog(lab.scratch, programs, "99:1")
    server = Server(programs, lab.scratch, "--catalog", catalog)
    member = None
    try:
        server.log_in(checks)
        server.add_person("berta", "approver")
        server.log_in(checks, "berta")
        place = types.SimpleNamespace(root="/", state=lab.state)
        member = Member(server, lab.scratch / "member", place, server.enrolment_token(), within=lab.on("host", []))
        member.start()
        watched(Story(server, member, member.host, checks), lab)
    finally:
        if member is not None:
            member.stop()
        server.close()


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    lab = before = None
    checks = Checks()
    try:
        lab = Lab(programs, has_network=False)
        check_that_nobody_listens(lab)
        before = start_auditd(lab)
        test(programs, lab, checks)
    except Unavailable as why:
        print(f"skipped: {why}")
        return SKIPPED
    finally:
        if before is not None:
            stop_auditd(lab, before)
        if lab is not None:
            lab.close()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())

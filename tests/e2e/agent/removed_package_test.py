#!/usr/bin/python3
"""Hardening that takes a package off a host, through server and agent, with real apt and an archive of its own: it goes, somebody
installs it, which is noticed, it goes again, and is put back when the control is retired; one that another package needs stays.
usage: removed_package_test.py PROGRAMS"""

import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "patch"))

from real_fleet import Server  # noqa: E402
from shield_test import STRANGER, Member  # noqa: E402
from small_host import OLD, debian_root, run_test, skip, until  # noqa: E402

PACKAGE, NEEDED = "good-fix", "auto-library"


class Story:
    def __init__(self, server, machine, host, checks):
        self.server, self.machine, self.host, self.checks = server, machine, host, checks
        self.approver = server.add_person("berta", "approver")

    def remove(self, package):
        wish = {"sources": [package], "scope": {"hosts": [self.host]}}
        return self.server.put_up_control(package, "hardening", {"remove_package": package}, self.approver, **wish)

    def on_host(self, control):
        return self.server.items("control-hosts", f"&control_id={control}")[0]

    def stands(self, control, state, what):
        self.checks.expect(
            until(lambda: self.on_host(control)["state"] == state, self.server.process, 200), what,
            f"{self.on_host(control)} {self.machine.log()}"
        )

    def version(self):
        return self.machine.host.version(PACKAGE)


def goes_and_comes_back(story):
    checks, server, host = story.checks, story.server, story.machine.host
    host.path("/etc/good-fix.conf").write_text("level=9\n")
    control = story.remove(PACKAGE)
    story.stands(control, "verified", "it is removed, and seen to be away")
    checks.equal((story.version(), host.audit()), ("", ""), "so it is")
    said = [entry["said"] for entry in server.items("control-checks", f"&control_id={control}&sort=at")]
    checks.equal(said[:2], ["deployed", "holding"], "its host has said so")

    done = story.machine.run("apt-get", "install", "-y", "-o", "Dpkg::Options::=--force-confold", f"{PACKAGE}={OLD}")
    checks.equal((done.status, story.version()), (0, OLD), "somebody installs it", done)
    story.stands(control, "lapsed", "which is noticed")
    checks.expect(PACKAGE in story.on_host(control)["why"], "and said", story.on_host(control))
    server.act_on_control(control, "deploy")
    story.stands(control, "verified", "it goes again")
    checks.equal(story.version(), "", "so it is")

    server.act_on_control(control, "retire")
    story.stands(control, "retired", "the control goes, as its host has shown")
    checks.equal((story.version(), host.audit()), (OLD, ""), "the package is back as it was")
    checks.equal(host.read("/etc/good-fix.conf"), "level=9\n", "with its settings")
    checks.equal(list(host.path("/var/lib/thimble/controls").glob("[!.]*")), [], "and nothing is left of the control")


def stays_where_it_is_needed(story):
    before = story.machine.host.versions()
    control = story.remove(NEEDED)
    story.checks.expect(
        until(lambda: f"auto-user depends on {NEEDED}" in story.on_host(control)["why"], story.server.process, 200),
        "what another package needs is refused, and who needs it is said", story.on_host(control)
    )
    story.checks.equal(story.on_host(control)["state"], "approved", "it was never put up")
    story.checks.same(before, story.machine.host.versions(), "nothing changed")


def body(supply, checks):
    programs = pathlib.Path(sys.argv[1]).resolve()
    host = supply.host("removal", (*debian_root.SERVICE_MANAGER, "iproute2"))
    with Member(host, supply, programs) as machine:
        server = Server(programs, supply.folder, listen=f"{STRANGER}:0")
        try:
            story = Story(server, machine, machine.start_agent(server, checks), checks)
            goes_and_comes_back(story)
            stays_where_it_is_needed(story)
        finally:
            server.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: {sys.argv[0]} PROGRAMS")
    if not (pathlib.Path(sys.argv[1]) / "thimble-control").exists():
        skip("thimble-control is not built")
    run_test(body)

#!/usr/bin/python3
"""From the command line, what the repositories of a root with rpm packages offer; and from plan to way back.
usage: rpm_test.py PROGRAMS MANAGER"""

import os
import pathlib
import sys

sys.dont_write_bytecode = True

from rpm_root import RpmRoot  # noqa: E402
from small_host import Checks, debian_root, skip  # noqa: E402
from thimble_calls import Thimble, answer, problems_of, steps_of  # noqa: E402

def scanned(host, thimble, checks):
    done = thimble.call(host, "scan", "--json", "--catalog", thimble.catalog)
    report = answer(done)
    checks.equal(report.get("host", {}).get("index", {}).get("asked"), True, "the repositories are asked", done)
    patches = [(patch["source"], patch["from"], patch["to"], patch["state"]) for patch in report.get("patches", [])]
    checks.equal(patches, [("t-lib", "1-1", "2-1", "ready")], "what closes a hole", done)
    checks.equal(report.get("summary", {}).get("other_updates"), 4, "t-app, t-broken, t-held and t-sly are newer, too", done)
    checks.equal((host.version("t-lib"), host.version("t-app")), ("1-1", "1-1"), "a scan changes nothing")


def planned(host, thimble, checks):
    refused = thimble.plan(host, "t-lib")
    checks.equal(problems_of(answer(refused)), ["apply.untrusted_origin"] * 2, "nothing checks the packages", refused)
    broken = thimble.plan(host, "t-broken", options=["--allow-untrusted"])
    checks.equal(problems_of(answer(broken)), ["apply.dependency_conflict"], "a dependency is nowhere", broken)
    held = thimble.plan(host, "t-held", options=["--allow-untrusted"])
    checks.expect("hold" in held.text or "locked" in held.text, "what is locked is left out, with the reason", held)
    elsewhere = thimble.plan(host, "t-app", options=["--allow-untrusted", "--origin", "origin=nobody"])
    left = [one["code"] for one in answer(elsewhere).get("left_out", [])]
    checks.equal((elsewhere.status, left), (1, ["origin_not_allowed"]), "the repository's id is the origin", elsewhere)
    own = thimble.plan(host, "t-app", options=["--allow-untrusted", "--origin", "origin=*"])
    checks.equal((own.status, list(steps_of(answer(own)))), (0, ["t-app"]), "and may be allowed", own)
    done = thimble.plan(host, "t-lib", "t-app", options=["--allow-untrusted"])
    expected = {
        "t-app": ("upgrade", "1-1", "2-1"),
        "t-lib": ("upgrade", "1-1", "2-1"),
        "t-new": ("install", None, "2-1"),
    }
    checks.equal((done.status, steps_of(answer(done))), (0, expected), "the plan", done)
    checks.equal(answer(done).get("manager"), host.manager, "who carries it out", done)


def unowned_files(done):
    found = [check for check in answer(done).get("checks", []) if check["name"] == "unowned files"]
    return found[0] if found else {}


def rehearsed(host, thimble, checks):
    done = thimble.rehearse(host)
    if host.bare:
        checks.expect("cli.bare_root" in done.text, "a root that runs nothing cannot be rehearsed in", done)
    else:
        checks.expect(answer(done).get("verdict") in ("pass", "warn"), "the rehearsal", done)
        unowned = unowned_files(done)
        checks.equal(unowned.get("verdict"), "pass", "rpm knows whose the files are", str(unowned))
        thimble.plan(host, "t-sly", options=["--allow-untrusted"], file="sly.json")
        done = thimble.rehearse(host, file="sly.json")
        sly = unowned_files(done)
        seen = sly.get("verdict"), sly.get("evidence")
        checks.equal(seen, ("warn", ["/etc/t-sly.key"]), "and which are of no package", done)
    checks.equal(host.version("t-lib"), "1-1", "a rehearsal changes nothing")


def applied(host, thimble, checks):
    host.root.joinpath("etc/t-lib.conf").write_text("mine\n")
    if not host.bare:
        stale = thimble.apply(host)
        checks.equal(stale.status, 3, "configuration changed since the rehearsal", stale)
        checks.expect("/etc/t-lib.conf" in stale.text, "and is named", stale)
        thimble.rehearse(host)
    done = thimble.apply_unrehearsed(host) if host.bare else thimble.apply(host)
    checks.equal((done.status, answer(done).get("result")), (0, "applied"), "apply", done)
    names = ("t-app", "t-lib", "t-new", "t-held")
    checks.equal([host.version(name) for name in names], ["2-1", "2-1", "2-1", "1-1"], "the versions are the plan's")
    checks.equal(host.read("/etc/t-lib.conf"), "mine\n", "the host's configuration stays")
    again = thimble.apply_unrehearsed(host)
    said = again.status, answer(again).get("error", {}).get("code")
    checks.equal(said, (3, "cli.applied_already"), "the same plan is refused now", again)
    checks.expect(str(answer(done).get("run")) in again.text, "with the run that applied it", again)
    back = thimble.call(host, "patch", "rollback", str(answer(done).get("run")), "--json")
    checks.equal(answer(back).get("result"), "rolled_back", "the way back", back)
    checks.equal([host.version(name) for name in names], ["1-1", "1-1", "", "1-1"], "the versions before")
    checks.equal(host.read("/usr/share/t-lib/data"), "1\n", "and their files")
    checks.equal(host.read("/etc/t-lib.conf"), "mine\n", "the host's configuration still")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    if os.getuid() != 0:
        skip("not root")
    for tool in ("/usr/bin/rpmbuild", "/usr/bin/createrepo_c", "/bin/busybox"):
        if not pathlib.Path(tool).exists():
            skip(f"{tool} is not installed")
    checks = Checks()
    debian_root.private()
    with debian_root.working_folder() as folder:
        thimble = Thimble(folder, sys.argv[1])
        for bare in (True, False):
            host = RpmRoot(folder, sys.argv[2], bare)
            for part in (scanned, planned, rehearsed, applied):
                part(host, thimble, checks)
    checks.finish()


if __name__ == "__main__":
    main()

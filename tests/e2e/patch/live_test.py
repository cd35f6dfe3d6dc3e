#!/usr/bin/python3
"""Patches a root from within, as a machine patches itself, while processes use what is replaced.
usage: live_test.py PROGRAMS"""

import sys

sys.dont_write_bytecode = True

from small_host import NEW, OLD  # noqa: E402
from small_machine import SmallMachine  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

STATE = ["--state", "/var/lib/thimble"]
CATALOG = "/var/lib/thimble.catalog"
UNIT = "good-user-purpose.service"


def planned(machine, checks, *names):
    words = [word for name in names for word in ("--package", name)]
    plan = ["patch", "plan", "--json", "--catalog", CATALOG, "-o", "/root/plan.json", *words]
    done = machine.thimble(*plan, *STATE)
    checks.equal(done.status, 0, f"plan of {names}", done)


def applied(machine, checks, *names):
    planned(machine, checks, *names)
    done = machine.thimble("patch", "apply", "/root/plan.json", "--without-rehearsal", "--reason", "x", "--json", *STATE)
    checks.equal((done.status, answer(done).get("result")), (0, "applied"), f"apply of {names}", done)
    return done


def applying(machine):
    """The entry before the transaction of the newest run."""
    runs = answer(machine.thimble("history", "--json", *STATE)).get("runs", [{}])
    return next((entry for entry in runs[-1].get("entries", []) if entry["phase"] == "applying"), {})


def verified(machine):
    return machine.thimble("verify", "--json", *STATE)


def states(done):
    return [patch["state"] for patch in answer(done).get("patches", [])]


def replaced_library(supply, thimble, checks):
    host = supply.host("library")
    host.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    with SmallMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        with machine.start("good-user", "stay") as alone, machine.start("good-user", "stay", unit=UNIT) as service:
            before = verified(machine)
            checks.equal(before.status, 2, "verify before any run has nothing to call verified", before)
            applied(machine, checks, "libgood1")
            checks.equal(host.version("libgood1"), NEW, "the library is new")
            told = applying(machine).get("detail", "")
            checks.expect("nothing holds off a shutdown" in told, "without logind it goes on, and says so", told)
            pending = verified(machine)
            checks.equal(states(pending), ["installed_pending_restart"], "processes map the old library", pending)
            checks.equal(pending.status, 1, "that is not done", pending)
            checks.expect(UNIT in pending.text, "the unit is named", pending)
            checks.expect("good-user" in pending.text, "the process without a unit is named", pending)
            for process in (alone, service):
                process.stdin.close()
                process.wait()
            done = verified(machine)
            checks.equal((done.status, states(done)), (0, ["verified"]), "after they have ended", done)
            wiped = machine.thimble("verify", "--json", "--state", "/var/lib/thimble-other")
            checks.equal(wiped.status, 2, "another state directory has nothing to verify", wiped)
        with machine.start("good-user", "stay") as process:
            done = verified(machine)
            checks.equal((done.status, states(done)), (0, ["verified"]), "a process with the new library", done)
            process.stdin.close()


def moved_program(supply, thimble, checks):
    host = supply.host("moved")
    host.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    with SmallMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        with machine.start("moved-program", "stay") as process:
            applied(machine, checks, "moved-program")
            checks.expect(not host.path("/usr/bin/moved-program").exists(), "the program has moved")
            pending = verified(machine)
            checks.equal(states(pending), ["installed_pending_restart"], "the old one runs", pending)
            checks.expect("/usr/bin/moved-program" in pending.text, "and is named", pending)
            process.stdin.close()
            process.wait()
            checks.equal(states(verified(machine)), ["verified"], "after it has ended")


def changed_files(supply, thimble, checks):
    host = supply.host("files")
    host.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    with SmallMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        applied(machine, checks, "good-fix")
        checks.equal(states(verified(machine)), ["verified"], "good-fix")
        path = host.path("/usr/share/good-fix/data")
        path.write_text("something else\n")
        done = verified(machine)
        checks.equal((done.status, states(done)), (1, ["failed"]), "a file of the package is changed", done)
        checks.expect("/usr/share/good-fix/data" in done.text, "and named", done)
        path.unlink()
        done = verified(machine)
        checks.equal((done.status, states(done)), (1, ["failed"]), "a file of the package is gone", done)
        path.write_text("new\n")
        host.path("/etc/good-fix.conf").write_text("level=mine\n")
        checks.equal(states(verified(machine)), ["verified"], "a changed conffile is the administrator's")
        run = answer(machine.thimble("history", "--json", *STATE))["runs"][-1]["run"]
        back = machine.thimble("patch", "rollback", run, "--json", *STATE)
        checks.equal((back.status, host.version("good-fix")), (0, OLD), "rollback", back)
        gone = machine.thimble("verify", run, "--json", *STATE)
        checks.equal((gone.status, states(gone)), (1, ["rolled_back"]), "the patch was taken back", gone)


def lost_service(supply, thimble, checks):
    """A probe that passed before and fails after the transaction takes the patch back."""
    host = supply.host("service")
    host.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    with SmallMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        probe = ["--probe", "data=command:grep -qx old /usr/share/web-broken/data", "--settle", "1"]
        words = ["patch", "plan", "--json", "--catalog", CATALOG, "-o", "/root/plan.json", "--package", "web-broken"]
        done = machine.thimble(*words, *probe, *STATE)
        checks.equal(done.status, 0, "plan with a probe", done)
        done = machine.thimble("patch", "apply", "/root/plan.json", "--without-rehearsal", "--reason", "x", "--json", *STATE)
        checks.equal((done.status, answer(done).get("result")), (1, "rolled_back"), "a probe fails afterwards", done)
        checks.expect("data" in str(answer(machine.thimble("history", "--json", *STATE))), "the probe is in the record")
        checks.equal(host.version("web-broken"), OLD, "the version before is back")
        with machine.start("web-broken", "8382") as server:
            probe = ["--probe", "web=http:http://127.0.0.1:8382/", "--settle", "1"]
            again = machine.thimble(*words, *probe, *STATE)
            checks.expect(answer(again).get("plan", 0) is None, "what was taken back is left out", again)
            machine.thimble(*words, "--retry", *probe, *STATE)
            done = machine.thimble(
                "patch", "apply", "/root/plan.json", "--without-rehearsal", "--reason", "x", "--json", *STATE
            )
            checks.equal(answer(done).get("result"), "applied", "the old server still answers", done)
            checks.equal(states(verified(machine)), ["installed_pending_restart"], "and waits for its restart")
            server.kill()


def test(supply, thimble, checks):
    replaced_library(supply, thimble, checks)
    moved_program(supply, thimble, checks)
    changed_files(supply, thimble, checks)
    lost_service(supply, thimble, checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

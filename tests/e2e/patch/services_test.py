#!/usr/bin/python3
"""Patches a machine on which systemd runs, and what it does about services: restarts those that are safe to
restart, names the others, tells which failed, and takes a patch back after which one fails.
usage: services_test.py PROGRAMS"""

import sys

sys.dont_write_bytecode = True

from live_test import CATALOG, STATE, applied, applying, states, verified  # noqa: E402
from small_host import NEW, OLD, debian_root  # noqa: E402
from systemd_machine import SystemdMachine, enable, write_unit  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

GOOD, READY, FAILING = "good-service.service", "ready-service.service", "failing-service.service"
FAILED_BEFORE = "failed-before.service"
GETTY = "getty@purpose.service"
BUS = "dbus.service"
REFUSED = "refused.service"
HELD_OFF = "/var/lib/held-off"
PASSING = "systemd-hostnamed.service"
WANTED = "[Install]\nWantedBy=multi-user.target\n"


def preload(library):
    return f"[Service]\nEnvironment=LD_PRELOAD=lib{library}.so.1\n"


# Once /run/refuse is there it does not come up, but only a moment after its start.
REFUSING = 'ExecStart=/bin/sh -c "test -e /run/refuse && sleep 1 && exit 5; exec sleep infinity"\n'


def check(done, name):
    """One of the checks of a verification."""
    found = [one for one in answer(done).get("checks", []) if one["name"] == name]
    return found[0] if found else {}


def restarts(done):
    return {one["unit"]: one["safety"] for one in answer(done).get("restarts", [])}


def restarted(machine, *words):
    return machine.thimble("verify", "--restart-services", "--json", *(words or STATE))


def failed_before(machine, checks):
    """Case 5: what was broken before is told, and the patch is not blamed for it, nor for what ends by itself."""
    machine.systemctl("start", PASSING)
    checks.expect(machine.runs(PASSING), "a service that ends when nobody asks it")
    checks.equal(machine.shown(FAILED_BEFORE, "ActiveState"), "failed", "a unit that fails on every start")
    applied(machine, checks, "good-fix")
    machine.systemctl("stop", PASSING)
    done = verified(machine)
    checks.equal((done.status, states(done)), (0, ["verified"]), "a unit had failed before the patch", done)
    told = check(done, "services")
    checks.equal((told.get("verdict"), told.get("before")), ("warn", [FAILED_BEFORE]), "and that is told", done)


def held_off(machine, checks):
    """Case 6: logind holds off a shutdown while packages change, and no longer."""
    told = machine.run("cat", HELD_OFF).output
    held = next((line for line in told.splitlines() if "Thimble" in line), "")
    checks.expect(all(what in held for what in ("idle", "sleep", "shutdown", "block")), "held off meanwhile", told)
    after = machine.run("systemd-inhibit", "--list", "--no-pager")
    checks.expect("Thimble" not in after.output, "and not after it", after)
    checks.equal(applying(machine).get("detail"), "systemd is asked to hold off shutdown, sleep and idling of the machine", "the record")


def lost_unit(machine, checks):
    """Case 4: a unit that the patch makes fail; the patch is taken back and the unit runs again."""
    checks.expect(machine.runs(FAILING), "the unit runs before the patch")
    plan = ["patch", "plan", "--json", "--catalog", CATALOG, "-o", "/root/plan.json", "--package", "failing-service"]
    done = machine.thimble(*plan, "--settle", "3", *STATE)
    checks.equal(done.status, 0, "plan", done)
    words = ["patch", "apply", "/root/plan.json", "--without-rehearsal", "--reason", "x", "--json", *STATE]
    done = machine.thimble(*words)
    checks.equal((done.status, answer(done).get("result")), (1, "rolled_back"), "a unit fails afterwards", done)
    history = answer(machine.thimble("history", "--json", *STATE))
    checks.expect(f"{FAILING} failed" in str(history), "the unit is in the record", history)
    checks.equal(machine.host.version("failing-service"), OLD, "the version before is back")
    checks.expect(machine.runs(FAILING), "the unit runs again", machine.systemctl("status", FAILING))


def safe_unit(machine, checks):
    """Case 1: a service that maps a replaced library is restarted, and then the patch is verified."""
    before = machine.main_pid(GOOD)
    applied(machine, checks, "libgood1")
    pending = verified(machine)
    checks.equal((pending.status, states(pending)), (1, ["installed_pending_restart"]), "the old library runs", pending)
    checks.equal(restarts(pending).get(GOOD), "safe", "the unit is named", pending)
    checks.equal(machine.main_pid(GOOD), before, "looking restarts nothing")
    done = restarted(machine)
    checks.equal((done.status, states(done)), (0, ["verified"]), "restarted", done)
    checks.expect(machine.runs(GOOD) and machine.main_pid(GOOD) != before, "the unit has another process")


def unsafe_units(machine, checks):
    """Case 2: terminals and the message bus are named and left alone."""
    pids = {unit: machine.main_pid(unit) for unit in (GETTY, BUS)}
    checks.expect(all(pids.values()), f"they run: {pids}")
    applied(machine, checks, "libdropsym1")
    done = restarted(machine)
    checks.equal((done.status, states(done)), (1, ["installed_pending_reboot"]), "the bus needs a reboot", done)
    checks.equal(restarts(done), {GETTY: "careful", BUS: "reboot"}, "both are named", done)
    checks.equal({unit: machine.main_pid(unit) for unit in (GETTY, BUS)}, pids, "and run on as they did")
    machine.systemctl("restart", BUS)
    machine.systemctl("restart", "systemd-logind.service")  # it ends with the bus, and may be slow to return
    done = restarted(machine)
    checks.equal((done.status, states(done)), (1, ["installed_pending_restart"]), "the terminal is left", done)
    checks.equal(machine.main_pid(GETTY), pids[GETTY], "it runs on")
    machine.systemctl("restart", GETTY)
    done = verified(machine)
    checks.equal((done.status, states(done)), (0, ["verified"]), "restarted by hand", done)


def lost_by_restart(machine, checks):
    """Case 3: a service that does not come up with the new library is told."""
    applied(machine, checks, "libready1")
    done = restarted(machine)
    checks.equal((done.status, states(done)), (1, ["failed_health"]), "a unit failed after its restart", done)
    checks.equal(check(done, "services").get("after"), [f"{READY} failed"], "it is named as newly failed", done)
    checks.equal(machine.host.version("libready1"), NEW, "the patch stays")


def lost_by_restart_alone(machine, checks):
    """The same where no run has left a baseline, and by a service that fails a moment after its start."""
    applied(machine, checks, "libdropver1")
    machine.run("touch", "/run/refuse")
    done = restarted(machine, "--state", "/var/lib/empty")
    checks.equal(done.status, 1, "a unit is lost", done)
    checks.equal(check(done, "services").get("after"), [f"{REFUSED} failed"], "and named as newly failed", done)


def test(supply, thimble, checks):
    host = supply.host("services", debian_root.SERVICE_MANAGER)
    host.path(CATALOG).write_bytes(thimble.catalog.read_bytes())
    write_unit(host, FAILED_BEFORE, f"[Service]\nExecStart=/bin/false\n{WANTED}")
    write_unit(host, GETTY, f"{preload('dropsym')}ExecStart=/bin/sleep infinity\n{WANTED}")
    write_unit(host, f"{BUS}.d/preload.conf", preload("dropsym"))
    write_unit(host, REFUSED, f"{preload('dropver')}{REFUSING}{WANTED}")
    enable(host, GOOD, READY, FAILING, FAILED_BEFORE, GETTY, REFUSED)
    hook = f'DPkg::Pre-Invoke {{"systemd-inhibit --list --no-pager >{HELD_OFF} 2>&1 || true";}};\n'
    host.path("/etc/apt/apt.conf.d/90held-off").write_text(hook)
    with SystemdMachine(host, supply, thimble.programs) as machine:
        thimble.when_quiet()
        failed_before(machine, checks)
        held_off(machine, checks)
        lost_unit(machine, checks)
        safe_unit(machine, checks)
        unsafe_units(machine, checks)
        lost_by_restart(machine, checks)
        lost_by_restart_alone(machine, checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

#!/usr/bin/python3
"""hardening_test.py PROGRAMS: units, sandboxes and settings of a machine on which systemd runs: put up, undone by somebody
else, which is noticed, and given back."""

import json
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "patch"))

from small_host import debian_root, run_test, skip  # noqa: E402
from small_machine import install_libraries  # noqa: E402
from systemd_machine import SystemdMachine, enable, write_unit  # noqa: E402

PROGRAM = "/opt/control/thimble-control"
IDLE = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
UNIT, BOXED = "needless.service", "boxed.service"


class Hardened:
    """The controls of one machine."""

    def __init__(self, machine):
        self.machine = machine

    def thimble(self, verb, name, *words):
        ran = self.machine.run(PROGRAM, "control", verb, "--id", name, "--json", "--state", "/var/lib/thimble", *words)
        return (json.loads(ran.output) if ran.output.startswith("{") else {"state": str(ran), "checks": []})

    def deploy(self, name, settings):
        path = f"/root/{name}.json"
        document = {"format": "thimble.control/1", "kind": "hardening", "settings": settings}
        self.machine.host.path(path).write_text(json.dumps(document))
        return self.thimble("deploy", name, path)


def wrong(report):
    return [check["name"] for check in report["checks"] if check["passed"] is False]


def disabled_unit(machine, checks):
    controls = Hardened(machine)
    checks.expect(machine.runs(UNIT), "the unit runs")
    done = controls.deploy("unit", {"disable_unit": UNIT})
    checks.equal(done["state"], "deployed", "it is disabled", done)
    checks.equal((machine.shown(UNIT, "ActiveState"), machine.shown(UNIT, "UnitFileState")), ("inactive", "disabled"), "so")
    machine.systemctl("enable", "--now", UNIT)
    done = controls.thimble("verify", "unit")
    checks.equal((done["state"], wrong(done)), ("broken", [f"{UNIT} runs", f"{UNIT} is started"]), "an upgrade enabled it", done)
    checks.equal(controls.thimble("remove", "unit")["state"], "removed", "removed")
    checks.expect(machine.runs(UNIT), "it runs as before")
    checks.equal(machine.shown(UNIT, "UnitFileState"), "enabled", "and is enabled as before")


def sandbox(machine, checks):
    controls = Hardened(machine)
    before = machine.main_pid(BOXED)
    directives = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "IPAddressDeny": "any", "IPAddressAllow": "127.0.0.0/8 ::1"}
    done = controls.deploy("box", {"sandbox": {"unit": BOXED, "directives": directives}})
    checks.equal(done["state"], "deployed", "it is fenced in", done)
    checks.expect(machine.runs(BOXED) and machine.main_pid(BOXED) != before, "it runs anew")
    status = machine.run("cat", f"/proc/{machine.main_pid(BOXED)}/status").output
    checks.expect("NoNewPrivs:\t1" in status, "the kernel says so", status)
    machine.host.path(f"/etc/systemd/system/{BOXED}.d/zz-thimble-box.conf").unlink()
    machine.systemctl("daemon-reload")
    done = controls.thimble("verify", "box")
    checks.equal((done["state"], len(wrong(done))), ("broken", 5), "somebody took the file away", done)
    checks.equal(controls.thimble("remove", "box")["state"], "removed", "removed")
    checks.equal(machine.shown(BOXED, "NoNewPrivileges"), "no", "and free as before")
    checks.expect(machine.runs(BOXED), "it runs")


def setting(machine, checks):
    controls = Hardened(machine)
    path = "/proc/sys/net/ipv4/conf/all/accept_source_route"
    machine.run("sh", "-c", f"echo 1 > {path}")
    value = {"name": "net.ipv4.conf.all.accept_source_route", "value": "0"}
    done = controls.deploy("set", {"sysctl": value})
    checks.equal((done["state"], machine.run("cat", path).output), ("deployed", "0\n"), "it is set", done)
    machine.run("sh", "-c", f"echo 1 > {path}")
    done = controls.thimble("verify", "set")
    checks.equal((done["state"], wrong(done)), ("broken", [value["name"]]), "somebody set it back", done)
    checks.equal(controls.thimble("remove", "set")["state"], "removed", "removed")
    checks.equal(machine.run("cat", path).output, "1\n", "as before")


def refusals(machine, checks):
    controls = Hardened(machine)
    done = controls.deploy("none", {"disable_unit": "nowhere.service"})
    checks.equal((done["state"], wrong(done)), ("failed", ["state before"]), "no such unit", done)
    done = controls.deploy("none", {"sysctl": {"name": "kernel.nothing", "value": "1"}})
    checks.equal((done["state"], wrong(done)), ("failed", ["state before"]), "no such setting", done)
    done = controls.deploy("bad", {"sysctl": {"name": "net.ipv4.conf.all.accept_source_route", "value": "many"}})
    checks.equal(done["state"], "failed", "a value that the kernel refuses", done)
    checks.expect(not machine.host.path("/etc/sysctl.d/zz-thimble-bad.conf").exists(), "leaves no file")
    listed = machine.run(PROGRAM, "control", "installed", "--json", "--state", "/var/lib/thimble").output
    checks.equal(json.loads(listed)["controls"], [], "nothing is left")


def test(supply, checks):
    programs = pathlib.Path(sys.argv[1])
    host = supply.host("hardening", debian_root.SERVICE_MANAGER)
    host.path(PROGRAM).parent.mkdir(parents=True)
    shutil.copy(programs / "thimble-control", host.path(PROGRAM))
    install_libraries(host, programs, ("thimble-control",))
    for unit in (UNIT, BOXED):
        write_unit(host, unit, IDLE)
    enable(host, UNIT, BOXED)
    with SystemdMachine(host, supply) as machine:
        disabled_unit(machine, checks)
        sandbox(machine, checks)
        setting(machine, checks)
        refusals(machine, checks)


if __name__ == "__main__":
    if not (pathlib.Path(sys.argv[1]) / "thimble-control").exists():
        skip("thimble-control is not built")
    run_test(test)

#!/usr/bin/python3
"""hardening_test.py PROGRAMS: units, sandboxes, settings and packages of a machine on which systemd runs: put up, undone by
somebody else, which is noticed, and given back; and what a start of the machine makes of controls."""

import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "patch"))

from small_host import CLEAN_ENVIRONMENT, NEW, OLD, debian_root, run_test, skip, until  # noqa: E402
from small_machine import install_libraries  # noqa: E402
from systemd_machine import SystemdMachine, enable, write_unit  # noqa: E402

FOLDER = "/usr/libexec/thimble"
PROGRAM = f"{FOLDER}/thimble-control"
PROGRAMS = ("thimble-control", "thimble-apt", "thimble-gate")
KILLS = 12
RECORD = "/var/lib/thimble/controls/{}/record.json"
ARCHIVES = "/var/lib/thimble/controls/{}/archives"
START_UNITS = ("thimble-controls.service", "thimble-controls-recover.service")
SERVER, SERVER_UNIT = "web-good", "server.service"
IDLE = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
UNIT, BOXED = "needless.service", "boxed.service"


class Hardened:
    """The controls of one machine."""

    def __init__(self, machine):
        self.machine = machine

    def thimble(self, verb, name, *words):
        ran = self.machine.run(PROGRAM, "control", verb, "--id", name, "--json", "--state", "/var/lib/thimble", *words)
        report = json.loads(ran.output) if ran.output.startswith("{") else {}
        return report if "state" in report else {"state": str(ran), "checks": []}  # else it is an error

    def begin(self, verb, name, *words):
        """The same, which is not waited for."""
        argv = self.machine._argv([PROGRAM, "control", verb, *words, "--id", name, "--json", "--state", "/var/lib/thimble"])
        return subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN_ENVIRONMENT)

    def deploy(self, name, settings, kind="hardening"):
        path = f"/root/{name}.json"
        document = {"format": "thimble.control/1", "kind": kind, "settings": settings}
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


def seen(report, name):
    return next((check["seen"] for check in report["checks"] if check["name"] == name), "")


def install(machine, checks, *words):
    done = machine.run("apt-get", "install", "-y", "-o", "Dpkg::Options::=--force-confold", *words)
    checks.equal(done.status, 0, f"somebody installs {words}", done)


def removed_package(machine, checks):
    controls = Hardened(machine)
    host = machine.host
    settings = {"remove_package": "good-fix"}
    host.path("/etc/good-fix.conf").write_text("level=9\n")
    done = controls.deploy("gone", settings)
    checks.equal((done["state"], host.version("good-fix")), ("deployed", ""), "it is removed", done)
    checks.expect(OLD in seen(done, "archive to put it back"), "and kept", done)
    checks.equal(controls.thimble("verify", "gone")["state"], "holding", "it stays away")
    install(machine, checks, f"good-fix={OLD}")
    done = controls.thimble("verify", "gone")
    checks.equal((done["state"], wrong(done)), ("broken", ["package good-fix"]), "somebody installed it", done)
    checks.equal(controls.deploy("gone", settings)["state"], "deployed", "it is removed again")
    done = controls.thimble("remove", "gone")
    checks.equal((done["state"], host.version("good-fix")), ("removed", OLD), "as before", done)
    checks.equal(host.read("/etc/good-fix.conf"), "level=9\n", "with its settings")
    checks.equal(host.audit(), "", "dpkg is content")


def package_that_changed(machine, checks):
    """What somebody installed since is not taken back to what was there before."""
    controls = Hardened(machine)
    checks.equal(controls.deploy("gone", {"remove_package": "good-fix"})["state"], "deployed", "it is removed")
    install(machine, checks, f"good-fix={NEW}")
    done = controls.thimble("remove", "gone")
    checks.equal((done["state"], machine.host.version("good-fix")), ("removed", NEW), "the newer one stays", done)
    checks.expect("which stays" in seen(done, "package good-fix"), "and it is told", done)


def package_that_is_lost(machine, checks):
    """Without its archive it cannot be put back, and the report says so until somebody has helped."""
    controls = Hardened(machine)
    checks.equal(controls.deploy("lost", {"remove_package": "plain-update"})["state"], "deployed", "it is removed")
    shutil.rmtree(machine.host.path(ARCHIVES.format("lost")))
    done = controls.thimble("verify", "lost")
    checks.equal(done["state"], "holding", "it is away all the same", done)
    checks.expect("cannot be put back" in seen(done, "archive to put it back"), "that it is lost is told", done)
    done = controls.thimble("remove", "lost")
    checks.equal((done["state"], wrong(done)), ("failed", ["taken away", "package plain-update"]), "it cannot be had", done)
    checks.expect(f"plain-update {OLD} cannot be put back" in seen(done, "taken away"), "which is told plainly", done)
    install(machine, checks, f"plain-update={OLD}")
    checks.equal(controls.thimble("remove", "lost")["state"], "removed", "somebody helped")


def package_that_runs(machine, checks):
    controls = Hardened(machine)
    checks.expect(machine.runs(SERVER_UNIT), "its program runs")
    done = controls.deploy("server", {"remove_package": SERVER})
    checks.equal((done["state"], wrong(done)), ("failed", [f"programs of {SERVER}"]), "what still runs is not gone", done)
    checks.equal(machine.host.version(SERVER), OLD, "it is back")
    machine.systemctl("stop", SERVER_UNIT)
    done = controls.deploy("server", {"remove_package": SERVER})
    checks.equal(done["state"], "deployed", "nothing of it runs", done)
    checks.equal(controls.thimble("remove", "server")["state"], "removed", "removed")


def package_that_was_killed(machine, checks):
    """Whenever the program is killed: the package is there and whole without a control, or away with one."""
    controls = Hardened(machine)
    settings = {"remove_package": "slow-part"}
    began = time.monotonic()
    checks.equal(controls.deploy("killed", settings)["state"], "deployed", "it is removed")
    lasted = time.monotonic() - began
    checks.equal(controls.thimble("remove", "killed")["state"], "removed", "removed")
    stood = 0
    record = machine.host.path(RECORD.format("killed"))
    for step in range(KILLS):
        deploy = [PROGRAM, "control", "deploy", "/root/killed.json", "--id", "killed", "--state", "/var/lib/thimble"]
        machine.run("timeout", "--signal", "KILL", f"{lasted * step / KILLS:.3f}", *deploy)
        # What it has started may go on for a while, and holds the lock of the runs so long.
        settled = until(
            lambda: controls.thimble("recover", "killed")["state"] == "holding" or not record.exists(), machine.holder, 60
        )
        done = controls.thimble("verify", "killed")
        stands = done["state"] == "holding"
        stood += stands
        checks.expect(settled and machine.host.version("slow-part") == ("" if stands else OLD), f"killed at {step}", done)
        checks.equal(machine.host.audit(), "", "dpkg is content")
        checks.equal(record.exists(), stands, f"killed at {step}: the record", done)
        if stands:
            checks.equal(controls.thimble("remove", "killed")["state"], "removed", "removed")
    print(f"    {KILLS} kills within {lasted * 1000:.0f} ms, {stood} too late")


SLOW_DPKG = """#!/bin/sh
case "$*" in
    *--status-fd*) : > /root/waits; while [ -e /root/hold ]; do sleep 0.05; done ;;
esac
exec /usr/bin/dpkg "$@"
"""
KILL = 'for p in /proc/[0-9]*; do [ "$(cat "$p/comm")" = thimble-control ] && kill -KILL "${p#/proc/}"; done'
HOLD = """use Fcntl; open(my $lock, "+<", "/var/lib/dpkg/lock-frontend") or die;
my $all = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl($lock, F_SETLKW, $all) or die;
$| = 1; print "held\\n"; <STDIN>;"""


def package_whose_apt_goes_on(machine, checks):
    """Killed when its apt has passed the gate and dpkg has begun nothing: it is looked at when that apt has ended."""
    controls, host = Hardened(machine), machine.host
    before = host.version("good-fix")
    hold, waits, record = host.path("/root/hold"), host.path("/root/waits"), host.path(RECORD.format("late"))
    document = {"format": "thimble.control/1", "kind": "hardening", "settings": {"remove_package": "good-fix"}}
    host.path("/root/late.json").write_text(json.dumps(document))
    host.path("/root/slow-dpkg").write_text(SLOW_DPKG)
    host.path("/root/slow-dpkg").chmod(0o755)
    settings = host.path("/etc/apt/apt.conf.d/99slow")
    settings.write_text('Dir::Bin::dpkg "/root/slow-dpkg";\n')
    hold.touch()
    deploy = controls.begin("deploy", "late", "/root/late.json")
    checks.expect(until(waits.exists, machine.holder, 60), "its apt has passed the gate")
    machine.run("sh", "-c", KILL)
    deploy.communicate()
    recover = controls.begin("recover", "late")
    expectation = record.with_name("scratch") / "expected-actions"
    checks.expect(until(lambda: not expectation.exists(), machine.holder, 60), "no other apt may begin")
    hold.unlink()
    report = json.loads(recover.communicate(timeout=120)[0])
    settings.unlink()
    checks.equal((report["state"], wrong(report)), ("failed", ["put up"]), "what was before stands again", report)
    checks.equal((host.version("good-fix"), record.exists()), (before, False), "the package is there, and no control")
    checks.equal(host.audit(), "", "dpkg is content")


def package_while_dpkg_is_held(machine, checks):
    """Who holds the lock is named, and the record stays until it can be judged."""
    controls = Hardened(machine)
    before = machine.host.version("good-fix")
    checks.equal(controls.deploy("held", {"remove_package": "good-fix"})["state"], "deployed", "it is removed")
    holder = machine.start("perl", "-e", HOLD)
    began = time.monotonic()
    other = controls.deploy("busy", {"remove_package": "plain-update"})
    checks.expect(time.monotonic() - began < 110, "who holds it is waited for once, a minute", other)
    checks.expect("before it has ended" in seen(other, "put up"), "nor is another removed by what dpkg says now", other)
    done = controls.thimble("remove", "held")
    holder.stdin.close()
    holder.wait()
    checks.equal((done["state"], wrong(done)), ("failed", ["taken away", "package good-fix"]), "it cannot be judged", done)
    checks.expect("(perl) holds /var/lib/dpkg/lock-frontend" in seen(done, "taken away"), "and who is named", done)
    checks.equal(controls.thimble("recover", "held")["state"], "removed", "then it goes on")
    checks.equal(controls.thimble("recover", "busy")["state"], "failed", "and the other is not put up")
    checks.equal(machine.host.version("good-fix"), before, "and the package is back")


def package_refusals(machine, checks):
    controls = Hardened(machine)
    for package, why in (
        ("essential-tool", "essential or protected"),
        ("auto-library", "auto-user depends on auto-library"),
        ("held-update", "held"),
        ("nowhere", "not installed"),
    ):
        before = machine.host.versions()
        done = controls.deploy("no", {"remove_package": package})
        checks.equal((done["state"], wrong(done)), ("failed", ["state before"]), f"{package} is refused", done)
        checks.expect(why in seen(done, "state before"), f"{package}: {why}", done)
        checks.same(before, machine.host.versions(), f"{package}: nothing changed")
        checks.expect(why in machine.run(PROGRAM, "control", "preview", "/root/no.json").output, f"{package}: as foreseen")


def second_of_one(machine, checks):
    """Each would give back what the other one has changed."""
    controls = Hardened(machine)
    name = "net.ipv4.conf.all.accept_source_route"
    for first, second in (
        ({"disable_unit": UNIT}, {"sandbox": {"unit": UNIT, "directives": {"PrivateTmp": "yes"}}}),
        ({"sysctl": {"name": name, "value": "0"}}, {"sysctl": {"name": name, "value": "1"}}),
    ):
        checks.equal(controls.deploy("first", first)["state"], "deployed", f"{first} stands")
        done = controls.deploy("second", second)
        checks.equal((done["state"], wrong(done)), ("failed", ["state before"]), f"{second} is refused", done)
        checks.expect("the control first hardens" in seen(done, "state before"), "by the name of the first", done)
        checks.equal(controls.thimble("verify", "first")["state"], "holding", "which still holds")
        checks.equal(controls.thimble("remove", "first")["state"], "removed", "it goes")
        checks.equal(controls.deploy("second", second)["state"], "deployed", "now the second one can be")
        checks.equal(controls.thimble("remove", "second")["state"], "removed", "and goes")


def goes_down(machine, checks):
    """With a fence up, and hardening that was broken off."""
    controls = Hardened(machine)
    fence = {"listeners": [{"port": 8391}], "allow": ["10.0.0.0/8"]}
    checks.equal(controls.deploy("fence", fence, "segmentation")["state"], "deployed", "a fence is up")
    checks.equal(controls.deploy("off", {"disable_unit": UNIT})["state"], "deployed", "a unit is off")
    record = machine.host.path(RECORD.format("off"))
    record.write_text(record.read_text().replace('"phase":"deployed"', '"phase":"deploying"'))


def comes_up_again(machine, checks):
    """The packet filter at once, and then what was broken off."""
    early, late = START_UNITS
    checks.equal(machine.shown(early, "Result"), "success", "rules are restored", machine.run("journalctl", "-u", early))
    checks.expect("thimble_fence" in machine.run("nft", "list", "tables").output, "the fence is up again")
    begun, ended = (int(machine.shown(early, f"ExecMain{name}TimestampMonotonic")) for name in ("Start", "Exit"))
    print(f"    the packet filter was restored in {(ended - begun) / 1000:.0f} ms")
    checks.expect(0 < ended - begun < 10_000_000, "without waiting for anybody")
    left = machine.host.path(RECORD.format("off"))
    checks.expect(left.exists(), "what was broken off waits")
    checks.equal(machine.systemctl("start", late).status, 0, "the second unit starts")
    checks.expect(until(lambda: not left.exists(), machine.holder, 60), "what was broken off is brought into order")
    checks.expect(until(lambda: machine.runs(UNIT), machine.holder, 60), "the unit runs as before")
    controls = Hardened(machine)
    checks.equal(controls.thimble("verify", "fence")["state"], "holding", "the fence is the one that stood")
    checks.equal(controls.thimble("remove", "fence")["state"], "removed", "removed")


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
    host = supply.host("hardening", (*debian_root.SERVICE_MANAGER, "nftables"))
    host.path(FOLDER).mkdir(parents=True)
    for program in PROGRAMS:
        shutil.copy(programs / program, host.path(FOLDER))
    shutil.copy(programs / "thimble", host.path("/usr/bin"))
    install_libraries(host, programs, ("thimble", *PROGRAMS))
    for unit in START_UNITS:
        write_unit(host, unit, (HERE.parents[2] / "packaging/systemd" / unit).read_text())
    for unit in (UNIT, BOXED):
        write_unit(host, unit, IDLE)
    write_unit(host, SERVER_UNIT, IDLE.replace("/bin/sleep infinity", f"/usr/sbin/{SERVER} 8391"))
    # The other one would restore everything, and hide what the first one did.
    enable(host, UNIT, BOXED, SERVER_UNIT, START_UNITS[0])
    with SystemdMachine(host, supply) as machine:
        disabled_unit(machine, checks)
        sandbox(machine, checks)
        setting(machine, checks)
        package_refusals(machine, checks)
        removed_package(machine, checks)
        package_that_changed(machine, checks)
        package_that_is_lost(machine, checks)
        package_that_runs(machine, checks)
        package_whose_apt_goes_on(machine, checks)
        package_while_dpkg_is_held(machine, checks)
        package_that_was_killed(machine, checks)
        refusals(machine, checks)
        second_of_one(machine, checks)
        goes_down(machine, checks)
    with SystemdMachine(host, supply) as machine:
        comes_up_again(machine, checks)


if __name__ == "__main__":
    if not (pathlib.Path(sys.argv[1]) / "thimble-control").exists():
        skip("thimble-control is not built")
    run_test(test)

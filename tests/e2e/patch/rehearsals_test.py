#!/usr/bin/python3
"""Rehearses each purpose-made update in a clone of a host: the verdict, the check that gives it, and the
host, which stays as it is.
usage: rehearsals_test.py PROGRAMS"""

import json
import os
import signal
import sys
import time

sys.dont_write_bytecode = True

from small_host import OLD, ended, skip, until  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

FULL = ["--level", "full", "--allow-removals", "--allow-downgrades"]
HTTP = "http://127.0.0.1:{}/"

# Packages -> (verdict, what the evidence of the checks that do not pass must name). `options` of plan and of
# rehearse follow where there are any.
REHEARSALS = [
    ("good-fix", "pass", []),
    ("arch-all", "pass", []),
    ("auto-library", "pass", []),
    ("libgood1", "pass", []),
    ("essential-tool", "pass", []),
    ("pre-depending", "pass", []),
    ("wants-new", "pass", []),
    ("asking-debconf", "warn", ["/var/lib/asking-debconf.answer"]),
    ("conffile-same", "pass", []),
    ("conffile-unchanged", "pass", []),
    ("hostile-text", "pass", []),
    ("failing-postinst", "fail", ["failing-postinst: as intended"]),
    ("failing-preinst", "fail", ["failing-preinst: as intended"]),
    ("asking-input", "fail", ["Continue?"]),
    ("killing-postinst", "fail", ["killing-postinst"]),
    ("libdropsym1", "fail", ["dropsym-user", "purpose_second"]),
    ("libdropver1", "fail", ["dropver-user", "PURPOSE_2.0"]),
    ("libsoname1", "fail", ["soname-user", "libsoname.so.1"]),
    ("libready1", "fail", ["purpose_ready"]),
    ("sudoers-broken", "fail", ["syntax error"]),
    ("nginx-broken", "fail", ["nginx", "server_names_hash_max_sise"]),
    ("sshd-broken", "fail", ["sshd", "LoginGraceTyme"]),
    ("writing-elsewhere", "warn", ["/usr/local/lib/elsewhere/file", "/etc/unowned.conf"]),
    ("moving-links", "pass", []),
    ("removing-others", "fail", ["/usr/sbin/visudo: removed: a program or library"]),
    ("adding-setuid", "warn", ["/usr/bin/adding-setuid"]),
    ("adding-timer", "warn", ["adding-timer"]),
    ("listening-postinst", "warn", ["8391"]),
    ("hostile-newline", "fail", ["hostile-newline"]),
]
WITH_OPTIONS = [
    ("hanging-postinst", "fail", ["hanging-postinst"], [], ["--time-limit", "15"]),
    ("asking-terminal", "fail", ["asking-terminal"], [], ["--time-limit", "15"]),
    ("breaking-dependent", "pass", [], FULL, []),
    ("larger-than-said", "fail", ["larger-than-said"], [], ["--size-limit", str(64 << 20)]),
    ("bombing-postinst", "fail", ["2048 processes"], [], ["--time-limit", "120"]),
    (
        "web-good",
        "pass",
        [],
        ["--probe", f"web=http:{HTTP.format(8381)}"],
        ["--start", "web-good.service"],
    ),
    (
        "web-broken",
        "fail",
        ["500"],
        ["--probe", f"web=http:{HTTP.format(8382)}"],
        ["--start", "web-broken.service"],
    ),
]
CONFFILES = ("conffile-edited", "conffile-deleted", "conffile-foreign")


def leftovers(host):
    """What a rehearsal leaves of its clone: folders in the state, mounts, processes."""
    mounts = [line for line in open("/proc/self/mounts", encoding="utf-8") if str(host.state) in line]
    clones = [str(path) for path in (host.state / "clones").glob("*") if path.name != ".lock"]
    return mounts + clones


def rehearse(thimble, host, checks, name, verdict, named, plan_options=(), options=()):
    planned = thimble.plan(host, name, options=plan_options)
    if not checks.equal(planned.status, 0, f"plan of {name}", planned):
        return {}
    done = thimble.rehearse(host, *options)
    report = answer(done)
    failing = [check for check in report.get("checks", []) if check["verdict"] != "pass"]
    checks.equal(report.get("verdict"), verdict, f"verdict on {name}", json.dumps(failing, indent=1)[:3000] or done)
    checks.equal(done.status, {"pass": 0, "warn": 0, "fail": 1}.get(verdict), f"exit status of {name}", done.errors)
    for word in named:
        checks.expect(word in json.dumps(failing), f"the evidence on {name} names {word!r}", json.dumps(failing)[:3000])
    checks.equal(leftovers(host), [], f"nothing is left of the clone of {name}")
    return report


def each(thimble, host, checks):
    for row in REHEARSALS + WITH_OPTIONS:
        rehearse(thimble, host, checks, *row)
    for name in CONFFILES:
        # As the plan foretold it, which is all that can be asked of it.
        report = rehearse(thimble, host, checks, name, "pass", [])
        checks.expect(f"/etc/{name}.conf" in json.dumps(report), f"the report shows the conflict of {name}", report)


def bounded(thimble, host, checks):
    """The report says how many processes the clone could have, and what held it to that."""
    thimble.plan(host, "good-fix")
    limit = answer(thimble.rehearse(host)).get("process_limit") or ""
    checks.expect("2048 processes" in limit and ("control group" in limit or "counting" in limit), "the bound", limit)


def strict(thimble, host, checks):
    thimble.plan(host, "adding-setuid")
    checks.equal(thimble.rehearse(host, "--strict").status, 1, "a warning with --strict")
    checks.equal(thimble.rehearse(host).status, 0, "a warning without --strict")


def what_may_be_applied(supply, thimble, checks):
    host = supply.host("applying")
    for name, verdict in (("libdropsym1", "fail"), ("good-fix", "pass")):
        thimble.plan(host, name)
        checks.equal(answer(thimble.rehearse(host)).get("verdict"), verdict, f"rehearsal of {name}")
        done = thimble.apply(host)
        if verdict == "pass":
            checks.equal(answer(done).get("result"), "applied", "a rehearsed plan is applied", done)
        else:
            checks.expect(done.status not in (0, 1), "a plan that failed its rehearsal is refused", done)
            checks.equal(host.version(name), OLD, "and nothing has changed")
    thimble.plan(host, "arch-all")
    thimble.rehearse(host)
    host.inside("apt-mark", "hold", "plain-update")
    done = thimble.apply(host)
    checks.expect(done.status not in (0, 1) and "changed" in done.text, "a stale rehearsal is refused", done)
    checks.equal(host.version("arch-all"), OLD, "and nothing has changed")


def stale(supply, thimble, checks):
    """A rehearsal holds for the configuration that it saw, and not for ever."""
    host = supply.host("stale")
    thimble.plan(host, "conffile-edited")
    thimble.rehearse(host)
    path = host.path("/etc/conffile-edited.conf")
    seen = path.read_text()
    path.write_text(seen + "b=1\n")
    done = thimble.apply(host)
    checks.equal(done.status, 3, "configuration changed since the rehearsal", done)
    checks.expect("/etc/conffile-edited.conf" in done.text, "and is named", done)
    path.write_text(seen)  # at another time, which does not count
    record = next((host.state / "rehearsals").glob("*.json"))
    rehearsal = json.loads(record.read_text())
    rehearsal["rehearsed_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 8 * 86400))
    record.write_text(json.dumps(rehearsal))
    done = thimble.apply(host)
    checks.equal(done.status, 3, "a rehearsal of eight days", done)
    checks.expect("8 d" in done.text, "its age is named", done)
    checks.equal(host.version("conffile-edited"), OLD, "nothing has changed")
    done = thimble.apply(host, "--max-age", "30")
    checks.equal(answer(done).get("result"), "applied", "it may be as old as the owner says", done)


def masked(thimble, host, checks):
    """What is masked is not seen in the clone: an update that reads it fails there."""
    thimble.plan(host, "pre-depending")
    secret = host.path("/srv/secret")
    secret.mkdir()
    (secret / "file").write_text("secret\n")
    done = thimble.rehearse(host, "--mask", "/srv/secret")
    checks.equal(answer(done).get("verdict"), "pass", "a masked folder", done)
    checks.expect((secret / "file").exists(), "the masked folder itself stays")
    (secret / "file").unlink()
    secret.rmdir()


def unknown_service(thimble, host, checks):
    """A service that nobody has is no reason to pass, and a folder that a transaction needs is not masked."""
    thimble.plan(host, "good-fix")
    done = thimble.rehearse(host, "--start", "nosuch.service")
    checks.equal(done.status, 66, "a service that the host does not have", done)
    checks.expect("nosuch.service" in done.text and "rehearse.no_unit" in done.text, "it is named", done)
    done = thimble.rehearse(host, "--start", "nosuch")
    checks.equal(done.status, 64, "what is no service", done)
    done = thimble.rehearse(host, "--mask", "/usr")
    checks.equal(done.status, 64, "a mask over what a transaction needs", done)
    checks.expect("--mask /usr: a transaction needs" in done.text, "it is said", done)


def killed(thimble, host, checks):
    """What a killed rehearsal leaves goes with the next."""
    thimble.plan(host, "hanging-postinst")
    process = thimble.start(host, "patch", "rehearse", thimble.plan_file(host))
    until(lambda: any((host.state / "clones").glob("*/*")), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    rehearse(thimble, host, checks, "good-fix", "pass", [])


def test(supply, thimble, checks):
    host = supply.host("host")
    before = host.manifest()
    if "rehearse" not in thimble.call(host, "patch", "--help").text:
        skip("thimble patch rehearse is not built")
    each(thimble, host, checks)
    bounded(thimble, host, checks)
    strict(thimble, host, checks)
    masked(thimble, host, checks)
    unknown_service(thimble, host, checks)
    killed(thimble, host, checks)
    checks.same(before, host.manifest(), "rehearsals change nothing on the host")
    checks.equal(ended(["ls", "/tmp/purpose-escaped"]).status != 0, True, "nothing has left a clone")
    what_may_be_applied(supply, thimble, checks)
    stale(supply, thimble, checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

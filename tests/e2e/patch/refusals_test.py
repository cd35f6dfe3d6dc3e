#!/usr/bin/python3
"""What must stop a patch before it begins: something was tampered with, is missing, is full, is held by
somebody else. Each time the reason is said and the host is as it was.
usage: refusals_test.py PROGRAMS"""

import contextlib
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from small_host import OLD, SmallHost, apt_archive, debian_root, ended, until  # noqa: E402
from thimble_calls import EXIT_SKIPPED, answer, problems_of, run_patch_test  # noqa: E402


class Case:
    """A fresh plan for good-fix on one host that all cases share, because none may change it."""

    def __init__(self, supply, thimble, checks, name="host"):
        self.supply, self.thimble, self.checks = supply, thimble, checks
        self.host = supply.host(name)
        self.before = self.host.manifest()

    def planned(self, *names):
        done = self.thimble.plan(self.host, *(names or ("good-fix",)))
        self.checks.equal(done.status, 0, "the plan before", done)
        return self.thimble.plan_file(self.host)

    def refused(self, done, what, *words, statuses=(EXIT_SKIPPED, 65, 66, 69, 70, 73, 75, 77)):
        self.checks.expect(done.status in statuses, f"{what}: refused", done)
        for word in words:
            self.checks.expect(word in done.text, f"{what}: it says {word!r}", done)
        self.checks.same(self.before, self.host.manifest(), f"{what}: the host is as it was")

    def forget_archives(self):
        for path in (self.host.state / "archives").glob("*.deb"):
            path.unlink()


def tampered_plan(case):
    changes = {
        "a version": (f'"to_version":"{OLD}+deb12u1"', f'"to_version":"{OLD}+deb12u9"'),
        "a digest": (r'"sha256":"[0-9a-f]', r'"sha256":"z'),
        "the policy": ('"allow_removals":false', '"allow_removals":true'),
        "the host": (r'"machine_id":"0', r'"machine_id":"1'),
        "a name": ('"name":"good-fix"', '"name":"$(touch x)"'),
        "the format": ("thimble.plan/1", "thimble.plan/9"),
        "its end": (r"\}\s*$", ""),
        "everything": (r"(?s).*", "not a plan"),
    }
    for what, (pattern, text) in changes.items():
        path = case.planned()
        original = path.read_text()
        changed = re.sub(pattern if what in ("a digest", "its end", "everything") else re.escape(pattern), text, original, count=1)
        case.checks.expect(changed != original, f"tampered plan, {what}: the test changes it")
        path.write_text(changed)
        case.refused(case.thimble.apply_unrehearsed(case.host), f"tampered plan, {what}", "plan")


def other_plans(case):
    path = case.planned()
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document, indent=4))
    shown = case.thimble.call(case.host, "patch", "show", path, "--json")
    case.checks.equal(shown.status, 0, "white space does not count", shown)
    path.unlink()
    case.refused(case.thimble.apply_unrehearsed(case.host), "no plan", path.name)
    case.planned()
    (case.host.root / "etc/machine-id").write_text("f" * 32 + "\n")
    done = case.thimble.apply_unrehearsed(case.host)
    (case.host.root / "etc/machine-id").write_text(debian_root.MACHINE_ID + "\n")
    case.refused(done, "the plan of another host", "other host", debian_root.MACHINE_ID)


def without_machine_id(case):
    """Two roots of which neither has an id are not one: a plan and its rehearsal are of one directory."""
    first, second = case.supply.host("first"), case.supply.host("second")
    for host, text in ((first, ""), (second, "uninitialized\n")):
        host.path("/etc/machine-id").write_text(text)
    case.checks.equal(case.thimble.plan(first, "good-fix").status, 0, "a plan without a machine id")
    case.checks.equal(case.thimble.rehearse(first).status, 0, "its rehearsal")
    case.thimble.plan_file(second).write_bytes(case.thimble.plan_file(first).read_bytes())
    before = second.manifest()
    for done in (case.thimble.apply_unrehearsed(second), case.thimble.apply(SmallHost(second.root, first.state))):
        told = done.status == EXIT_SKIPPED and f"made for {first.root}, and this is {second.root}" in done.text
        case.checks.expect(told, "the plan of another root without a machine id", done)
    case.checks.same(before, second.manifest(), "the other root is as it was")
    done = case.thimble.apply(first)
    case.checks.equal((done.status, answer(done).get("result")), (0, "applied"), "on its own root", done)
    done = case.thimble.call(first, "patch", "rollback", answer(done).get("run", ""), "--json")
    case.checks.equal((done.status, answer(done).get("result")), (0, "rolled_back"), "and it is taken back", done)


def half_configured(case):
    """Something was left half-configured before: scan, plan and rehearsal name the repair, for that very root."""
    host = case.supply.host("half-configured")
    case.thimble.plan(host, "good-fix")
    status = host.path("/var/lib/dpkg/status")
    head, tail = status.read_text().split("Package: libgood1\n")
    status.write_text(f"{head}Package: libgood1\n{tail.replace('install ok installed', 'install ok half-configured', 1)}")
    cure = f"chroot {host.root} dpkg --configure -a"
    rehearsed = case.thimble.call(host, "patch", "rehearse", case.thimble.plan_file(host))
    planned = case.thimble.shown_plan(host, "--package", "good-fix")
    again = case.thimble.call(host, "patch", "rehearse", case.thimble.plan_file(host))
    case.checks.equal(again.status, EXIT_SKIPPED, "half-configured: a plan that is refused is so to a rehearsal", again)
    scanned = case.thimble.call(host, "scan", "--catalog", case.thimble.catalog)
    answers = (("rehearsal", rehearsed), ("plan", planned), ("rehearsal of that plan", again), ("scan", scanned))
    for what, done in answers:
        case.checks.expect(done.status != 0 and cure in done.text, f"half-configured: {what} names the cure", done)
        case.checks.expect("libgood1" in done.text, f"half-configured: {what} names the package", done)


def tampered_archives(case):
    case.planned()
    case.forget_archives()
    case.supply.publish("altered-package")
    case.refused(case.thimble.apply_unrehearsed(case.host), "an archive altered on the mirror", "good-fix", statuses=(1, 3, 65, 69))
    done = case.thimble.plan(case.host, "good-fix")
    case.refused(done, "plan with an archive altered on the mirror", "good-fix", statuses=(1, 65, 69))
    case.supply.publish()
    case.planned()
    for path in (case.host.state / "archives").glob("*.deb"):
        apt_archive.alter(path)
    case.supply.mirror.close()
    done = case.thimble.apply_unrehearsed(case.host)
    case.refused(done, "an archive altered in the state folder", "good-fix", statuses=(1, 3, 65, 69))


def vanished(case):
    case.planned()
    case.forget_archives()
    case.supply.publish("without-new")
    case.refused(case.thimble.apply_unrehearsed(case.host), "a version that is gone", "good-fix", statuses=(1, 3, 65, 66, 69))
    case.supply.publish()


def stale(case):
    plan = case.planned()
    looked = case.thimble.call(case.host, "verify", "--plan", plan)
    is_named = looked.output.rstrip().endswith(str(plan))
    case.checks.expect(is_named and "Next: thimble patch rehearse" in looked.text, "what comes before the plan", looked)
    done = case.host.inside("apt-mark", "hold", "good-fix")
    case.checks.equal(done.status, 0, "hold", done)
    held = case.host.manifest()
    done = case.thimble.apply_unrehearsed(case.host)
    case.checks.equal(done.status, EXIT_SKIPPED, "a plan older than a hold", done)
    case.checks.expect("changed" in done.text, "a plan older than a hold: the reason", done)
    case.checks.expect("good-fix is held since" in done.text, "a plan older than a hold: what has changed", done)
    case.checks.same(held, case.host.manifest(), "a plan older than a hold: the host")
    looked = case.thimble.call(case.host, "verify", "--plan", plan)
    case.checks.expect("Next: make the plan again" in looked.text, "a plan older than a hold: it is made again", looked)
    case.host.inside("apt-mark", "unhold", "good-fix")
    for name in ("status", "status-old"):
        case.before.pop(f"/var/lib/dpkg/{name}", None)
    case.before = case.host.manifest()


@contextlib.contextmanager
def lock_held(path):
    """Another process holds the lock file as dpkg and apt do (fcntl)."""
    program = (
        "import fcntl, sys\nf = open(sys.argv[1], 'a')\nfcntl.lockf(f, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder.pid
        finally:
            holder.stdin.close()


UNREHEARSED = ("--without-rehearsal", "--reason", "a test")


def locked(case):
    """Whoever holds the lock is waited for, and named."""
    plan = case.planned()
    with lock_held(case.host.root / "var/lib/dpkg/lock-frontend") as pid:
        done = case.thimble.call(case.host, "patch", "apply", plan, *UNREHEARSED)
    holder = f"process {pid} (python3)"
    case.refused(done, "the lock stays held", f"waiting, at most 60 s, for {holder}", f"{holder} holds", statuses=(EXIT_SKIPPED,))


def lock_let_go(case):
    own = Case(case.supply, case.thimble, case.checks, "let-go")
    plan = own.planned()
    said = own.host.state / "said"
    with said.open("w") as errors:
        with lock_held(own.host.root / "var/lib/dpkg/lock") as pid:
            process = own.thimble.start(own.host, "patch", "apply", plan, *UNREHEARSED, stderr=errors)
            waits = until(lambda: f"for process {pid} (python3)" in said.read_text(), process)
        case.checks.expect(waits, "apply waits for the lock", said.read_text())
        case.checks.equal(process.wait(240), 0, "the lock is let go", said.read_text())
    case.checks.equal(own.thimble.journal(own.host)[-1]["word"], "applied", "the run goes on then")


def dead_mirror(case):
    case.planned()
    case.forget_archives()
    case.supply.mirror.close()
    case.refused(case.thimble.apply_unrehearsed(case.host), "apply with a dead mirror", "good-fix", statuses=(1, 3, 69))
    done = case.thimble.plan(case.host, "good-fix")
    case.refused(done, "plan with a dead mirror", "good-fix", statuses=(1, 69))


def read_only_root(case):
    """On a host of its own: should it be written nevertheless, the other cases still tell something."""
    own = Case(case.supply, case.thimble, case.checks, "read-only")
    own.planned()
    root = own.host.root
    debian_root.run(["mount", "--bind", root, root])
    debian_root.run(["mount", "-o", "remount,bind,ro", root])
    try:
        done = own.thimble.apply_unrehearsed(own.host)
    finally:
        debian_root.run(["umount", root])
    own.refused(done, "a read-only root", "read-only")


def full_disk(case):
    """The state folder, and then the root, on a file system that is full."""
    case.planned()
    state = case.host.state
    debian_root.run(["mount", "-t", "tmpfs", "-o", "size=64k", "full", state])
    try:
        done = case.thimble.apply_unrehearsed(case.host)
        case.refused(done, "no space for the state", statuses=(1, EXIT_SKIPPED, 69, 73))
        filling = state / "filling"
        with contextlib.suppress(OSError), filling.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 12))
        done = case.thimble.apply_unrehearsed(case.host)
        filling.unlink()
        case.refused(done, "no space for the record of a run", statuses=(73,))
        error = answer(done).get("error", {})
        case.checks.equal(error.get("code"), "cli.state_full", "no space for the record of a run: it is called so", done)
        case.checks.expect("--state DIR" in (error.get("next") or ""), "no space for the record of a run: with what to do", done)
        done = case.thimble.plan(case.host, "good-fix")
        case.refused(done, "no space for the plan's archives", statuses=(73,))
        error = answer(done).get("error", {})
        case.checks.equal(error.get("code"), "cli.state_full", "a full state directory is called so", done)
        case.checks.expect(str(state) in error.get("message", ""), "and named", done)
        case.checks.expect("--state DIR" in (error.get("next") or ""), "with what to do", done)
        scanned = case.thimble.call(case.host, "scan", "--json", "--catalog", case.thimble.catalog)
        codes = [gap["code"] for gap in answer(scanned).get("gaps", [])]
        case.checks.expect("cli.state_full" in codes, "a scan says so, too", scanned)
        looked = case.thimble.call(case.host, "doctor", "--json")
        states = [one for one in answer(looked)["diagnoses"] if one["subject"] == "state directory"]
        case.checks.equal([(one["condition"], str(state) in one["detail"]) for one in states], [("missing", True)], "and doctor", looked)
    finally:
        debian_root.run(["umount", state])
    case.planned()
    space = os.statvfs(case.host.root)
    free = space.f_bavail * space.f_frsize
    done = case.thimble.plan(case.host, "good-fix", options=["--reserve", str(free + (1 << 30))])
    case.checks.equal((done.status, problems_of(answer(done))), (1, ["apply.no_space"]), "the plan is refused", done)
    case.thimble.plan(case.host, "good-fix", options=["--reserve", str(free - (256 << 20))])
    filling = case.host.path("/filling")
    with filling.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 512 << 20)
    try:
        done = case.thimble.apply_unrehearsed(case.host)
    finally:
        filling.unlink()
    case.refused(done, "less free than the reserve", "MiB", statuses=(EXIT_SKIPPED,))
    case.checks.equal(answer(done).get("result"), "skipped", "less free than the reserve: skipped", done)


def unprivileged(case):
    path = case.planned()
    path.chmod(0o644)
    own = case.supply.folder / "own-state"
    own.mkdir()
    os.chown(own, 65534, 65534)
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    programs = case.thimble.programs / "thimble"
    reachable = ended([*drop, programs, "--version"])
    if reachable.status != 0:
        print(f"not tried: {programs} cannot be run by another user")
        return
    argv = ["patch", "apply", path, "--root", case.host.root, "--state", own, "--without-rehearsal", "--reason", "x"]
    case.refused(ended([*drop, programs, *argv]), "an unprivileged user", "root", statuses=(EXIT_SKIPPED, 69, 77))


def without_right(case):
    """Root, but without the right to mount, as in many containers."""
    case.planned()
    drop = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--"]
    words = ["patch", "apply", case.thimble.plan_file(case.host), "--without-rehearsal", "--reason", "x"]
    done = ended([*drop, *case.thimble.argv(case.host, *words)])
    case.refused(done, "root without the right to mount", "host.")


def two_at_once(case):
    """The second of two runs is refused and names the first."""
    host = case.supply.host("twice")
    case.thimble.plan(host, "hanging-postinst")
    plan = case.thimble.plan_file(host)
    with case.thimble.start(host, "patch", "apply", plan, "--without-rehearsal", "--reason", "x") as first:
        began = until(lambda: "applying" in case.thimble.phases(host), first)
        case.checks.expect(began, "the first run begins its transaction")
        done = case.thimble.apply_unrehearsed(host)
        case.checks.expect(done.status not in (0, 1), "a second run is refused", done)
        case.checks.expect(str(first.pid) in done.text, f"the process {first.pid} of the first run is named", done)
        told = case.thimble.call(host, "history")
        is_told = f"process {first.pid}" in told.text and "resume" not in told.text
        case.checks.expect(is_told, "history tells that it is running", told)
        done = case.thimble.call(host, "patch", "rehearse", plan)
        case.checks.expect(done.status == 75 and str(first.pid) in done.text, "no rehearsal meanwhile", done)
        first.kill()
    done = case.thimble.call(host, "patch", "rehearse", plan)
    step = f"thimble patch resume --root {host.root}"
    case.checks.expect(done.status == 75 and step in done.text, "nor of what was left halfway", done)
    told = case.thimble.call(host, "history")
    case.checks.expect(step in told.text, "which history asks to take up", told)


def two_rehearsals(case):
    """The second of two rehearsals of a host is refused and names the first, and both keep their verdicts."""
    host = case.supply.host("rehearsals")
    case.thimble.plan(host, "hanging-postinst")
    with case.thimble.start(host, "patch", "rehearse", case.thimble.plan_file(host)) as first:
        began = until(lambda: any(host.state.glob("scratch/*-clone/expected-actions")), first)
        case.checks.expect(began, "the first rehearsal begins its transaction")
        case.thimble.plan(host, "good-fix")
        done = case.thimble.rehearse(host)
        case.checks.equal((done.status, answer(done).get("error", {}).get("code")), (75, "rehearse.active"), "a second rehearsal is refused", done)
        case.checks.expect(f"process {first.pid} (" in done.text, f"the process {first.pid} of the first is named", done)
        first.kill()
    done = case.thimble.rehearse(host)
    case.checks.equal((done.status, answer(done).get("verdict")), (0, "pass"), "afterwards it is not", done)


@contextlib.contextmanager
def folder_held(path, user):
    """A process of that user holds a lock (flock) on a folder."""
    program = (
        "import fcntl, os, sys\nfolder = os.open(sys.argv[1], os.O_RDONLY)\nuser = int(sys.argv[2])\n"
        "os.setresgid(user, user, user)\nos.setresuid(user, user, user)\n"
        "fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", program, str(path), str(user)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder.pid
        finally:
            holder.stdin.close()


def held_by_users(case):
    """A user who is not root holds the root folder: he keeps nobody from patching. Root would."""
    own = Case(case.supply, case.thimble, case.checks, "held")
    own.planned()
    with folder_held(own.host.root, 0) as pid:
        own.refused(own.thimble.apply_unrehearsed(own.host), "root holds the root folder", str(pid), "python3")
    with folder_held(own.host.root, 65534):
        done = own.thimble.apply_unrehearsed(own.host)
    case.checks.equal((done.status, answer(done).get("result")), (0, "applied"), "a user holds the root folder", done)


def of_another_root(case):
    """The plan and the run of another root are refused alike, with the step that is right."""
    host, other = case.supply.host("one"), case.supply.host("other")
    other.path("/etc/machine-id").write_text("e" * 32 + "\n")
    wrong = SmallHost(other.root, host.state)
    case.thimble.plan(host, "good-fix")
    before = other.manifest()
    refused = [case.thimble.rehearse(wrong), case.thimble.apply_unrehearsed(wrong)]
    applied = answer(case.thimble.apply_unrehearsed(host))
    case.checks.equal(applied.get("result"), "applied", "the plan on its own root")
    back = case.thimble.call(wrong, "patch", "rollback", applied.get("run", ""), "--json")
    for what, done in zip(("rehearse", "apply", "rollback"), [*refused, back]):
        code = answer(done).get("error", {}).get("code")
        case.checks.equal((done.status, code), (EXIT_SKIPPED, "apply.other_host"), f"{what} of another root", done)
    step = f"{applied.get('run')} --root {host.root} takes it back"
    case.checks.expect(step in back.text, "the root of the run is named", back)
    case.checks.same(before, other.manifest(), "the other root is as it was")


CASES = [tampered_plan, other_plans, stale, locked, read_only_root, full_disk, unprivileged, without_right, vanished]
CLOSING = [tampered_archives, dead_mirror]  # each ends with the mirror gone


def test(supply, thimble, checks):
    case = Case(supply, thimble, checks)
    for body in CASES:
        body(case)
    two_at_once(case)
    two_rehearsals(case)
    lock_let_go(case)
    without_machine_id(case)
    of_another_root(case)
    half_configured(case)
    held_by_users(case)
    for body in CLOSING:
        body(case)
        supply.reopen_mirror()


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

#!/usr/bin/python3
"""What `thimble patch apply` and `rehearse` cost over apt-get alone, on the same transaction of the same root.

usage: patch_overhead.py PROGRAMS [ROUNDS [KIND..]]
KIND is apt, apt_in_a_clone, apply or rehearse; apt is always measured. Every second round goes through them
in the opposite order, so that a machine that gets slower or faster favours none.
Makes a Debian 12 root without its security suite, gives it the suite, plans all pending security
updates, and then, in turn and each time on a fresh copy: apt-get on the plan's archives, the same in an
overlay as a clone is one, apply, rehearse. Of the rehearsal also what is left without its examination: the
clone, the transaction and its end. Works below TMPDIR, else /var/tmp; in memory no disk is waited for.
Needs root, mmdebstrap, a Debian archive and control groups that count processor time.
Prints one JSON object: wall and CPU seconds, ratios of their medians and of their least (what disturbs a run
only ever adds), and the median of the ratios within each round."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MAIN = "deb http://deb.debian.org/debian bookworm main\n"
SECURITY = "deb http://deb.debian.org/debian-security bookworm-security main\n"
KINDS = ("apt", "apt_in_a_clone", "apply", "rehearse")
# What a rehearsal does besides the transaction: it reads the root, tries programs, compares.
EXAMINATION = (
    "looking at the clone as it is", "trying what works before", "looking at what has changed",
    "trying what works after", "comparing before and after")
TRANSACTION = "carrying the plan out in the clone"


class Meter:
    """Processor time of a command and of all that it started, waited for or not, by a control group."""

    def __init__(self):
        for controller, self._file in (("cpuacct", "cpuacct.usage"), (".", "cpu.stat")):
            self._group = pathlib.Path("/sys/fs/cgroup", controller, f"thimble-bench-{os.getpid()}")
            if self._group.parent.exists():
                self._group.mkdir()
                if (self._group / self._file).exists():
                    return
                self._group.rmdir()
        sys.exit("no control group counts processor time here")

    def close(self):
        self._group.rmdir()

    def used(self):
        text = (self._group / self._file).read_text()
        if self._file == "cpuacct.usage":
            return int(text) / 1e9
        return int(dict(line.split() for line in text.splitlines())["usage_usec"]) / 1e6

    def run(self, *argv, statuses=(0,)):
        """(wall seconds, CPU seconds, [(wall, CPU, piece of what was said)]); it has a terminal to speak to."""
        begun, before = time.monotonic(), self.used()
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
            preexec_fn=lambda: (self._group / "cgroup.procs").write_text(str(os.getpid())))
        os.close(slave)
        said = []
        while select.select([master], [], [], 0.05)[0] or process.poll() is None:
            try:
                piece = os.read(master, 65536).decode(errors="replace") if select.select([master], [], [], 0)[0] else ""
            except OSError:  # its last end is closed
                break
            if piece:
                said.append((time.monotonic() - begun, self.used() - before, piece))
        process.wait()
        os.close(master)
        took = time.monotonic() - begun, self.used() - before
        if process.returncode not in statuses:
            sys.exit(f"{argv}: status {process.returncode}\n" + "".join(piece for _, _, piece in said)[-4000:])
        return *took, said


def by_phase(took):
    """Phase of a rehearsal -> (wall, CPU); what is before the first and after the last counts as "other"."""
    wall, cpu, said = took
    marks = [(0.0, 0.0, "other")]
    for at, used, piece in said:
        for name in re.findall(r"\] \d+ % (" + "|".join((*EXAMINATION, TRANSACTION)) + r")(?=[\r\n\x1b]|$)", piece):
            if name != marks[-1][2]:
                marks.append((at, used, name))
    spent = {}
    for (at, used, name), (end, used_then, _) in zip(marks, [*marks[1:], (wall, cpu, "")]):
        before = spent.get(name, (0.0, 0.0))
        spent[name] = before[0] + end - at, before[1] + used_then - used
    return spent


def quiet(*argv):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{argv}: status {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")


def make_root(root):
    quiet("mmdebstrap", "--variant=minbase", "--include=ca-certificates,python3,openssh-server,curl,perl", "bookworm", root, MAIN.strip())
    (root / "etc/apt/sources.list").write_text(MAIN + SECURITY)
    (root / "etc/resolv.conf").write_bytes(pathlib.Path("/etc/resolv.conf").read_bytes())
    # Apply and rehearse start no services in a root directory; apt alone must not either.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    quiet("chroot", root, "apt-get", "update")


def bare_apt(meter, root, archives):
    inside = root / "archives"
    inside.mkdir(mode=0o755)
    for path in archives.glob("*.deb"):
        shutil.copy(path, inside)
        (inside / path.name).chmod(0o644)
    names = [f"/archives/{path.name}" for path in sorted(inside.glob("*.deb"))]
    # Of an archive that a repository has, too, apt asks the repository first; without a network it would
    # wait 1, 2 and 4 seconds before it takes the file.
    return meter.run(
        "unshare", "-m", "-p", "-f", "-n", "--mount-proc=" + str(root / "proc"), "chroot", root,
        "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends",
        "-o", "Acquire::Retries=0", "-o", "Dpkg::Options::=--force-confold", *names)


def apt_in_a_clone(meter, root, archives, scratch):
    folders = {name: scratch / f"overlay-{name}" for name in ("upper", "work", "merged")}
    for folder in folders.values():
        folder.mkdir()
    options = f"lowerdir={root},upperdir={folders['upper']},workdir={folders['work']}"
    quiet("mount", "-t", "overlay", "overlay", "-o", options, folders["merged"])
    try:
        return bare_apt(meter, folders["merged"], archives)
    finally:
        quiet("umount", folders["merged"])
        for folder in folders.values():
            shutil.rmtree(folder)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    thimble = programs / "thimble"
    kinds = [kind for kind in KINDS if kind == "apt" or kind in (sys.argv[3:] or KINDS)]
    taken = {kind: [] for kind in kinds}
    meter = Meter()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as scratch:
        scratch = pathlib.Path(scratch)
        first, state, plan = scratch / "first", scratch / "state", scratch / "plan.json"
        make_root(first)
        for turn in range(rounds):
            for kind in kinds if turn % 2 == 0 else reversed(kinds):
                times = taken[kind]
                root = scratch / "root"
                quiet("cp", "-a", "--reflink=auto", first, root)
                common = ["--root", root, "--state", state]
                meter.run(thimble, "patch", "plan", *common, "-o", plan, statuses=(0, 1))
                quiet("sync")
                if kind == "apt":
                    times.append(bare_apt(meter, root, state / "archives"))
                elif kind == "apt_in_a_clone":
                    times.append(apt_in_a_clone(meter, root, state / "archives", scratch))
                elif kind == "apply":
                    times.append(meter.run(
                        thimble, "patch", "apply", plan, *common, "--without-rehearsal", "--reason", "bench"))
                else:
                    times.append(meter.run(thimble, "patch", "rehearse", plan, *common, statuses=(0, 1)))
                shutil.rmtree(root)
        steps = len(json.loads(plan.read_text())["steps"])
        rehearsal = {}
        if "rehearse" in kinds:
            rehearsal = json.loads(next((state / "rehearsals").glob("*.json")).read_text())
    meter.close()
    report(taken, steps, rehearsal)


def report(taken, steps, rehearsal):
    seconds = {kind: [times[:2] for times in all_times] for kind, all_times in taken.items()}

    def over(kind, base):
        """For wall and CPU: how many times what the base takes."""
        figures = {}
        for at, name in enumerate(("wall", "cpu")):
            ours, theirs = ([times[at] for times in seconds[one]] for one in (kind, base))
            figures[name] = {
                "medians": round(statistics.median(ours) / statistics.median(theirs), 3),
                "least": round(min(ours) / min(theirs), 3),
                "median_within_a_round": round(statistics.median(a / b for a, b in zip(ours, theirs)), 3)}
        return figures

    answer = {"steps": steps}
    if rehearsal:
        phases = [by_phase(times) for times in taken["rehearse"]]
        seconds["rehearse_without_examination"] = [
            tuple(sum(spent[at] for name, spent in one.items() if name not in EXAMINATION) for at in (0, 1))
            for one in phases]
        answer["rehearsal_phases_wall_and_cpu_seconds"] = {
            name: [round(statistics.median(one.get(name, (0, 0))[at] for one in phases), 2) for at in (0, 1)]
            for name in phases[-1]}
        if TRANSACTION not in phases[-1]:
            sys.exit("the progress of a rehearsal names its transaction in other words")
        answer["clone_bytes"] = rehearsal["clone_bytes"]
    answer["wall_and_cpu_seconds"] = {
        kind: [[round(t, 2) for t in pair] for pair in times] for kind, times in seconds.items()}
    answer["medians"] = {
        kind: [round(statistics.median(pair[at] for pair in times), 2) for at in (0, 1)]
        for kind, times in seconds.items()}
    for kind in seconds:
        if kind != "apt":
            answer[f"{kind}_over_apt"] = over(kind, "apt")
    if rehearsal and "apt_in_a_clone" in seconds:
        answer["rehearse_without_examination_over_apt_in_a_clone"] = over(
            "rehearse_without_examination", "apt_in_a_clone")
    print(json.dumps(answer, indent=1))


main()

#!/usr/bin/python3
"""What `thimble patch apply` and `rehearse` cost over apt-get alone, on the same transaction of the same root.

usage: patch_overhead.py PROGRAMS [ROUNDS]
Makes a Debian 12 root without its security suite, gives it the suite, plans all pending security
updates, and then, in turn and each time on a fresh copy: apt-get on the plan's archives, apply, rehearse.
Needs root, mmdebstrap and a Debian archive. Prints one JSON object: wall and CPU seconds, ratios of their medians."""

import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MAIN = "deb http://deb.debian.org/debian bookworm main\n"
SECURITY = "deb http://deb.debian.org/debian-security bookworm-security main\n"


def run(*argv, statuses=(0,)):
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in statuses:
        sys.exit(f"{argv}: status {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
    return took, cpu


def make_root(root):
    run("mmdebstrap", "--variant=minbase", "--include=ca-certificates,python3,openssh-server,curl,perl", "bookworm", root, MAIN.strip())
    (root / "etc/apt/sources.list").write_text(MAIN + SECURITY)
    (root / "etc/resolv.conf").write_bytes(pathlib.Path("/etc/resolv.conf").read_bytes())
    # Apply and rehearse start no services in a root directory; apt alone must not either.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    run("chroot", root, "apt-get", "update")


def bare_apt(root, archives):
    inside = root / "archives"
    inside.mkdir(mode=0o755)
    for path in archives.glob("*.deb"):
        shutil.copy(path, inside)
        (inside / path.name).chmod(0o644)
    names = [f"/archives/{path.name}" for path in sorted(inside.glob("*.deb"))]
    return run(
        "unshare", "-m", "-p", "-f", "-n", "--mount-proc=" + str(root / "proc"), "chroot", root,
        "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends",
        "-o", "Dpkg::Options::=--force-confold", *names)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    thimble = programs / "thimble"
    seconds = {"apt": [], "apply": [], "rehearse": []}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        scratch = pathlib.Path(scratch)
        first, state, plan = scratch / "first", scratch / "state", scratch / "plan.json"
        make_root(first)
        for _ in range(rounds):
            for kind, times in seconds.items():
                root = scratch / "root"
                run("cp", "-a", "--reflink=auto", first, root)
                common = ["--root", root, "--state", state]
                run(thimble, "patch", "plan", *common, "-o", plan, statuses=(0, 1))
                run("sync")
                if kind == "apt":
                    times.append(bare_apt(root, state / "archives"))
                elif kind == "apply":
                    times.append(run(thimble, "patch", "apply", plan, *common, "--without-rehearsal", "--reason", "bench"))
                else:
                    times.append(run(thimble, "patch", "rehearse", plan, *common, statuses=(0, 1)))
                shutil.rmtree(root)
        steps = len(json.loads(plan.read_text())["steps"])
        rehearsal = json.loads(next((state / "rehearsals").glob("*.json")).read_text())
    def median(kind, at):
        return statistics.median(times[at] for times in seconds[kind])

    def ratios(kind):
        return {"wall": round(median(kind, 0) / median("apt", 0), 3), "cpu": round(median(kind, 1) / median("apt", 1), 3)}

    print(json.dumps({
        "steps": steps,
        "rounds": rounds,
        "wall_and_cpu_seconds": {kind: [[round(t, 2) for t in pair] for pair in times] for kind, times in seconds.items()},
        "apply_over_apt": ratios("apply"),
        "rehearse_over_apt": ratios("rehearse"),
        "rehearsal_phases_ms": {phase["name"]: phase["milliseconds"] for phase in rehearsal["phases"]},
        "clone_bytes": rehearsal["clone_bytes"],
    }, indent=1))


main()

#!/usr/bin/python3
"""A snapshot before the transaction, on a real btrfs, with btrfs's own tool and with snapper.

usage: snapshots_test.py PROGRAMS"""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from small_host import NEW, OLD, SmallHost, debian_root  # noqa: E402
from thimble_calls import answer, run_patch_test, skip  # noqa: E402

SNAPPER_CONFIG = pathlib.Path("/etc/snapper/configs/thimble-test")


def btrfs_host(supply, name):
    """A host whose root is a subvolume."""
    image, place = supply.folder / f"{name}.img", supply.folder / f"{name}.mount"
    with image.open("wb") as file:
        file.truncate(2 << 30)
    debian_root.run(["mkfs.btrfs", "--quiet", image])
    place.mkdir()
    try:
        debian_root.run(["mount", "-o", "loop", image, place])
    except Exception as error:  # no loop device, or a kernel without btrfs
        skip(f"no btrfs can be mounted: {error}")
    root = place / "root"
    debian_root.run(["btrfs", "subvolume", "create", root])
    plain = supply.host(f"{name}.plain")
    debian_root.run(["cp", "-a", f"{plain.root}/.", root])
    return SmallHost(root, supply.folder / f"{name}.state")


def snapshots_of(host):
    folder = host.root / ".thimble-snapshots"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def with_the_file_system(supply, thimble, checks):
    host = btrfs_host(supply, "btrfs")
    thimble.plan(host, "good-fix")
    done = thimble.apply_unrehearsed(host, "--snapshot", "require")
    run = answer(done).get("run", "")
    checks.equal(answer(done).get("result"), "applied", "apply with a snapshot", done)
    checks.equal(snapshots_of(host), [run], "the snapshot has the run's name")
    before = SmallHost(host.root / ".thimble-snapshots" / run, host.state)
    checks.equal((before.version("good-fix"), host.version("good-fix")), (OLD, NEW), "it is the host before")
    checks.expect(run in (thimble.runs(host)[-1].get("snapshot") or ""), "the history says how to go back to it")
    doctor = thimble.call(host, "doctor")
    checks.expect("btrfs" in doctor.text, "the doctor names the means", doctor)

    plan = thimble.plan(host, "arch-all")
    rehearsed = thimble.rehearse(host)
    checks.equal((plan.status, answer(rehearsed).get("verdict")), (0, "pass"), "a clone does not show snapshots", rehearsed)

    for name in ("arch-all", "auto-library", "conffile-edited"):
        thimble.plan(host, name)
        thimble.apply_unrehearsed(host)
    kept = [entry["run"] for entry in thimble.runs(host)][-3:]
    checks.equal(snapshots_of(host), kept, "the newest three are kept")

    thimble.plan(host, "pre-depending")
    done = thimble.apply_unrehearsed(host, "--snapshot", "no")
    checks.equal((answer(done).get("result"), snapshots_of(host)), ("applied", kept), "none when none is wanted", done)


def with_snapper(supply, thimble, checks):
    host = btrfs_host(supply, "snapper")
    debian_root.run(["btrfs", "subvolume", "create", host.root / ".snapshots"])
    SNAPPER_CONFIG.parent.mkdir(parents=True, exist_ok=True)
    SNAPPER_CONFIG.write_text(f'SUBVOLUME="{host.root}"\nFSTYPE="btrfs"\n')
    try:
        thimble.plan(host, "good-fix")
        done = thimble.apply_unrehearsed(host, "--snapshot", "require")
    finally:
        SNAPPER_CONFIG.unlink()
    checks.equal(answer(done).get("result"), "applied", "apply with snapper", done)
    before = SmallHost(host.root / ".snapshots/1/snapshot", host.state)
    checks.equal((before.version("good-fix"), host.version("good-fix")), (OLD, NEW), "snapper's first is the host before")
    way_back = thimble.runs(host)[-1].get("snapshot") or ""
    checks.expect("undochange 1..0" in way_back, f"the history says how to go back: {way_back}")


def without_means(supply, thimble, checks):
    host = supply.host("plain")
    thimble.plan(host, "good-fix")
    done = thimble.apply_unrehearsed(host, "--snapshot", "require")
    checks.expect("no_snapshot_means" in done.text or "no snapshot" in str(thimble.runs(host)), "a required one is missed", done)
    checks.equal(host.version("good-fix"), OLD, "nothing has changed")
    checks.equal(answer(thimble.apply_unrehearsed(host)).get("result"), "applied", "else it goes without")


def test(supply, thimble, checks):
    for tool in ("/usr/bin/btrfs", "/sbin/mkfs.btrfs"):
        if not os.access(tool, os.X_OK):
            skip(f"{tool} is not here: btrfs-progs")
    with_the_file_system(supply, thimble, checks)
    if os.access("/usr/bin/snapper", os.X_OK):
        with_snapper(supply, thimble, checks)
    without_means(supply, thimble, checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

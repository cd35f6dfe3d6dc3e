#!/usr/bin/python3
"""Takes runs back: the versions, all of /etc, and the marks are what they were, byte for byte.
usage: rollback_test.py PROGRAMS"""

import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from small_host import NEW, OLD, SmallHost, until  # noqa: E402
from thimble_calls import answer, run_patch_test, steps_of  # noqa: E402

PACKAGES = (
    "good-fix conffile-edited conffile-deleted conffile-foreign conffile-same conffile-unchanged conffile-obsolete "
    "libgood1 libsoname1 web-good wants-new auto-library arch-all pre-depending adding-timer adding-setuid "
    "sudoers-broken breaking-dependent conflicting-update"
).split()
FULL = ["--level", "full", "--allow-removals", "--allow-downgrades"]
# What a package manager keeps of packages that are gone, and what counts its own runs.
NOT_COMPARED = ("/var/log", "/var/cache", "/var/lib/dpkg", "/var/lib/apt", "/var/lib/systemd", "/tmp", "/run")

# How the old archives are obtained: name -> what is done to host and archive before.
SOURCES = ("repository", "cache", "repacked")


def prepare(supply, host, source):
    """Leaves one way to the older versions."""
    supply.publish(*(() if source == "repository" else ("without-old",)))
    host.inside("apt-get", "-qq", "update", network=True)
    if source == "cache":
        cache = host.path("/var/cache/apt/archives")
        for path in supply.pool.glob("*.deb"):
            if "deb12u1" not in path.name:
                (cache / path.name).write_bytes(path.read_bytes())


def conffile_records(host):
    """Package -> what dpkg has on record of its configuration files, word by word."""
    records = {}
    for paragraph in host.read("/var/lib/dpkg/status").split("\n\n"):
        name = paragraph.partition("\n")[0].removeprefix("Package: ")
        _, found, rest = paragraph.partition("\nConffiles:\n")
        records[name] = [line for line in rest.split("\n") if line.startswith(" /")] if found else []
    return records


def conflicts_refused(thimble, host, *names):
    """The configuration files for which a plan that refuses conflicts is refused."""
    planned = thimble.plan(host, *names, options=[*FULL, "--retry", "--conffiles", "refuse"], file="refuse.json")
    return sorted((one["path"], one["conflict"]) for one in answer(planned).get("conffiles", []))


def records_go_back(supply, thimble, checks):
    """Of archives that are made of the installed files dpkg knows what it knew, also when a run goes back by itself."""
    supply.publish("without-old")
    host = supply.host("records")
    concerned = ("conffile-edited", "conffile-unchanged", "conffile-deleted")
    before = conffile_records(host), host.configuration(), conflicts_refused(thimble, host, *concerned)
    paths = [path for path, _ in before[2]]
    checks.equal(paths, ["/etc/conffile-deleted.conf", "/etc/conffile-edited.conf"], "what conflicts before")
    for names, result in ((concerned, "applied"), ((*concerned, "failing-postinst"), "rolled_back")):
        thimble.plan(host, *names, options=[*FULL, "--retry"])
        ended = thimble.apply_unrehearsed(host)
        checks.equal(answer(ended).get("result"), result, f"{result}: apply", ended)
        if result == "applied":
            back = thimble.call(host, "patch", "rollback", answer(ended).get("run", ""))
            checks.equal(back.status, 0, "rollback", back)
        checks.same(before[0], conffile_records(host), f"{result}: dpkg's records of configuration files")
        checks.same(before[1], host.configuration(), f"{result}: /etc")
        checks.equal(host.audit(), "", f"{result}: the package database")
        checks.equal(conflicts_refused(thimble, host, *concerned), before[2], f"{result}: what conflicts is what did")
    supply.publish()


def one_stays(supply, thimble, checks):
    """One package that does not go back keeps no other from being set up, and is the one that is named."""
    host = supply.host("stays")
    names = ("staying-new", "good-fix", "libgood1", "conffile-same", "failing-postinst")
    before = host.versions()
    thimble.plan(host, *names, options=FULL)
    ended = thimble.apply_unrehearsed(host)
    checks.equal(answer(ended).get("result"), "rollback_failed", "one stays: the way back fails", ended)
    checks.equal(host.audit(), "", "one stays: all is set up", ended)
    moved = sorted(name for name, version in host.versions().items() if before.get(name) != version)
    checks.equal(moved, ["staying-new"], "one stays: the others are back", ended)
    why = answer(ended).get("reason", "")
    checks.expect(": of staying-new: " in why and "the way back: it failed: staying-new" in why, "one stays: it is named", ended)


def unseen_is_told(supply, thimble, checks):
    """A folder in the place of a configuration file is left, and said."""
    host = supply.host("unseen")
    thimble.plan(host, "good-fix", "conffile-edited")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    host.path("/etc/good-fix.conf").unlink()
    host.path("/etc/good-fix.conf").mkdir()
    host.path("/etc/conffile-edited.conf").write_text("a=later\n")
    done = thimble.call(host, "patch", "rollback", run)
    words = " ".join(done.output.split())
    for told in ("changed it since: /etc/conffile-edited.conf", "too large to be kept: /etc/good-fix.conf"):
        checks.expect(told in words, f"unseen: rollback says {told!r}", done)


def there_and_back(supply, thimble, checks, source):
    host = supply.host(source)
    prepare(supply, host, source)
    before = host.versions(), host.configuration(), host.automatic(), host.manifest("/", NOT_COMPARED)
    planned = thimble.plan(host, *PACKAGES, options=FULL)
    if not checks.equal(planned.status, 0, f"{source}: plan", planned):
        return
    applied = thimble.apply_unrehearsed(host)
    checks.equal(answer(applied).get("result"), "applied", f"{source}: apply", applied)
    checks.equal(host.version("good-fix"), NEW, f"{source}: the new version is there")
    run = answer(applied).get("run", "")
    done = thimble.call(host, "patch", "rollback", run, "--json", "--reason", "the shop is down")
    checks.equal((done.status, answer(done).get("result")), (0, "rolled_back"), f"{source}: rollback", done)
    way_back = answer(done).get("run", "?")
    untouched = host.manifest("/", (*NOT_COMPARED, *host.pins()))
    after = host.versions(), host.configuration(), host.automatic(), untouched
    for name, first, second in zip(("versions", "/etc", None, "all other files"), before, after):
        if name is not None:
            checks.same(first, second, f"{source}: {name} after the rollback")
    checks.equal(sorted(before[2] ^ after[2]), [], f"{source}: automatic marks that differ")
    checks.equal(host.audit(), "", f"{source}: the package database")
    checks.equal(host.inside("apt-mark", "showhold").output.split(), ["held-update"], f"{source}: holds")
    obtained = str(thimble.runs(host)[0]["entries"])
    checks.expect(source in obtained, f"{source}: the record says how the old archives were obtained")
    verified = thimble.call(host, "verify", run, "--json")
    states = {patch["state"] for patch in answer(verified).get("patches", [])}
    checks.equal(states, {"rolled_back"}, f"{source}: verify afterwards", verified)
    for word in (way_back, "the shop is down"):
        checks.expect(word in verified.output, f"{source}: verify says {word!r}", verified)
    told = thimble.call(host, "history", way_back)
    checks.expect("The versions before are back." in told.output, f"{source}: history says it in words", told)


def blocked_afterwards(supply, thimble, checks):
    """The patch set that was taken back is not applied again by itself."""
    host = supply.host("blocked")
    thimble.plan(host, "good-fix")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.call(host, "patch", "rollback", run)
    checks.equal(host.version("good-fix"), OLD, "it is taken back")
    again = thimble.apply_unrehearsed(host)
    checks.expect(again.status not in (0, 1), "the same plan is refused after its rollback", again)
    checks.equal(host.version("good-fix"), OLD, "and nothing has changed")
    pinned_for_others(thimble, host, checks)
    scan = thimble.call(host, "scan", "--json", "--catalog", thimble.catalog)
    patches = {patch["source"]: patch for patch in scan.json["patches"]}
    blocker = patches.get("good-fix", {}).get("blocker") or {}
    checks.equal(blocker.get("kind"), "taken_back", "a scan calls the patch blocked", scan)
    left_out = thimble.plan(host, "good-fix")
    checks.expect(run in left_out.text or "taken back" in left_out.text, "a plan leaves it out", left_out)
    way_out_explained(thimble, host, "good-fix", 1, checks)
    # A plan knows its second: one made anew within that of the first would be the very same, and stays refused.
    taken_back = int(time.time())
    while int(time.time()) == taken_back:
        time.sleep(0.02)
    checks.equal(thimble.plan(host, "good-fix", options=["--retry"]).status, 0, "unless it is asked for again")
    applied = answer(thimble.apply_unrehearsed(host))
    checks.equal(applied.get("result"), "applied", "and then it is applied")
    checks.equal(host.pins(), [], "and nothing is pinned any more")
    return host, applied.get("run", "")


def way_out_explained(thimble, host, name, status, checks):
    """An explanation names the block, and ends with what lifts it and then installs what was taken back."""
    back = thimble.runs(host)[-1]["run"]
    told = thimble.call(host, "explain", name, "--catalog", thimble.catalog)
    words = " ".join(told.output.replace("\\\n", " ").split())
    named = f"blocked: taken back: run {back} took it back" in words
    checks.equal((told.status, named), (status, True), f"explain {name} names the run that took it back", told)
    steps = f"to lift it: thimble patch unblock --root {host.root} --state {host.state} {back} --reason TEXT then install: thimble patch plan"
    checks.expect(steps in words, f"explain {name} says how it is allowed again, and then", told)


def update_taken_back(supply, thimble, checks):
    """What is no security matter is in no order of work; that it is blocked is told all the same."""
    host = supply.host("update")
    thimble.plan(host, "plain-update")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.call(host, "patch", "rollback", run)
    left_out = thimble.plan(host, "plain-update")
    left = [(one["source"], one["code"]) for one in answer(left_out).get("left_out", [])]
    checks.equal(left, [("plain-update", "taken_back")], "a plan leaves the update out", left_out)
    way_out_explained(thimble, host, "plain-update", 0, checks)
    told = answer(thimble.call(host, "explain", "plain-update", "--json", "--catalog", thimble.catalog))
    kinds = [[one["kind"] for one in update["blockers"]] for update in told.get("updates", [])]
    checks.equal(kinds, [["taken_back"]], "so do scripts read it", told)
    back = thimble.runs(host)[-1]["run"]
    thimble.call(host, "patch", "unblock", back, "--reason", "mended")
    checks.equal(steps_of(answer(thimble.plan(host, "plain-update"))), {"plain-update": ("upgrade", OLD, NEW)}, "then it comes")


def configuration_comes_again(supply, thimble, checks):
    """dpkg does not take what a way back has taken away for removed by the owner: the next time it comes again."""
    host = supply.host("again")
    files = ("/etc/conffile-new.conf", "/etc/brand-new.conf")
    thimble.plan(host, "conffile-new", "wants-new", options=FULL)
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    checks.expect(all(host.read(path) for path in files), "they came with the new versions", files)
    thimble.call(host, "patch", "rollback", run)
    checks.equal([host.read(path) for path in files], [None, None], "they went with them")
    # All of this may take less than a second: what it excludes makes it another plan than that which was taken back.
    thimble.plan(host, "conffile-new", "wants-new", options=[*FULL, "--retry", "--exclude", "good-fix"])
    applied = thimble.apply_unrehearsed(host)
    checks.equal(answer(applied).get("result"), "applied", "once more", applied)
    checks.equal([host.read(path) for path in files], ["a=2\n", "a=1\n"], "and they have come again")
    checks.equal(host.inside("dpkg", "--verify", "conffile-new", "brand-new").output, "", "as dpkg knows them")


def upgraded_by_apt(host):
    """The packages that `apt-get upgrade` would bring, as it says itself."""
    shown = host.inside("apt-get", "-s", "upgrade", network=True)
    return {line.split()[1] for line in shown.output.splitlines() if line.startswith("Inst ")}


def pinned_for_others(thimble, host, checks):
    """apt alone leaves the very version alone, and nothing else."""
    run = thimble.runs(host)[-1]
    checks.equal(host.pins(), [run["pin"]], "the pin that the record names is there", run)
    offered = upgraded_by_apt(host)
    checks.expect("good-fix" not in offered and "libgood1" in offered, "apt leaves out what was taken back", offered)
    told = thimble.call(host, "doctor")
    checks.expect(run["pin"] in told.output and "good-fix" in told.output, "doctor names it", told)
    told = thimble.call(host, "history", run["run"])
    step = f"thimble patch unblock --root {host.root} --state {host.state} {run['run']}"
    checks.expect(step in told.output, "history says how it is allowed again, on this very host", told)


def by_another_path(supply, thimble, checks):
    """The same system by another path is the same host: what was taken back stays blocked there, and pinned."""
    host = supply.host("first-path")
    thimble.plan(host, "good-fix")
    thimble.call(host, "patch", "rollback", answer(thimble.apply_unrehearsed(host)).get("run", ""))
    back = thimble.runs(host)[-1]["run"]
    stale = thimble.plan_file(host)
    other = SmallHost(host.root.with_name("other-path"), host.state)
    other.root.mkdir()
    subprocess.run(["mount", "--bind", host.root, other.root], check=True)
    before = [host.read(pin) for pin in host.pins()]
    left_out = thimble.plan(other, "good-fix", file="other.json")
    left = [(one["source"], one["code"]) for one in answer(left_out).get("left_out", [])]
    checks.equal(left, [("good-fix", "taken_back")], "a plan by another path leaves it out", left_out)
    scan = thimble.call(other, "scan", "--json", "--catalog", thimble.catalog)
    patches = {patch["source"]: patch for patch in scan.json["patches"]}
    blocker = patches.get("good-fix", {}).get("blocker") or {}
    checks.equal(blocker.get("kind"), "taken_back", "a scan calls it blocked", scan)
    refused = thimble.call(other, "patch", "apply", stale, "--without-rehearsal", "--reason", "a test")
    checks.expect(refused.status not in (0, 1), "a plan of before is refused", refused)
    resumed = thimble.call(other, "patch", "resume")
    checks.equal(resumed.status, 0, "resume", resumed)
    checks.equal(([host.read(pin) for pin in host.pins()], len(before)), (before, 1), "the pin is as it was", resumed)
    checks.expect("good-fix" not in upgraded_by_apt(host), "apt leaves it out")
    done = thimble.call(other, "patch", "unblock", back, "--reason", "mended")
    checks.equal((done.status, host.pins()), (0, []), "it is allowed again by any path", done)
    checks.expect("--package good-fix" in done.text, "and its plan is named", done)
    subprocess.run(["umount", other.root], check=True)


def unblocked(thimble, host, applied, checks):
    """Somebody has looked why, and allows it again."""
    thimble.call(host, "patch", "rollback", applied)
    way_back = thimble.runs(host)[-1]["run"]
    checks.equal(len(host.pins()), 1, "it is pinned again")
    refused = thimble.call(host, "patch", "unblock", way_back)
    checks.expect(refused.status >= 64 and host.pins(), "not without a reason", refused)
    done = thimble.call(host, "patch", "unblock", applied, "--reason", "mended upstream", "--json")
    checks.equal((done.status, answer(done).get("run")), (0, way_back), "unblock by the run that was taken back", done)
    checks.equal(host.pins(), [], "nothing is pinned")
    checks.expect("good-fix" in upgraded_by_apt(host), "apt takes it again")
    scan = thimble.call(host, "scan", "--json", "--catalog", thimble.catalog)
    patches = {patch["source"]: patch for patch in scan.json["patches"]}
    checks.equal(patches.get("good-fix", {}).get("blocker"), None, "a scan calls it blocked no more", scan)
    told = thimble.call(host, "history", way_back)
    there_and_back = f"good-fix  {NEW} -> {OLD}  (1 vulnerability open again)"
    checks.expect(there_and_back in told.output, "which way it went", told)
    checks.expect("mended upstream" in told.output, "the reason is on record", told)
    again = thimble.call(host, "patch", "unblock", way_back, "--reason", "again")
    checks.expect(again.status >= 64, "there is nothing to unblock twice", again)
    checks.equal(thimble.plan(host, "good-fix").json.get("patches", [{}])[0].get("source"), "good-fix", "a plan takes it")


def wrong_questions(supply, thimble, checks):
    host = supply.host("wrong")
    for run in ("20990101T000000Z-0000", "../..", ""):
        done = thimble.call(host, "patch", "rollback", run)
        checks.expect(done.status >= 64, f"no run {run!r}", done)
    thimble.plan(host, "failing-preinst")
    failed = answer(thimble.apply_unrehearsed(host))
    done = thimble.call(host, "patch", "rollback", failed.get("run", ""), "--json")
    checks.expect(answer(done).get("result") in (None, "rolled_back", "unchanged", "skipped"), "a run that changed nothing", done)
    checks.equal((host.version("failing-preinst"), host.audit()), (OLD, ""), "it is as before")


def pruned(supply, thimble, checks):
    """Old runs lose their archives, then their record; what is blocked stays on record."""
    host = supply.host("pruned")
    thimble.plan(host, "good-fix")
    first = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.plan(host, "arch-all")
    second = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.call(host, "patch", "rollback", second)
    back = thimble.runs(host)[-1]["run"]
    folder = host.state / "runs" / first / "kept"
    kept = thimble.call(host, "patch", "prune", "--json")
    checks.equal((answer(kept).get("archives"), answer(kept).get("records")), ([], []), "new runs stay", kept)
    checks.expect(list(folder.glob("*.deb")), "with their archives")
    for path in (host.state / "archives").glob("*.deb"):
        os.utime(path, (0, 0))  # else what was used within this very second stays
    done = thimble.call(host, "patch", "prune", "--keep", "0", "--archive-days", "0", "--json")
    checks.equal(answer(done).get("archives"), [first, second, back], "archives of old runs go", done)
    checks.equal(list(folder.glob("*.deb")), [], "they are gone")
    checks.expect(not list((host.state / "archives").glob("*.deb")), "those of plans, too")
    refused = thimble.call(host, "patch", "rollback", first)
    checks.expect(refused.status >= 64 and "patch prune" in refused.text, "then nothing can be taken back", refused)
    checks.equal([run["result"] for run in thimble.runs(host)], ["applied", "applied", "rolled_back"], "the record stays")
    told = thimble.call(host, "history", first)
    checks.expect("cannot be taken back" in told.output, "history says so", told)
    everything = ["--keep", "0", "--archive-days", "0", "--record-days", "0", "--json"]
    done = thimble.call(host, "patch", "prune", *everything)
    checks.equal(answer(done).get("records"), [first, second], "records go last, but what is blocked", done)
    checks.equal([run["run"] for run in thimble.runs(host)], [back], "nothing is left of them")
    checks.equal(len(host.pins()), 1, "the pin stays")
    left_out = thimble.plan(host, "arch-all")
    checks.expect(back in left_out.text, "and so does the block", left_out)
    thimble.call(host, "patch", "unblock", back, "--reason", "mended")
    thimble.call(host, "patch", "prune", *everything)
    checks.equal(thimble.runs(host), [], "until it is allowed again")


def lost_folder(supply, thimble, checks):
    """Somebody removes the folder of a run: what it took back stays blocked, and the loss is told."""
    host = supply.host("lost")
    thimble.plan(host, "good-fix")
    applied = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.call(host, "patch", "rollback", applied)
    back = thimble.runs(host)[-1]["run"]
    shutil.rmtree(host.state / "runs" / back)
    left_out = thimble.plan(host, "good-fix")
    checks.expect(back in left_out.text and not answer(left_out).get("patches"), "plans still leave it out", left_out)
    told = thimble.call(host, "doctor")
    checks.expect(back in told.text and "its folder is gone" in told.text, "doctor names the loss", told)
    lost = {run["run"]: run["result"] for run in thimble.runs(host)}
    checks.equal(lost, {applied: "applied", back: "lost"}, "and so does the history")
    checks.equal(len(host.pins()), 1, "the pin stays")
    done = thimble.call(host, "patch", "unblock", back, "--reason", "mended")
    checks.equal((done.status, host.pins()), (0, []), "somebody allows it again", done)
    checks.equal(thimble.plan(host, "good-fix").json.get("patches", [{}])[0].get("source"), "good-fix", "a plan takes it")


def damaged_record(supply, thimble, checks):
    """A run that may not have ended keeps every other from beginning, until somebody has looked."""
    host = supply.host("damaged-record")
    thimble.plan(host, "good-fix")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    journal = host.state / "runs" / run / "journal"
    journal.write_bytes(b"0" * 8 + journal.read_bytes()[8:])
    verified = thimble.call(host, "verify", "--json")
    checks.equal([one["run"] for one in answer(verified).get("open_runs", [])], [run], "verify tells of it", verified)
    thimble.plan(host, "arch-all")
    refused = thimble.apply_unrehearsed(host)
    checks.expect(refused.status >= 64 and f"patch unblock {run}" in refused.text, "nothing is begun beside it", refused)
    thimble.call(host, "patch", "unblock", run, "--reason", "looked at the host")
    thimble.plan(host, "arch-all")
    done = thimble.apply_unrehearsed(host)
    checks.equal(answer(done).get("result"), "applied", "then it is", done)


def way_back_of_a_kept_run(supply, thimble, checks):
    """A way back reads the new versions, too: their archives stay with the run, however old they are."""
    host = supply.host("kept-run")
    thimble.plan(host, "conffile-edited")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    thimble.call(host, "patch", "prune", "--keep", "20", "--archive-days", "0")
    done = thimble.call(host, "patch", "rollback", run, "--json")
    checks.equal(answer(done).get("result"), "rolled_back", "a run that was not pruned can be taken back", done)


def held_since(supply, thimble, checks):
    """What the owner holds is not changed by a way back either: it is skipped, and nothing is blocked or pinned."""
    host = supply.host("held-since")
    thimble.plan(host, "good-fix")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    host.inside("apt-mark", "hold", "good-fix")
    refused = thimble.call(host, "patch", "rollback", run, "--json")
    checks.equal((refused.status, answer(refused).get("result")), (3, "skipped"), "a way back of what is held", refused)
    checks.expect(f"chroot {host.root} apt-mark unhold good-fix" in refused.text, "it says how it may change, there", refused)
    checks.equal((host.version("good-fix"), host.pins()), (NEW, []), "the host is as it was")
    host.inside("apt-mark", "unhold", "good-fix")
    done = thimble.call(host, "patch", "rollback", run, "--json")
    checks.equal((done.status, answer(done).get("result")), (0, "rolled_back"), "held no more, it is taken back", done)


def failing_afterwards(supply, thimble, checks):
    """A probe that fails although the versions before are back is named, and asked when the run is verified."""
    host = supply.host("failing-afterwards")
    thimble.plan(host, "good-fix", options=["--settle", "1", "--settle-tries", "1", "--probe", "once=command:/bin/mkdir /asked"])
    done = thimble.apply_unrehearsed(host)
    checks.equal(answer(done).get("result"), "rolled_back", "a probe that passes once", done)
    run = thimble.runs(host)[-1]
    checks.expect("probe once: passed before, fails now" in (run["problem"] or ""), "its problem is on record", run)
    told = thimble.call(host, "history")
    checks.expect("not all is well: probe once" in told.text, "history says so", told)
    failing = thimble.call(host, "verify", run["run"])
    said = " ".join(failing.text.split())
    checks.expect("the versions before are back: look at what fails with them, too (probe once)" in said, "so does verify", failing)
    checks.expect("patch rollback" not in said, "which offers no second way back", failing)
    again = answer(thimble.call(host, "patch", "rollback", run["run"], "--reason", "x", "--json")).get("error", {})
    has_step = again.get("code") == "cli.already_back" and "thimble verify" in (again.get("next") or "")
    checks.expect(has_step and str(host.root) in again["next"], f"nor does a rollback leave it at that: {again}")
    host.path("/asked").rmdir()
    verified = answer(thimble.call(host, "verify", run["run"], "--json"))
    asked = [check["verdict"] for check in verified.get("checks", []) if check["name"] == "probe once"]
    checks.equal((asked, host.path("/asked").is_dir()), (["pass"], True), "verify asks it, in the root", verified)


def failing_as_before(supply, thimble, checks):
    """Of a probe that fails before and after, the line that is written meanwhile says no more than the history."""
    host = supply.host("failing-as-before")
    thimble.plan(host, "good-fix", options=["--settle", "1", "--settle-tries", "1", "--probe", "no=command:/bin/false"])
    options = ["--without-rehearsal", "--reason", "a test"]
    done = thimble.call(host, "patch", "apply", thimble.plan_file(host), *options)
    told = thimble.call(host, "history", thimble.runs(host)[-1]["run"])
    for called in (done, told):
        said = "Z examined probe no fails, as it failed before: nothing is known of it"
        checks.expect(said in called.text, "a look that tells nothing", called)


def only_of_its_root(supply, thimble, checks):
    """The history of one root names no run of another, and says how many there are."""
    one, other = supply.host("one-of-two"), supply.host("other-of-two")
    other.state = one.state
    for host in (one, other):
        thimble.plan(host, "good-fix")
        thimble.apply_unrehearsed(host)
    told = thimble.call(one, "history")
    said = "1 run is of other roots: listed where --root is left out"
    checks.expect(str(other.root) not in told.text and said in told.text, "the history of one root", told)
    listed = answer(thimble.call(one, "history", "--json"))
    seen = ([run["root"] for run in listed["runs"]], listed["runs_of_other_roots"])
    checks.equal(seen, ([str(one.root)], 1), "and its JSON", listed)


def running_from_root(supply, thimble, checks):
    """A process whose root the directory is: its number, program and replaced files are evidence."""
    host = supply.host("running")
    thimble.plan(host, "good-fix")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    with subprocess.Popen(["chroot", host.root, "/usr/bin/sleep", "600"]) as process:
        until(lambda: os.readlink(f"/proc/{process.pid}/exe").startswith(str(host.root)), process)
        before = thimble.call(host, "verify", run)
        program = host.path("/usr/bin/sleep")
        shutil.copy(program, f"{program}.new")
        os.rename(f"{program}.new", program)
        after = thimble.call(host, "verify", run)
        process.kill()
    named = f"sleep ({process.pid}) runs from the directory: /usr/bin/sleep; it maps "
    checks.expect(before.status == 2 and f"{named}nothing that was replaced" in before.text, "what runs is named", before)
    checks.expect(f"{named}what was replaced: /usr/bin/sleep" in after.text, "with what was replaced", after)
    verified = thimble.call(host, "verify", run)
    checks.equal(verified.status, 0, "and when it has ended all is verified", verified)


def damaged_archive(supply, thimble, checks):
    """What was kept is checked again before it goes back on the host."""
    host = supply.host("damaged")
    thimble.plan(host, "good-fix")
    run = answer(thimble.apply_unrehearsed(host)).get("run", "")
    for path in (host.state / "runs" / run / "kept").glob("*.deb"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(bytes(data))
    done = thimble.call(host, "patch", "rollback", run, "--json")
    checks.expect(done.status != 0, "a damaged kept archive is refused", done)
    checks.expect("good-fix" in done.text or "good-fix" in str(thimble.runs(host)[-1]), "and named", done)
    checks.equal((host.version("good-fix"), host.audit()), (NEW, ""), "the host is as it was")


def test(supply, thimble, checks):
    for source in SOURCES:
        there_and_back(supply, thimble, checks, source)
    supply.publish()
    for case, name in ((records_go_back, "records"), (one_stays, "stays"), (unseen_is_told, "unseen")):
        case(supply, thimble, checks)
        shutil.rmtree(supply.folder / name)  # the file system in memory has room for twenty hosts
    configuration_comes_again(supply, thimble, checks)
    unblocked(thimble, *blocked_afterwards(supply, thimble, checks), checks)
    by_another_path(supply, thimble, checks)
    update_taken_back(supply, thimble, checks)
    wrong_questions(supply, thimble, checks)
    pruned(supply, thimble, checks)
    lost_folder(supply, thimble, checks)
    damaged_record(supply, thimble, checks)
    way_back_of_a_kept_run(supply, thimble, checks)
    held_since(supply, thimble, checks)
    damaged_archive(supply, thimble, checks)
    failing_afterwards(supply, thimble, checks)
    failing_as_before(supply, thimble, checks)
    only_of_its_root(supply, thimble, checks)
    running_from_root(supply, thimble, checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

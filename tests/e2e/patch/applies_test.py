#!/usr/bin/python3
"""Applies the purpose-made updates for real: how each run ends, what the host has then, and what the
record and `thimble verify` say of it.
usage: applies_test.py PROGRAMS"""

import sys

sys.dont_write_bytecode = True

from small_host import NEW, OLD, debian_root, difference, ended, until  # noqa: E402
from thimble_calls import EXIT_DONE, EXIT_NOT_WELL, EXIT_SKIPPED, answer, run_patch_test  # noqa: E402

ALL = ["--level", "full", "--allow-removals", "--allow-downgrades"]

# Packages -> (options of plan, exit status, result, versions afterwards, state by verify)
APPLIES = [
    ("good-fix", [], EXIT_DONE, "applied", {"good-fix": NEW}, "verified"),
    ("arch-all", [], EXIT_DONE, "applied", {"arch-all": NEW}, "verified"),
    ("auto-library", [], EXIT_DONE, "applied", {"auto-library": NEW}, "verified"),
    ("pre-depending", [], EXIT_DONE, "applied", {"pre-depending": NEW, "good-fix": NEW}, "verified"),
    ("wants-new", [], EXIT_DONE, "applied", {"wants-new": NEW, "brand-new": NEW}, "verified"),
    ("essential-tool", [], EXIT_DONE, "applied", {"essential-tool": NEW}, "verified"),
    ("asking-debconf", [], EXIT_DONE, "applied", {"asking-debconf": NEW}, "verified"),
    ("noisy-postinst", [], EXIT_DONE, "applied", {"noisy-postinst": NEW}, "verified"),
    ("forking-postinst", [], EXIT_DONE, "applied", {"forking-postinst": NEW}, "verified"),
    ("writing-elsewhere", [], EXIT_DONE, "applied", {"writing-elsewhere": NEW}, "verified"),
    ("conffile-edited", [], EXIT_DONE, "applied", {"conffile-edited": NEW}, "verified"),
    ("conffile-deleted", [], EXIT_DONE, "applied", {"conffile-deleted": NEW}, "verified"),
    ("conffile-foreign", [], EXIT_DONE, "applied", {"conffile-foreign": NEW}, "verified"),
    ("conffile-obsolete", [], EXIT_DONE, "applied", {"conffile-obsolete": NEW}, "verified"),
    ("breaking-dependent", ALL, EXIT_DONE, "applied", {"breaking-dependent": NEW, "broken-dependent": ""}, "verified"),
    ("multi-a", [], EXIT_DONE, "applied", {"multi-a": NEW, "multi-b": OLD}, "missing"),
    ("failing-postinst", [], EXIT_NOT_WELL, "rolled_back", {"failing-postinst": OLD}, "rolled_back"),
    ("failing-preinst", [], EXIT_NOT_WELL, "unchanged", {"failing-preinst": OLD}, None),
    ("asking-input", [], EXIT_NOT_WELL, "rolled_back", {"asking-input": OLD}, "rolled_back"),
    ("hostile-newline", [], EXIT_NOT_WELL, "unchanged", {"hostile-newline": OLD}, None),
]
# On a host of its own: it leaves the package manager's own journal behind.
KILLING = [("killing-postinst", [], EXIT_NOT_WELL, "rolled_back", {"killing-postinst": OLD}, "rolled_back")]
# One run of several that fail together with one that is good: all or nothing.
MIXED = ("web-good", "failing-postinst", "adding-timer")


def run_of(thimble, host, done):
    named = answer(done).get("run")
    return next((run for run in thimble.runs(host) if run["run"] == named), {})


def record_is_true(thimble, host, done, result, checks, what):
    run = run_of(thimble, host, done)
    checks.equal(run.get("result"), result, f"{what}: the result in the record")
    phases = [entry["phase"] for entry in run.get("entries", [])]
    checks.equal((phases[:1], phases[-1:]), (["begun"], ["ended"]), f"{what}: the record has its begin and its end")
    checks.equal(run.get("problem"), None, f"{what}: the record is readable")


def each_apply(thimble, host, checks, table):
    for name, options, status, result, versions, state in table:
        planned = thimble.plan(host, name, options=options)
        if not checks.equal(planned.status, 0, f"plan of {name}", planned):
            continue
        before, etc = host.versions(), host.configuration()
        done = thimble.apply_unrehearsed(host)
        checks.equal((done.status, answer(done).get("result")), (status, result), f"apply of {name}", done)
        checks.equal({package: host.version(package) for package in versions}, versions, f"versions after {name}", done)
        checks.equal(host.audit(), "", f"the package database after {name}")
        record_is_true(thimble, host, done, result, checks, name)
        if result != "applied":
            checks.same(before, host.versions(), f"versions after {name} failed")
            checks.same(etc, host.configuration(), f"/etc after {name} failed")
        else:
            others = [line for line in difference(before, host.versions()) if line.split(":")[0] not in versions]
            checks.equal(others, [], f"nothing else changes with {name}")
        if state is not None:
            verified = thimble.call(host, "verify", answer(done).get("run", ""), "--json")
            states = sorted({patch["state"] for patch in answer(verified).get("patches", [])})
            checks.equal(states, [state], f"verify after {name}", verified)
            checks.equal(verified.status, 0 if state == "verified" else 1, f"status of verify after {name}", verified)


def what_is_said(thimble, host, checks):
    """The reason of a failure has the failing package and what it said."""
    said = {
        "failing-postinst": "failing-postinst: as intended",
        "failing-preinst": "failing-preinst: as intended",
        "asking-input": "Continue?",
    }
    for run in thimble.runs(host):
        for patch in run["patches"]:
            word = said.get(patch["source"])
            if word is not None:
                details = " ".join(entry["detail"] for entry in run["entries"])
                checks.expect(word in details, f"the record of {patch['source']} has {word!r}", details[-1500:])


def left_beside(thimble, host, checks):
    """The new versions of configuration files that were changed here: in the record, and told until they are gone."""
    for run in thimble.runs(host):
        for patch in run["patches"]:
            name = patch["source"]
            if name in ("conffile-edited", "conffile-deleted", "conffile-foreign"):
                path = f"/etc/{name}.conf.dpkg-dist"
                checks.equal(run["left_files"], [path], f"history names what {name} left", run)
                told = thimble.call(host, "history", run["run"])
                checks.expect(f"left beside: {path}" in told.output, f"the journal of {name} has it", told)
                checks.expect(path in thimble.call(host, "verify", run["run"]).output, f"verify names what {name} left")
                host.path(path).unlink()
                done = thimble.call(host, "verify", run["run"], "--json")
                checks.equal(answer(done).get("left_files"), [], f"and does so no more when it is gone: {name}", done)
            elif name == "good-fix":
                checks.equal(run["left_files"], [], "good-fix leaves nothing")


def all_or_nothing(thimble, host, checks):
    planned = thimble.plan(host, *MIXED)
    checks.equal(planned.status, 0, "plan of several", planned)
    before, etc, automatic = host.versions(), host.configuration(), host.automatic()
    done = thimble.apply_unrehearsed(host)
    checks.equal(answer(done).get("result"), "rolled_back", "one of several fails", done)
    checks.same(before, host.versions(), "all versions are those before")
    checks.same(etc, host.configuration(), "/etc is as before")
    checks.equal(host.automatic(), automatic, "marks are as before")
    checks.equal(host.audit(), "", "the package database")


def already_downloaded(supply, thimble, host, checks):
    """apt has the archives in its cache already, as where something downloads ahead."""
    for path in supply.pool.glob("*deb12u1*.deb"):
        (host.path("/var/cache/apt/archives") / path.name).write_bytes(path.read_bytes())
    thimble.plan(host, "good-fix", "libgood1")
    done = thimble.apply_unrehearsed(host)
    checks.equal(answer(done).get("result"), "applied", "the archives are in apt's cache already", [done, thimble.journal(host)])


def a_mirror_of_its_own(supply, thimble, host, checks):
    """The sources of the root name a folder of it: whatever this machine has there, and no link leads out of it."""
    mirror = "/srv/thimble-test-mirror"
    debian_root.copy_tree(supply.archive, host.path(mirror))
    sources = host.path("/etc/apt/sources.list")
    sources.write_text(sources.read_text().replace(supply.mirror.url.rstrip("/"), f"file:{mirror}"))
    debian_root.update(host.root)
    planned = thimble.plan(host, "good-fix")
    checks.equal(planned.status, 0, "a plan from a mirror of the root itself", planned)
    rehearsed = thimble.rehearse(host)
    checks.equal(answer(rehearsed).get("verdict"), "pass", "its rehearsal", rehearsed)
    done = thimble.apply(host)
    checks.equal(answer(done).get("result"), "applied", "its apply", done)
    back = thimble.call(host, "patch", "rollback", answer(done).get("run", ""), "--reason", "a test", "--json")
    checks.equal((answer(back).get("result"), host.version("good-fix")), ("rolled_back", OLD), "its way back", back)
    archive = next(path for path in host.path(mirror).rglob("libgood1_*deb12u1*.deb"))
    outside = supply.folder / archive.name
    archive.rename(outside)
    for target in (outside, f"{'../' * 20}{str(outside).lstrip('/')}"):
        archive.unlink(missing_ok=True)
        archive.symlink_to(target)
        refused = thimble.plan(host, "libgood1")
        checks.expect(refused.status == 69 and "is not there in the root" in refused.output, "a link out of it", refused)


def out_of_space(supply, thimble, checks):
    """The disk fills up in the middle of the transaction, against what the packages say of themselves."""
    where = supply.folder / "small-disk"
    where.mkdir()
    debian_root.run(["mount", "-t", "tmpfs", "-o", "mode=755,size=400m", "small-disk", where])
    host = supply.host("small-disk/root")
    etc, before = host.configuration(), host.versions()
    planned = thimble.plan(host, "good-fix", "larger-than-said", options=["--reserve", "0"])
    checks.equal(planned.status, 0, "plan of what is larger than it says", planned)
    done = thimble.apply_unrehearsed(host)
    checks.expect(answer(done).get("result") in ("unchanged", "rolled_back"), "the disk fills up", done)
    words = [entry["word"] for entry in thimble.journal(host)]
    checks.expect("no_space" in words, "the journal says that there was no space", words)
    checks.same(before, host.versions(), "versions after the disk was full")
    checks.same(etc, host.configuration(), "/etc after the disk was full")
    checks.equal(host.audit(), "", "the package database after the disk was full")
    checks.expect("the disk of /usr is full (" in answer(done).get("reason", ""), "it says which disk", done)
    checks.equal(answer(done).get("cause"), "no_space", "and programs learn what the cause was", done)
    checks.equal(host.pins(), [], "a full disk pins nothing")
    checks.equal(thimble.runs(host)[-1]["blocks"], [], "and blocks nothing")
    again = thimble.plan(host, "good-fix", options=["--reserve", "0"])
    checks.expect(again.status == 0 and "good-fix" in again.output, "nor is its patch left out of plans", again)


def no_way_back_for_want_of_space(supply, thimble, checks):
    """Nothing is held for the way back, and somebody else fills the disk: that says nothing of the patches, then or later."""
    where = supply.folder / "fuller-disk"
    where.mkdir()
    debian_root.run(["mount", "-t", "tmpfs", "-o", "mode=755,size=400m", "fuller-disk", where])
    host = supply.host("fuller-disk/root")
    host.state = supply.folder / "state-of-fuller-disk"
    before, log = host.versions(), host.path("/var/log/dpkg.log")
    thimble.plan(host, "arch-all", "good-fix", "libgood1", "larger-than-said", options=["--reserve", "0"])
    words = ("patch", "apply", thimble.plan_file(host), "--without-rehearsal", "--reason", "a test", "--json")
    process = thimble.start(host, *words)
    until(lambda: log.exists() and f"status unpacked good-fix:amd64 {NEW}" in log.read_text(), process)
    while process.poll() is None:  # what one write that failed gives free the next must not get
        debian_root.fill(where)
    run = thimble.runs(host)[-1]
    checks.equal(run["result"], "rollback_failed", "there is no room for the way back", thimble.journal(host))
    checks.equal((run["blocks"], host.pins()), ([], []), "which blocks and pins nothing", run)
    (where / "filling").unlink()
    back = thimble.call(host, "patch", "rollback", run["run"])
    checks.equal(back.status, 0, "once there is room it goes back", back)
    checks.same(before, host.versions(), "versions after the way back")
    checks.equal((host.audit(), thimble.runs(host)[-1]["blocks"], host.pins()), ("", [], []), "and nothing is blocked", back)


def no_rollback(thimble, host, checks):
    thimble.plan(host, "failing-postinst", options=["--no-rollback"])
    done = thimble.apply_unrehearsed(host)
    checks.equal((done.status, answer(done).get("result")), (EXIT_NOT_WELL, "failed"), "without rollback", done)
    checks.equal(host.version("failing-postinst"), f"{NEW} half-configured", "it is left for a person")
    record_is_true(thimble, host, done, "failed", checks, "without rollback")
    asked = thimble.shown_plan(host, "--package", "failing-postinst")
    said = " ".join(asked.text.split())
    cures = (f"{NEW} is not set up: run `thimble patch resume --root {host.root}", f", or `chroot {host.root} dpkg --configure -a`")
    checks.equal((asked.status, all(cure in said for cure in cures)), (EXIT_NOT_WELL, True), "what is not set up is not called installed", asked)
    thimble.plan(host, "good-fix")
    after = thimble.apply_unrehearsed(host)
    checks.expect(after.status in (EXIT_SKIPPED, 75), "a host that is not clean is left alone", after)
    checks.expect("failing-postinst" in after.text, "and the unfinished package is named", after)


def permissions(thimble, host, checks):
    planned = thimble.plan(host, "good-fix")
    checks.equal(planned.status, 0, "plan", planned)
    done = thimble.apply(host)
    checks.expect(done.status not in (0, 1) and "rehears" in done.text, "no apply without a rehearsal", done)
    done = thimble.apply(host, "--without-rehearsal")
    checks.expect(done.status >= 64 and "--reason" in done.text, "without a rehearsal only with a reason", done)
    checks.equal(host.version("good-fix"), OLD, "and nothing has changed")
    done = thimble.apply_unrehearsed(host)
    checks.expect("a test" in str(run_of(thimble, host, done)), "the reason is in the record", done)


def nowhere_to_answer(thimble, host, checks):
    """How a run ended is told on standard error where standard output takes nothing, and the status is the run's."""
    for redirection in (">/dev/full", ">&-"):
        for name, status, result in (("good-fix", 73, "applied"), ("failing-postinst", EXIT_NOT_WELL, "rolled_back")):
            thimble.plan(host, name)
            before = host.version(name)
            words = ("patch", "apply", thimble.plan_file(host), "--json", "--without-rehearsal", "--reason", "a test")
            thimble.when_quiet()
            done = ended(["sh", "-c", f'exec "$@" {redirection}', "sh", *thimble.argv(host, *words)])
            what = f"apply of {name} {redirection}"
            checks.equal((done.status, thimble.runs(host)[-1]["result"]), (status, result), what, done)
            checks.expect(f'"result":"{result}"' in done.errors, f"{what}: the result is on standard error", done)
            checks.equal(host.version(name), NEW if result == "applied" else before, f"{what}: the version")
            if result == "applied":
                taken_back = thimble.call(host, "patch", "rollback", thimble.runs(host)[-1]["run"])
                checks.equal(taken_back.status, 0, f"{what}: taken back", taken_back)
            run = thimble.runs(host)[-1]["run"]
            unblocked = thimble.call(host, "patch", "unblock", run, "--reason", "a test")
            checks.equal(unblocked.status, 0, f"{what}: unblocked", unblocked)


def test(supply, thimble, checks):
    nowhere_to_answer(thimble, supply.host("nowhere"), checks)
    permissions(thimble, supply.host("permissions"), checks)
    host = supply.host("host")
    each_apply(thimble, host, checks, APPLIES)
    each_apply(thimble, supply.host("killing"), checks, KILLING)
    what_is_said(thimble, host, checks)
    left_beside(thimble, host, checks)
    all_or_nothing(thimble, supply.host("several"), checks)
    already_downloaded(supply, thimble, supply.host("downloaded"), checks)
    a_mirror_of_its_own(supply, thimble, supply.host("mirror"), checks)
    out_of_space(supply, thimble, checks)
    no_way_back_for_want_of_space(supply, thimble, checks)
    no_rollback(thimble, supply.host("left"), checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

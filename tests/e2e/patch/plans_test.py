#!/usr/bin/python3
"""What a plan says of each purpose-made update, before anything is changed.
usage: plans_test.py PROGRAMS"""

import json
import os
import shutil
import sys

sys.dont_write_bytecode = True

from refusals_test import lock_held  # noqa: E402
from small_host import NEW, OLD  # noqa: E402
from thimble_calls import answer, problems_of, run_patch_test, steps_of  # noqa: E402

UP = ("upgrade", OLD, NEW)

# Package -> (options, exit status, steps, codes of problems)
PLANS = [
    ("good-fix", [], 0, {"good-fix": UP}, []),
    ("arch-all", [], 0, {"arch-all": UP}, []),
    ("plain-update", [], 0, {"plain-update": UP}, []),
    ("auto-library", [], 0, {"auto-library": UP}, []),
    ("libgood1", [], 0, {"libgood1": UP}, []),
    ("essential-tool", [], 0, {"essential-tool": UP}, []),
    ("pre-depending", [], 0, {"pre-depending": UP, "good-fix": UP}, []),
    ("slow-steps", [], 0, {"slow-steps": UP, "slow-part": UP}, []),
    ("slow-steps", ["--exclude", "slow-part"], 1, None, ["apply.excluded"]),
    ("good-fix", ["--package", "slow-steps", "--exclude", "slow-part"], 1, {"good-fix": UP}, []),
    ("wants-new", [], 0, {"wants-new": UP, "brand-new": ("install", None, NEW)}, []),
    ("breaking-dependent", ["--level", "full"], 1, None, ["apply.removal_not_allowed"]),
    (
        "breaking-dependent",
        ["--level", "full", "--allow-removals"],
        0,
        {"breaking-dependent": UP, "broken-dependent": ("remove", OLD, None)},
        [],
    ),
    (
        "conflicting-update",
        ["--level", "full", "--allow-removals"],
        0,
        {"conflicting-update": UP, "conflict-victim": ("remove", OLD, None)},
        [],
    ),
    ("too-large", [], 1, {"too-large": UP}, ["apply.no_space"]),
    ("conffile-edited", ["--conffiles", "refuse"], 1, {"conffile-edited": UP}, ["apply.conffile_conflict"]),
    ("conffile-same", ["--conffiles", "refuse"], 0, {"conffile-same": UP}, []),
]

# What is kept back, and the word by which the plan tells why.
KEPT_BACK = [
    ("held-update", [], "hold"),
    ("pinned-update", [], f"a pin: apt prefers {OLD} (installed, pinned to priority 1001) to {NEW} (priority 500)"),
    ("phased-update", [], "phased"),
    ("never-possible", [], "nowhere"),
    ("wants-new", ["--level", "upgrade"], "brand-new"),
    ("breaking-dependent", [], "broken-dependent"),
]

# Package -> (conflict, path, a line of the difference)
CONFFILES = {
    "conffile-edited": ("edited", "/etc/conffile-edited.conf", "-a=mine\n+a=2"),
    "conffile-deleted": ("deleted", "/etc/conffile-deleted.conf", "+a=2"),
    "conffile-foreign": ("foreign", "/etc/conffile-foreign.conf", "-a=mine\n+a=2"),
    "conffile-same": None,
    "conffile-unchanged": None,
    "conffile-obsolete": None,
    "good-fix": None,
}


def each_plan(thimble, host, checks):
    for name, options, status, steps, problems in PLANS:
        what = " ".join([name, *options])
        done = thimble.plan(host, name, options=options)
        plan = answer(done)
        checks.equal((done.status, problems_of(plan)), (status, problems), f"plan {what}", done)
        if steps is not None:
            checks.equal(steps_of(plan), steps, f"steps of {what}", done)


def each_kept_back(thimble, host, checks):
    for name, options, word in KEPT_BACK:
        thimble.plan_file(host).unlink(missing_ok=True)
        done = thimble.call(
            host, "patch", "plan", "--catalog", thimble.catalog, "-o", thimble.plan_file(host), "--package", name, *options
        )
        written = thimble.plan_file(host)
        steps = steps_of(json.loads(written.read_text())) if written.exists() else {}
        refused = written.exists() and bool(json.loads(written.read_text())["problems"])
        checks.expect(refused or name not in steps, f"{name} is kept back", done)
        checks.expect(word in done.text, f"why {name} is kept back is said: {word!r}", done)


def an_earlier_plan(thimble, host, checks):
    """Where no plan is written, none of before stands in its place."""
    file = thimble.plan_file(host)
    aside = file.with_name(file.name + ".earlier")
    for name, options, status in [("held-update", [], 1), ("held-update", ["--pass-over-missing"], 0)]:
        planned = thimble.plan(host, "good-fix")
        checks.equal((planned.status, file.exists()), (0, True), "a plan is written", planned)
        done = thimble.plan(host, name, options=options)
        checks.equal(done.status, status, f"the status when {name} is not in it", done)
        checks.expect(not file.exists() and aside.exists(), "the earlier plan is moved away", done)
        checks.expect(str(aside) in done.text, "and that is said", done)
        aside.unlink(missing_ok=True)
    planned = thimble.plan(host, "good-fix")
    before = file.read_text()
    done = thimble.plan(host, "no-such-package")
    checks.equal((done.status, file.read_text(), aside.exists()), (66, before, False), "a failure leaves it where it is", done)
    checks.expect("left as it was" in done.text, "and that is said", done)
    file.write_text("not a plan\n")
    thimble.plan(host, "held-update")
    checks.equal(file.read_text(), "not a plan\n", "what is no plan is left alone")
    file.unlink()


def each_conffile(thimble, host, checks):
    done = thimble.plan(host, *CONFFILES)
    found = {conffile["package"]: conffile for conffile in answer(done).get("conffiles", [])}
    for name, expected in CONFFILES.items():
        if expected is None:
            checks.expect(name not in found, f"{name}: no conflict is predicted", found.get(name))
            continue
        conflict, path, line = expected
        seen = found.get(name, {})
        checks.equal((seen.get("conflict"), seen.get("path")), (conflict, path), f"conflict of {name}", done)
        checks.expect(line in (seen.get("diff") or ""), f"the difference of {path} is shown", seen.get("diff"))


def selections(thimble, host, checks):
    by_advisory = answer(thimble.plan(host, options=["--advisory", "DSA-9001-1"]))
    checks.equal(steps_of(by_advisory), {"good-fix": UP}, "--advisory")
    by_cve = answer(thimble.plan(host, options=["--cve", "CVE-2099-0003"]))
    checks.equal(steps_of(by_cve), {"libgood1": UP}, "--cve")
    checks.equal(
        [patch["vulnerabilities"] for patch in by_cve.get("patches", [])], [["CVE-2099-0003"]], "what the plan closes"
    )
    passed = thimble.plan(host, "good-fix", "no-such-package", options=["--pass-over-missing", "--exclude", "no-such-one"])
    checks.equal(steps_of(answer(passed)), {"good-fix": UP}, "--pass-over-missing")
    checks.expect("passed over, no matter of this host: no-such-package, no-such-one" in passed.text, "names what it passed over", passed)
    unknown = thimble.plan(host, options=["--cve", "CVE-1999-0001"])
    gaps = [gap for gap in answer(unknown).get("gaps", []) if gap["code"] == "cli.not_known"]
    checks.equal((unknown.status, len(gaps)), (2, 1), "a CVE that a changelog alone could name is not known", unknown)
    said = gaps and "CVE-1999-0001" in gaps[0]["detail"] and "changelogs were not read" in gaps[0]["detail"]
    checks.expect(said and gaps[0]["next"], "why, and what to do", unknown)
    told = thimble.call(host, "explain", "CVE-1999-0001", "--catalog", thimble.catalog)
    said = "It is not known whether a patch closes CVE-1999-0001" in told.text
    checks.expect(told.status == 2 and said and "Next:" in told.text, "explain says the same", told)
    partly = thimble.plan(host, options=["--cve", "CVE-1999-0001", "--cve", "CVE-2099-0003"])
    codes = [gap["code"] for gap in answer(partly).get("gaps", [])]
    checks.equal((partly.status, steps_of(answer(partly)), codes), (2, {"libgood1": UP}, ["cli.not_known"]), "the rest is planned", partly)
    wrong = thimble.plan(host, options=["--cve", "foo"])
    checks.expect(wrong.status == 64 and "CVE-2024-3094" in wrong.text, "what is no id of a vulnerability", wrong)
    unknown = thimble.plan(host, "no-such-package")
    checks.expect(unknown.status >= 64 and "no-such-package" in unknown.text, "an unknown package is named", unknown)
    explained = thimble.call(host, "explain", "good-fxi", "--json", "--catalog", thimble.catalog)
    for command, wrong in (("patch plan", thimble.plan(host, "good-fxi")), ("explain", explained)):
        said = answer(wrong).get("error", {}).get("next") or ""
        checks.expect(wrong.status == 66 and said.startswith(f"nearest is good-fix: thimble {command}"), f"{command} names the nearest package", wrong)
    both = thimble.plan(host, "good-fxi", options=["--cve", "CVE-2099-0003", "--advisory", "DSA-1-1"])
    checks.expect("good-fxi" in both.text and "DSA-1-1" in both.text, "all that means nothing is told at once", both)
    advisory = thimble.plan(host, options=["--advisory", "DSA-1-1"])
    step = answer(advisory).get("error", {}).get("next") or ""
    renewed = "spelled" in step and step.endswith(f"thimble catalog build --feed NAME=FILE --output {thimble.catalog}")
    checks.expect(advisory.status == 66 and renewed, "what may help where an advisory is not known", advisory)
    checks.expect("explain" not in advisory.text, "an explanation does not know it either", advisory)
    held = thimble.call(host, "explain", "held-update", "--catalog", thimble.catalog)
    step = " ".join(held.output.replace("\\\n", " ").split())
    install = f"thimble patch plan --root {host.root} --catalog {thimble.catalog} --state {host.state} --package"
    ends = f"to lift it: chroot {host.root} apt-mark unhold held-update then install: {install} held-update"
    checks.expect(step.endswith(ends), "explain ends with how a hold is lifted, and then", held)
    pinned = thimble.call(host, "explain", "pinned-update", "--catalog", thimble.catalog)
    step = " ".join(pinned.output.replace("\\\n", " ").split())
    ends = f"change the pin in {host.root}/etc/apt/preferences or {host.root}/etc/apt/preferences.d then install: {install} pinned-update"
    checks.expect(step.endswith(ends), "explain ends with where a pin is, and then", pinned)
    phased = thimble.call(host, "explain", "never-possible", "--json", "--catalog", thimble.catalog)
    steps = [(patch["lift"], patch["install"]) for patch in answer(phased).get("patches", [])]
    checks.equal(steps, [([], None)], "nothing is said to install what no command installs", phased)
    asked = ["conflicting-update", "breaking-dependent"]
    done = thimble.plan(host, options=["--security", "--exclude", asked[0], "--exclude", asked[1]])
    checks.equal(answer(done).get("selection", {}).get("excluded"), asked, "the exclusions are told as they were asked for")
    steps = steps_of(answer(done))
    checks.expect("good-fix" in steps and "libgood1" in steps, "--security has the advisories", done)
    checks.expect("plain-update" not in steps, "--security leaves out what is no security matter", steps)
    again = thimble.plan(host, options=["--security", "--exclude", "(breaking|conflicting)-(dependent|update)"])
    first, second = answer(done), answer(again)
    for plan in (first, second):
        plan.get("selection", {}).pop("excluded", None)
        plan.pop("created_at", None)
        plan.pop("digest", None)
        plan["problems"] = problems_of(plan)  # their words tell how much room there is just now
    checks.equal(first, second, "the same question gives the same plan")


def words(thimble, host, checks):
    """What may stand behind --package, and what of it is up to date."""
    up_to_date = "dpkg"
    done = thimble.plan(host, "good-fix", up_to_date)
    left = [(one["source"], one["code"]) for one in answer(done).get("left_out", [])]
    checks.equal((done.status, steps_of(answer(done)), left), (0, {"good-fix": UP}, [(up_to_date, "nothing_newer")]), "one of them is up to date", done)
    done = thimble.plan(host, up_to_date)
    checks.equal((done.status, answer(done).get("plan", "")), (0, None), "nothing newer at all", done)
    done = thimble.plan(host, "good-f*:amd64")
    checks.equal((done.status, steps_of(answer(done))), (0, {"good-fix": UP}), "a glob with an architecture", done)
    for wrong, status, word in [("good-fix:sparc", 66, "good-fix:sparc"), ("good-[", 64, "a [ is not closed"), ("no-such-*", 66, "no-such-*")]:
        done = thimble.plan(host, wrong)
        checks.expect(done.status == status and word in done.text, f"--package {wrong}", done)
    nowhere = thimble.call(host, "patch", "plan", "--catalog", thimble.catalog, "--package", "good-fix", "-o", "/nonexist/plan.json")
    checks.equal(nowhere.status, 73, "a plan that cannot be written", nowhere)


SECURITY_ONLY = "origin=${distro_id},codename=${distro_codename}-security"
TO_ADD = "--origin 'origin=Debian,label=Debian,codename=bookworm'"


def origins(thimble, host, checks):
    """Only what comes from an archive that the owner allows."""
    done = thimble.plan(host, "good-fix", options=["--origin", SECURITY_ONLY])
    plan = answer(done)
    kept = plan.get("policy", {}).get("origins", [""])
    checks.equal((done.status, steps_of(plan)), (0, {"good-fix": UP}), "what comes from the archive", done)
    checks.equal(kept, ["origin=debian,codename=bookworm-security"], "the rule, for this host, is in the plan", done)
    shown = thimble.call(host, "patch", "show", thimble.plan_file(host))
    checks.expect(f"only from archives that match this: {kept[0]}" in shown.text, "and is shown", shown)
    done = thimble.plan(host, "plain-update", options=["--origin", SECURITY_ONLY])
    left = [(one["source"], one["code"]) for one in answer(done).get("left_out", [])]
    checks.equal((done.status, left), (1, [("plain-update", "origin_not_allowed")]), "a fix from elsewhere", done)
    said = "comes from Debian bookworm" in done.text and TO_ADD in done.text
    checks.expect(said, "whence, and how to allow it", done)
    done = thimble.plan(host, "wants-elsewhere", options=["--origin", SECURITY_ONLY])
    refused = answer(done).get("problems", [])
    detail = f"from-elsewhere {NEW} comes from Debian bookworm, which no --origin allows"
    checks.equal((done.status, problems_of(answer(done))), (1, ["apply.origin_not_allowed"]), "a dependency", done)
    said = [(one["detail"], TO_ADD in one["next"]) for one in refused]
    checks.equal(said, [(detail, True)], "which, whence, what to add", done)
    either = ["--origin", SECURITY_ONLY, "--origin", "l=Debian,n=book*"]
    done = thimble.plan(host, "wants-elsewhere", options=either)
    both = ["from-elsewhere", "wants-elsewhere"]
    checks.equal((done.status, sorted(steps_of(answer(done)))), (0, both), "any pattern suffices", done)
    for wrong, word in [("orgin=Debian", "no key 'orgin'"), ("Debian", "KEY=GLOB"), ("origin=", "behind origin=")]:
        done = thimble.plan(host, "good-fix", options=["--origin", wrong])
        said = word in done.text and "codename (n)" in done.text
        checks.expect(done.status == 64 and said, f"--origin {wrong}", done)


def without_archives(thimble, host, checks):
    """Where no archive carries security updates, that none is offered is no good news."""
    sources = host.path("/etc/apt/sources.list")
    before = sources.read_text()
    for text, code, word in [
        (before.splitlines()[0] + "\n", "inventory.no_security_archive", "bookworm-security main"),
        ("", "inventory.no_archive", "sources.list"),
    ]:
        sources.write_text(text)
        done = thimble.plan(host, options=["--security"])
        gaps = [(gap["code"], gap["next"]) for gap in answer(done).get("gaps", [])]
        checks.equal((done.status, [gap[0] for gap in gaps]), (2, [code]), "a host without archives", done)
        checks.expect(gaps and word in gaps[0][1], f"the next step is said: {word}", done)
        seen = thimble.shown_plan(host, "--security")
        checks.expect("Nothing to patch" not in seen.text and code not in seen.text, "people read words", seen)
        doctor = thimble.call(host, "doctor")
        checks.expect(doctor.status == 1 and word in doctor.text, "so says doctor", doctor)
    sources.write_text(before.splitlines()[0] + "\n")
    none = thimble.plan(host, "dpkg")
    checks.equal((none.status, answer(none).get("plan", "")), (2, None), "nothing newer may not be true then", none)
    named = thimble.plan(host, options=["--security", "--origin", "component=main"])
    checks.equal(answer(named).get("gaps"), [], "whoever names archives says that they have them", named)
    sources.write_text(before)


def never_fetched(thimble, host, checks):
    """Archives that are configured, and no index: to fetch them is enough, and until then nobody can tell."""
    lists = host.path("/var/lib/apt/lists")
    aside = lists.with_name("lists.aside")
    lists.rename(aside)
    (lists / "partial").mkdir(parents=True)
    done = thimble.plan(host, options=["--security"])
    gaps = [(gap["code"], gap["next"].split()[0]) for gap in answer(done).get("gaps", [])]
    checks.equal((done.status, gaps), (2, [("inventory.no_index", "chroot")]), "archives that were never fetched", done)
    checks.expect("apt-get update" in done.text and "bookworm-security" in done.text, "which, and what to do", done)
    doctor = thimble.call(host, "doctor")
    checks.expect(doctor.status == 1 and "there is no index of" in doctor.text, "so says doctor", doctor)
    shutil.rmtree(lists)
    aside.rename(lists)
    sources = host.path("/etc/apt/sources.list")
    before = sources.read_text()
    sources.write_text(before + "deb https://vendor.example/apt stable main\n")
    done = thimble.plan(host, "good-fix")
    gaps = [(gap["code"], gap["next"]) for gap in answer(done).get("gaps", [])]
    checks.equal((done.status, gaps), (0, [("inventory.no_index", f"chroot {host.root} apt-get update")]), "any archive", done)
    scan = thimble.call(host, "scan", "--json", "--catalog", thimble.catalog)
    for seen in [done, scan, thimble.call(host, "doctor")]:
        checks.expect("there is no index of https://vendor.example/apt/ stable" in " ".join(seen.text.split()), "which one", seen)
    sources.write_text(before)


def nothing_but_left_out(thimble, host, checks):
    """All that is missing is left out: not the same as nothing to patch."""
    done = thimble.plan(host, options=["--security", "--exclude", ".*"])
    left = answer(done).get("left_out", [])
    checks.expect(done.status == 1 and len(left) > 1, "a status of its own", done)
    checks.expect(all(one["code"] and one["why"] for one in left), "each with code and reason", str(left))
    seen = thimble.shown_plan(host, "--security", "--exclude", ".*")
    checks.expect(f"No plan: {len(left)} patches are missing, and all are left out." in seen.text, "in words", seen)
    done = thimble.plan(host, options=["--security", "--exclude", ".*", "--pass-over-missing"])
    checks.equal(done.status, 0, "for one host of many it is no failure", done)
    done = thimble.plan(host, "good-fix", "held-update")
    left = answer(done).get("left_out", [])
    named = [(one["source"], one["code"]) for one in left]
    checks.equal(named, [("held-update", "hold")], "a plan names what it leaves out, too", done)
    shown = thimble.call(host, "patch", "show", thimble.plan_file(host), "--json")
    checks.equal(answer(shown).get("left_out"), left, "and keeps it", shown)


def exclusions(thimble, host, checks):
    done = thimble.plan(host, "good-fix", options=["--exclude", "lib[a"])
    words = "the regular expression 'lib[a' is invalid from its character 4 on"
    checks.expect(done.status == 64 and words in done.text, "an invalid expression", done)
    done = thimble.plan(host, "good-fix", options=["--package", "slow-steps", "--exclude", "slow-p.*"])
    why = [one["why"] for one in answer(done).get("left_out", [])]
    checks.equal(why, ["slow-steps needs another version of slow-part, which is excluded"], "who matched", done)


def lines(thimble, host, checks):
    """What a terminal sees fits in it; a path that is longer stays whole."""
    much = ["--all", "--exclude", "lib.*", "--origin", SECURITY_ONLY]
    for options in [["--security"], ["--package", "conffile-edited"], much]:
        seen = thimble.shown_plan(host, *options)
        long = [line for line in (seen.output + seen.errors).splitlines() if len(line) > 80]
        checks.equal(long, [], f"lines of plan {' '.join(options)}", seen)


def an_old_index(thimble, host, checks):
    """An index of long ago may not know of the patch: to find none is no good news."""
    stamps = [host.path("/var/lib/apt/lists"), *host.path("/var/lib/apt/lists").iterdir()]
    before = [(path, path.stat()) for path in stamps]
    for path in stamps:
        os.utime(path, (0, 0))
    none = thimble.plan(host, "good-fix", options=["--exclude", "good-fix"])
    checks.equal((none.status, [gap["code"] for gap in answer(none).get("gaps", [])]), (2, ["assess.index_stale"]), "nothing found", none)
    named = thimble.plan(host, options=["--cve", "CVE-1999-0001"])
    checks.expect(named.status == 2 and "index is" in named.text, "nothing found for a CVE", named)
    made = thimble.plan(host, "good-fix")
    codes = [gap["code"] for gap in answer(made).get("gaps", [])]
    checks.equal((made.status, codes), (0, ["assess.index_stale"]), "a plan tells scripts of it, too", made)
    checks.expect("gaps" not in json.loads(thimble.plan_file(host).read_text()), "which is no part of the plan")
    shown = thimble.call(host, "patch", "show", thimble.plan_file(host))
    checks.equal(shown.status, 0, "its file is read", shown)
    doctor = thimble.call(host, "doctor")
    checks.expect("limited package index: the package index is" in doctor.text, "so says doctor", doctor)
    for path, old in before:
        os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


def without_catalog(thimble, host, checks):
    """What is a security matter the archive alone says then, and of a CVE nobody can tell."""

    def gaps_of(*options):
        host.state.mkdir(exist_ok=True)
        done = thimble.call(host, "patch", "plan", "--json", "-o", thimble.plan_file(host), *options)
        return done, [(gap["code"], gap["next"]) for gap in answer(done).get("gaps", [])]

    sync = f"thimble feeds sync --state {host.state}"
    spared = ["--exclude", "conflicting-update", "--exclude", "breaking-dependent"]
    done, gaps = gaps_of("--security", *spared)
    checks.equal(gaps, [("assess.no_catalog", sync)], "no catalog, and what to do", done)
    done, gaps = gaps_of("--security", "--exclude", ".*", "--pass-over-missing")
    checks.equal((done.status, gaps), (2, [("assess.no_catalog", sync)]), "as an agent plans it", done)
    done, gaps = gaps_of("--cve", "CVE-2099-0003", "--package", "good-fix", "--pass-over-missing")
    codes = [code for code, _ in gaps]
    checks.equal((done.status, codes), (0, ["cli.not_known"]), "who named them has judged the hosts", done)
    done, gaps = gaps_of("--cve", "CVE-2099-0001")
    codes = [code for code, _ in gaps]
    checks.equal((done.status, codes), (2, ["assess.no_catalog", "cli.not_known"]), "a CVE without a catalog", done)
    done, gaps = gaps_of("--package", "good-fix")
    checks.equal((done.status, gaps), (0, []), "a package is one without a catalog, too", done)


def at_work(thimble, host, checks):
    """dpkg's journal is not empty: one reason for all, and who is at work is named."""
    journal, lock = host.path("/var/lib/dpkg/updates/0001"), host.path("/var/lib/dpkg/lock-frontend")
    was_there = lock.exists()
    journal.touch()
    left = thimble.shown_plan(host, "--security")
    checks.equal((left.status, " ".join(left.text.split()).count("dpkg was interrupted")), (1, 1), "said once", left)
    with lock_held(lock) as pid:
        held = thimble.shown_plan(host, "--security")
    said = " ".join(held.text.split())
    checks.expect("each of " in said and f"waits for process {pid} (python3), which is at work" in said, "who works", held)
    checks.expect("interrupted" not in said, "who works is not interrupted", held)
    for shown in (left, held):
        cure = f"`chroot {host.root} dpkg --configure -a`"
        checks.expect(cure in " ".join(shown.text.split()), "the cure is for the root, however lines break", shown)
    journal.unlink()
    if not was_there:
        lock.unlink()


def the_whole(thimble, host, checks):
    done = thimble.plan(host, options=["--all", "--level", "full", "--allow-removals", "--allow-downgrades"])
    plan = answer(done)
    steps = steps_of(plan)
    checks.equal((done.status, problems_of(plan)), (1, ["apply.no_space"]), "plan --all", done)
    checks.expect("held-update" not in steps and "pinned-update" not in steps, "--all respects hold and pin")
    checks.expect("downgraded-update" not in steps, "an older version that a pin prefers is no patch")
    size = sum(step["archive"]["size"] for step in plan.get("steps", []) if step["archive"])
    checks.equal(plan.get("download_bytes"), size, "the download is the sum of the archives")
    checks.expect(plan.get("growth_bytes", 0) > 8 << 40, "the growth is that of too-large")
    for step in plan.get("steps", []):
        if step["name"] == "auto-library":
            checks.equal((step["automatic"], step["selected"]), (True, True), "marks of auto-library")
        if step["name"] == "brand-new":
            checks.equal((step["automatic"], step["selected"]), (True, False), "marks of brand-new")
        if step["name"] == "essential-tool":
            checks.equal(step["essential"], True, "essential-tool is essential")


def test(supply, thimble, checks):
    host = supply.host("host")
    before = host.manifest()
    each_plan(thimble, host, checks)
    each_kept_back(thimble, host, checks)
    an_earlier_plan(thimble, host, checks)
    each_conffile(thimble, host, checks)
    selections(thimble, host, checks)
    origins(thimble, host, checks)
    words(thimble, host, checks)
    without_archives(thimble, host, checks)
    never_fetched(thimble, host, checks)
    nothing_but_left_out(thimble, host, checks)
    exclusions(thimble, host, checks)
    lines(thimble, host, checks)
    an_old_index(thimble, host, checks)
    without_catalog(thimble, host, checks)
    at_work(thimble, host, checks)
    the_whole(thimble, host, checks)
    checks.same(before, host.manifest(), "plans change nothing on the host")


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

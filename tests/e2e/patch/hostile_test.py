#!/usr/bin/python3
"""Names, paths, texts and members that try to be commands or to lead out: they reach no shell, no terminal,
and nothing outside the root.
usage: hostile_test.py PROGRAMS"""

import os
import sys

sys.dont_write_bytecode = True

from small_host import NEW, OLD  # noqa: E402
from thimble_calls import answer, run_patch_test  # noqa: E402

ESCAPED = "/tmp/purpose-escaped"
# Package -> version afterwards
APPLIES = {
    "hostile-text": NEW,
    "hostile-paths": NEW,
    "hostile-script": NEW,
    "hostile-link": NEW,
    "hostile-dots": NEW,
    "hostile-absolute": NEW,
    "hostile-newline": OLD,
}


def control_characters(text):
    return sorted({character for character in text if ord(character) < 32 and character not in "\n\t" or 0x7F <= ord(character) < 0xA0})


def nothing_escaped(checks, what):
    if not checks.expect(not os.path.lexists(ESCAPED), f"{what}: nothing is outside of the root"):
        os.unlink(ESCAPED)


def each_apply(thimble, host, checks):
    for name, version in APPLIES.items():
        planned = thimble.plan(host, name)
        checks.equal(planned.status, 0, f"plan of {name}", planned)
        shown = thimble.call(host, "patch", "show", thimble.plan_file(host), "--diff")
        checks.equal(control_characters(shown.output + shown.errors), [], f"what is shown of {name} is printable", repr(shown.text[:500]))
        plan = thimble.plan_file(host)
        thimble.when_quiet()
        done = thimble.call(host, "patch", "apply", plan, "--without-rehearsal", "--reason", "$(touch x)\x1b[2J")
        checks.equal(host.version(name), version, f"version of {name}", done)
        checks.equal(control_characters(done.output + done.errors), [], f"what apply says of {name} is printable", repr(done.text[:500]))
        checks.equal(host.audit(), "", f"the package database after {name}")
        run = done.text.partition("run ")[2].partition(":")[0]
        for words in (("verify", run), ("history", run), ("history",)):
            told = thimble.call(host, *words)
            checks.equal(control_characters(told.output + told.errors), [], f"{words} of {name} is printable", repr(told.text[:500]))
        if version == NEW and name != "hostile-dots":
            # What hostile-link brings goes through its link into a folder that is gone with the transaction.
            state = "failed" if name == "hostile-link" else "verified"
            told = thimble.call(host, "verify", run)
            checks.expect(f"{NEW}: {state}\n" in told.output, f"{name} is {state}", told)
        nothing_escaped(checks, name)
        back = thimble.call(host, "patch", "rollback", run, "--json")
        checks.equal((host.version(name), host.audit()), (OLD, ""), f"{name} is taken back", back)
        nothing_escaped(checks, f"{name}, rollback")


def hostile_index(supply, thimble, host, checks):
    supply.publish("hostile-index")
    host.inside("apt-get", "-qq", "update", network=True)
    before = host.manifest()
    for options in (["--all", "--level", "full", "--allow-removals"], ["--security"], ["--package", "arch-all"]):
        done = thimble.plan(host, options=options)
        words = ("patch", "plan", "--catalog", thimble.catalog, "-o", thimble.plan_file(host), *options)
        told = thimble.call(host, *words)
        checks.expect(done.status < 70, f"a hostile index, {options}: an answer", done)
        checks.equal(control_characters(told.output + told.errors), [], f"a hostile index, {options}: printable", repr(told.text[:800]))
        steps = answer(done).get("steps", [])
        odd = [step["name"] for step in steps if not step["name"].replace("-", "").replace("+", "").replace(".", "").isalnum()]
        checks.equal(odd, [], f"a hostile index, {options}: no odd name is in the plan")
        nothing_escaped(checks, f"a hostile index, {options}")
    checks.same(before, host.manifest(), "a hostile index changes nothing")


def hostile_words(thimble, host, checks):
    """Words of the command line and of the host."""
    for name in ("$(touch /tmp/purpose-escaped)", "-oDPkg::Pre-Invoke::=touch /tmp/purpose-escaped", "a b", "../x", ""):
        done = thimble.plan(host, options=[f"--package={name}"])
        checks.expect(done.status >= 64, f"--package {name!r} is refused", done)
        nothing_escaped(checks, f"--package {name!r}")
    # The root's own configuration must not make thimble run what it names.
    hook = host.path("/etc/apt/apt.conf.d/zz-hostile")
    hook.write_text(
        'APT::Update::Pre-Invoke { "touch /tmp/purpose-escaped"; };\n'
        'Dir::Bin::methods "/tmp/nowhere";\nDir::Bin::solvers:: "/tmp/nowhere";\nAPT::Solver "evil";\n'
    )
    done = thimble.plan(host, "plain-update")
    checks.equal(done.status, 0, "plan with a hostile configuration of apt", done)
    nothing_escaped(checks, "a hostile configuration of apt")
    hook.unlink()


def test(supply, thimble, checks):
    host = supply.host("host")
    each_apply(thimble, host, checks)
    hostile_words(thimble, host, checks)
    hostile_index(supply, thimble, supply.host("index"), checks)


if __name__ == "__main__":
    run_patch_test(sys.argv, test)

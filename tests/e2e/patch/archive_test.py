#!/usr/bin/python3
"""Each purpose-made package really does what it is for, shown with apt-get and dpkg alone.
usage: archive_test.py"""

import sys
import urllib.request

sys.dont_write_bytecode = True

from small_host import NEW, OLD, apt_archive, ended, run_test  # noqa: E402

import all_purposes  # noqa: E402

# These simply succeed, all in one transaction.
GOOD = """good-fix asking-debconf noisy-postinst writing-elsewhere adding-setuid adding-timer arch-all
    essential-tool pre-depending slow-steps conffile-edited conffile-deleted conffile-foreign conffile-same
    conffile-unchanged conffile-obsolete libgood1 libdropsym1 libdropver1 libsoname1 libready1 web-good
    web-broken sudoers-broken nginx-broken sshd-broken too-large larger-than-said wants-new hostile-text
    hostile-paths hostile-script hostile-absolute""".split()

# Name -> (version and state afterwards, what apt or dpkg says)
FAILING = {
    "failing-postinst": (f"{NEW} half-configured", "failing-postinst: as intended"),
    "failing-preinst": (OLD, "failing-preinst: as intended"),
    "asking-input": (f"{NEW} half-configured", "Continue?"),
    "never-possible": (OLD, "nowhere (>= 3)"),
    "hostile-newline": (OLD, "newline not allowed"),
}

# What works before the upgrade and not after it: package -> command.
BROKEN_AFTERWARDS = {
    "libdropsym1": ["dropsym-user"],
    "libdropver1": ["dropver-user"],
    "libsoname1": ["soname-user"],
    "libready1": ["python3", "-c", "import purpose_ready"],
    "sudoers-broken": ["visudo", "-c"],
    "nginx-broken": ["nginx", "-t"],
    "sshd-broken": ["sh", "-c", "mkdir -p /run/sshd && sshd -t"],
    "web-broken": ["sh", "-c", "web-broken 8382 --daemon && python3 -c \"$0\"",
                   "import socket; s = socket.create_connection(('127.0.0.1', 8382)); s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n');"
                   " raise SystemExit(b' 200 ' not in s.recv(100))"],
}
WORKING_AFTERWARDS = {"libgood1": ["good-user"], "web-good": ["sh", "-c", "web-good 8381 --daemon"]}

# apt refuses the archive: fault -> what it says
REFUSED = {
    "altered-index": "Hash Sum mismatch|File has unexpected size",
    "altered-release": "BADSIG|isn't signed|not signed|invalid",
    "wrong-key": "NO_PUBKEY",
    "unsigned": "is not signed",
    "expired": "expired",
}

APT = ["apt-get", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "--yes"]


def upgrade(host, *names, timeout=60):
    return host.inside("env", "DEBIAN_FRONTEND=noninteractive", *APT, "install", *names, network=True, timeout=timeout)


def upgrades(supply, checks):
    host = supply.host("upgrades")
    for name, command in {**BROKEN_AFTERWARDS, **WORKING_AFTERWARDS}.items():
        checks.equal(host.inside(*command).status, 0, f"{name}: {command[0]} before the upgrade")
    for name, (version, said) in FAILING.items():
        done = upgrade(host, name)
        checks.equal((done.status != 0, host.version(name)), (True, version), name, done)
        checks.expect(said in done.text, f"{name}: apt says {said!r}", done)
        if " " in host.version(name):
            host.path(f"/var/lib/dpkg/info/{name}.postinst").write_text("#!/bin/sh\n")
            host.inside("dpkg", "--configure", "-a")
        checks.equal(host.audit(), "", f"{name}: the package database afterwards")
    done = upgrade(host, *GOOD)
    checks.equal(done.status, 0, "the good upgrades", done)
    for name in GOOD:
        checks.equal(host.version(name), NEW, name)
    for name, command in BROKEN_AFTERWARDS.items():
        checks.expect(host.inside(*command).status != 0, f"{name}: {command[0]} fails after the upgrade")
    for name, command in WORKING_AFTERWARDS.items():
        checks.equal(host.inside(*command).status, 0, f"{name}: {command[0]} after the upgrade")
    what_is_left(host, checks)


def what_is_left(host, checks):
    for path, text in {
        "/etc/conffile-edited.conf": "a=mine\n",
        "/etc/conffile-edited.conf.dpkg-dist": "a=2\n",
        "/etc/conffile-deleted.conf": None,
        "/etc/conffile-deleted.conf.dpkg-dist": "a=2\n",
        "/etc/conffile-foreign.conf": "a=mine\n",
        "/etc/conffile-foreign.conf.dpkg-dist": "a=2\n",
        "/etc/conffile-same.conf.dpkg-dist": None,
        "/etc/conffile-unchanged.conf": "a=mine\n",
        "/etc/conffile-unchanged.conf.dpkg-dist": None,
        "/etc/good-fix.conf": "level=2\n",
        "/etc/unowned.conf": "x\n",
        "/var/lib/asking-debconf.answer": "green\n",
    }.items():
        checks.equal(host.read(path), text, path)
    checks.equal(oct(host.path("/usr/bin/adding-setuid").stat().st_mode), "0o104755", "the setuid bit")
    checks.expect(host.path("/usr/share/hostile-paths/$(touch x)").exists(), "odd file names are on the disk")


def the_violent(supply, checks):
    """Those that end in a process killed or left over; the namespaces take care of what is left."""
    host = supply.host("violent")
    quiet = "apt-get --yes install {} >/dev/null 2>&1 && {}"
    forked = host.inside("sh", "-c", quiet.format("forking-postinst", "pgrep -x sleep"), network=True)
    checks.equal(forked.status, 0, "forking-postinst leaves a process behind", forked)
    listening = host.inside("sh", "-c", quiet.format("listening-postinst", "ss -ltn"), network=True)
    checks.expect(":8391" in listening.output, "listening-postinst listens", listening)
    for name in ("hostile-dots", "hostile-link"):
        done = upgrade(host, name)
        print(f"{name}: dpkg ends with {done.status}; {host.version(name)}; {done.text[-300:]}")
    killed = upgrade(host, "killing-postinst", timeout=10)
    checks.expect(killed.status != 0, "killing-postinst kills dpkg", killed)
    checks.expect(host.audit() != "", "killing-postinst leaves the database unfinished")
    for name in ("hanging-postinst", "asking-terminal"):
        host = supply.host(name)
        checks.equal(upgrade(host, name, timeout=5).status, 124, f"{name} does not end")


def selections(supply, checks):
    host = supply.host("selections")
    simulated = host.inside("apt-get", "-s", "dist-upgrade", network=True).output
    going = {line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")}
    gone = {line.split()[1] for line in simulated.splitlines() if line.startswith("Remv ")}
    checks.equal(gone, {"broken-dependent", "conflict-victim"}, "what a full upgrade removes")
    for name in ("held-update", "pinned-update", "never-possible"):
        checks.expect(name not in going, f"{name} is kept back")
    for name in ("brand-new", "downgraded-update", "plain-update"):
        checks.expect(name in going, f"{name} is in a full upgrade")
    # apt phases only where it does not find itself in a chroot.
    phased = ["-o", "APT::Get::Phase-Policy=1", "-o", "APT::Get::Never-Include-Phased-Updates=1", "-s", "upgrade"]
    phased = host.inside("apt-get", *phased, network=True).output
    checks.expect("Inst phased-update" not in phased, "phased-update can be kept back", phased)
    checks.expect("auto-library" in host.automatic(), "auto-library is automatic")


def faults(supply, checks):
    host = supply.host("faults")
    supply.publish("altered-package")
    done = upgrade(host, "good-fix")
    checks.expect(done.status != 0 and "Hash Sum mismatch" in done.text, "altered-package", done)
    supply.publish("without-new")
    checks.expect("404" in upgrade(host, "good-fix").text, "without-new")
    checks.equal(host.version("good-fix"), OLD, "no fault has changed a package")
    update = ("apt-get", "-o", "APT::Update::Error-Mode=any", "update")
    for fault, said in REFUSED.items():
        # An index that is there already is not fetched again.
        for path in host.path("/var/lib/apt/lists").glob("127*"):
            path.unlink()
        supply.publish(fault)
        done = host.inside(*update, network=True)
        checks.expect(done.status != 0 and any(word in done.text for word in said.split("|")), fault, done)
    supply.publish("hostile-index")
    done = host.inside(*update, network=True)
    checks.equal(done.status, 0, "hostile-index: apt takes it", done)
    supply.publish()
    supply.mirror.close()
    checks.expect("onnection refused" in host.inside(*update, network=True).text, "a dead mirror")


def kept_ones_are_as_made_now(supply, checks):
    """Tests get the packages that were made once."""
    made = supply.folder / "made-now"
    apt_archive.build_pool(made, all_purposes.built_purposes())
    kept, now = ({path.name: path.read_bytes() for path in pool.iterdir()} for pool in (supply.pool, made))
    other = [name for name in sorted(kept.keys() | now.keys()) if kept.get(name) != now.get(name)]
    checks.equal(other, [], "the packages that are kept are those of the recipe")


def test(supply, checks):
    kept_ones_are_as_made_now(supply, checks)
    with urllib.request.urlopen(f"{supply.mirror.url}/dists/bookworm/InRelease", timeout=10) as answer:
        checks.expect(b"BEGIN PGP SIGNATURE" in answer.read(), "the mirror answers")
    upgrades(supply, checks)
    the_violent(supply, checks)
    selections(supply, checks)
    faults(supply, checks)
    checks.equal(ended(["ls", "/tmp/purpose-escaped"]).status != 0, True, "nothing has left a root")


if __name__ == "__main__":
    run_test(test)

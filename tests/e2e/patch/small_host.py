"""What the tests of `thimble patch` stand on: an archive behind a mirror, hosts made of roots, and the
questions that a test asks them. Nothing here knows how thimble works."""

import hashlib
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "archive"))

import apt_archive  # noqa: E402
import debian_root  # noqa: E402
import elf_parts  # noqa: E402, F401
from mirror import Mirror  # noqa: E402
from purposes import NEW, OLD  # noqa: E402, F401
from signing import SigningKey  # noqa: E402

CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "HOME": "/root",
}


class Ended:
    """How a command ended, and what it said."""

    def __init__(self, argv, status, output, errors):
        self.argv = [str(word) for word in argv]
        self.status = status
        self.output = output
        self.errors = errors

    @property
    def text(self):
        """The words of all that was said: where a line ends is for terminals."""
        return " ".join((self.output + self.errors).split())

    @property
    def json(self):
        return json.loads(self.output)

    def __str__(self):
        return f"$ {' '.join(self.argv)}\n{(self.output + self.errors)[-6000:]}\n-> {self.status}"


def ended(argv, timeout=120, **options):
    """Runs to the end, in a process group of its own that is killed when the time is over (status 124)."""
    options.setdefault("env", CLEAN_ENVIRONMENT)
    with subprocess.Popen(
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            status = 124
        except BaseException:  # we are told to stop: the group does not outlive us
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Ended(argv, status, output.decode(errors="replace"), errors.decode(errors="replace"))


class Supply:
    """The archive and its mirror, for as long as a test lasts."""

    def __init__(self, folder):
        self.folder = folder
        self.purposes, pool = debian_root.made_packages()
        self.pool = folder / "pool"
        debian_root.copy_tree(pool, self.pool)  # a test adds to it
        self.key = SigningKey("Purpose Archive", folder)
        self.other_key = SigningKey("Somebody Else", folder)
        self.publish()
        self.mirror = Mirror(self.archive)

    @property
    def archive(self):
        return self.folder / "archive"

    def publish(self, *faults, purposes=None):
        apt_archive.publish(
            self.archive, self.pool, purposes or self.purposes, self.key, faults, wrong_key=self.other_key
        )

    def host(self, name, more=()):
        """A copy of the root with the older versions and `more` packages of Debian, its index fetched."""
        root = self.folder / name
        debian_root.copy_tree(debian_root.purpose_root(self.pool, self.purposes, more), root)
        debian_root.point_to_archive(root, self.mirror.url, self.key.public())
        debian_root.update(root)
        return SmallHost(root, self.folder / f"{name}.state")

    def reopen_mirror(self):
        """The mirror is back at its address."""
        self.mirror = Mirror(self.archive, self.mirror.port)

    def close(self):
        self.mirror.close()
        self.key.close()
        self.other_key.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SmallHost:
    """A root directory and the state folder of a thimble that looks after it."""

    def __init__(self, root, state):
        self.root = pathlib.Path(root)
        self.state = pathlib.Path(state)

    def inside(self, *argv, network=False, read_only=False, binds=(), timeout=120):
        """Runs a command in the root as on a machine of its own."""
        options = ["--network"] * network + ["--read-only"] * read_only
        bound = [word for source, target in binds for word in ("--bind", source, target)]
        return ended([HERE / "enter_root.sh", *options, self.root, *bound, *argv], timeout=timeout)

    def path(self, path):
        return self.root / path.lstrip("/")

    def read(self, path):
        """The text of a file of the root; None when it is not there."""
        return self.path(path).read_text(errors="replace") if self.path(path).exists() else None

    def versions(self):
        """Package -> version of what is installed and configured; others have their state behind it."""
        shown = debian_root.run(
            ["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W"]
            + ["-f", "${Package}\\t${Version}\\t${db:Status-Status}\\n"]
        )
        found = {}
        for line in shown.splitlines():
            name, version, status = line.split("\t")
            if status != "config-files" and status != "not-installed":
                found[name] = version if status == "installed" else f"{version} {status}"
        return found

    def version(self, name):
        return self.versions().get(name, "")

    def audit(self):
        """What dpkg finds wrong with its database; empty when it is clean."""
        # Entries of its journal are numbers; tmp.i is what it writes them in.
        waiting = [path.name for path in self.path("/var/lib/dpkg/updates").iterdir() if path.name.isdigit()]
        shown = debian_root.run(["dpkg", f"--admindir={self.root}/var/lib/dpkg", "--audit"])
        return shown + "".join(f"journal entry {name}\n" for name in waiting)

    def automatic(self):
        """Names of the packages that are marked as installed automatically."""
        text = self.read("/var/lib/apt/extended_states") or ""
        return {
            lines[0].removeprefix("Package: ")
            for lines in (paragraph.split("\n") for paragraph in text.split("\n\n"))
            if "Auto-Installed: 1" in lines
        }

    def manifest(self, below="/", without=()):
        """Path -> kind, mode, owner and digest of everything below a folder of the root."""
        found = {}
        top = str(self.path(below))
        for folder, names, files in os.walk(top):
            for name in [*names, *files]:
                path = os.path.join(folder, name)
                shown = path.removeprefix(str(self.root))
                if any(shown == left or shown.startswith(left + "/") for left in without):
                    continue
                status = os.lstat(path)
                content = ""
                if stat.S_ISLNK(status.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as opened:
                        content = hashlib.file_digest(opened, "sha256").hexdigest()
                found[shown] = (stat.filemode(status.st_mode), status.st_uid, status.st_gid, content)
        return found

    def pins(self):
        """The files that keep apt from what thimble took back."""
        folder = self.path("/etc/apt/preferences.d")
        return sorted(f"/etc/apt/preferences.d/{path.name}" for path in folder.glob("thimble-rolled-back-*.pref"))

    def configuration(self):
        """/etc without these files: what a way back brings back byte for byte."""
        return self.manifest("/etc", without=self.pins())


def until(holds, process, seconds=120):
    """Waits until holds() or the process has ended; True: it holds."""
    end = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if holds():
            return True
        now = time.monotonic()
        if process.poll() is not None or now > end:
            return holds()
        # Between two looks; nothing relies on its length. A look that takes long, as one at a server does, takes its time
        # from what is waited for: most of the time is left to that.
        time.sleep(min(max(4 * (now - began), 0.002), 0.5))


def difference(before, after):
    """The keys in which two mappings differ, with both values, as lines; empty when they are the same."""
    lines = []
    for key in sorted(set(before) | set(after)):
        if before.get(key) != after.get(key):
            lines.append(f"{key}: {before.get(key)} -> {after.get(key)}")
    return lines


class Checks:
    """Collects what is not as it should be; a test goes on and says everything at its end."""

    def __init__(self):
        self.failed = []
        self.passed = 0

    def expect(self, true, what, evidence=""):
        if true:
            self.passed += 1
            return True
        self.failed.append(what)
        print(f"FAILED: {what}")
        if evidence:
            print("    " + str(evidence).replace("\n", "\n    "))
        sys.stdout.flush()
        return False

    def equal(self, seen, expected, what, evidence=""):
        return self.expect(seen == expected, f"{what}: expected {expected!r}, seen {seen!r}", evidence)

    def same(self, before, after, what):
        lines = difference(before, after)
        return self.expect(not lines, f"{what}: {len(lines)} differ", "\n".join(lines[:20]))

    def finish(self):
        print(f"{self.passed} as expected, {len(self.failed)} not")
        sys.exit(1 if self.failed else 0)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def run_test(body):
    """Calls body(supply, checks) with an archive; skips where this machine cannot have one."""
    if os.getuid() != 0:
        skip("not root")
    for tool in ("gcc", "gpg", "unshare", "mmdebstrap", "ip"):
        if not any(os.access(f"{folder}/{tool}", os.X_OK) for folder in CLEAN_ENVIRONMENT["PATH"].split(":")):
            skip(f"{tool} is not installed")
    namespaces = ended(["unshare", "--mount", "--pid", "--fork", "--net", "true"])
    if namespaces.status != 0:
        skip(f"no namespaces: {namespaces.errors.strip()}")
    debian_root.private()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and so everything is cleaned up
    checks = Checks()
    with debian_root.working_folder() as folder:
        try:
            with Supply(folder) as supply:
                body(supply, checks)
        except debian_root.Unavailable as reason:
            skip(str(reason))
    checks.finish()

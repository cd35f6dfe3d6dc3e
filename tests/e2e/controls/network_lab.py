"""A host in a network of its own, between one that may reach it, one that may not, and a server that it must reach.

The host is a network and a mount namespace with copies of /etc and of the logs; the others are network namespaces. All
of it goes when the lab is closed.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 30
SKIPPED = 77


class Unavailable(Exception):
    """Why the lab cannot be built here."""


def run(argv, **options):
    return subprocess.run([str(word) for word in argv], text=True, capture_output=True, check=False, timeout=120, **options)


def must(argv, **options):
    ran = run(argv, **options)
    if ran.returncode != 0:
        raise Unavailable(f"{' '.join(map(str, argv))}: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran.stdout


def until(what, is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.05)


class Lab:
    """Places: "host", "friend" (10.77.1.2), "stranger" (10.77.2.2), "server" (10.77.3.2); the host is 10.77.N.1.

    Without a network there is the host alone, in the network of this machine."""

    def __init__(self, programs, has_network=True):
        if os.geteuid() != 0:
            raise Unavailable("namespaces need root")
        for program in ("ip", "nft", "nsenter", "unshare"):
            if shutil.which(program) is None:
                raise Unavailable(f"there is no {program}")
        self.control = pathlib.Path(programs).resolve() / "thimble-control"
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="thimble-lab-", dir="/var/tmp"))
        self.scratch.chmod(0o755)
        self.state = self.scratch / "state"
        self.children = []
        self.mark = f"t{os.getpid()}"
        self.spaces = {}
        self.has_network = has_network
        try:
            if has_network:
                self._build_network()
            self._build_host()
        except BaseException:
            self.close()
            raise

    def _build_network(self):
        for place in ("host", "friend", "stranger", "server"):
            self.spaces[place] = f"{self.mark}-{place}"
            must(["ip", "netns", "add", self.spaces[place]])
            must(["ip", "-n", self.spaces[place], "link", "set", "lo", "up"])
        for number, place in enumerate(("friend", "stranger", "server"), start=1):
            ours, theirs = f"{self.mark}h{number}", f"{self.mark}p{number}"
            must(["ip", "-n", self.spaces["host"], "link", "add", ours, "type", "veth", "peer", "name", theirs,
                  "netns", self.spaces[place]])
            for space, device, last in ((self.spaces["host"], ours, 1), (self.spaces[place], theirs, 2)):
                must(["ip", "-n", space, "address", "add", f"10.77.{number}.{last}/24", "dev", device])
                must(["ip", "-n", space, "link", "set", device, "up"])
            must(["ip", "-n", self.spaces[place], "route", "add", "default", "via", f"10.77.{number}.1"])

    def _build_host(self):
        shutil.copytree("/etc", self.scratch / "etc", symlinks=True, ignore_dangling_symlinks=True)
        for folder in ("log", "run"):
            (self.scratch / folder).mkdir()
        mounts = 'mount --bind "$0/etc" /etc && mount --bind "$0/log" /var/log && echo up && exec cat'
        network = ["ip", "netns", "exec", self.spaces["host"]] if self.has_network else []
        self.holder = self.start(
            [*network, "unshare", "--mount", "--propagation", "private", "sh", "-c", mounts, self.scratch],
            stdin=subprocess.PIPE)

    def start(self, argv, **options):
        child = subprocess.Popen([str(word) for word in argv], stdout=subprocess.PIPE, text=True, **options)
        self.children.append(child)
        if child.stdout.readline().strip() != "up":
            raise Unavailable(f"{argv} did not come up")
        return child

    def on(self, place, argv):
        """The words that run `argv` at a place."""
        if place == "host":
            return ["nsenter", "-t", str(self.holder.pid), "-m", "-n", "--", *argv]
        return ["ip", "netns", "exec", self.spaces[place], *argv]

    def start_service(self, place, address, port, folder):
        return self.start(self.on(place, [sys.executable, HERE / "vulnerable_service.py", address, port, folder]))

    def ask(self, place, url, header=None):
        """The status and the text of an answer; 0 where nothing answers."""
        words = ["curl", "--silent", "--max-time", "2", "--path-as-is", "--write-out", "\n%{http_code}", url]
        ran = run(self.on(place, words + (["--header", header] if header else [])))
        text, _, status = ran.stdout.rpartition("\n")
        return int(status or 0), text

    def thimble(self, verb, name, *words):
        """A verb of thimble control at the host; what it answers, with its exit status."""
        ran = run(self.on("host", [self.control, "control", verb, "--id", name, "--json", "--state", self.state, *words]))
        report = json.loads(ran.stdout) if ran.stdout.startswith("{") else {"error": "no document"}
        if "error" in report:
            raise AssertionError(f"{verb} {name}: {ran.returncode} {ran.stderr}")
        report["exit"] = ran.returncode
        return report

    def write_control(self, name, kind, settings):
        path = self.scratch / f"{name}.json"
        path.write_text(json.dumps({"format": "thimble.control/1", "kind": kind, "settings": settings}))
        return path

    def close(self):
        for child in reversed(self.children):
            child.kill()
            child.wait()
        for space in self.spaces.values():
            run(["ip", "netns", "delete", space])
        shutil.rmtree(self.scratch, ignore_errors=True)


def wrong(report):
    """The checks of a report that failed."""
    return [check["name"] for check in report["checks"] if check["passed"] is False]

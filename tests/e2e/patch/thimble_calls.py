"""The commands of thimble as the tests call them, and the records that it keeps."""

import json
import os
import pathlib
import subprocess
import time

from small_host import CLEAN_ENVIRONMENT, ended, run_test, skip

# What the archive's security updates close, as the feed that the catalog is made of says it.
ADVISORIES = {
    "DSA-9001-1": ("good-fix", ["CVE-2099-0001"]),
    "DSA-9002-1": ("hostile-text", ["CVE-2099-0002"]),
    "DSA-9003-1": ("libgood1", ["CVE-2099-0003"]),
}
FIXED = "1.0-1+deb12u1"

EXIT_DONE = 0
EXIT_NOT_WELL = 1
EXIT_SKIPPED = 3


def record(name, source, vulnerabilities):
    today = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())  # of an old catalog plans say that it is one
    return {
        "schema_version": "1.7.3",
        "id": name,
        "summary": f"{source} - security update",
        "modified": today,
        "published": today,
        "upstream": vulnerabilities,
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": source},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": FIXED}]}],
            }
        ],
    }


class Thimble:
    """The programs of a build, and a catalog made of the advisories above."""

    def __init__(self, folder, programs):
        self.programs = pathlib.Path(programs).resolve()
        feed = folder / "osv"
        feed.mkdir()
        for name, (source, vulnerabilities) in ADVISORIES.items():
            (feed / f"{name}.json").write_text(json.dumps(record(name, source, vulnerabilities)))
        self.catalog = folder / "catalog"
        built = ended([self.programs / "thimble", "catalog", "build", "--feed", f"osv={feed}", "--output", self.catalog])
        if built.status != 0:
            raise RuntimeError(f"no catalog: {built}")

    def argv(self, host, *words):
        return [self.programs / "thimble", *words, "--root", host.root, "--state", host.state]

    def call(self, host, *words, timeout=240, **options):
        return ended(self.argv(host, *words), timeout=timeout, **options)

    def start(self, host, *words, **options):
        """The same, not waited for: a process that leads a group of its own."""
        self.when_quiet()
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        return subprocess.Popen(
            [str(word) for word in self.argv(host, *words)],
            stdin=subprocess.DEVNULL,
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            **options,
        )

    def plan(self, host, *names, options=(), file="plan.json"):
        """Plans the named packages. The plan is at host.state's side: see `plan_file`."""
        chosen = [word for name in names for word in ("--package", name)]
        host.state.mkdir(exist_ok=True)
        return self.call(
            host, "patch", "plan", "--json", "--catalog", self.catalog, "-o", self.plan_file(host, file), *chosen, *options
        )

    def shown_plan(self, host, *options):
        """The same for people."""
        host.state.mkdir(exist_ok=True)
        return self.call(host, "patch", "plan", "--catalog", self.catalog, "-o", self.plan_file(host), *options)

    @staticmethod
    def plan_file(host, file="plan.json"):
        return host.state.with_name(f"{host.state.name}-{file}")

    def rehearse(self, host, *options, file="plan.json"):
        return self.call(host, "patch", "rehearse", self.plan_file(host, file), "--json", *options)

    @staticmethod
    def when_quiet():
        """Thimble leaves an overloaded host alone, also when other tests are its load; so the test waits,
        and is skipped where that takes too long."""
        end = time.monotonic() + 240
        while os.getloadavg()[0] > 7 * os.cpu_count():
            if time.monotonic() > end:
                skip(f"the load is {os.getloadavg()[0]:.0f}: thimble would refuse every transaction")
            time.sleep(1)

    def apply(self, host, *options, file="plan.json", **more):
        self.when_quiet()
        return self.call(host, "patch", "apply", self.plan_file(host, file), "--json", *options, **more)

    def apply_unrehearsed(self, host, *options, **more):
        return self.apply(host, "--without-rehearsal", "--reason", "a test", *options, **more)

    def runs(self, host):
        """Every run as `thimble history` tells it, oldest first."""
        return self.call(host, "history", "--json").json["runs"]

    @staticmethod
    def journal(host):
        """The entries of the newest run, read from its file; a torn last line is left out."""
        folders = list((host.state / "runs").iterdir()) if (host.state / "runs").exists() else []
        folders.sort()
        entries = []
        if folders and (folders[-1] / "journal").exists():
            for line in (folders[-1] / "journal").read_bytes().split(b"\n")[:-1]:
                entries.append(json.loads(line.partition(b" ")[2]))
        return entries


    def phases(self, host):
        return [entry["phase"] for entry in self.journal(host)]


def answer(call):
    """The JSON that a command printed; an empty object when it printed none."""
    try:
        return json.loads(call.output)
    except ValueError:
        return {}


def steps_of(plan):
    """Package -> (change, version before, version after)."""
    return {
        step["name"]: (step["change"], step["from_version"], step["to_version"]) for step in plan.get("steps", [])
    }


def problems_of(plan):
    return sorted(problem["code"] for problem in plan.get("problems", []))


def run_patch_test(argv, body):
    """Calls body(supply, thimble, checks); the first argument is the folder of the programs."""
    if len(argv) < 2:
        raise SystemExit(f"usage: {argv[0]} PROGRAMS")
    if not (pathlib.Path(argv[1]) / "thimble-patch").exists():
        skip("thimble-patch is not built")
    run_test(lambda supply, checks: body(supply, Thimble(supply.folder, argv[1]), checks))


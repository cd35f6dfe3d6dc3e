"""Whole programs on the corpus: scan a root of 800 packages, compile every feed, and debsecan beside it.

whole_programs.py BIN DATA WORK
"""

import functools
import json
import os
import statistics
import subprocess
import sys
import time
import zlib

import apt_pkg

BIN, DATA, WORK = sys.argv[1:4]
apt_pkg.init_system()
PACKAGES = 800
RUNS = 25


def run(argv, **options):
    """Wall seconds, user+system seconds and peak KiB of one run."""
    before = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode


def median_of(argv, **options):
    runs = [run(argv, **options) for _ in range(RUNS + 1)][1:]
    return [statistics.median(column) for column in list(zip(*runs))[:3]] + [runs[0][3]]


def report(name, measured):
    wall, cpu, _, status = measured
    print(f"{name:<52} {wall * 1e3:7.1f} ms wall {cpu * 1e3:7.1f} ms cpu  exit {status}")


def tracker():
    """The tracker's JSON that both programs read: the derived one has bookworm."""
    path = os.path.join(DATA, "debian/derived/json.from-dsa-dla.zst")
    return json.loads(subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout)


def peak_kib(argv):
    """Peak resident KiB, by time(1): our own size would be counted with a child of ours."""
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(done.stderr.split()[-1])


def make_root(advisories, unpatched):
    """A bookworm root of 800 packages: all sources with a fix, one in `unpatched` of them below it."""
    root = os.path.join(WORK, f"root-{unpatched}")
    os.makedirs(os.path.join(root, "etc"))
    os.makedirs(os.path.join(root, "var/lib/dpkg"))
    with open(os.path.join(root, "etc/os-release"), "w", encoding="utf-8") as file:
        file.write('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"\n')
    stanzas = []
    for index, source in enumerate(sorted(advisories)):
        fixes = [
            state["releases"]["bookworm"].get("fixed_version", "")
            for state in advisories[source].values()
            if "bookworm" in state.get("releases", {})
        ]
        if fixes and source not in ("linux",):
            fix = max(fixes, key=functools.cmp_to_key(apt_pkg.version_compare))
            stanzas.append((source, fix if index % unpatched else fix + "~"))
    stanzas = stanzas[:PACKAGES]
    stanzas += [(f"other-package-{i}", "1.0-1") for i in range(PACKAGES - len(stanzas))]
    with open(os.path.join(root, "var/lib/dpkg/status"), "w", encoding="utf-8") as file:
        for name, version in stanzas:
            file.write(
                f"Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: libs\n"
                f"Installed-Size: 1000\nMaintainer: Somebody <somebody@example.org>\nArchitecture: amd64\n"
                f"Version: {version}\nDepends: libc6 (>= 2.36), libx (>= 1.0), liby\n"
                f"Description: a package\n" + " Some lines that a real package has here and nobody reads.\n" * 10 + "\n"
            )
    return root


def debsecan_data(advisories):
    """The same facts in debsecan's own format (VERSION 1), for bookworm."""
    names, index, lines = [], {}, []
    for source in sorted(advisories):
        for cve, state in sorted(advisories[source].items()):
            release = state.get("releases", {}).get("bookworm")
            if release is None:
                continue
            if cve not in index:
                index[cve] = len(names)
                names.append(cve)
            # unstable version, other versions: the fixed version is the only one that is not vulnerable
            lines.append(f"{source},{index[cve]},S  F,{release.get('fixed_version', '')},")
    text = "VERSION 1\n" + "".join(f"{n},,\n" for n in names) + "\n" + "\n".join(lines) + "\n\n\n"
    folder = os.path.join(WORK, "debsecan/release/1")
    os.makedirs(folder)
    with open(os.path.join(folder, "GENERIC"), "wb") as file:
        file.write(zlib.compress(text.encode()))
    return "file://" + folder


def feeds():
    found = [("osv", os.path.join(DATA, "osv", name)) for name in sorted(os.listdir(os.path.join(DATA, "osv"))) if not name.startswith("_")]
    found += [("osv", os.path.join(DATA, "osv-export-partial", name)) for name in sorted(os.listdir(os.path.join(DATA, "osv-export-partial")))]
    found += [
        ("kev", os.path.join(DATA, "kev/known_exploited_vulnerabilities.json")),
        ("epss", os.path.join(DATA, "epss/epss_scores-current.csv.gz")),
        ("vulnrichment", os.path.join(DATA, "vulnrichment/vulnrichment-2024-10-24.tar.zst")),
        ("debian-tracker", os.path.join(DATA, "debian/derived/json.from-dsa-dla.zst")),
        ("debian-dsa", os.path.join(DATA, "debian/data/DSA/list")),
        ("debian-dla", os.path.join(DATA, "debian/data/DLA/list")),
        ("metasploit", os.path.join(DATA, "exploits/metasploit-by-cve-2026-08-07.tar.zst")),
        ("nuclei", os.path.join(DATA, "exploits/nuclei-cves-2024-06-24.json")),
    ]
    return [argument for name, path in found for argument in ("--feed", f"{name}={path}")]


def main():
    catalog = os.path.join(WORK, "catalog")
    build = [f"{BIN}/thimble", "catalog", "build", *feeds(), "--output", catalog]
    counted = json.loads(subprocess.run(build + ["--json"], check=True, stdout=subprocess.PIPE).stdout)
    raw = sum(feed["bytes"] for feed in counted["feeds"])
    walls = sorted(run(build)[:3] for _ in range(3))
    wall, cpu, _ = walls[1]
    print(f"compile {raw / 1e6:.0f} MB of raw feed: {wall:.2f} s wall, {cpu:.2f} s cpu: "
          f"{raw / 1e6 / cpu:.0f} MB per second and core, peak {peak_kib(build) / 1024:.0f} MiB, catalog {counted['bytes'] / 1e6:.1f} MB")

    advisories = tracker()
    for unpatched in (20, 2):
        root = make_root(advisories, unpatched)
        scan = [f"{BIN}/thimble", "scan", "--root", root, "--catalog", catalog, "--no-offers", "--json"]
        found = len(json.loads(subprocess.run(scan, stdout=subprocess.PIPE).stdout)["findings"])
        report(f"thimble scan, {PACKAGES} packages, {found} findings", median_of(scan))
        print(f"    peak {peak_kib(scan) / 1024:.1f} MiB")
    report("true", median_of(["/bin/true"]))

    small = os.path.join(WORK, "tracker-catalog")
    tracker_file = os.path.join(DATA, "debian/derived/json.from-dsa-dla.zst")
    subprocess.run([f"{BIN}/thimble", "catalog", "build", "--feed", f"debian-tracker={tracker_file}", "--output", small],
                   check=True, stdout=subprocess.DEVNULL)
    same = [f"{BIN}/thimble", "scan", "--root", root, "--catalog", small, "--no-offers", "--json"]
    source = debsecan_data(advisories)
    debsecan = ["debsecan", "--suite", "GENERIC", "--source", source, "--status", os.path.join(root, "var/lib/dpkg/status"), "--format", "simple"]
    ours, theirs = median_of(same), median_of(debsecan)
    report("thimble scan, the tracker's data alone", ours)
    report("debsecan, the same data", theirs)
    print(f"ratio: {theirs[0] / ours[0]:.0f} x")
    compare(same, debsecan)


def compare(same, debsecan):
    found = json.loads(subprocess.run(same, stdout=subprocess.PIPE).stdout)
    mine = {(f["vulnerability"], f["package"]["name"]) for f in found["findings"] if f["status"].startswith("affected")}
    theirs = set()
    for line in subprocess.run(debsecan, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        words = line.split()
        if len(words) >= 2:
            theirs.add((words[0], words[1]))
    print(f"findings: both {len(mine & theirs)}, only thimble {len(mine - theirs)}, only debsecan {len(theirs - mine)}")
    for name, only in (("thimble", mine - theirs), ("debsecan", theirs - mine)):
        for vulnerability, package in sorted(only)[:5]:
            print(f"  only {name}: {vulnerability} {package}")


main()

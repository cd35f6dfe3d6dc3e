"""From the file of a catalog with a new entry of KEV to signed jobs: the threads of a server, 100,000 hosts of Debian 12.

Two catalogs are made of the whole corpus, of which the first lacks one entry of KEV: freetype's, which Debian has fixed. The packages of
the hosts are those of this machine, with a freetype from before. What is timed is src/server/kev_to_jobs_bench.cpp.

kev_to_jobs.py BUILD [DATA]
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = pathlib.Path(sys.argv[1]) / "bin"
DATA = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("THIMBLE_DATA", "../shared/data"))
CVE, SOURCE, OLD = "CVE-2025-27363", "freetype", "2.12.1+dfsg-5+deb12u3"
KEV = "kev/known_exploited_vulnerabilities.json"


def catalog_of(mirror, state):
    """Feeds that the mirror does not have are no reason to stop."""
    synced = subprocess.run([PROGRAMS / "thimble", "feeds", "sync", "--state", state, "--mirror", mirror], capture_output=True)
    made = state / "catalog.thimble"
    if not made.is_file():
        sys.exit(f"no catalog was made: {synced.stderr.decode()}")
    return made


def mirror_without(folder):
    """The corpus with all of KEV but one entry."""
    folder.mkdir()
    for entry in DATA.resolve().iterdir():
        if entry.name != "kev":
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(DATA / "kev", folder / "kev")
    kev = json.loads((DATA / KEV).read_text())
    kev["vulnerabilities"] = [one for one in kev["vulnerabilities"] if one["cveID"] != CVE]
    kev["count"] = len(kev["vulnerabilities"])
    (folder / KEV).write_text(json.dumps(kev))
    return folder


def packages():
    fields = ("${Package}", "${Version}", "${Architecture}", "${source:Package}", "${source:Version}")
    told = subprocess.run(["dpkg-query", "-W", "-f", "\t".join(fields) + "\n"], check=True, capture_output=True, text=True).stdout
    others = [line for line in told.splitlines() if line.split("\t")[3] != SOURCE]
    return [*others, "\t".join(("libfreetype6", OLD, "amd64", SOURCE, OLD))]


def main():
    if not DATA.is_dir():
        sys.exit("skipped: no data (THIMBLE_DATA)")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        listed = folder / "packages"
        listed.write_text("".join(line + "\n" for line in packages()))
        print(f"# {len(listed.read_text().splitlines())} packages on each host", flush=True)
        subprocess.run(
            [PROGRAMS / "thimble_server_bench", "--benchmark_filter=kev_entry"],
            check=True,
            env=os.environ
            | {
                "THIMBLE_BENCH_PACKAGES": str(listed),
                "THIMBLE_CATALOG_BEFORE": str(catalog_of(mirror_without(folder / "mirror"), folder / "before")),
                "THIMBLE_CATALOG_AFTER": str(catalog_of(DATA, folder / "after")),
            },
        )


main()

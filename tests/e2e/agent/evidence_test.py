#!/usr/bin/python3
"""A patch of what is exploited, by a vulnerability for which BOD 26-04 asks for forensic triage: what it would wipe away is
collected on the host before it, and comes to the server.
usage: evidence_test.py PROGRAMS"""

import json
import os
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from real_fleet import Member, Server  # noqa: E402
from small_host import NEW, ended  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

CVE = "CVE-2099-0001"  # which good-fix closes
KEV = {
    "dateReleased": "2026-01-27T00:00:00Z",
    "vulnerabilities": [
        {"cveID": CVE, "vulnerabilityName": "A hole", "dateAdded": "2026-01-22", "dueDate": "2026-02-12",
         "knownRansomwareCampaignUse": "Unknown"}
    ],
}
RECORD = {
    "dataType": "CVE_RECORD",
    "dataVersion": "5.1",
    "cveMetadata": {"cveId": CVE, "state": "PUBLISHED", "datePublished": "2026-01-12T00:00:00Z"},
    "containers": {
        "cna": {"title": "A hole"},
        "adp": [{"metrics": [{"other": {"type": "ssvc", "content": {
            "options": [{"Exploitation": "active"}, {"Automatable": "yes"}, {"Technical Impact": "total"}],
            "timestamp": "2026-01-22T00:00:00Z"}}}]}],
    },
}


def exploited_catalog(thimble, folder):
    (folder / "kev.json").write_text(json.dumps(KEV))
    (folder / "cve").mkdir()
    (folder / f"cve/{CVE}.json").write_text(json.dumps(RECORD))
    feeds = [f"osv={folder / 'osv'}", f"kev={folder / 'kev.json'}", f"vulnrichment={folder / 'cve'}"]
    words = [word for feed in feeds for word in ("--feed", feed)]
    return ended([thimble.programs / "thimble", "catalog", "build", *words, "--output", folder / "exploited"])


def body(supply, thimble, checks):
    built = exploited_catalog(thimble, supply.folder)
    checks.equal(built.status, 0, "the catalog knows that it is exploited", built)
    catalog = supply.folder / "exploited"
    host = supply.host("one")
    host.state.mkdir(exist_ok=True)
    shutil.copy(catalog, host.state / "catalog.thimble")
    server = Server(thimble.programs, supply.folder, "--catalog", catalog)
    member = Member(server, supply.folder / "member", host, server.enrolment_token())
    try:
        server.log_in(checks)
        server.add_person("victor", "viewer")
        server.log_in(checks, "victor")
        member.start()
        words = ("--host", member.host, "--package", "good-fix", "--why", "a test", "--json")
        done = server.command("deployments", "start", *words)
        checks.equal((done.status, host.version("good-fix")), (0, NEW), "it is patched", done)
        deployment = done.json["id"] if "id" in done.json else server.items("deployments")[0]["id"]
        told = server.command("deployments", "evidence", deployment, member.host)
        checks.equal((told.status, told.json["unread"]), (0, None), "the evidence came, and can be read", told.errors)
        evidence = told.json["evidence"]
        checks.equal(evidence["format"], "thimble.evidence/1", "it is what the host wrote")
        runs = sorted((host.state / "runs").iterdir())
        checks.equal(evidence, json.loads((runs[-1] / "evidence.json").read_text()), "to the last letter")
        looked = server.command("deployments", "evidence", deployment, member.host, name="victor")
        checks.equal(looked.status, 77, "who may only look does not get it", looked)
    finally:
        member.stop()
        server.close()


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

#!/usr/bin/python3
"""A server patches a host: enrolment, prefetch, rehearsal, apply and verification as signed jobs, through the
real server, the real agent and the real root helper, on a root with real packages.
usage: patch_test.py PROGRAMS"""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from real_fleet import Member, Refused, Server  # noqa: E402
from small_host import NEW, OLD, until  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

def sign(server, content):
    """An envelope, as docs/formats/job.md has it; signed by openssl, not by code of ours."""
    message = server.data / "message"
    message.write_text(content)
    key = server.data / "keys/deployment.key"
    signature = subprocess.run(
        ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message], check=True, capture_output=True
    ).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True
    ).stdout[-32:]
    return {
        "format": "thimble.envelope/1",
        "key": hashlib.sha256(public).hexdigest(),
        "content": content,
        "signature": base64.urlsafe_b64encode(signature).decode().rstrip("="),
    }


def written(document):
    return json.dumps(document, separators=(",", ":"))


def rfc3339(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class Fleet(Member):
    """A server and one host with agent and root helper; its jobs are signed here."""

    def __init__(self, thimble, supply, host):
        server = Server(thimble.programs, supply.folder)
        super().__init__(server, supply.folder, host, server.enrolment_token())
        self.sequence = 0

    def close(self):
        self.stop()
        self.server.close()

    def job(self, kind, plan=None, run=None, selection=None, host=None):
        """The canonical text of a job."""
        self.sequence += 1
        now = datetime.datetime.now(datetime.timezone.utc)
        leased = kind in ("apply", "rollback", "restart-services", "reboot")
        return written(
            {
                "format": "thimble.job/1",
                "kind": kind,
                "id": f"job-{self.sequence}",
                "host": host or self.host,
                "plan_digest": plan,
                "run": run,
                "selection": selection,
                "lease": f"lease-{self.sequence}" if leased else None,
                "not_before": rfc3339(now - datetime.timedelta(minutes=1)),
                "expires_at": rfc3339(now + datetime.timedelta(minutes=30)),
                "sequence": self.sequence,
            }
        )

    def give(self, envelope):
        """Gives the host a job. The id is the job's, or one of the server when it was given before."""
        given, _ = self.server.ask("POST", "/api/v1/jobs", {"host_id": self.host, "envelope": written(envelope)})
        return given["id"]

    def outcome(self, envelope):
        """Gives a job, waits for its end.
        @return the report before the one that says that it has ended"""
        job = self.give(envelope)
        if not until(lambda: self.ended(job), self.processes[-1], 240):
            return {"kind": "none", "content": json.dumps({"log": (self.folder / "agent.log").read_text()[-3000:]})}
        reports = self.reports()
        at = next(at for at, report in enumerate(reports) if report["content"] == job)
        return reports[at - 1]

    def result(self, kind, **members):
        report = self.outcome(sign(self.server, self.job(kind, **members)))
        return {"report": report["kind"], **json.loads(report["content"])}


def selection(*packages):
    return {
        "security": False,
        "all": False,
        "vulnerabilities": [],
        "packages": list(packages),
        "advisories": [],
        "excluded": [],
        "level": "security-only",
    }


def patches_as_told(fleet, host, checks):
    planned = fleet.result("prefetch", selection=selection("good-fix"))
    checks.equal((planned["report"], planned.get("outcome")), ("job.result", "done"), "the plan is frozen", planned)
    digest = planned.get("plan_digest")
    checks.equal(host.version("good-fix"), OLD, "nothing is installed by a plan")
    checks.equal(len(planned.get("documents", [])), 1, "the plan is offered to the server", planned)
    until(lambda: not list((fleet.folder / "agent").glob("offered-*")), fleet.processes[-1], 30)
    checks.equal(list((fleet.folder / "agent").glob("offered-*")), [], "the plan was sent")

    unrehearsed = fleet.result("apply", plan=digest)
    checks.equal(unrehearsed.get("outcome"), "failed", "a plan that was not rehearsed is not applied", unrehearsed)
    checks.equal(host.version("good-fix"), OLD, "nothing is installed without a rehearsal")

    rehearsed = fleet.result("rehearse", plan=digest)
    checks.equal(rehearsed.get("outcome"), "done", "the plan is rehearsed", rehearsed)
    applying = sign(fleet.server, fleet.job("apply", plan=digest))
    applied = fleet.outcome(applying)
    checks.equal(json.loads(applied["content"]).get("outcome"), "done", "the plan is applied", applied)
    checks.equal(host.version("good-fix"), NEW, "the update is installed", applied)
    verified = fleet.result("verify", plan=digest)
    checks.equal(verified.get("outcome"), "done", "the update is verified", verified)
    begun = [report for report in fleet.reports() if report["kind"] == "job.begun"]
    checks.equal(len(begun), 3, "the agent says that it is at what needs no lease", begun)
    return applying, applied


def refuses_the_rest(fleet, checks, applying, applied):
    runs = len(list((fleet.root.state / "runs").iterdir()))
    checks.equal(fleet.outcome(applying), {**applied, "sequence": fleet.reports()[-2]["sequence"]}, "once more: the kept answer")
    checks.equal(len(list((fleet.root.state / "runs").iterdir())), runs, "once more: nothing was carried out")

    altered = sign(fleet.server, fleet.job("inventory"))
    altered["content"] = altered["content"].replace('"inventory"', '"reboot"')
    report = fleet.outcome(altered)
    checks.equal((report["kind"], json.loads(report["content"])["why"]), ("job.refused", "altered"), "an altered job")

    foreign = fleet.result("inventory", host="somebody-else")
    checks.equal((foreign["report"], foreign.get("why")), ("job.refused", "foreign"), "another host's job")


def written_reports(fleet):
    return [(report["sequence"], report["kind"]) for report in fleet.reports()]


def sent(fleet):
    items = fleet.server.ask("GET", "/api/v1/reports?limit=1000")[0]["items"]
    return sorted((item["sequence"], item["kind"]) for item in items)


def survives_outages(fleet, checks):
    """The agent is killed, the server goes on: what was to be done is done once it is back."""
    fleet.stop()
    job = fleet.give(sign(fleet.server, fleet.job("inventory")))
    fleet.start()
    checks.expect(until(lambda: fleet.ended(job), fleet.processes[-1], 60), "a job that came while the agent was away")
    until(lambda: sent(fleet) == written_reports(fleet), fleet.processes[-1], 60)
    checks.equal(sent(fleet), written_reports(fleet), "the server has every report, in order, once")


def lease_is_granted(fleet, job, lease):
    question = {"job": job, "lease": lease, "challenge": "abc"}
    try:
        grant, _ = fleet.server.ask("POST", "/agent/v1/leases", question, fleet.folder / "agent")
    except Refused as refused:
        return not ("409" in str(refused) and "server.halted" in str(refused))
    return json.loads(grant["content"])["challenge"] == "abc"


def grants_leases(fleet, checks):
    """What the root helper's question comes to, asked by hand: the agent is away."""
    fleet.stop()
    content = fleet.job("reboot")
    job = json.loads(content)
    given = fleet.give(sign(fleet.server, content))
    checks.equal(given, job["id"], "the server knows the job by its own id")
    checks.expect(lease_is_granted(fleet, job["id"], job["lease"]), "a job that waits has its lease")
    checks.expect(not lease_is_granted(fleet, job["id"], "other"), "another lease is not granted")
    checks.expect(not lease_is_granted(fleet, "another-job", job["lease"]), "nor that of another job")
    fleet.server.ask("PUT", "/api/v1/halt", {"why": "a test"})
    checks.expect(not lease_is_granted(fleet, job["id"], job["lease"]), "a halt takes every lease away")


def halts(fleet, checks):
    fleet.server.ask("PUT", "/api/v1/halt", {"why": "a test"})
    job = fleet.give(sign(fleet.server, fleet.job("inventory")))
    marker = fleet.give(sign(fleet.server, fleet.job("verify", plan="0" * 64)))
    checks.expect(not until(lambda: fleet.ended(job) or fleet.ended(marker), fleet.processes[-1], 3), "a halted fleet rests")
    fleet.server.ask("DELETE", "/api/v1/halt")
    checks.expect(until(lambda: fleet.ended(job), fleet.processes[-1], 60), "a fleet goes on after a halt")


def body(supply, thimble, checks):
    host = supply.host("one")
    host.state.mkdir(exist_ok=True)
    shutil.copy(thimble.catalog, host.state / "catalog.thimble")
    fleet = Fleet(thimble, supply, host)
    try:
        checks.equal(fleet.enrolled.status, 0, "the host enrols", fleet.enrolled)
        fleet.start()
        applying, applied = patches_as_told(fleet, host, checks)
        refuses_the_rest(fleet, checks, applying, applied)
        survives_outages(fleet, checks)
        halts(fleet, checks)
        grants_leases(fleet, checks)
    finally:
        fleet.close()


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

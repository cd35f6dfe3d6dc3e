#!/usr/bin/python3
"""What a policy asks of hosts reaches them: a probe that fails after the patch takes it back and halts the ring, or leaves
it for a person where the policy says so; the server is killed again and again meanwhile.
usage: rollout_health_test.py PROGRAMS"""

import http.server
import os
import pathlib
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

from rollout_test import Fleet, by_group  # noqa: E402
from small_host import NEW, OLD  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402


class Service(http.server.ThreadingHTTPServer):
    """Something that listens on the host, and breaks when a package is new."""

    def __init__(self, root, package):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(500 if root.version(package) == NEW else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def policy(self, more):
        return (
            f'health: {{probes: [{{name: web, http: "http://127.0.0.1:{self.server_port}/"}}], settle: 1s, tries: 2}}\n{more}'
        )


def fails(fleet, checks, package, rollback, expected):
    """A rollout of a package that breaks the service of the first ring, and how it ends there."""
    phase, version = expected
    service = Service(fleet.members["staging"].root, package)
    fleet.keep_policy(checks, f"with-{rollback}", package, service.policy(f"rollback: {rollback}"))
    rollout = fleet.begin(checks, f"with-{rollback}")
    fleet.server.kill_and_start()
    for phases in (("rehearsing", "rehearsed"), ("applying",)):
        fleet.kill_server_when(checks, rollout, "staging", (*phases, phase))
    checks.expect(
        fleet.wait_for(lambda: fleet.shown(rollout)["rollout"]["phase"] == "halted"), "it halts by itself", fleet.shown(rollout)
    )
    checks.equal(by_group(fleet, rollout), [phase, "waiting", "waiting"], f"rollback {rollback}")
    checks.equal(fleet.versions(package), [version, OLD, OLD], "as the policy says, and nobody else was touched")
    why = [host["why"] for host in fleet.shown(rollout)["hosts"] if host["phase"] == phase]
    checks.expect("probe web" in why[0], "the host names the probe", why)
    jobs = fleet.server.items("jobs", f"&deployment_id={rollout}&kind=apply")
    checks.equal(len(jobs), 1, "it was told once", jobs)
    fleet.server.command("rollout", "cancel", rollout)
    service.shutdown()


def is_kept_from_its_group(fleet, checks):
    """What the host of the first ring took back goes to no other host of its group until somebody has looked."""
    kept = fleet.server.command("taken-back", "list", "--json").json["taken-back"]
    staging, canary = (fleet.members[ring].host for ring in ("staging", "canary"))
    told = [(one["state"], one["host_id"], one["group"], one["patches"]) for one in kept]
    checks.equal(told, [("open", staging, "staging", [f"good-fix {NEW}"])], "what was taken back is kept from its group")
    moved = fleet.server.command("hosts", "move", canary, "staging")
    checks.equal(moved.status, 0, "another host comes into that group", moved)
    fleet.keep_policy(checks, "after", "good-fix")

    def ends(phases):
        rollout = fleet.begin(checks, "after")

        def found():
            return {host["host_id"]: host["phase"] for host in fleet.shown(rollout)["hosts"]}

        reached = fleet.wait_for(lambda: [found()[staging], found()[canary]] == phases)
        checks.expect(reached, f"the hosts of the group end {phases}", fleet.shown(rollout))
        why = [host["why"] for host in fleet.shown(rollout)["hosts"] if host["host_id"] == canary]
        fleet.server.command("rollout", "cancel", rollout)
        return why[0]

    why = ends(["plan-refused", "plan-refused"])
    checks.expect("good-fix" in why, "the other host says which patch is left out", why)
    checks.equal(fleet.members["canary"].root.version("good-fix"), OLD, "it is as it was")
    shown = fleet.server.command("taken-back", "show", kept[0]["id"][:6])
    checks.expect("probe web" in shown.output and "thimble taken-back review" in shown.text, "show tells why", shown)
    looked = fleet.server.command("taken-back", "review", kept[0]["id"], "--why", "the probe was at fault")
    checks.equal(looked.status, 0, "somebody has looked", looked)
    ends(["plan-refused", "verified"])
    checks.equal(fleet.members["canary"].root.version("good-fix"), NEW, "then the others get it")
    checks.equal(fleet.members["staging"].root.version("good-fix"), OLD, "the host itself remembers that it did not bear it")


def body(supply, thimble, checks):
    with Fleet(thimble, supply) as fleet:
        fleet.server.log_in(checks)
        fleet.server.log_in_to_administer(checks)
        for member in fleet.members.values():
            member.start()
        checks.expect(
            fleet.wait_for(lambda: len(fleet.server.items("patches", "&source=good-fix")) == 3), "every host is judged"
        )
        fails(fleet, checks, "good-fix", "automatic", ("rolled-back", OLD))
        fails(fleet, checks, "libgood1", "never", ("failed-health", NEW))
        is_kept_from_its_group(fleet, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

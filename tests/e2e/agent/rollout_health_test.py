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


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

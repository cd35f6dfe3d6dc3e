#!/usr/bin/python3
"""A server patches hosts on which no agent is installed: the real relay, over the real sshd, into machines that have
nothing of thimble. What is lost on the way is done once; who is not the host is not believed.
usage: over_ssh_test.py PROGRAMS"""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "patch"))

import ssh_machine  # noqa: E402
from real_fleet import Server  # noqa: E402
from small_host import CLEAN_ENVIRONMENT, NEW, OLD, debian_root, ended, skip, until  # noqa: E402
from ssh_machine import SshMachine  # noqa: E402
from thimble_calls import run_patch_test  # noqa: E402

NAMES = ("one", "two")
PROGRAMS = "/var/lib/thimble/over-ssh"
RELAYED = ("agent", "agent-helper", "apt", "gate", "launcher", "patch")


def installed(programs, folder):
    """The relay and what it brings to hosts, as packages have them: without what debuggers read, which is most of it."""
    folder.mkdir()
    for name in RELAYED:
        debian_root.run(["strip", "--strip-unneeded", "-o", folder / f"thimble-{name}", programs / f"thimble-{name}"])
    shutil.copytree(programs / "thimble-dnf", folder / "thimble-dnf")
    return folder


class Fleet:
    """A server, a relay, and machines that the relay reaches."""

    def __init__(self, thimble, supply):
        self.folder = supply.folder / "relay"
        self.programs = installed(thimble.programs, supply.folder / "programs")
        self.server = Server(thimble.programs, supply.folder, "--catalog", thimble.catalog)
        self.token = self.server.enrolment_token(reusable=True)
        self.key = supply.folder / "sign-in-key"
        ssh_machine.make_key(self.key)
        self.relay = None
        self.machines = {}
        self.hosts = {}
        for name in NAMES:
            host = supply.host(name)
            # A plan is of one machine: copies of a root must not be taken for each other.
            host.path("/etc/machine-id").write_text(hashlib.md5(name.encode()).hexdigest() + "\n")
            self.machines[name] = SshMachine(host, supply, self.key)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for machine in self.machines.values():
            machine.close()
        self.server.close()

    def enrol(self, name, *host_key):
        words = ["enrol", self.server.address, self.token, "--name", name, "--over", self.machines[name].address]
        words += ["--key", self.key, "--relay", self.folder, *host_key]
        done = ended([self.programs / "thimble-agent", *words], timeout=300)
        self.hosts[name] = done.output.removeprefix("The host is ").strip()
        return done

    def start(self):
        self.relay = subprocess.Popen(
            [self.programs / "thimble-agent", "relay", "--relay", self.folder],
            stdin=subprocess.DEVNULL,
            stdout=open(self.folder / "log", "ab"),
            stderr=subprocess.STDOUT,
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
        )

    def stop(self):
        if self.relay is not None:
            os.killpg(self.relay.pid, signal.SIGKILL)
            self.relay.wait()
            self.relay = None

    def log(self):
        return (self.folder / "log").read_text()[-4000:]

    def wait_for(self, condition, seconds=90):
        return until(condition, self.server.process, seconds)

    def patches(self, name):
        return [patch["source"] for patch in self.server.items("patches", f"&host_id={self.hosts[name]}")]

    def deploy(self, *words, names=NAMES):
        hosts = [word for name in names for word in ("--host", self.hosts[name])]
        return self.server.command("deployments", "start", *hosts, *words, "--why", "a test")

    def reports(self, kind):
        return [item for item in self.server.items("reports") if item["kind"] == kind]

    def of(self, name):
        return next(item for item in self.server.items("hosts") if item["id"] == self.hosts[name])


def phases(answer):
    return [host["phase"] for host in answer.json["deployment-hosts"]]


def enrols_whom_it_knows(fleet, checks):
    one = fleet.machines["one"]
    unknown = fleet.enrol("one")
    checks.expect(unknown.status == 64 and "never believed at first sight" in unknown.errors, "no key, no host", unknown)
    wrong = fleet.enrol("one", "--host-key", fleet.machines["two"].fingerprint)
    checks.expect(wrong.status == 77 and "another key" in wrong.errors, "another fingerprint is refused", wrong)
    other = fleet.enrol("one", "--host-key", fleet.machines["two"].host_key)
    checks.expect(other.status == 69 and "agent.host_away" in other.errors, "so is another key", other)
    checks.equal(fleet.server.items("hosts"), [], "nobody has enrolled")
    checks.expect(not one.host.path(PROGRAMS).exists(), "nothing was brought to the host")
    by_fingerprint = fleet.enrol("one", "--host-key", one.fingerprint)
    checks.equal(by_fingerprint.status, 0, "a fingerprint lets a host enrol", by_fingerprint)
    by_key = fleet.enrol("two", "--sudo", "--host-key", fleet.machines["two"].host_key)
    checks.equal(by_key.status, 0, "so does the key itself, of one who becomes root by sudo", by_key)
    checks.equal([fleet.of(name)["reach"] for name in NAMES], ["ssh", "ssh"], "the server knows how they are reached")


def delivers_programs(fleet, checks):
    folder = fleet.machines["one"].host.path(PROGRAMS)
    found = [path for path in folder.iterdir() if len(path.name) == 64]
    checks.equal(len(found), 1, "one folder of programs", sorted(folder.iterdir()))
    bad = [path for path in folder.rglob("*") if path.stat().st_uid != 0 or path.stat().st_mode & 0o022]
    checks.equal(bad, [], "they are of root, and nobody else may write them")
    for age in (2, 1):
        (folder / (str(age) * 64)).mkdir()
        os.utime(folder / (str(age) * 64), (10 - age, 10 - age))


def inventory_arrives(fleet, checks):
    checks.expect(
        fleet.wait_for(lambda: all("good-fix" in fleet.patches(name) for name in NAMES)),
        "the server knows that the hosts miss the patch",
        fleet.log(),
    )
    listed = fleet.server.command("hosts", "--json").json["hosts"]
    checks.equal([host["reach"] for host in listed], ["ssh", "ssh"], "thimble hosts tells it", listed)
    shown = fleet.server.command("findings", "--host", fleet.hosts["one"])
    checks.expect("CVE-2099-0001" in shown.output, "its findings are listed", shown)


def patches_every_host(fleet, checks):
    done = fleet.deploy("--package", "good-fix", "--json")
    checks.equal((done.status, phases(done)), (0, ["verified"] * 2), "a deployment patches both", f"{done}\n{fleet.log()}")
    versions = [machine.host.version("good-fix") for machine in fleet.machines.values()]
    checks.equal(versions, [NEW] * 2, "the update is installed")
    plans = fleet.server.command("plans", "--json").json["plans"]
    checks.equal(len(plans), 2, "the server has their plans", plans)
    names = [path.name for path in fleet.machines["one"].host.path(PROGRAMS).iterdir()]
    checks.equal(("1" * 64 in names, "2" * 64 in names), (True, False), "old programs are gone but for the last", names)
    processes = fleet.machines["one"].run("sh", "-c", "cat /proc/[0-9]*/comm").output
    checks.expect("thimble" not in processes and "ld.so" not in processes, "nothing of thimble runs there then", processes)


def entries(machine):
    """The phases of the newest run on the host."""
    runs = sorted(machine.host.path("/var/lib/thimble/runs").glob("*/journal"))
    lines = runs[-1].read_bytes().split(b"\n")[:-1] if runs else []
    return [json.loads(line.partition(b" ")[2])["phase"] for line in lines]


def course(fleet, deployment):
    shown = fleet.server.command("deployments", "show", deployment, "--json")
    return [host["phase"] for host in shown.json["deployment-hosts"]]


def survives(fleet, checks, name, lose, regain):
    """What is between server and host goes while packages are installed, and comes back when the host has long finished."""
    machine = fleet.machines[name]
    folder = machine.host.path("/var/lib/thimble/runs")
    runs = len(list(folder.iterdir()))
    told = len(fleet.server.items("runs"))
    started = fleet.deploy("--package", "slow-steps", "--no-wait", names=(name,))
    checks.equal(started.status, 0, "a deployment begins", started)
    deployment = started.errors.split()[1]
    begun = fleet.wait_for(lambda: len(list(folder.iterdir())) > runs and entries(machine)[-1:] == ["applying"], 240)
    lose()
    checks.expect(begun and "applied" not in entries(machine), "it is cut within the transaction", entries(machine))
    checks.expect(fleet.wait_for(lambda: entries(machine)[-1:] == ["ended"]), "the host finishes by itself", entries(machine))
    checks.equal(machine.host.version("slow-steps"), NEW, "the update is installed")
    regain()
    checks.expect(
        fleet.wait_for(lambda: course(fleet, deployment) == ["verified"], 240), "the deployment goes on", fleet.log()
    )
    checks.equal(len(list(folder.iterdir())), runs + 1, "it was carried out once")
    checks.equal(len(fleet.server.items("runs")), told + 1, "and told once")
    results = [json.loads(item["content"]) for item in fleet.reports("job.result")]
    jobs = [result["job"] for result in results if result["kind"] == "apply"]
    checks.equal(len(jobs), len(set(jobs)), "every job has one result", results)


def complaints(fleet, machine, what):
    return sum(f"-{machine.port}: " in line and what in line for line in fleet.log().splitlines())


def leaves_others_alone(fleet, checks):
    """One host answers garbage when its helper is asked, and then for another job; the other one is patched."""
    two = fleet.machines["two"]
    entering = two.entering.read_text().splitlines()[1]
    foreign = json.dumps({"kind": "result", "job": "another", "lease": None, "text": "{}"})
    marker = two.folder / "asked"
    lies = f"if [ -e {marker} ]; then echo '{foreign}'; exit 0; fi; touch {marker}; exec head -c 3000000 /dev/urandom"
    two.answer_with(f'case "$SSH_ORIGINAL_COMMAND" in *--stdio*) {lies};; esac\n{entering}')
    started = fleet.deploy("--package", "libgood1", "--no-wait")
    deployment = started.errors.split()[1]
    checks.expect(
        fleet.wait_for(lambda: "verified" in course(fleet, deployment), 240), "the other host is patched", fleet.log()
    )
    checks.equal(fleet.machines["one"].host.version("libgood1"), NEW, "which has the update")
    checks.equal(two.host.version("libgood1"), OLD, "the host that answers garbage has not")
    checks.expect(
        fleet.wait_for(lambda: complaints(fleet, two, "agent.bad_helper_message") > 1, 120), "and is named", fleet.log()
    )
    checks.expect(complaints(fleet, two, "answers for another job") > 0, "an answer for another job is none", fleet.log())
    checks.equal(complaints(fleet, fleet.machines["one"], "agent.bad_helper_message"), 0, "it alone is")
    two.answer_with(entering)
    checks.expect(
        fleet.wait_for(lambda: course(fleet, deployment) == ["verified"] * 2, 240), "once it is sane it follows", fleet.log()
    )


def halts(fleet, checks):
    fleet.server.command("halt", "begin", "--why", "a test")
    started = fleet.deploy("--package", "conffile-foreign", "--no-wait", names=("one",))
    deployment = started.errors.split()[1]
    checks.expect(not until(lambda: course(fleet, deployment) == ["verified"], fleet.server.process, 5), "a halted fleet rests")
    checks.equal(fleet.machines["one"].host.version("conffile-foreign"), OLD, "nothing is installed meanwhile")
    fleet.server.command("halt", "end")
    checks.expect(fleet.wait_for(lambda: course(fleet, deployment) == ["verified"], 120), "it goes on then", fleet.log())


def believes_no_other_key(fleet, checks):
    """Somebody else answers at the address of a host: it falls silent, which takes two minutes."""
    checks.expect(
        fleet.wait_for(lambda: "Host key verification failed" in fleet.log(), 120), "another key is refused", fleet.log()
    )
    before = fleet.of("two")["last_seen_at"]
    checks.expect(fleet.wait_for(lambda: silent(fleet, "two"), 240), "it becomes unknown", fleet.of("two"))
    checks.equal(fleet.of("two")["last_seen_at"], before, "nobody checks in for it")
    checks.expect(not silent(fleet, "one"), "the other host is not silent, though it has nothing to say", fleet.of("one"))


def silent(fleet, name):
    return "not heard of" in (fleet.of(name)["unknown_why"] or "")


def body(supply, thimble, checks):
    if ssh_machine.why_not():
        skip(ssh_machine.why_not())
    with Fleet(thimble, supply) as fleet:
        fleet.server.log_in(checks)
        enrols_whom_it_knows(fleet, checks)
        delivers_programs(fleet, checks)
        fleet.start()
        inventory_arrives(fleet, checks)
        patches_every_host(fleet, checks)
        one = fleet.machines["one"]
        survives(fleet, checks, "one", one.stop_sshd, one.start_sshd)
        survives(fleet, checks, "two", fleet.stop, fleet.start)
        leaves_others_alone(fleet, checks)
        fleet.machines["two"].change_key()
        halts(fleet, checks)  # meanwhile, with the other host
        believes_no_other_key(fleet, checks)


if __name__ == "__main__":
    os.umask(0o022)
    run_patch_test(sys.argv, body)

#!/usr/bin/python3
"""A segmentation is tried from outside by other hosts of the fleet: a real server, three real agents and root helpers in network
namespaces, real nftables. It holds; a gateway between lets a stranger in under its own address, which the host cannot see; that
is closed; the service goes away, which is no proof. Where the document names nobody, the server chooses who tries it.
usage: outside_test.py PROGRAMS"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "patch"))

INSIDE = "THIMBLE_OUTSIDE_TEST"
SKIPPED = 77
# The gateway, which is this namespace, has .1 in each network, and is the server.
NETWORKS = {"shop": 1, "stranger": 2, "friend": 3}
SHOP, GATEWAY = "10.77.1.2", "10.77.1.1"
PORT = 8080
GATE = """table ip gate {
  chain out {
    type nat hook postrouting priority 100;
    ip saddr 10.77.2.0/24 masquerade
  }
}
"""


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def enter_a_namespace():
    """The gateway is nobody else's network."""
    if os.geteuid() != 0:
        skip("not root")
    for program in ("ip", "nft", "unshare"):
        if shutil.which(program) is None:
            skip(f"there is no {program}")
    words = ["unshare", "--net", "--mount", "--propagation", "private"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        skip("no namespaces")
    os.execvpe(words[0], [*words, sys.executable, __file__, *sys.argv[1:]], {**os.environ, INSIDE: "1"})


def must(*argv, **options):
    done = subprocess.run([str(word) for word in argv], text=True, capture_output=True, check=False, timeout=60, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{argv}: {done.stderr}")
    return done.stdout


class Place:
    """A host of the fleet in a network of its own, with the files of this machine but for its identity."""

    def __init__(self, name, folder, programs):
        self.name, self.folder, self.programs = name, folder / name, programs
        self.processes = []
        self.helper = None
        self.folder.mkdir()
        (self.folder / "machine-id").write_text(f"{NETWORKS[name]:032x}\n")
        self.log = open(self.folder / "log", "ab")  # noqa: SIM115
        words = ["unshare", "--net", "--mount", "--uts", "--propagation", "private", "sh", "-c",
                 'hostname "$1" && mount --bind "$0/machine-id" /etc/machine-id && ip link set lo up && echo up && exec cat',
                 self.folder, name]
        self.holder = subprocess.Popen([str(w) for w in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(self.holder)
        if self.holder.stdout.readline().strip() != "up":
            skip(f"{name} did not come up")
        ours, number = f"to-{name}", NETWORKS[name]
        must("ip", "link", "add", ours, "type", "veth", "peer", "name", "eth0", "netns", self.holder.pid)
        must("ip", "address", "add", f"10.77.{number}.1/24", "dev", ours)
        must("ip", "link", "set", ours, "up")
        self.must("ip", "address", "add", f"10.77.{number}.2/24", "dev", "eth0")
        self.must("ip", "link", "set", "eth0", "up")
        self.must("ip", "route", "add", "default", "via", f"10.77.{number}.1")

    def words(self, *argv):
        return ["nsenter", "-t", str(self.holder.pid), "-m", "-n", "-u", "--", *map(str, argv)]

    def must(self, *argv):
        return must(*self.words(*argv))

    def start(self, *argv):
        child = subprocess.Popen(self.words(*argv), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.processes.append(child)
        return child

    def reaches(self):
        ran = subprocess.run(self.words("curl", "--silent", "--max-time", "3", f"http://{SHOP}:{PORT}/greet?name=you"),
                             capture_output=True, text=True, check=False)
        return ran.stdout == "Hello you"

    def join(self, server):
        state = self.folder / "agent"
        self.must(self.programs / "thimble-agent", "enrol", server.address, server.enrolment_token(group=self.name),
                  "--state", state, "--helper-state", self.folder / "helper")
        socket = self.folder / "socket"
        self.helper = self.start(self.programs / "thimble-agent-helper", "--state", self.folder / "helper", "--user", "root",
                                 "--socket", socket, "--patch-state", self.folder / "patch")
        self.start(self.programs / "thimble-agent", "run", "--state", state, "--helper", socket)

    def close(self):
        for child in reversed(self.processes):
            child.kill()
            child.wait()


class Story:
    def __init__(self, server, shop, checks):
        self.server, self.shop, self.checks, self.control = server, shop, checks, ""

    def host(self):
        return self.server.items("control-hosts", f"&control_id={self.control}")[0]

    def comes(self, state, outside, what):
        from small_host import until  # noqa: PLC0415

        def is_so():
            host = self.host()
            return (host["state"], host["outside"]) == (state, outside)

        self.checks.expect(until(is_so, self.server.process, 200), what, f"{self.host()} {self.said()[-6:]}")

    def said(self):
        return self.server.items("control-checks", f"&control_id={self.control}&sort=at")


def unnamed_fence(server):
    """Its document names no host that asks."""
    return {
        "listeners": [{"port": PORT}, {"protocol": "udp", "port": 5353}],
        "allow": ["10.77.3.0/24", GATEWAY],
        "keep": [{"address": GATEWAY, "port": int(server.address.rpartition(":")[2])}],
        "revert_seconds": 30,
    }


def fence(server):
    probe = {"address": SHOP, "port": PORT}
    probes = [{"from": "allowed", "host": "friend", **probe}, {"from": "refused", "host": "stranger", **probe}]
    return {**unnamed_fence(server), "listeners": [{"port": PORT}], "probes": probes}


def serve(shop):
    return shop.start(sys.executable, HERE.parent / "controls/vulnerable_service.py", "0.0.0.0", PORT, "/nonexistent")


def tell_of_chosen(server, places, story):
    """The server knows the hosts by the addresses from which they ask it."""
    checks = story.checks
    addresses = {host["name"]: host["address"] for host in server.items("hosts")}
    checks.equal(addresses, {"shop": SHOP, "stranger": "10.77.2.2", "friend": "10.77.3.2"}, "each host is known by its own address")
    serve(places["shop"])
    story.control = server.put_up_control(
        "open fence", "segmentation", unnamed_fence(server), server.add_person("carla", "approver"), scope={"groups": ["shop"]})
    story.comes("verified", "held", "a fence that names nobody is proven by whom the server chose")
    why = story.host()["outside_why"]
    checks.expect("the server chose stranger, which is not allowed" in why and "and friend, which is allowed" in why, "who are named", why)
    checks.expect("UDP port 5353: rule is loaded, not probed" in why, "and what nobody tried is said", why)
    must("nft", "-f", "-", input=GATE)
    story.comes("lapsed", "open", "a gateway is noticed by whom the server chose, too")
    must("nft", "delete", "table", "ip", "gate")
    story.comes("verified", "held", "and so is its end")

    places["stranger"].helper.kill()
    places["stranger"].helper.wait()
    server.act_on_control(story.control, "verify")

    def is_told():
        return any(host["name"] == "stranger" and "root helper" in host["waits_why"] for host in server.items("hosts"))

    checks.expect(wait_for(is_told, 120), "a root helper that is gone is told of in the list of hosts", server.items("hosts"))


def tell(server, places, checks):
    shop = places["shop"]
    service = serve(shop)
    for place in places.values():
        place.join(server)
    story = Story(server, shop, checks)
    stranger, friend = places["stranger"], places["friend"]
    checks.expect(wait_for(stranger.reaches), "the stranger reaches the service")

    story.control = server.put_up_control(
        "fence", "segmentation", fence(server), server.add_person("berta", "approver"), scope={"groups": ["shop"]})
    story.comes("verified", "held", "the fence is proven from outside")
    checks.equal((stranger.reaches(), friend.reaches()), (False, True), "and it is so")
    probes = {entry["actor"]: entry for entry in story.said() if entry["action"] == "probe"}
    hosts = {host["id"]: host["name"] for host in server.items("hosts")}
    named = {hosts[actor.removeprefix("host:")]: (entry["said"], entry["document"] != "") for actor, entry in probes.items()}
    checks.equal(named, {"friend": ("connected", True), "stranger": ("not-connected", True)}, "each has said so", probes)

    must("nft", "-f", "-", input=GATE)
    checks.expect(stranger.reaches(), "a gateway lets the stranger in")
    story.comes("lapsed", "open", "which a host outside notices")
    checks.expect("stranger (10.77.2.2), which is not allowed" in story.host()["why"], "and it is named", story.host())
    looks = [entry for entry in story.said() if entry["action"] == "verify"]
    checks.equal(looks[-1]["said"], "holding", "while its own host sees its rules", looks)

    must("nft", "delete", "table", "ip", "gate")
    story.comes("verified", "held", "the gateway is closed, and the fence is proven again")

    service.kill()
    service.wait()
    story.comes("verified", "shut", "a service that is down refuses everybody, which proves nothing")
    server.act_on_control(story.control, "retire")
    story.comes("retired", "", "it goes")
    tell_of_chosen(server, places, story)


def wait_for(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)  # between two looks
    return is_so()


def main():
    from real_fleet import Server  # noqa: PLC0415
    from small_host import Checks  # noqa: PLC0415

    programs = pathlib.Path(sys.argv[1]).resolve()
    if not (programs / "thimble-control").exists():
        skip("thimble-control is not built")
    checks, places = Checks(), {}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thimble-outside-", dir="/var/tmp"))
    must("ip", "link", "set", "lo", "up")
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    server = None
    try:
        for name in NETWORKS:
            places[name] = Place(name, folder, programs)
        server = Server(programs, folder, listen=f"{GATEWAY}:0")
        tell(server, places, checks)
    finally:
        logs = {name: (folder / name / "log").read_text()[-1500:] for name in places}
        for place in places.values():
            place.close()
        if server is not None:
            server.close()
        shutil.rmtree(folder, ignore_errors=True)
        if sys.exc_info()[0] is not None or checks.failed:
            print(json.dumps(logs, indent=1))
    checks.finish()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: {sys.argv[0]} PROGRAMS")
    if INSIDE not in os.environ:
        enter_a_namespace()
    main()

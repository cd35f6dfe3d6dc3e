#!/usr/bin/env python3
"""agent_traffic.py BIN [--seconds N] [--root DIRECTORY]

What an agent that has nothing to do sends and receives, by the packet: as root, in a network namespace of its own whose only
way out leads to the server, with counters of nftables. Starts thimble-server, enrols this machine (or a root directory),
lets the agent settle for 90 seconds, and counts for N seconds (2700 unless told), with a line each five minutes.
"""
import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from fleet_load import Server

SETTLED = 90  # seconds: the first check-in, with the documents, and the first minute's look
SPACE = "thimble-traffic"
SERVER, AGENT = "10.77.0.1", "10.77.0.2"
COUNTERS = f"""
table ip traffic {{
  chain received {{
    type filter hook input priority 0
    ip saddr {SERVER} counter
  }}
  chain sent {{
    type filter hook output priority 0
    ip daddr {SERVER} counter
  }}
}}
"""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, text=True, **options)


def inside(*words):
    return ["ip", "netns", "exec", SPACE, *map(str, words)]


def open_space():
    run("ip", "netns", "add", SPACE)
    run("ip", "link", "add", "traffic0", "type", "veth", "peer", "name", "traffic1", "netns", SPACE)
    run("ip", "addr", "add", f"{SERVER}/30", "dev", "traffic0")
    run("ip", "link", "set", "traffic0", "up")
    run(*inside("ip", "addr", "add", f"{AGENT}/30", "dev", "traffic1"))
    run(*inside("ip", "link", "set", "traffic1", "up"))
    run(*inside("nft", "-f", "-"), input=COUNTERS)


def counted():
    """(packets, bytes) sent and received, IP headers included."""
    listed = json.loads(run(*inside("nft", "-j", "list", "table", "ip", "traffic"), stdout=subprocess.PIPE).stdout)
    found = {}
    for item in listed["nftables"]:
        for part in item.get("rule", {}).get("expr", []):
            if "counter" in part:
                found[item["rule"]["chain"]] = (part["counter"]["packets"], part["counter"]["bytes"])
    return found["sent"], found["received"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=2700)
    parser.add_argument("--root")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thimble-traffic-"))
    server = agent = None
    try:
        open_space()
        server = Server(options.binaries, folder / "server", "", SERVER)
        program = options.binaries / "thimble-agent"
        enrol = [program, "enrol", f"https://{SERVER}:{server.port}", server.token(), "--state", folder / "agent"]
        run(*inside(*enrol, "--helper-state", folder / "helper"), stdout=subprocess.DEVNULL)
        words = [program, "run", "--state", folder / "agent", "--helper", folder / "none"]
        agent = subprocess.Popen(inside(*words, *(["--root", options.root] if options.root else [])))
        time.sleep(SETTLED)
        before = counted()
        begun = time.monotonic()
        passed = 0
        while passed < options.seconds:
            time.sleep(min(300, options.seconds - passed))
            passed = round(time.monotonic() - begun)
            (sent, received) = [
                (now[0] - then[0], now[1] - then[1]) for now, then in zip(counted(), before)]
            a_day = (sent[1] + received[1]) * 86400 / passed / 1024
            print(f"{passed} s: {sent[0]} packets, {sent[1]} bytes sent; {received[0]} packets, {received[1]} bytes "
                  f"received; {a_day:.1f} KiB a day", flush=True)
    finally:
        for process in (agent, server and server.process):
            if process:
                process.send_signal(signal.SIGTERM)
                process.wait()
        run("ip", "netns", "del", SPACE)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

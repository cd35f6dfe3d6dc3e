#!/usr/bin/env python3
"""agent_idle.py BIN [--seconds N] [--root DIRECTORY]

What an agent costs that has nothing to do. Starts thimble-server in a folder of its own, enrols this machine (or a root
directory), lets the agent run, and looks at it twice: when it has checked in and is silent, and N seconds later (300 unless
told): memory, processor time, bytes that it sent and received above TCP.
"""
import argparse
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from fleet_load import Server, processor_seconds

SETTLED = 30  # seconds; the first check-in comes within 5, with the documents


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    names = ("Rss", "Pss", "Private_Dirty", "Private_Clean", "Shared_Clean")
    return {name: int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1]) for name in names}


def parts(pid):
    """KiB of resident memory by file."""
    sums = {}
    name = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            name = pathlib.PurePath(words[5]).name if len(words) > 5 else "(anonymous)"
        elif words[0] == "Rss:":
            sums[name] = sums.get(name, 0) + int(words[1])
    return sorted(sums.items(), key=lambda item: -item[1])


def bytes_on_wire(pid):
    """Sent and received on the connections that are open; a connection that ended is not counted."""
    said = subprocess.run(["ss", "-tinpH"], stdout=subprocess.PIPE, text=True, check=True).stdout
    total = [0, 0]
    for block in re.split(r"\n(?=\S)", said):
        if f"pid={pid}," in block:
            for at, name in enumerate(("bytes_sent", "bytes_received")):
                found = re.search(rf"{name}:(\d+)", block)
                total[at] += int(found[1]) if found else 0
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--root")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thimble-idle-"))
    server = Server(options.binaries, folder / "server", "")
    agent = None
    try:
        program = options.binaries / "thimble-agent"
        enrol = [program, "enrol", f"https://127.0.0.1:{server.port}", server.token(), "--state", folder / "agent"]
        subprocess.run([*enrol, "--helper-state", folder / "helper"], check=True, stdout=subprocess.DEVNULL)
        run = [program, "run", "--state", folder / "agent", "--helper", folder / "none"]
        agent = subprocess.Popen(run + (["--root", options.root] if options.root else []))
        time.sleep(SETTLED)
        print(f"settled: KiB {memory(agent.pid)}")
        used, wire = processor_seconds(agent.pid), bytes_on_wire(agent.pid)
        time.sleep(options.seconds)
        used = processor_seconds(agent.pid) - used
        wire = [after - before for before, after in zip(wire, bytes_on_wire(agent.pid))]
        days = options.seconds / 86400
        print(f"{options.seconds} s later: KiB {memory(agent.pid)}")
        print("  " + ", ".join(f"{name} {size}" for name, size in parts(agent.pid)[:16]))
        print(f"  processor {100 * used / options.seconds:.3f} %; a day: "
              f"{wire[0] / days / 1024:.0f} KiB sent, {wire[1] / days / 1024:.0f} KiB received")
    finally:
        if agent:
            agent.kill()
            agent.wait()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

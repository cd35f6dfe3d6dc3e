#!/usr/bin/env python3
"""fleet_load.py BIN HOSTS [--seconds N] [--connections N] [--rate N] [--data FOLDER] [--packages FILE] [--postgresql]

Starts thimble-server in a folder of its own, enrols HOSTS agents by thimble-loadgen through the API, lets
them check in, and prints with what each step said what it cost the server: processor time and memory. With --postgresql
its database is a PostgreSQL of its own, with the settings that Debian gives it.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e/agent"))

from scratch_postgresql import ScratchPostgresql  # noqa: E402


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM")}


class Server:
    def __init__(self, binaries, data, database, address="127.0.0.1"):
        words = [binaries / "thimble-server", "serve", "--data", data, "--listen", f"{address}:0", "--name", address]
        words += ["--database", database] if database else []
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.data, self.address, self.link = data, address, None
        for line in self.process.stdout:
            if "/welcome#" in line:
                self.link = line.split("/welcome#")[1].strip()
            if line.startswith("Thimble serves at "):
                self.port = int(line.rsplit(":", 1)[1])
                break
        self.authority = data / "keys/authority.crt"

    def ask(self, path, body, headers=()):
        context = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection(self.address, self.port, context=context)
        connection.request("POST", path, json.dumps(body), dict(headers))
        answer = connection.getresponse()
        return answer, json.loads(answer.read())

    def token(self):
        answer, said = self.ask(
            "/api/v1/sign-in-links/redeem", {"secret": self.link, "password": "correct horse battery"})
        headers = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Thimble-Csrf": said["csrf"]}
        _, said = self.ask("/api/v1/enrolment-tokens", {"name": "load", "group": "load", "reusable": True}, headers)
        return said["token"]


def step(server, words, count_of):
    before = processor_seconds(server.process.pid)
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    used = processor_seconds(server.process.pid) - before
    print(done.stdout, end="")
    count = count_of(done.stdout)
    print(f"  server: {used:.1f} s of processor time, {1e6 * used / count:.0f} us each with handshakes; MiB {memory(server.process.pid)};"
          f" load {os.getloadavg()[0]:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("hosts", type=int)
    parser.add_argument("--seconds", default="10")
    parser.add_argument("--connections", default="1000")
    parser.add_argument("--busy", default="64")
    parser.add_argument("--rate", default="10000")
    parser.add_argument("--database", default="")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--data", type=pathlib.Path, help="kept; made in a temporary folder without it")
    parser.add_argument("--packages", help="Packages index or status file of Debian")
    options = parser.parse_args()
    folder = options.data or pathlib.Path(tempfile.mkdtemp(prefix="thimble-load-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    postgresql = ScratchPostgresql(durable=True) if options.postgresql else None
    server = Server(options.binaries, folder / "server", postgresql.address if postgresql else options.database)
    try:
        common = ["--port", str(server.port), "--authority", server.authority, "--identities", folder / "agents"]
        loadgen = options.binaries / "thimble-loadgen"
        if server.link:
            words = [loadgen, "enrol", *common, "--token", server.token(), "--hosts", str(options.hosts)]
            words += ["--packages", options.packages] if options.packages else []
            step(server, words, lambda _: options.hosts)
        checked = lambda said: int(re.search(r"(\d+) check-ins", said)[1])
        words = [loadgen, "check-in", *common, "--connections", options.connections,
                 "--server-process", str(server.process.pid)]
        step(server, [*words, "--seconds", options.seconds, "--busy", options.busy], checked)
        step(server, [*words, "--seconds", options.seconds, "--rate", options.rate], checked)
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        if postgresql:
            postgresql.__exit__()
        if not options.data:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

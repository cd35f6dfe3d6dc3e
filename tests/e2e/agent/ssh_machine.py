"""A small machine that is reached by the real sshd, as a host without an agent is: every command that comes runs in
the machine's namespaces, as its root."""

import os
import pathlib
import signal
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

from small_host import CLEAN_ENVIRONMENT, debian_root, until  # noqa: E402
from small_machine import SmallMachine  # noqa: E402

SSHD = "/usr/sbin/sshd"


def why_not():
    """Why no such machine can run here; empty when it can."""
    missing = [tool for tool in (SSHD, "/usr/bin/ssh", "/usr/bin/ssh-keygen") if not os.access(tool, os.X_OK)]
    return f"{missing[0]} is not installed" if missing else ""


def make_key(path):
    debian_root.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path])


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class SshMachine(SmallMachine):
    """Nothing of thimble is installed in it."""

    def __init__(self, host, supply, sign_in_key):
        super().__init__(host, supply)
        self.folder = host.root.with_name(f"{host.root.name}-ssh")
        self.folder.mkdir()
        self.port = free_port()
        self._sshd = None
        self._sign_in_key = sign_in_key
        self.entering = self.folder / "enter.sh"
        self.answer_with('exec nsenter --target %s --all --root --wdns=/ -- /bin/sh -c "$SSH_ORIGINAL_COMMAND"' % self.first)
        self.change_key()

    def answer_with(self, line):
        """What happens with a command that comes."""
        self.entering.write_text(f"#!/bin/sh\n{line}\n")
        self.entering.chmod(0o755)

    def change_key(self):
        """A new host key, and a server that has it."""
        for path in self.folder.glob("host_key*"):
            path.unlink()
        make_key(self.folder / "host_key")
        self.stop_sshd()
        self.start_sshd()

    @property
    def host_key(self):
        return (self.folder / "host_key.pub").read_text().strip()

    @property
    def fingerprint(self):
        return debian_root.run(["ssh-keygen", "-lf", self.folder / "host_key.pub"]).split()[1]

    @property
    def address(self):
        return f"ssh://root@127.0.0.1:{self.port}"

    def start_sshd(self):
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        config = self.folder / "config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host_key\n"
            f"AuthorizedKeysFile {self._sign_in_key}.pub\nForceCommand {self.entering}\n"
            "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "PermitRootLogin prohibit-password\nMaxStartups 100\nLogLevel VERBOSE\n"
            # The default is also safe from quantum computers, and takes the client a tenth of a second for each connection.
            "KexAlgorithms curve25519-sha256\n"
        )
        self._sshd = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", config],
            stdin=subprocess.DEVNULL,
            stderr=open(self.folder / "log", "ab"),
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
        )
        if not until(self._listens, self._sshd, 10):
            raise RuntimeError(f"no sshd: {(self.folder / 'log').read_text()}")

    def _listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def stop_sshd(self):
        """The network of the machine is lost: every connection breaks."""
        if self._sshd is None:
            return
        self.cut_connections()
        self._sshd.kill()
        self._sshd.wait()
        self._sshd = None

    def cut_connections(self):
        """Kills the processes of sshd that hold one each; what they started is left alone."""
        children = pathlib.Path(f"/proc/{self._sshd.pid}/task/{self._sshd.pid}/children").read_text().split()
        for child in children:
            for holder in [child, *pathlib.Path(f"/proc/{child}/task/{child}/children").read_text().split()]:
                if pathlib.Path(f"/proc/{holder}/comm").read_text() == "sshd\n":
                    os.kill(int(holder), signal.SIGKILL)
        return len(children)

    def connections(self):
        return (self.folder / "log").read_text().count("Accepted publickey")

    def log(self):
        return (self.folder / "log").read_text()[-2000:]

    def close(self):
        self.stop_sshd()
        super().close()

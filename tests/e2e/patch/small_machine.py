"""A root that runs as a machine of its own for a while: processes stay in it between two commands, and
thimble is installed in it."""

import os
import pathlib
import shutil
import subprocess

from small_host import CLEAN_ENVIRONMENT, HERE, debian_root, elf_parts, ended

INSTALLED = "/opt/thimble"
ARCHIVE = "/srv/archive"


def install_libraries(host, programs, names=("thimble", "thimble-patch", "thimble-apt")):
    """The libraries that the programs need and the root does not have, as their packages would bring them."""
    folder = host.path(f"/usr/local/lib/{elf_parts.multiarch()}")
    folder.mkdir(parents=True, exist_ok=True)
    for program in names:
        for line in debian_root.run(["ldd", pathlib.Path(programs) / program]).splitlines():
            name, _, rest = line.strip().partition(" => ")
            found = [at for at in ("/usr/lib", "/lib") if (host.path(f"{at}/{elf_parts.multiarch()}") / name).exists()]
            if rest.startswith("/") and not found:
                shutil.copy(rest.split(" ")[0], folder / name)
    debian_root.in_root(host.root, ["ldconfig"])


class SmallMachine:
    """Until it is closed; then every process in it is killed. Commands are run in its namespaces."""

    def __init__(self, host, supply, programs=None):
        """Without programs nothing of thimble is installed in it."""
        self.host = host
        self.unit_folder = None
        if programs is not None:
            install_libraries(host, programs)
        # No network: ports are the machine's own, and the archive is a folder of it.
        debian_root.point_to_archive(host.root, f"file:{ARCHIVE}", supply.key.public())
        installed = ["--bind", programs, INSTALLED] if programs is not None else []
        self._holder = self._begin([*installed, "--bind", supply.archive, ARCHIVE])
        if not self._is_up():
            self.close()
            raise RuntimeError("the root does not run")
        updated = self.run("apt-get", "-qq", "-o", "APT::Update::Error-Mode=any", "update")
        if updated.status != 0:
            self.close()
            raise RuntimeError(f"no index: {updated}")

    def _begin(self, binds):
        """The process whose child is the first of the machine."""
        hold = ["sh", "-c", "echo running; exec cat"]
        argv = [str(word) for word in [HERE / "enter_root.sh", self.host.root, *binds, *hold]]
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=CLEAN_ENVIRONMENT, start_new_session=True
        )

    def _is_up(self):
        up = self._holder.stdout.readline() == b"running\n"
        self._first = self._child() if up else None
        return up

    def _child(self):
        children = pathlib.Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children").read_text()
        return children.split()[0] if children else None

    def _argv(self, argv):
        return ["nsenter", "--target", self._first, "--all", "--root", "--wdns=/", "--", *argv]

    @property
    def first(self):
        """The number of its first process on this machine."""
        return self._first

    @property
    def holder(self):
        """The process of this machine with which it ends."""
        return self._holder

    def run(self, *argv, timeout=240):
        return ended(self._argv(argv), timeout=timeout)

    def thimble(self, *words, timeout=240):
        return self.run(f"{INSTALLED}/thimble", *words, timeout=timeout)

    def start(self, *argv, unit=""):
        """A process that prints a line when it is ready and lives until its input ends. With `unit` it is in
        the control group of that service, as systemd would have it."""
        process = subprocess.Popen(
            [str(word) for word in self._argv(argv)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
        )
        process.stdout.readline()
        if unit:
            self._put_into(unit, process.pid)
        return process

    def start_alone(self, *argv):
        """A process that nobody waits for. Returns its number within the machine."""
        told = self.run("sh", "-c", '"$@" </dev/null >/dev/null 2>&1 & echo $!', "sh", *argv)
        return told.output.strip()

    def lives(self, number):
        return pathlib.Path(f"/proc/{self._first}/root/proc/{number}").exists()

    def _put_into(self, unit, pid):
        """Processes of the machine see the group from the root of the hierarchy, as on a real host."""
        if self.unit_folder is None:
            hierarchy = next(
                (folder for folder in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                 if os.access(f"{folder}/cgroup.procs", os.W_OK)), None)
            if hierarchy is None:
                raise debian_root.Unavailable("control groups cannot be made")
            self.unit_folder = pathlib.Path(hierarchy) / "system.slice" / unit
            self.unit_folder.mkdir(parents=True, exist_ok=True)
        family = [str(pid)]
        for parent in family:  # nsenter forks to enter a PID namespace
            children = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
            family += children.read_text().split() if children.exists() else []
        for member in family:
            (self.unit_folder / "cgroup.procs").write_text(member)

    def close(self):
        self._holder.stdin.close()
        self._holder.kill()
        self._holder.wait()
        self._holder.stdout.close()
        if self.unit_folder is not None:
            subprocess.run(["rmdir", self.unit_folder, self.unit_folder.parent], check=False, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

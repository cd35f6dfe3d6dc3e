"""A root that runs as a machine of its own whose first process is systemd, which runs its services."""

import os
import pathlib
import select
import subprocess

from small_host import CLEAN_ENVIRONMENT, HERE, debian_root, ended, until
from small_machine import SmallMachine

UNITS = "/etc/systemd/system"
# They would hold apt's lock at a time of their own choice.
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer")


def unified_hierarchy():
    """Where control groups of version 2 can be made."""
    for folder in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.access(f"{folder}/cgroup.controllers", os.F_OK) and os.access(f"{folder}/cgroup.procs", os.W_OK):
            mounts = "mount -t sysfs -o ro sysfs /mnt && mount -t cgroup2 cgroup2 /mnt/fs/cgroup"
            tried = ended(["unshare", "--mount", "--net", "--cgroup", "--", "sh", "-c", mounts])
            if tried.status != 0:
                raise debian_root.Unavailable(f"no mounts for systemd: {tried.errors.strip()}")
            return pathlib.Path(folder)
    raise debian_root.Unavailable("no control groups of version 2 can be made")


def write_unit(host, name, text):
    path = host.path(f"{UNITS}/{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def enable(host, *units):
    debian_root.in_root(host.root, ["systemctl", "--quiet", "enable", *units])


class SystemdMachine(SmallMachine):
    """Until it is closed, which kills all of it. It dies with this program, too: systemd does not listen to SIGTERM."""

    def _begin(self, binds):
        for name in MASKED:
            path = self.host.path(f"{UNITS}/{name}")
            path.unlink(missing_ok=True)
            path.symlink_to("/dev/null")
        self._group = unified_hierarchy() / f"thimble-test-{os.getpid()}-{self.host.root.name}"
        self._group.mkdir()
        enter = ["sh", "-c", 'echo $$ >"$0" && exec "$@"', self._group / "cgroup.procs"]
        argv = ["setpriv", "--pdeathsig", "KILL", *enter, HERE / "enter_root.sh", "--boot", self.host.root, *binds]
        return subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
        )

    def _is_up(self):
        def runs_systemd():
            self._first = self._child()
            try:
                return self._first and pathlib.Path(f"/proc/{self._first}/comm").read_text() == "systemd\n"
            except OSError:  # between two processes
                return False

        def has_booted():
            told = self.run("systemctl", "is-system-running", "--wait", timeout=60).output.strip()
            return told in ("running", "degraded")

        return until(runs_systemd, self._holder, 30) and until(has_booted, self._holder, 60)

    def systemctl(self, *words):
        return self.run("systemctl", *words)

    def shown(self, unit, name):
        """One property of a unit."""
        return self.systemctl("show", "--value", "--property", name, unit).output.strip()

    def main_pid(self, unit):
        return int(self.shown(unit, "MainPID") or 0)

    def runs(self, unit):
        return (self.shown(unit, "ActiveState"), self.shown(unit, "SubState")) == ("active", "running")

    def close(self):
        # The first process of a machine ends as its last: then only empty folders are left of the group.
        last = os.pidfd_open(int(self._first)) if self._first else None
        super().close()
        if last is not None:
            ending = select.poll()
            ending.register(last, select.POLLIN)
            ending.poll(30_000)
            os.close(last)
        ended(["find", self._group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"])

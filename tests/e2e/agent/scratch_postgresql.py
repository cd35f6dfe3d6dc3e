"""A PostgreSQL cluster of its own for one test, behind a socket in its own folder."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


def why_not():
    """Why none can run here; empty when one can."""
    if not (PROGRAMS / "initdb").exists():
        return "postgresql-15 is not installed"
    return ""


class ScratchPostgresql:
    def __init__(self, durable=False):
        """With `durable` what was committed is on the disk, as it should be where a server is measured."""
        self.fsync = "on" if durable else "off"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="thimble-pg-"))
        if os.geteuid() == 0:  # it refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.call("initdb", "-D", self.data, "-U", "thimble", "--auth=trust", "--no-sync", "-E", "UTF8")
        self.start()

    @property
    def data(self):
        return self.folder / "data"

    @property
    def address(self):
        """What `--database` is given."""
        return f"postgresql:host={self.folder} user=thimble dbname=postgres"

    def call(self, program, *words):
        as_user = ["/usr/sbin/runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        argv = [*as_user, PROGRAMS / program, *words]
        subprocess.run([str(word) for word in argv], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        options = f"-k {self.folder} -c listen_addresses= -c fsync={self.fsync}"
        self.call("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self):
        self.call("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

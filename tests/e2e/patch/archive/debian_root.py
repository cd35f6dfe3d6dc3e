"""Debian roots: the bare system made once by mmdebstrap and kept, the purpose-made packages, made once too, in
their older versions on top, and copies of that."""

import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import all_purposes
import apt_archive
import elf_parts

HERE = pathlib.Path(__file__).parent
# Beside the minimal system: what the checks of a rehearsal look at, and what thimble itself links.
INCLUDED = ("python3-minimal", "sudo", "nginx", "openssh-server", "libssl3", "libcurl4", "libarchive13", "libpugixml1v5")
# What a root takes in which systemd runs.
SERVICE_MANAGER = ("systemd", "systemd-sysv", "dbus")
MACHINE_ID = "0123456789abcdef0123456789abcdef"


class Unavailable(Exception):
    """The machine lacks what a root takes; a test that needs one is skipped."""


def run(argv, **options):
    """An argument vector that has to succeed; its output."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, check=False, **options)
    if done.returncode != 0:
        text = (done.stdout + done.stderr).decode(errors="replace")
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {text[-4000:]}")
    return done.stdout.decode(errors="replace")


@functools.cache
def debian_source(wanted="bookworm"):
    """(URI, suite) of the Debian archive that this machine is configured with."""
    shown = ["--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    for line in run(["apt-get", "indextargets", *shown]).splitlines():
        uri, suite, component = line.split()
        if suite == wanted and component == "main":
            return uri, suite
    raise Unavailable(f"no archive of {wanted} is configured")


def _cache():
    chosen = os.environ.get("THIMBLE_TEST_CACHE") or pathlib.Path(tempfile.gettempdir()) / "thimble-test-roots"
    folder = pathlib.Path(chosen)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What lies here is run as root: nobody else may have put it there.
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise RuntimeError(f"{folder} belongs to somebody else, or others may write it")
    return folder


def _made_once(name, make):
    """The folder `name` of the cache; `make(path)` fills it when it is not there. Other processes wait."""
    folder = _cache() / name
    with open(_cache() / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = _cache() / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
            _forget_unused()
        folder.touch()
    return folder


def _forget_unused():
    """Roots that no test of the last week has asked for: their recipe is gone."""
    for folder in _cache().glob("*-????????????????"):
        if time.time() - folder.stat().st_mtime > 7 * 86400:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def copy_tree(source, target):
    run(["cp", "-a", "--reflink=auto", source, target])


def bare_root(more=()):
    """A Debian 12 system of ~230 MB, with these packages on top; the first call in a cache takes a minute."""
    if os.getuid() != 0:
        raise Unavailable("not root")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    uri, suite = debian_source()
    included = (*INCLUDED, *more)

    def make(target):
        argv = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={','.join(included)}"]
        try:
            run([*argv, suite, target, f"deb {uri} {suite} main"])
        except RuntimeError as error:
            raise Unavailable(f"no root could be made: {error}") from error
        (target / "etc/apt/sources.list").write_text("")
        (target / "etc/machine-id").write_text(MACHINE_ID + "\n")
        for folder in ("var/lib/apt/lists", "var/cache/apt"):
            shutil.rmtree(target / folder)
            (target / folder / "partial" if "lists" in folder else target / folder / "archives/partial").mkdir(
                parents=True
            )

    return _made_once(f"bare-{_digest(uri, suite, *included)}", make)


def in_root(root, argv, **options):
    """Runs a command in the root, as its root user."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return run(["chroot", root, *argv], env=environment, stdin=subprocess.DEVNULL, **options)


def install_old(root, pool, purposes):
    """Installs the older sides, and does what the administrator of that host did."""
    native = apt_archive.native_architecture()
    chosen = {name: purpose for name, purpose in purposes.items() if purpose.old is not None and purpose.in_root}
    inside = root / "tmp/pool"
    inside.mkdir()
    for purpose in chosen.values():
        shutil.copy(pool / purpose.package("old", native).filename, inside)
    names = sorted(f"/tmp/pool/{path.name}" for path in inside.iterdir())
    in_root(root, ["dpkg", "--force-unsafe-io", "--install", *names])
    shutil.rmtree(inside)
    automatic = [name for name, purpose in chosen.items() if purpose.automatic]
    in_root(root, ["apt-mark", "auto", *automatic])
    in_root(root, ["apt-mark", "hold", *(name for name, purpose in chosen.items() if purpose.held)])
    pins = [f"Package: {name}\nPin: {' '.join(pin.split()[:-1])}\nPin-Priority: {pin.split()[-1]}\n"
            for name, pin in ((name, purpose.pin) for name, purpose in chosen.items()) if pin]
    (root / "etc/apt/preferences.d/purpose-made").write_text("\n".join(pins))
    for purpose in chosen.values():
        for path, text in purpose.edits.items():
            if text is None:
                (root / path.lstrip("/")).unlink()
            else:
                (root / path.lstrip("/")).write_text(text)


def _sources(*further):
    """The text of all that packages are made of, and of `further` files."""
    files = [*HERE.glob("*purposes.py"), *HERE.glob("sources/*.c")]
    files += [HERE / name for name in ("deb_file.py", "elf_parts.py", "debian_root.py", *further)]
    return [path.read_text() for path in sorted(files)]


def made_packages():
    """(every purpose-made package by name, a folder that is their pool); kept like the roots. Not to be changed."""

    def make(target):
        parts = elf_parts.build()
        apt_archive.build_pool(target / "pool", all_purposes.all_purposes(parts))
        (target / "parts").mkdir()
        for name, data in parts.items():
            (target / "parts" / name).write_bytes(data)

    compiler = run(["gcc", "-dumpfullversion", "-dumpmachine"])
    made = _made_once(f"packages-{_digest(compiler, *_sources('apt_archive.py'))}", make)
    parts = {path.name: path.read_bytes() for path in (made / "parts").iterdir()}
    return all_purposes.all_purposes(parts), made / "pool"


def purpose_root(pool, purposes, more=()):
    """The bare root with every older side installed; kept like the bare one. Not to be changed."""

    def make(target):
        copy_tree(bare_root(more), target)
        install_old(target, pool, purposes)

    return _made_once(f"purpose-{_digest(bare_root(more).name, *_sources())}", make)


def point_to_archive(root, url, public_key):
    """The archive becomes the root's only source, and its index is fetched."""
    keyring = "/etc/apt/keyrings/purpose.asc"
    (root / "etc/apt/keyrings").mkdir(exist_ok=True)
    (root / keyring.lstrip("/")).write_bytes(public_key)
    lines = [f"deb [signed-by={keyring}] {url} {path} main\n" for path, _ in apt_archive.SUITES.values()]
    (root / "etc/apt/sources.list").write_text("".join(lines))


def update(root):
    """Fetches the index as the host's administrator does."""
    return in_root(root, ["apt-get", "-qq", "-o", "APT::Update::Error-Mode=any", "update"])


@contextlib.contextmanager
def working_folder():
    """An empty file system in memory, to be called in a mount namespace of one's own (see `private`):
    it is gone with the process, in whatever way that ends. Removing roots from a disk takes longer
    than all else that a test does."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thimble-patch."))
    try:
        run(["mount", "-t", "tmpfs", "-o", "mode=755,size=6g", "thimble-test", folder])
        yield folder
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", folder], check=False)
        folder.rmdir()


def fill(folder):
    """Takes the last byte of a file system."""
    with open(folder / "filling", "ab") as file:
        for step in (1 << 20, 1 << 12):
            try:
                while True:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, step)
            except OSError:
                pass


def private():
    """Continues this program in a mount namespace of its own."""
    if os.environ.get("THIMBLE_TEST_PRIVATE") != str(os.getpid()):
        environment = {**os.environ, "THIMBLE_TEST_PRIVATE": str(os.getpid())}
        argv = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        os.execvpe("unshare", argv, environment)

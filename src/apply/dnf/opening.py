"""Opens dnf's library on a root, and what every verb says of packages."""

import hashlib
import os
import shutil
import sys


def tell(per_mille, what):
    """Progress; nobody may be listening."""
    try:
        os.write(3, f"{per_mille}\t{what}\n".encode("utf-8", "replace"))
    except OSError:
        pass


def say(text):
    if text:
        sys.stderr.write(str(text).rstrip("\n") + "\n")
        sys.stderr.flush()


def version_of(package):
    """As the whole of Thimble writes it: the epoch only where it is not 0."""
    epoch = str(package.epoch)
    prefix = "" if epoch in ("0", "None") else epoch + ":"
    return f"{prefix}{package.version}-{package.release}"


def identity(package):
    return (package.name, package.arch, version_of(package))


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def set_database(options):
    """rpm's settings are read again by every library; only a file of macros holds for all of them."""
    if not options.dbpath:
        return
    os.makedirs(options.cache, exist_ok=True)
    os.environ["HOME"] = options.cache
    with open(os.path.join(options.cache, ".rpmmacros"), "w", encoding="utf-8") as file:
        file.write(f"%_dbpath {options.dbpath}\n")


def open_base(options, persistent):
    """A dnf that knows the root's configuration. Unless `persistent`, nothing in the root is written."""
    set_database(options)
    import dnf
    import dnf.rpm

    root = options.root
    base = dnf.Base()
    conf = base.conf
    conf.installroot = root
    conf.config_file_path = os.path.join(root, "etc/dnf/dnf.conf")
    if os.path.exists(conf.config_file_path):
        conf.read(conf.config_file_path)
    conf.reposdir = [os.path.join(root, folder) for folder in ("etc/yum.repos.d", "etc/distro.repos.d")]
    variables = [os.path.join(root, folder) for folder in ("etc/yum/vars", "etc/dnf/vars")]
    conf.substitutions.update_from_etc("/", varsdir=variables)
    conf.releasever = dnf.rpm.detect_releasever(root)
    conf.persistdir = os.path.join(root, "var/lib/dnf")
    if options.cache:
        conf.cachedir = options.cache
    if not persistent:
        # dnf creates its history where there is none: it gets a copy.
        copy = os.path.join(options.cache, "history")
        os.makedirs(copy, exist_ok=True)
        for name in ("history.sqlite", "history.sqlite-wal"):
            source = os.path.join(conf.persistdir, name)
            if os.path.exists(source):
                shutil.copyfile(source, os.path.join(copy, name))
            elif os.path.exists(os.path.join(copy, name)):
                os.unlink(os.path.join(copy, name))
        conf.persistdir = copy
    conf.assumeno = True
    conf.install_weak_deps = False
    conf.clean_requirements_on_remove = False
    conf.best = True
    conf.obsoletes = True
    conf.exit_on_lock = True
    conf.debuglevel = 2
    conf.comment = "thimble"
    base.args = ["thimble", "patch"]
    return base


def load_repositories(base, enabled=True):
    if enabled:
        base.read_all_repos()
        tell(0, "reading the repositories")
    base.fill_sack(load_system_repo=True, load_available_repos=enabled)

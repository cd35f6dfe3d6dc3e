"""Fetches archives into a folder of ours, and checks digest and signature."""

import os
import shutil
import subprocess
import tempfile
import time

from opening import load_repositories, open_base, say, sha256_of, tell, version_of

UNCHECKED = ".unchecked-"  # in the folder of the archives, so that a rename is enough; one for each fetch
ABANDONED = 24 * 60 * 60  # seconds after which the fetch of a folder is over, or was killed


class Fetching:
    """dnf's download progress, as ours."""

    def __init__(self):
        self.total, self.done = 0, {}

    def start(self, _files, total_size, _total_drpms=0):
        self.total = total_size

    def progress(self, payload, done):
        self.done[str(payload)] = done
        if self.total:
            tell(min(1000, sum(self.done.values()) * 1000 // self.total), str(payload))

    def end(self, _payload, _status, _message):
        pass

    message = end


def check_signature(options, path):
    """None when the host trusts the signature of an archive, else why not. rpmkeys says yes or no; which of
    the two it is that is missing, the signature or its key, only words it."""
    import rpm

    command = ["rpmkeys", "--root", options.root]
    command += ["--dbpath", options.dbpath] if options.dbpath else []
    command += ["--define", "_pkgverify_level signature", "--define", "_pkgverify_flags 0x0", "--checksig", path]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return None
    reader = rpm.TransactionSet()
    reader.setVSFlags(rpm._RPMVSF_NOSIGNATURES)
    with open(path, "rb") as file:
        header = reader.hdrFromFdno(file.fileno())
    tags = (rpm.RPMTAG_RSAHEADER, rpm.RPMTAG_DSAHEADER, rpm.RPMTAG_SIGPGP, rpm.RPMTAG_SIGGPG)
    if not any(header[tag] for tag in tags):
        return "it is not signed, and its repository demands it (gpgcheck=1)"
    return "it is signed with a key that the host does not trust, or the signature is wrong; see rpm --import"


def fetch_one(base, options, package, item):
    """Ending and reason of one archive. It gets its name in the folder when it has been checked, and not before: who
    finds it there later, after a kill, checks no signature again."""
    fetched = package.localPkg()
    if not os.path.exists(fetched):
        try:
            base.download_packages([package])
        except OSError as error:
            return ("no_space" if error.errno == 28 else "failed"), str(error)
        except Exception as error:  # librepo's
            return "unreachable", str(error)
    if not os.path.exists(fetched):
        return "failed", "it was not fetched"
    unchecked = os.path.join(base.conf.destdir, item["file_name"])
    if fetched != unchecked:
        shutil.copyfile(fetched, unchecked)
    if sha256_of(unchecked) != package.returnIdSum()[1]:
        return "wrong_digest", "its SHA-256 is not what the repository tells"
    if package.repo.gpgcheck:
        why = check_signature(options, unchecked)
        if why:
            return "untrusted", why
    os.rename(unchecked, os.path.join(options.folder, item["file_name"]))
    return "done", None


def remove_abandoned(folder, now):
    """Removes what fetches that were killed have left; another one may be under way."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            is_over = name.startswith(UNCHECKED) and now - os.lstat(path).st_mtime > ABANDONED
        except FileNotFoundError:
            continue  # its fetch has just ended
        if is_over:
            shutil.rmtree(path, ignore_errors=True)


def fetch(options, request):
    base = open_base(options, persistent=False)
    remove_abandoned(options.folder, time.time())
    base.conf.destdir = tempfile.mkdtemp(prefix=UNCHECKED, dir=options.folder)
    try:
        return {"archives": fetch_all(base, options, request)}
    finally:
        shutil.rmtree(base.conf.destdir, ignore_errors=True)


def fetch_all(base, options, request):
    load_repositories(base)
    import hawkey

    found, answers = {}, []
    for item in request["archives"]:
        query = base.sack.query(flags=hawkey.IGNORE_EXCLUDES).available()
        for package in query.filter(name=item["name"], arch=item["architecture"]):
            digest = (package.returnIdSum() or ("", ""))[1]
            if version_of(package) == item["version"] and item["sha256"] in (None, digest):
                found[item["file_name"]] = package
    try:
        base.download_packages(list(found.values()), progress=Fetching())
    except Exception as error:  # which archive it was is found out one by one
        say(error)
    for item in request["archives"]:
        package = found.get(item["file_name"])
        if package is None:
            ending, why = "version_gone", "no repository offers it with that digest"
        else:
            ending, why = fetch_one(base, options, package, item)
        answers.append(
            {
                "file_name": item["file_name"],
                "ending": ending,
                "why": why,
                "uri": package.remote_location() if package is not None else None,
                "sha256": package.returnIdSum()[1] if package is not None else None,
                "size": package.downloadsize if package is not None else 0,
            }
        )
    return answers

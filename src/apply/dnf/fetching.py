"""Fetches archives into a folder of ours, and checks digest and signature."""

import os
import shutil
import subprocess

from opening import load_repositories, open_base, say, sha256_of, tell, version_of


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
    """Ending and reason of one archive that should be in the folder by now."""
    target = os.path.join(options.folder, item["file_name"])
    if not os.path.exists(target):
        try:
            if package.repo.pkgdir and os.path.exists(package.localPkg()):
                shutil.copyfile(package.localPkg(), target)
            else:
                base.download_packages([package])
        except OSError as error:
            return ("no_space" if error.errno == 28 else "failed"), str(error)
        except Exception as error:  # librepo's
            return "unreachable", str(error)
    fetched = target if os.path.exists(target) else package.localPkg()
    if not os.path.exists(fetched):
        return "failed", "it was not fetched"
    if fetched != target:
        shutil.copyfile(fetched, target)
    if sha256_of(target) != package.returnIdSum()[1]:
        os.unlink(target)
        return "wrong_digest", "its SHA-256 is not what the repository tells"
    if package.repo.gpgcheck:
        why = check_signature(options, target)
        if why:
            os.unlink(target)
            return "untrusted", why
    return "done", None


def fetch(options, request):
    base = open_base(options, persistent=False)
    base.conf.destdir = options.folder
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
    return {"archives": answers}

"""A signed archive of the purpose-made packages: pool, indexes, Release files, and every way to get
them wrong."""

import datetime
import hashlib
import lzma
import os
import pathlib
import subprocess

from deb_file import control_fields, deb_bytes, paragraph
from purposes import SECURITY, STABLE

# Suite -> (path below dists, fields of its Release file)
SUITES = {
    STABLE: ("bookworm", {"Origin": "Debian", "Label": "Debian", "Suite": "stable", "Codename": "bookworm"}),
    SECURITY: (
        "bookworm-security",
        {
            "Origin": "Debian",
            "Label": "Debian-Security",
            "Suite": "stable-security",
            "Codename": "bookworm-security",
        },
    ),
}

# What can be wrong, and what it does.
FAULTS = {
    "altered-package": "the archive files of newer versions were changed after the index was made",
    "altered-index": "the index of bookworm-security was changed after its Release file was made",
    "altered-release": "the Release file was changed after it was signed",
    "wrong-key": "the Release file is signed by another key",
    "unsigned": "the Release file has no signature",
    "expired": "the Release file was valid until yesterday",
    "without-old": "only the newer versions are there",
    "without-new": "the newer versions are gone, from the index and the pool",
    "hostile-index": "names, versions and file names in the index try to be commands and to lead out",
}

HOSTILE_PARAGRAPHS = [
    {"Package": "a$(touch /tmp/purpose-escaped)", "Version": "2", "Filename": "pool/none.deb"},
    {"Package": "good-fix", "Version": "9;touch${IFS}/tmp/purpose-escaped", "Filename": "pool/none.deb"},
    {"Package": "plain-update", "Version": "9.0-1", "Filename": "../../../../../../../../tmp/purpose-escaped"},
    {"Package": "-oDPkg::Pre-Invoke::=touch", "Version": "2", "Filename": "pool/none.deb"},
    {"Package": "arch-all", "Version": "9.0-1\x1b[2J", "Filename": "/etc/hostname"},
    {"Package": "../../etc/passwd", "Version": "2", "Filename": "pool/none.deb"},
]


def native_architecture():
    return subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()


def build_pool(folder, purposes):
    """Writes every package and, beside each, its paragraph for the index: NAME.deb, NAME.deb.index."""
    folder.mkdir(parents=True, exist_ok=True)
    native = native_architecture()
    for purpose in purposes.values():
        for side in ("old", "new"):
            package = purpose.package(side, native)
            if package is None:
                continue
            data = deb_bytes(package)
            (folder / package.filename).write_bytes(data)
            fields = control_fields(package)
            description = fields.pop("Description")
            if side == "new":
                fields.update(purpose.index_fields)
            fields["Filename"] = f"pool/{package.filename}"
            fields["Size"] = str(len(data))
            fields["MD5sum"] = hashlib.md5(data).hexdigest()
            fields["SHA256"] = hashlib.sha256(data).hexdigest()
            fields["Description"] = description
            (folder / f"{package.filename}.index").write_text(paragraph(fields) + "\n")


def _index(pool, purposes, suite, faults):
    native = native_architecture()
    paragraphs = []
    for purpose in purposes.values():
        for side in ("old", "new"):
            package = purpose.package(side, native)
            if package is None or (STABLE if side == "old" else purpose.suite) != suite:
                continue
            if f"without-{side}" in faults and not (side == "old" and purpose.new is None):
                continue
            paragraphs.append((pool / f"{package.filename}.index").read_text())
    if "hostile-index" in faults and suite == SECURITY:
        for fields in HOSTILE_PARAGRAPHS:
            full = {"Architecture": native, "Maintainer": "x", "Size": "1000", "SHA256": "0" * 64, **fields}
            paragraphs.append(paragraph({**full, "Description": "$(touch /tmp/purpose-escaped)"}) + "\n")
    return "".join(paragraphs).encode()


def _release(suite, files, faults, now):
    fields = dict(SUITES[suite][1])
    moment = now - datetime.timedelta(days=8 if "expired" in faults else 0)
    until = moment + datetime.timedelta(days=7)
    pattern = "%a, %d %b %Y %H:%M:%S UTC"
    fields["Version"] = "12"
    fields["Date"] = moment.strftime(pattern)
    fields["Valid-Until"] = until.strftime(pattern)
    fields["Architectures"] = f"all {native_architecture()}"
    fields["Components"] = "main"
    fields["Description"] = "purpose-made"
    lines = [f" {hashlib.sha256(data).hexdigest()} {len(data)} {name}\n" for name, data in files.items()]
    return (paragraph(fields) + "SHA256:\n" + "".join(lines)).encode()


def _replace(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    new.rename(path)


def publish(folder, pool, purposes, key, faults=(), wrong_key=None):
    """Makes `folder` (anew) an archive of the packages in `pool`, signed by `key`."""
    unknown = set(faults) - set(FAULTS)
    if unknown:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
    folder.mkdir(parents=True, exist_ok=True)
    _fill_pool(folder / "pool", pool, purposes, faults)
    now = datetime.datetime.now(datetime.timezone.utc)
    for suite, (path, _) in SUITES.items():
        index = _index(pool, purposes, suite, faults)
        binary = f"main/binary-{native_architecture()}"
        files = {f"{binary}/Packages": index, f"{binary}/Packages.xz": lzma.compress(index, preset=0)}
        release = _release(suite, files, faults, now)
        if "altered-index" in faults and suite == SECURITY:
            # Of the same length, so that only the digest tells.
            index = index.replace(b"purpose-made:", b"purpose-evil:")
            files = {f"{binary}/Packages": index, f"{binary}/Packages.xz": lzma.compress(index, preset=0)}
        dist = folder / "dists" / path
        for name, data in files.items():
            _replace(dist / name, data)
        for name in ("InRelease", "Release.gpg"):
            (dist / name).unlink(missing_ok=True)
        if "unsigned" not in faults:
            signer = wrong_key if "wrong-key" in faults else key
            clear, detached = signer.sign_clear(release), signer.sign_detached(release)
            if "altered-release" in faults:
                clear = clear.replace(b"purpose-made", b"purpose-evil")
                release = release.replace(b"purpose-made", b"purpose-evil")
            _replace(dist / "InRelease", clear)
            _replace(dist / "Release.gpg", detached)
        _replace(dist / "Release", release)


def _fill_pool(target, pool, purposes, faults):
    native = native_architecture()
    target.mkdir(exist_ok=True)
    for purpose in purposes.values():
        for side in ("old", "new"):
            package = purpose.package(side, native)
            if package is None:
                continue
            path = target / package.filename
            path.unlink(missing_ok=True)
            if side == "new" and "without-new" in faults:
                continue
            if side == "old" and "without-old" in faults and purpose.new is not None:
                continue
            os.link(pool / package.filename, path)
            if side == "new" and "altered-package" in faults:
                alter(path)


def alter(path):
    """Changes bytes in the middle of the file, which keeps its size; other links of it stay as they are."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4] = bytes(byte ^ 0xFF for byte in data[middle : middle + 4])
    _replace(pathlib.Path(path), bytes(data))

"""Binary packages as values, and as the bytes of a .deb (deb(5)). Written here and not by dpkg-deb,
because some of them are what dpkg-deb would refuse to build."""

import gzip
import hashlib
import io
import lzma
import tarfile
from dataclasses import dataclass, field

EPOCH = 1_700_000_000  # every time stamp inside, so that the same table gives the same bytes


@dataclass(frozen=True)
class Member:
    """One member of data.tar that is more than a plain file."""

    data: bytes = b""
    mode: int = 0o644
    symlink: str = ""  # where it points
    directory: bool = False
    raw_name: bool = False  # the path as it is, without "./" and without its parent folders


@dataclass(frozen=True)
class Side:
    """A package at one version."""

    files: dict = field(default_factory=dict)  # absolute path -> str, bytes or Member
    conffiles: tuple = ()
    scripts: dict = field(default_factory=dict)  # "postinst" .. -> body of a sh script
    fields: dict = field(default_factory=dict)  # "Depends" ..
    changelog: str = ""  # further lines of the newest entry
    triggers: str = ""


@dataclass(frozen=True)
class Package:
    """What is built: a side with its name and version."""

    name: str
    version: str
    architecture: str
    side: Side
    description: str

    @property
    def filename(self):
        return f"{self.name}_{self.version}_{self.architecture}.deb"


def _bytes_of(content):
    if isinstance(content, Member):
        return content.data
    return content.encode() if isinstance(content, str) else content


def _changelog(package):
    text = (
        f"{package.name} ({package.version}) bookworm-security; urgency=high\n\n"
        f"  * Purpose-made version {package.version}.\n{package.side.changelog}\n"
        " -- Purpose Maker <purpose@example.org>  Tue, 14 Nov 2023 22:13:20 +0000\n"
    )
    return gzip.compress(text.encode(), mtime=EPOCH)


def all_files(package):
    """Path -> content of everything in data.tar, the changelog of the package too."""
    files = dict(package.side.files)
    files[f"/usr/share/doc/{package.name}/changelog.Debian.gz"] = _changelog(package)
    return files


def control_fields(package):
    size = sum(len(_bytes_of(content)) for content in all_files(package).values())
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": package.architecture,
        "Maintainer": "Purpose Maker <purpose@example.org>",
        "Installed-Size": str(max(1, -(-size // 1024))),
        "Section": "misc",
        "Priority": "optional",
        "Description": package.description,
    }
    fields.update(package.side.fields)
    return fields


def paragraph(fields):
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value != "")


def _add(tar, name, content, mode=0o644):
    info = tarfile.TarInfo(name)
    info.mtime = EPOCH
    info.uname = info.gname = "root"
    info.mode = mode
    data = b""
    if isinstance(content, Member):
        info.mode = content.mode
        if content.directory:
            info.type, info.mode = tarfile.DIRTYPE, 0o755
        elif content.symlink:
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, content.symlink, 0o777
        data = content.data
    else:
        data = _bytes_of(content)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _data_tar(package):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        folders = {"."}
        _add(tar, "./", Member(directory=True))
        for path, content in all_files(package).items():
            if isinstance(content, Member) and content.raw_name:
                _add(tar, path, content)
                continue
            parts = path.strip("/").split("/")
            for depth in range(1, len(parts)):
                folder = "./" + "/".join(parts[:depth])
                if folder not in folders:
                    folders.add(folder)
                    _add(tar, folder + "/", Member(directory=True))
            mode = 0o755 if "/bin/" in path or "/sbin/" in path else 0o644
            _add(tar, "./" + "/".join(parts), content, mode)
    return out.getvalue()


def _md5sums(package):
    lines = []
    for path, content in all_files(package).items():
        special = isinstance(content, Member) and (content.raw_name or content.symlink or content.directory)
        if not special and path not in package.side.conffiles:
            lines.append(f"{hashlib.md5(_bytes_of(content)).hexdigest()}  {path.lstrip('/')}\n")
    return "".join(lines)


def _control_tar(package):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        _add(tar, "./", Member(directory=True))
        _add(tar, "./control", paragraph(control_fields(package)))
        _add(tar, "./md5sums", _md5sums(package))
        if package.side.conffiles:
            _add(tar, "./conffiles", "".join(path + "\n" for path in package.side.conffiles))
        if package.side.triggers:
            _add(tar, "./triggers", package.side.triggers)
        for name, body in package.side.scripts.items():
            if name in ("templates", "config"):
                _add(tar, f"./{name}", body, 0o755 if name == "config" else 0o644)
            else:
                _add(tar, f"./{name}", f"#!/bin/sh\nset -e\n{body}\n", 0o755)
    return out.getvalue()


def _ar_member(name, data):
    header = f"{name:<16}{EPOCH:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return header + data + (b"\n" if len(data) % 2 else b"")


def deb_bytes(package):
    data = _data_tar(package)
    if len(data) > 1 << 20:  # xz takes too long for what is large
        data_member = ("data.tar.gz", gzip.compress(data, 1, mtime=EPOCH))
    else:
        data_member = ("data.tar.xz", lzma.compress(data, preset=0))
    return (
        b"!<arch>\n"
        + _ar_member("debian-binary", b"2.0\n")
        + _ar_member("control.tar.xz", lzma.compress(_control_tar(package), preset=0))
        + _ar_member(*data_member)
    )

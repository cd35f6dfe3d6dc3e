"""Roots of rpm distributions, with purpose-made packages and a repository of them: bare ones, in which nothing is
but what rpm installed, and such with programs, which are those of this machine, copied on write."""

import pathlib
import shutil

from small_host import ended, skip

TOOLS = {"dnf": "/usr/bin/dnf", "zypper": "/usr/bin/zypper"}
CONFIGURATION = {"dnf": "etc/yum.repos.d", "zypper": "etc/zypp/repos.d"}

# name -> (what version 1 has, what version 2 has), lines of a spec file; None: there is none.
PACKAGES = {
    "t-lib": ("", "Requires: t-new = 2\n"),
    "t-new": (None, ""),
    "t-app": ("", "Requires: t-lib >= 1\n"),
    "t-held": ("", ""),
    # Its script writes beside what the package brings.
    "t-sly": ("", "Provides: /bin/sh\n%post\necho x >/etc/t-sly.key\n"),
    "t-broken": ("", "Requires: t-nowhere\n"),
}

SPEC = """Name: {name}
Version: {version}
Release: 1
Summary: purpose
License: none
BuildArch: noarch
AutoReqProv: no
{fields}%description
purpose
%install
mkdir -p %{{buildroot}}/usr/share/{name} %{{buildroot}}/etc
echo {version} >%{{buildroot}}/usr/share/{name}/data
echo {version} >%{{buildroot}}/etc/{name}.conf
%files
%dir /usr/share/{name}
/usr/share/{name}/data
%config(noreplace) /etc/{name}.conf
"""

ADVISORY = """<?xml version="1.0" encoding="UTF-8"?>
<updates><update status="stable" from="purpose@example.org" type="security" version="1"><id>PURPOSE-1</id>
<title>t-lib</title><issued date="2026-10-20"/><severity>important</severity><release>purpose</release><references/>
<description>purpose</description><pkglist><collection short="p"><name>p</name>
<package name="t-lib" version="2" release="1" epoch="0" arch="noarch" src="t-lib-2-1.src.rpm">
<filename>t-lib-2-1.noarch.rpm</filename></package></collection></pkglist></update></updates>
"""


def required(argv):
    done = ended(argv)
    if done.status != 0:
        raise RuntimeError(str(done))
    return done


class RpmRoot:
    """A root in which the packages of version 1 are installed, and version 2 is offered; its state folder."""

    def __init__(self, folder, manager, bare):
        if not pathlib.Path(TOOLS[manager]).exists():
            skip(f"{manager} is not installed")
        self.manager = manager
        self.bare = bare
        self._work = folder / f"{manager}-{'bare' if bare else 'full'}"
        self.root = self._work / "root"
        self.state = self._work / "state"
        self.repository = self._work / "repository"
        self.root.mkdir(parents=True)
        self.state.mkdir()
        if not bare:
            self._mount()
        (self.root / CONFIGURATION[manager]).mkdir(parents=True)
        (self.root / "var/lib/rpm").mkdir(parents=True)
        for name, (fields, _) in PACKAGES.items():
            if fields is not None:
                self.rpm("-U", "--nodeps", self._build(name, 1, fields))
        for name, (_, fields) in PACKAGES.items():
            self._build(name, 2, fields)
        self._publish()
        self._configure()

    def _mount(self):
        for name in ("upper", "below"):
            (self._work / name).mkdir()
        options = f"lowerdir=/,upperdir={self._work}/upper,workdir={self._work}/below"
        required(["mount", "-t", "overlay", "overlay", "-o", options, self.root])
        # Nothing of this machine's own package managers is of that host.
        for path in ("var/lib/dpkg", "var/lib/rpm", "etc/yum.repos.d", "etc/zypp", "etc/dnf", "etc/rpm"):
            shutil.rmtree(self.root / path, ignore_errors=True)
        (self.root / "etc/rpm").mkdir()
        (self.root / "etc/rpm/macros").write_text("%_dbpath /var/lib/rpm\n")

    def rpm(self, *words):
        return ended(["rpm", "--root", self.root, "--dbpath", "/var/lib/rpm", *words])

    def version(self, name):
        """Version and release; several where several are installed, and empty where none is."""
        done = self.rpm("-q", "--queryformat", "%{VERSION}-%{RELEASE}\n", name)
        return " ".join(done.output.split()) if done.status == 0 else ""

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def _build(self, name, version, fields):
        spec = self._work / f"{name}.spec"
        spec.write_text(SPEC.format(name=name, version=version, fields=fields))
        required(
            ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {self._work}/top", "--define"]
            + [f"_rpmdir {self.repository}", "--define", "_rpmfilename %%{NAME}-%%{VERSION}.rpm", spec]
        )
        # Not the name that rpm would give it: a repository may name its archives as it likes.
        return self.repository / f"{name}-{version}.rpm"

    def _publish(self):
        required(["createrepo_c", "--quiet", self.repository])
        advisory = self._work / "updateinfo.xml"
        advisory.write_text(ADVISORY)
        required(["modifyrepo_c", advisory, self.repository / "repodata"])

    def _configure(self):
        etc = self.root / "etc"
        etc.joinpath("os-release").unlink(missing_ok=True)
        etc.joinpath("os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\nPRETTY_NAME="purpose"\n')
        (self.root / CONFIGURATION[self.manager] / "t.repo").write_text(
            f"[t]\nname=t\nenabled=1\nautorefresh=1\ngpgcheck=0\nbaseurl=file://{self.repository}\n"
        )
        if self.manager == "zypper":
            lock = "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: t-held\n"
            etc.joinpath("zypp/locks").write_text(lock)
        else:
            plugins = etc / "dnf/plugins"
            plugins.mkdir(parents=True)
            locks = plugins / "versionlock.list"
            (plugins / "versionlock.conf").write_text("[main]\nenabled=1\nlocklist=/etc/dnf/plugins/versionlock.list\n")
            locks.write_text("t-held-0:1-1.*\n")
            (etc / "dnf/dnf.conf").write_text("[main]\ngpgcheck=1\n")
        if not self.bare:
            return
        (self.root / "bin").mkdir(exist_ok=True)
        shutil.copy("/bin/busybox", self.root / "bin/busybox")
        (self.root / "bin/sh").symlink_to("busybox")

"""What a purpose-made package is: its older side is installed in the root, its newer side is offered."""

from dataclasses import dataclass, field

from deb_file import Package, Side

OLD = "1.0-1"
NEW = "1.0-1+deb12u1"

SECURITY = "stable-security"
STABLE = "stable"


@dataclass(frozen=True)
class Purpose:
    name: str
    why: str  # one line: what it is for
    old: Side | None  # None: not installed before
    new: Side | None  # None: not offered in a newer version
    suite: str = SECURITY  # of the newer version; the older is in `stable`
    architecture: str = ""  # empty: native
    old_version: str = OLD
    new_version: str = NEW
    index_fields: dict = field(default_factory=dict)  # of the newer version, only in the index
    automatic: bool = False  # installed as a dependency
    held: bool = False
    pin: str = ""  # "PIN PRIORITY": a paragraph of apt's preferences
    edits: dict = field(default_factory=dict)  # what the administrator did: path -> text, None: removed
    in_root: bool = True  # installed unless a test says otherwise

    def package(self, side_name, native):
        side = self.old if side_name == "old" else self.new
        version = self.old_version if side_name == "old" else self.new_version
        if side is None:
            return None
        return Package(self.name, version, self.architecture or native, side, f"purpose-made: {self.why}")


def data_file(name, text):
    return {f"/usr/share/{name}/data": f"{text}\n"}


def plain(name, text, **more):
    """A side with one data file."""
    files = data_file(name, text)
    files.update(more.pop("files", {}))
    return Side(files=files, **more)


def upgraded(name, why, scripts=None, files=None, **more):
    """Both sides are plain; the newer has these maintainer scripts and files on top."""
    return Purpose(
        name,
        why,
        old=plain(name, "old"),
        new=plain(name, "new", scripts=scripts or {}, files=files or {}),
        **more,
    )

"""What comes along, what is kept back, and what lies."""

from deb_file import Member
from purposes import OLD, STABLE, Purpose, plain, upgraded

HOSTILE_LINE = "$(touch /tmp/purpose-escaped) `touch /tmp/purpose-escaped`; touch /tmp/purpose-escaped"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m"


def relation_purposes():
    return [
        Purpose(
            "breaking-dependent",
            "it breaks a package that needs its old version",
            old=plain("breaking-dependent", "old"),
            new=plain("breaking-dependent", "new", fields={"Breaks": f"broken-dependent (<= {OLD})"}),
        ),
        Purpose(
            "broken-dependent",
            "breaking-dependent breaks it",
            old=plain("broken-dependent", "old", fields={"Depends": f"breaking-dependent (= {OLD})"}),
            new=None,
        ),
        Purpose(
            "conflicting-update",
            "it conflicts with an installed package",
            old=plain("conflicting-update", "old"),
            new=plain("conflicting-update", "new", fields={"Conflicts": "conflict-victim"}),
        ),
        Purpose("conflict-victim", "conflicting-update removes it", old=plain("conflict-victim", "old"), new=None),
        Purpose(
            "wants-new",
            "its update needs a package that is not installed",
            old=plain("wants-new", "old"),
            new=plain("wants-new", "new", fields={"Depends": "brand-new"}),
        ),
        Purpose(
            "brand-new",
            "wants-new needs it, and it has a configuration file",
            old=None,
            new=plain(
                "brand-new", "new", files={"/etc/brand-new.conf": "a=1\n"}, conffiles=("/etc/brand-new.conf",)
            ),
        ),
        Purpose(
            "wants-elsewhere",
            "its update needs a new package of another archive",
            old=plain("wants-elsewhere", "old"),
            new=plain("wants-elsewhere", "new", fields={"Depends": "from-elsewhere"}),
        ),
        Purpose(
            "from-elsewhere",
            "wants-elsewhere needs it, and no security archive has it",
            old=None,
            new=plain("from-elsewhere", "new"),
            suite=STABLE,
        ),
        Purpose(
            "never-possible",
            "its update needs what is nowhere",
            old=plain("never-possible", "old"),
            new=plain("never-possible", "new", fields={"Depends": "nowhere (>= 3)"}),
        ),
        Purpose(
            "auto-library",
            "it was installed as a dependency",
            old=plain("auto-library", "old"),
            new=plain("auto-library", "new"),
            automatic=True,
        ),
        Purpose(
            "auto-user",
            "it brought auto-library",
            old=plain("auto-user", "old", fields={"Depends": "auto-library"}),
            new=None,
        ),
    ]


def source_purposes():
    """Of one source; the update has dropped the second."""
    source = {"Source": "multi"}
    return [
        Purpose(
            "multi-a",
            "its source has a package that is offered no more",
            old=plain("multi-a", "old", fields=source),
            new=plain("multi-a", "new", fields=source),
        ),
        Purpose("multi-b", "its source dropped it", old=plain("multi-b", "old", fields=source), new=None),
    ]


def blocked_purposes():
    return [
        upgraded("plain-update", "an update that is no security matter", suite=STABLE),
        upgraded("held-update", "it is held", held=True),
        upgraded("pinned-update", "it is pinned to its old version", pin=f"version {OLD} 1001"),
        upgraded(
            "phased-update",
            "it is offered to nobody yet",
            suite=STABLE,
            index_fields={"Phased-Update-Percentage": "0"},
        ),
        upgraded(
            "downgraded-update",
            "the archive has, and a pin prefers, an older version",
            old_version="3.0-1",
            new_version="2.0-1",
            suite=STABLE,
            pin="version 2.0-1 1001",
        ),
    ]


def hostile_purposes():
    """Whatever they try must stay within the root that they are installed in."""
    escape = "../../../../../../../../tmp/purpose-escaped"
    odd_names = {
        f"/usr/share/hostile-paths/{name}": "odd\n"
        for name in ("a;touch b", "$(touch x)", "-rf", "tab\there", "q'\"uote", "\x1b[2Jclear", "ö" * 100)
    }
    deep = "/usr/share/hostile-paths/" + "/".join(["d" * 60] * 12) + "/file"
    return [
        Purpose(
            "hostile-text",
            "its texts are commands, escape sequences and very long",
            old=plain("hostile-text", "old"),
            new=plain(
                "hostile-text",
                "new",
                fields={
                    "Maintainer": f"{HOSTILE_LINE} <evil@example.org>",
                    "Homepage": "http://example.org/" + "a" * 20000,
                    "Description": f"{HOSTILE_LINE}\n {ESCAPES}\n .\n {'long ' * 20000}",
                },
                changelog=f"  * {HOSTILE_LINE}\n  * {ESCAPES} CVE-2099-0002 {'y' * 100000}\n",
                scripts={"postinst": f"cat <<'END'\n{HOSTILE_LINE}\n{ESCAPES}\nEND"},
            ),
        ),
        Purpose(
            "hostile-paths",
            "file names with every odd character",
            old=plain("hostile-paths", "old"),
            new=plain("hostile-paths", "new", files={**odd_names, deep: "deep\n"}),
        ),
        upgraded(
            "hostile-newline",
            "a file name with a newline, which dpkg refuses",
            files={"/usr/share/hostile-newline/line\nbreak": "odd\n"},
        ),
        upgraded(
            "hostile-dots",
            "a member that leads out of the root by dots",
            files={escape: Member(b"by dots\n", raw_name=True)},
        ),
        upgraded(
            "hostile-absolute",
            "a member with an absolute name",
            files={"/tmp/purpose-escaped": Member(b"by an absolute name\n", raw_name=True)},
        ),
        Purpose(
            "hostile-link",
            "its old version has a link that leads out, and its new version a file behind it",
            old=plain("hostile-link", "old", files={"/usr/share/hostile-link/out": Member(symlink="../" * 9 + "tmp")}),
            new=plain("hostile-link", "new", files={"/usr/share/hostile-link/out/purpose-escaped": "behind a link\n"}),
        ),
        Purpose(
            "hostile-script",
            "its postinst tries to get at the machine around it",
            old=plain("hostile-script", "old"),
            new=plain(
                "hostile-script",
                "new",
                scripts={
                    "postinst": "for place in /proc/1/root /proc/self/root/.. /../../..; do\n"
                    "echo x >$place/tmp/purpose-escaped || true\ndone\n"
                    "mount -o remount,rw / || true"
                },
            ),
        ),
    ]


def purposes():
    return relation_purposes() + source_purposes() + blocked_purposes() + hostile_purposes()

"""Maintainer scripts that fail, hang, ask, fork or reach beyond their package."""

from deb_file import Member, Side
from purposes import NEW, Purpose, plain, upgraded

TEMPLATES = """Template: asking-debconf/color
Type: string
Default: green
Description: Which colour?
 Asked with the highest priority.
"""
DEBCONF_CONFIG = """#!/bin/sh
. /usr/share/debconf/confmodule
db_input critical asking-debconf/color || true
db_go || true
"""
DEBCONF_POSTINST = """. /usr/share/debconf/confmodule
db_get asking-debconf/color
printf '%s\\n' "$RET" >/var/lib/asking-debconf.answer
"""


def configuring(body):
    return f'if [ "$1" = configure ] && [ -n "$2" ]; then\n{body}\nfi'


def purposes(parts):
    return [
        Purpose(
            "good-fix",
            "an update that is as it should be",
            old=plain(
                "good-fix", "old", files={"/etc/good-fix.conf": "level=1\n"}, conffiles=("/etc/good-fix.conf",)
            ),
            new=plain(
                "good-fix",
                "new",
                files={"/etc/good-fix.conf": "level=2\n"},
                conffiles=("/etc/good-fix.conf",),
                changelog="  * CVE-2099-0001: the hole is closed.\n",
            ),
        ),
        upgraded(
            "failing-postinst",
            "its postinst fails",
            scripts={"postinst": configuring('echo "failing-postinst: as intended" >&2; exit 7')},
        ),
        upgraded(
            "failing-preinst",
            "its preinst fails",
            scripts={"preinst": 'if [ "$1" = upgrade ]; then echo "failing-preinst: as intended" >&2; exit 8; fi'},
        ),
        upgraded(
            "staying-new",
            "its newer version does not let itself be replaced",
            scripts={"prerm": 'if [ "$1" = upgrade ]; then echo "staying-new: as intended" >&2; exit 5; fi'},
        ),
        Purpose(
            "moving-links",
            "it drops a link and brings another",
            old=plain("moving-links", "old", files={"/usr/bin/moving-links-old": Member(symlink="dpkg")}),
            new=plain("moving-links", "new", files={"/usr/bin/moving-links": Member(symlink="dpkg")}),
        ),
        upgraded(
            "removing-others",
            "its postinst removes programs of another package",
            scripts={"postinst": configuring("rm -rf /usr/sbin/visudo /usr/share/doc/sudo")},
        ),
        upgraded(
            "hanging-postinst",
            "its postinst never ends",
            scripts={"postinst": configuring("echo hanging-postinst: waiting; exec sleep 1000000")},
        ),
        upgraded(
            "asking-terminal",
            "its postinst asks on the terminal",
            scripts={
                "postinst": configuring(
                    "printf 'Overwrite everything? [y/N] ' >/dev/tty\nread -r answer </dev/tty\n"
                    '[ "$answer" = y ]'
                )
            },
        ),
        upgraded(
            "asking-input",
            "its postinst asks on standard input",
            scripts={"postinst": configuring("printf 'Continue? [y/N] '\nread -r answer\n[ \"$answer\" = y ]")},
        ),
        Purpose(
            "asking-debconf",
            "it asks through debconf, which has a default",
            old=plain("asking-debconf", "old"),
            new=plain(
                "asking-debconf",
                "new",
                scripts={"templates": TEMPLATES, "config": DEBCONF_CONFIG, "postinst": DEBCONF_POSTINST},
                fields={"Depends": "debconf"},
            ),
        ),
        upgraded(
            "forking-postinst",
            "its postinst leaves a process behind that keeps its output open",
            scripts={"postinst": configuring("setsid sleep 1000000 &")},
        ),
        upgraded(
            "bombing-postinst",
            "its postinst forks without end; each process lasts ten seconds and there are 4000 at most, so that it ends where nothing bounds it",
            scripts={
                "postinst": configuring(
                    "perl -e 'for (1 .. 4000) { my $child = fork; if (!defined $child) { select(undef, undef, undef, 0.01) } "
                    "elsif ($child == 0) { sleep 10; exit 0 } } 1 while wait > 0'"
                )
            },
        ),
        upgraded(
            "killing-postinst",
            "its postinst kills the program that runs it",
            scripts={"postinst": configuring("kill -9 $PPID; sleep 1000000")},
        ),
        upgraded(
            "listening-postinst",
            "its postinst starts a server",
            scripts={"postinst": configuring("/usr/sbin/listening-postinst 8391 --daemon >/dev/null")},
            files={"/usr/sbin/listening-postinst": parts["web-good"]},
        ),
        upgraded(
            "noisy-postinst",
            "its postinst prints without measure, among it bytes that are no text",
            scripts={
                "postinst": configuring(
                    "head -c 20000000 /dev/zero | tr '\\0' 'x'\nprintf '\\033[2J\\033]0;title\\007\\377\\n'"
                )
            },
        ),
        upgraded(
            "writing-elsewhere",
            "its postinst writes files that no package owns",
            scripts={
                "postinst": configuring(
                    "mkdir -p /usr/local/lib/elsewhere\necho x >/usr/local/lib/elsewhere/file\n"
                    "echo x >/etc/unowned.conf"
                )
            },
        ),
        upgraded(
            "adding-setuid",
            "it brings a program with the setuid bit",
            files={"/usr/bin/adding-setuid": Member(b"#!/bin/sh\n", mode=0o4755)},
        ),
        upgraded(
            "adding-timer",
            "it brings a timer and a cron entry",
            files={
                "/lib/systemd/system/adding-timer.timer": "[Timer]\nOnCalendar=daily\n[Install]\n"
                "WantedBy=timers.target\n",
                "/lib/systemd/system/adding-timer.service": "[Service]\nExecStart=/bin/true\n",
                "/etc/cron.d/adding-timer": "17 4 * * * root /bin/true\n",
            },
        ),
        upgraded("arch-all", "it is for every architecture", architecture="all"),
        Purpose(
            "essential-tool",
            "it is essential",
            old=plain("essential-tool", "old", fields={"Essential": "yes"}),
            new=plain("essential-tool", "new", fields={"Essential": "yes"}),
        ),
        Purpose(
            "pre-depending",
            "it pre-depends on the new version of another",
            old=plain("pre-depending", "old"),
            new=plain(
                "pre-depending",
                "new",
                fields={"Pre-Depends": f"good-fix (>= {NEW})"},
                scripts={"preinst": "grep -qx new /usr/share/good-fix/data"},
            ),
        ),
        Purpose(
            "slow-steps",
            "it takes its time, which leaves room for a kill",
            old=plain("slow-steps", "old"),
            new=Side(
                files={f"/usr/share/slow-steps/{number:03}": f"{number}\n" * 50 for number in range(150)},
                scripts={"preinst": "sleep 0.1", "postinst": "sleep 0.2"},
                fields={"Depends": f"slow-part (>= {NEW})"},
            ),
        ),
        upgraded("slow-part", "slow-steps needs it", scripts={"postinst": "sleep 0.1"}),
    ]

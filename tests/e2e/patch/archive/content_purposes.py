"""Configuration files, libraries, services, sizes: what an update puts on the disk."""

from deb_file import Member, Side
from elf_parts import library_folder, multiarch
from purposes import Purpose, plain

UNIT = """[Unit]
Description=Purpose-made server {name}

[Service]
ExecStart=/usr/sbin/{name} {port}
Restart=no

[Install]
WantedBy=multi-user.target
"""

# With mounts of its own, as most services have them.
LIBRARY_UNIT = """[Unit]
Description=Purpose-made user of lib{library}1

[Service]
ExecStart=/usr/sbin/{name}
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""

# As the packages of Debian restart what they bring.
RESTART = 'if [ "$1" = configure ] && [ -d /run/systemd/system ]; then\nsystemctl daemon-reload\nsystemctl restart {unit} || true\nfi'


def conffile(name, why, old, new, edits):
    """Both sides ship /etc/NAME.conf; None: not shipped."""
    path = f"/etc/{name}.conf"

    def side(text, data):
        shipped = {path: text} if text is not None else {}
        return plain(name, data, files=shipped, conffiles=tuple(shipped))

    return Purpose(name, why, old=side(old, "old"), new=side(new, "new"), edits={path: edits} if edits != "" else {})


def conffile_purposes():
    return [
        conffile(
            "conffile-edited", "edited by the administrator, other contents shipped", "a=1\n", "a=2\n", "a=mine\n"
        ),
        conffile(
            "conffile-deleted", "removed by the administrator, other contents shipped", "a=1\n", "a=2\n", None
        ),
        conffile("conffile-foreign", "newly shipped where another file is", None, "a=2\n", "a=mine\n"),
        conffile("conffile-same", "edited to what the update ships", "a=1\n", "a=2\n", "a=2\n"),
        conffile("conffile-unchanged", "edited, but shipped as before", "a=1\n", "a=1\n", "a=mine\n"),
        conffile("conffile-obsolete", "no longer shipped", "a=1\n", None, ""),
        conffile("conffile-new", "newly shipped", None, "a=2\n", ""),
    ]


def library(name, why, old, new, soname_new="1"):
    """The library packages libNAME1 and the program NAME-user that needs it."""
    folder = library_folder()
    package = f"lib{name}1"

    def side(part, soname):
        return Side(
            files={
                f"{folder}/lib{name}.so.{soname}.0": part,
                f"{folder}/lib{name}.so.{soname}": Member(symlink=f"lib{name}.so.{soname}.0"),
            },
            triggers="activate-noawait ldconfig\n",
        )

    return Purpose(package, why, old=side(old, "1"), new=side(new, soname_new), automatic=True)


def moved_program(program):
    """Its process runs on as a file that no package lists any more."""
    name, needs = "moved-program", {"Depends": "libgood1"}
    return Purpose(
        name,
        "the update puts its program elsewhere",
        old=plain(name, "old", files={f"/usr/bin/{name}": program}, fields=needs),
        new=plain(name, "new", files={f"/usr/libexec/{name}": program}, fields=needs),
    )


def user_of(name, program):
    return Purpose(
        f"{name}-user",
        f"a program that needs lib{name}1",
        old=Side(files={f"/usr/bin/{name}-user": program}, fields={"Depends": f"lib{name}1"}),
        new=None,
    )


def library_purposes(parts):
    made = []
    for name, why in (
        ("good", "a library that stays compatible"),
        ("dropsym", "a library that drops a symbol that another package needs"),
        ("dropver", "a library that drops a symbol version that another package needs"),
    ):
        made.append(library(name, why, parts[f"lib{name}-1"], parts[f"lib{name}-2"]))
        made.append(user_of(name, parts[f"{name}-user"]))
    made.append(
        library("soname", "a library that changes its soname", parts["libsoname-1"], parts["libsoname-2"], "2")
    )
    made.append(user_of("soname", parts["soname-user"]))
    made.append(moved_program(parts["good-user"]))
    made.append(
        library("ready", "a library after whose update a Python module fails to load", parts["libready-1"], parts["libready-2"])
    )
    module = f"/usr/lib/python3/dist-packages/purpose_ready.cpython-311-{multiarch()}.so"
    made.append(
        Purpose(
            "python3-purpose-ready",
            "a Python extension module that needs libready1",
            old=Side(files={module: parts["purpose_ready"]}, fields={"Depends": "libready1, python3-minimal"}),
            new=None,
        )
    )
    return made


def server(name, why, old, new, port):
    def side(program, text):
        return plain(
            name,
            text,
            files={
                f"/usr/sbin/{name}": program,
                f"/lib/systemd/system/{name}.service": UNIT.format(name=name, port=port),
            },
        )

    return Purpose(name, why, old=side(old, "old"), new=side(new, "new"))


def library_service(library, program):
    """A service that maps a library of another package."""
    name = f"{library}-service"
    unit = LIBRARY_UNIT.format(name=name, library=library)
    files = {f"/usr/sbin/{name}": program, f"/lib/systemd/system/{name}.service": unit}
    return Purpose(
        name,
        f"a service that needs lib{library}1",
        old=Side(files=files, fields={"Depends": f"lib{library}1"}),
        new=None,
    )


def failing_service(program):
    """Its packages restart it, and with the newer one it does not come up."""
    name = "failing-service"

    def side(text, started):
        unit = LIBRARY_UNIT.format(name=name, library="good")
        files = {f"/usr/sbin/{name}": started, f"/lib/systemd/system/{name}.service": unit}
        scripts = {"postinst": RESTART.format(unit=f"{name}.service")}
        return plain(name, text, files=files, scripts=scripts, fields={"Depends": "libgood1"})

    return Purpose(
        name,
        "a service that fails after its update",
        old=side("old", program),
        new=side("new", "#!/bin/sh\nsleep 1\nexit 4\n"),
    )


def snippet(name, why, path, good, bad, depends):
    """A configuration file (not a conffile) that other software reads; the update breaks it."""
    mode = 0o440 if "sudoers" in path else 0o644

    def side(text, data):
        return plain(name, data, files={path: Member(text.encode(), mode=mode)}, fields={"Depends": depends})

    return Purpose(name, why, old=side(good, "old"), new=side(bad, "new"))


def service_purposes(parts):
    return [
        server("web-good", "a server that answers before and after", parts["web-good"], parts["web-good"], 8381),
        server("web-broken", "a server that answers 500 after", parts["web-good"], parts["web-broken"], 8382),
        library_service("good", parts["good-service"]),
        library_service("ready", parts["ready-service"]),
        failing_service(parts["good-service"]),
        snippet(
            "sudoers-broken",
            "visudo refuses its rule",
            "/etc/sudoers.d/sudoers-broken",
            "nobody ALL=(root) /bin/true\n",
            "nobody ALL=(root /bin/true, ,\n",
            "sudo",
        ),
        snippet(
            "nginx-broken",
            "nginx refuses its configuration",
            "/etc/nginx/conf.d/nginx-broken.conf",
            "server_names_hash_max_size 1024;\n",
            "server_names_hash_max_sise 1024;\n",
            "nginx",
        ),
        snippet(
            "sshd-broken",
            "sshd refuses its configuration",
            "/etc/ssh/sshd_config.d/sshd-broken.conf",
            "LoginGraceTime 60\n",
            "LoginGraceTyme 60\n",
            "openssh-server",
        ),
    ]


def size_purposes():
    zeros = bytes(192 << 20)
    return [
        Purpose(
            "too-large",
            "it says that it needs 8 TiB",
            old=plain("too-large", "old"),
            new=plain("too-large", "new", fields={"Installed-Size": str(8 << 30)}),
        ),
        Purpose(
            "larger-than-said",
            "it says that it needs 1 KiB and brings 192 MiB",
            old=plain("larger-than-said", "old"),
            new=plain(
                "larger-than-said", "new", fields={"Installed-Size": "1"}, files={"/usr/share/larger-than-said/zeros": zeros}
            ),
        ),
    ]


def purposes(parts):
    return conffile_purposes() + library_purposes(parts) + service_purposes(parts) + size_purposes()

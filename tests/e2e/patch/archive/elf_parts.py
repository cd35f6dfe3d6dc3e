"""The real ELF files of the archive, made by the C compiler of this machine."""

import pathlib
import subprocess
import tempfile

SOURCES = pathlib.Path(__file__).parent / "sources"
VERSION_1 = "PURPOSE_1.0 { global: purpose_value; purpose_ready; };\n"
VERSION_2 = "PURPOSE_2.0 { global: purpose_second; } PURPOSE_1.0;\n"
# The newer library kept every function, but calls the version of one of them by another name.
RENAMED = "PURPOSE_3.0 { global: purpose_second; } PURPOSE_1.0;\n"


def multiarch():
    """For example x86_64-linux-gnu."""
    return _output(["gcc", "-print-multiarch"]).strip()


def library_folder():
    return f"/usr/lib/{multiarch()}"


def _output(argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _compile(work, output, source, *options):
    """`options` may name libraries, which follow the source."""
    argv = ["gcc", "-O1", "-w", "-fPIC", f"-ffile-prefix-map={SOURCES}=.", "-Wl,--build-id=none", "-o", str(work / output)]
    argv += [str(SOURCES / source), *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{source} does not compile: {done.stderr}")
    return (work / output).read_bytes()


class _Builder:
    def __init__(self, work):
        self.work = work
        self.parts = {}

    def library(self, part, name, soname, *options):
        """The library `name` (libX.so for the linker) as part `part`."""
        options = list(options)
        self.parts[part] = _compile(
            self.work, name, "library.c", "-shared", f"-Wl,-soname,{soname}", *options
        )

    def program(self, part, library, source="program.c", *options):
        self.parts[part] = _compile(
            self.work, part, source, *options, f"-L{self.work}", f"-l{library}", "-Wl,--allow-shlib-undefined"
        )

    def script(self, name, text):
        (self.work / name).write_text(text)
        return f"-Wl,--version-script={self.work / name}"


def build():
    """Part name -> bytes."""
    with tempfile.TemporaryDirectory() as folder:
        builder = _Builder(pathlib.Path(folder))
        for name in ("good", "dropsym", "soname"):
            builder.library(f"lib{name}-1", f"lib{name}.so", f"lib{name}.so.1")
            builder.program(f"{name}-user", name)
        builder.library("libready-1", "libready.so", "libready.so.1")
        builder.program("purpose_ready", "ready", "extension.c", "-shared")
        for name in ("good", "ready"):
            builder.program(f"{name}-service", name, "service.c")
        both = builder.script("both", VERSION_1 + VERSION_2)
        builder.library("libdropver-1", "libdropver.so", "libdropver.so.1", both)
        builder.program("dropver-user", "dropver")

        # The newer sides; the programs above stay as they are.
        builder.library("libgood-2", "libgood.so", "libgood.so.1", "-DNEWER", "-O2")
        builder.library("libdropsym-2", "libdropsym.so", "libdropsym.so.1", "-DDROP_SECOND")
        builder.library("libsoname-2", "libsoname.so", "libsoname.so.2")
        builder.library("libready-2", "libready.so", "libready.so.1", "-DNOT_READY")
        renamed = builder.script("renamed", VERSION_1 + RENAMED)
        builder.library("libdropver-2", "libdropver.so", "libdropver.so.1", renamed)

        work = builder.work
        builder.parts["web-good"] = _compile(work, "web-good", "web_server.c")
        builder.parts["web-broken"] = _compile(
            work, "web-broken", "web_server.c", '-DSTATUS="500 Internal Server Error"'
        )
        return builder.parts

"""Every purpose-made package, by name."""

import content_purposes
import elf_parts
import script_purposes
import selection_purposes


def all_purposes(parts=None):
    """`parts` are the built ELF files; without them the list is good for its names only."""

    class Absent(dict):
        def __missing__(self, key):
            return b""

    parts = parts if parts is not None else Absent()
    made = script_purposes.purposes(parts) + content_purposes.purposes(parts) + selection_purposes.purposes()
    by_name = {purpose.name: purpose for purpose in made}
    if len(by_name) != len(made):
        raise ValueError("two purpose-made packages have the same name")
    return by_name


def built_purposes():
    return all_purposes(elf_parts.build())

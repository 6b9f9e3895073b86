"""Fetch a Python 3.14 that this machine's distribution may not have: Debian sid's, with the libraries it is linked to.

usage: tools/python314.py FOLDER

Nothing is installed and nobody need be root: packages are unpacked into FOLDER, once, and FOLDER/usr/bin/python3.14
runs the interpreter with the C library that came with it. Prints that path; exit code 1 and a reason where it cannot be
had.
"""

from __future__ import annotations

import hashlib
import lzma
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
ARCHITECTURES = {"x86_64": ("amd64", "ld-linux-x86-64.so.2"), "aarch64": ("arm64", "ld-linux-aarch64.so.1")}
ROOTS = ("python3.14-minimal", "libpython3.14-stdlib")
LEFT_OUT = frozenset(("media-types", "netbase", "tzdata", "readline-common", "sgml-base", "gcc-16-base"))
"""What is needed by an installation and not by its libraries."""

Stanza = dict[str, str]


def stanzas(index: str) -> dict[str, Stanza]:
    """The packages of an index by name."""
    found = {}
    for block in index.split("\n\n"):
        lines = (line.partition(": ") for line in block.splitlines() if not line.startswith(" "))
        fields = {name: value for name, _, value in lines}
        if "Package" in fields:
            found[fields["Package"]] = fields
    return found


def needed(packages: dict[str, Stanza]) -> list[Stanza]:
    """ROOTS, and what they depend on."""
    waiting, found = list(ROOTS), {}
    while waiting:
        name = waiting.pop()
        if name in found or name in LEFT_OUT or name not in packages:
            continue
        found[name] = packages[name]
        depends = ", ".join(packages[name].get(field, "") for field in ("Depends", "Pre-Depends"))
        waiting += [one.split("|")[0].split("(")[0].split(":")[0].strip() for one in depends.split(",") if one.strip()]
    return list(found.values())


def get(path: str) -> bytes:
    with urllib.request.urlopen(f"{MIRROR}/{path}", timeout=30) as answer:
        return bytes(answer.read())


def unpack(stanza: Stanza, folder: Path) -> None:
    """Put a package's files into `folder`. ValueError if it is not the one that the index names."""
    data = get(stanza["Filename"])
    if hashlib.sha256(data).hexdigest() != stanza["SHA256"]:
        raise ValueError(f"{stanza['Package']}: wrong checksum")
    with tempfile.NamedTemporaryFile(suffix=".deb") as file:
        file.write(data)
        file.flush()
        subprocess.run(["dpkg-deb", "--extract", file.name, str(folder)], check=True, capture_output=True)


def make(folder: Path) -> Path:
    """Unpack into `folder`, whole or not at all; the interpreter's path."""
    architecture, loader = ARCHITECTURES[platform.machine()]
    index = lzma.decompress(get(f"dists/sid/main/binary-{architecture}/Packages.xz")).decode()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        part = Path(scratch) / "part"
        part.mkdir()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda stanza: unpack(stanza, part), needed(stanzas(index))))
        python, real = (part / "usr" / "bin" / name for name in ("python3.14", "python3.14-binary"))
        python.rename(real)
        usr = (folder / "usr").resolve()
        libraries = usr / "lib" / f"{platform.machine()}-linux-gnu"
        python.write_text(
            f'#!/bin/sh\nexec "{libraries}/{loader}" --argv0 "{usr}/bin/python3.14" --library-path "{libraries}" '
            f'"{usr}/bin/python3.14-binary" "$@"\n'
        )
        python.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return folder / "usr" / "bin" / "python3.14"


def main() -> int:
    folder = Path(sys.argv[1])
    python = folder / "usr" / "bin" / "python3.14"
    try:
        if not python.exists():
            python = make(folder)
        subprocess.run([str(python), "-c", "import _interpreters, ctypes"], check=True, capture_output=True)
    except Exception as error:
        print(f"no Python 3.14 from Debian: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(python)
    return 0


if __name__ == "__main__":
    sys.exit(main())

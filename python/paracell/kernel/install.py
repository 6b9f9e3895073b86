"""``python -m paracell install``: a kernelspec that names this very Python."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

NAME = "paracell"


def spec(
    display_name: str | None = None, env: dict[str, str] | None = None, profile: str | None = None
) -> dict[str, Any]:
    """The content of kernel.json."""
    extra = ["--profile", profile] if profile else []
    return {
        "argv": [sys.executable, "-m", "paracell", "-f", "{connection_file}", *extra],
        "display_name": display_name or f"Python {sys.version_info[0]} (paracell)",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"debugger": True},
        # Workers are processes of their own, and sets of strings must have the same order there.
        "env": {"PYTHONHASHSEED": "0", **(env or {})},
    }


def _logos() -> list[Path]:
    """The logos that the wheel, or the source tree, brings."""
    places = (
        Path(sys.prefix, "share", "jupyter", "kernels", NAME),
        Path(__file__).resolve().parents[3] / "kernelspec" / NAME,
    )
    for place in places:
        found = sorted(place.glob("logo-*"))
        if found:
            return found
    return []


def install(
    *,
    user: bool = False,
    prefix: str | None = None,
    name: str = NAME,
    display_name: str | None = None,
    env: dict[str, str] | None = None,
    profile: str | None = None,
) -> str:
    """Install the kernelspec for this Python; the folder. OSError if the place cannot be written, ValueError if the
    name is not a kernel name."""
    from jupyter_client.kernelspec import KernelSpecManager

    if display_name is None and name != NAME:
        display_name = name
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, NAME)
        os.mkdir(source)
        Path(source, "kernel.json").write_text(json.dumps(spec(display_name, env, profile), indent=1))
        for logo in _logos():
            shutil.copy(logo, source)
        place: str = KernelSpecManager().install_kernel_spec(source, kernel_name=name, user=user, prefix=prefix)
    return place


def main(argv: list[str]) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m paracell install", description="Make this kernel known to Jupyter."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for this user, not for everyone on this machine")
    where.add_argument("--sys-prefix", action="store_const", const=sys.prefix, dest="prefix", help=f"into {sys.prefix}")
    where.add_argument("--prefix", help="into this folder's share/jupyter/kernels")
    parser.add_argument("--name", default=NAME, help="the kernel's name, for several of them side by side")
    parser.add_argument("--display-name", help="the name that people see")
    parser.add_argument("--profile", help="the IPython profile that the kernel loads")
    parser.add_argument("--env", action="append", nargs=2, metavar=("NAME", "VALUE"), help="an environment variable")
    options = parser.parse_args(argv)
    try:
        place = install(
            user=options.user,
            prefix=options.prefix,
            name=options.name,
            display_name=options.display_name,
            env=dict(options.env or ()),
            profile=options.profile,
        )
    except PermissionError as error:
        print(f"{error}\nUse --user, --sys-prefix or --prefix to install where you may write.", file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Installed kernelspec {options.name} in {place}")
    return 0

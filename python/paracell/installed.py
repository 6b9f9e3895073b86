"""Where the standard library and installed packages are."""

from __future__ import annotations

import importlib.util
import sysconfig

_paths = sysconfig.get_paths()
FOLDERS = tuple({_paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
"""Folders; what lies elsewhere is the user's own."""


def is_library(path: str) -> bool:
    """Whether a file belongs to the standard library or to an installed package."""
    return path.startswith(FOLDERS) or "site-packages" in path


def is_users_code(filename: str) -> bool:
    """Whether code that says to be of this file stands in a file of the user's, and not in ours."""
    return not filename.startswith("<") and not is_library(filename) and "paracell" not in filename


def is_library_module(name: str) -> bool:
    """Whether a module of this dotted name, imported now, would be the standard library's or an installed package's.
    Nothing is imported."""
    try:
        spec = importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError, AttributeError):  # nowhere, or a module that does not say where it comes from
        return False
    if spec is None or spec.origin is None:
        return False
    return spec.origin in ("built-in", "frozen") or is_library(spec.origin)

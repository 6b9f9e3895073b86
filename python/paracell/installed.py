"""Where the standard library and installed packages are."""

from __future__ import annotations

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

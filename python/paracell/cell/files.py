"""Which calls write a file that another iteration may write or read as well: they have to run in order."""

from __future__ import annotations

import ast

from . import names

WRITERS = frozenset(("write_text", "write_bytes", "to_csv", "to_json", "to_parquet", "to_pickle"))


def shared(call: ast.Call, own: set[str]) -> bool:
    """Whether `call` appends to a file, or writes one whose path does not depend on the iteration's names `own`."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    mode = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if name == "open":
        method = isinstance(call.func, ast.Attribute) and not _is_module(call.func.value)
        at = 0 if method else 1
        mode = call.args[at] if mode is None and len(call.args) > at else mode
        letters = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
        if "a" in letters or "+" in letters:
            return True
        path = call.func.value if method else call.args[0] if call.args else None  # type: ignore[attr-defined]
        return ("w" in letters or "x" in letters) and path is not None and not names.loads(path) & own
    if name in WRITERS and isinstance(call.func, ast.Attribute):
        if isinstance(mode, ast.Constant) and mode.value == "a":
            return True
        paths = [call.func.value] if name.startswith("write_") else call.args[:1]
        return bool(paths) and not names.loads(*paths) & own
    return False


def _is_module(node: ast.expr) -> bool:
    """``io.open``, ``gzip.open``: the path is an argument."""
    return isinstance(node, ast.Name) and node.id in ("io", "os", "gzip", "bz2", "lzma", "codecs", "tarfile", "zipfile")

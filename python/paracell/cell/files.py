"""Which calls write a file that another iteration may write or read as well: they have to run in order."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from . import names, tables

WRITERS = tables.words(
    """
    write_text write_bytes to_csv to_json to_parquet to_pickle to_excel to_feather to_hdf to_stata to_xml to_netcdf
    to_zarr savefig write_image write_html tofile touch unlink rmdir
    """
)
"""Methods that write, or remove, the file of which the path is an argument, or the object itself."""
_ITSELF = tables.words("write_text write_bytes touch unlink rmdir")
FUNCTIONS = {
    "numpy": dict.fromkeys(("save", "savetxt", "savez", "savez_compressed"), 0),
    "os": dict.fromkeys(("remove", "unlink", "rmdir", "removedirs", "truncate"), 0) | {"rename": 1, "replace": 1},
    "shutil": dict.fromkeys(("copy", "copy2", "copyfile", "copytree", "move"), 1) | {"rmtree": 0},
    "torch": {"save": 1},
    "joblib": {"dump": 1},
    "scipy.io": {"savemat": 0},
    "cv2": {"imwrite": 0},
}
"""Module -> its functions that write or remove files -> which argument is the path."""


def shared(call: ast.Call, own: set[str], qualified: tuple[str, str] | None = None) -> bool:
    """Whether `call` appends to a file, or writes one whose path does not depend on the iteration's names `own`.

    `qualified`: the library function that it calls."""
    where = path(call, qualified)
    return where is not None and (where is APPENDED or not names.loads(where) & own)


APPENDED = ast.Constant(None)


def path(call: ast.Call, qualified: tuple[str, str] | None = None) -> ast.AST | None:
    """The path of the file that `call` writes; APPENDED if it goes on with it; None if it writes none."""
    if qualified is not None and (at := FUNCTIONS.get(qualified[0], {}).get(qualified[1])) is not None:
        return call.args[at] if len(call.args) > at else APPENDED
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    mode = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if qualified is not None and qualified[0] in _DATABASES and name == "open":
        flag = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "flag"), None)
        reads = (flag is None and qualified[0] != "shelve") or (isinstance(flag, ast.Constant) and flag.value == "r")
        return None if reads or not call.args else call.args[0]
    if name == "open":
        method = isinstance(call.func, ast.Attribute) and not _is_module(call.func.value)
        at = 0 if method else 1
        mode = call.args[at] if mode is None and len(call.args) > at else mode
        letters = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
        if "a" in letters or "+" in letters:
            return APPENDED
        where = call.func.value if method else call.args[0] if call.args else None  # type: ignore[attr-defined]
        return where if "w" in letters or "x" in letters else None
    if name in WRITERS and isinstance(call.func, ast.Attribute):
        if isinstance(mode, ast.Constant) and mode.value == "a":
            return APPENDED
        return call.func.value if name in _ITSELF else call.args[0] if call.args else None
    return None


_DATABASES = tables.words("shelve dbm dbm.dumb dbm.gnu dbm.ndbm")
_READS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN", "VALUES")


def asked(call: ast.Call, values: Mapping[str, list[ast.expr | None]]) -> ast.expr | None:
    """The path of the database that `call` writes to, as far as is known. `values`: of the names around it."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("execute", "executemany", "executescript"):
        return None
    text = call.args[0] if call.args else None
    text = text.values[0] if isinstance(text, ast.JoinedStr) and text.values else text
    written = isinstance(text, ast.Constant) and isinstance(text.value, str)
    if not written or text.value.lstrip().upper().startswith(_READS):  # type: ignore[union-attr]
        return None
    return _connected(call.func.value, values, 4)


def _connected(node: ast.expr | None, values: Mapping[str, list[ast.expr | None]], most: int) -> ast.expr | None:
    if isinstance(node, ast.Name) and most:
        found = (_connected(value, values, most - 1) for value in values.get(node.id, ()))
        return next((path for path in found if path is not None), None)
    if not isinstance(node, ast.Call):
        return None
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name == "connect":
        path = node.args[0] if node.args else None
        return None if isinstance(path, ast.Constant) and path.value == ":memory:" else path
    if name in ("closing", "nullcontext") and node.args:
        return _connected(node.args[0], values, most)
    return _connected(node.func.value, values, most) if isinstance(node.func, ast.Attribute) else None


def _is_module(node: ast.expr) -> bool:
    """``io.open``, ``gzip.open``: the path is an argument."""
    return isinstance(node, ast.Name) and node.id in ("io", "os", "gzip", "bz2", "lzma", "codecs", "tarfile", "zipfile")

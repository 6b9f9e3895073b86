"""Context managers that a function of the notebook's makes, ``@contextmanager``: whether only the worker need enter
them."""

from __future__ import annotations

import ast

from . import names, ofprocess, tables
from .effects import Effects
from .nodes import walk
from .resolve import Followed

_OPENING = {
    "concurrent": tables.words("ThreadPoolExecutor ProcessPoolExecutor InterpreterPoolExecutor"),
    "multiprocessing": tables.words("Pool ThreadPool"),
    "joblib": tables.words("Parallel"),
    "requests": tables.words("Session session"),
    "httpx": tables.words("Client"),
    "subprocess": tables.words("Popen"),
    "tempfile": tables.words("SpooledTemporaryFile"),
    "os": tables.words("scandir"),
    "posix": tables.words("scandir"),
    "socket": tables.words("socket create_connection"),
    "io": tables.words("StringIO BytesIO"),
    "gzip": tables.words("GzipFile"),
    "bz2": tables.words("BZ2File"),
    "lzma": tables.words("LZMAFile"),
    "tarfile": tables.words("TarFile"),
    "pandas": tables.words("ExcelFile ExcelWriter HDFStore"),
    "h5py": tables.words("File"),
}
"""Package -> what it has that is opened for the code inside alone, and lets every error through."""


def opens(item: ast.withitem, effects: Effects) -> bool:
    """Whether a library's object is opened that matters to the code inside alone."""
    call = item.context_expr
    module, name = (ofprocess.qualified(effects, call.func) if isinstance(call, ast.Call) else None) or ("", "")
    return name in _OPENING.get(module.partition(".")[0], ())


def passes(item: ast.withitem, effects: Effects) -> bool:
    """Whether every error goes through, and nothing is set for the code inside."""
    followed = _made_by(item, effects)
    if followed is None:
        return False
    yields = [n for n in walk(followed.node) if isinstance(n, (ast.Yield, ast.YieldFrom))]
    blocks = [n for n in walk(followed.node) if isinstance(n, ast.With)]
    kept = all(names.cannot_swallow(block) and not names.sets(block) for block in blocks)
    caught = any(isinstance(n, (ast.ExceptHandler, ast.AsyncWith, *names.LOOPS)) for n in walk(followed.node))
    return len(yields) == 1 and isinstance(yields[0], ast.Yield) and kept and not caught


def shows(item: ast.withitem, effects: Effects) -> bool:
    """Whether entering or leaving it prints something."""
    followed = _made_by(item, effects)
    return followed is not None and effects.summary(followed).shows is not None


def _made_by(item: ast.withitem, effects: Effects) -> Followed | None:
    call = item.context_expr
    followed = effects.follow(call.func) if isinstance(call, ast.Call) else None
    if followed is None or not isinstance(followed.node, ast.FunctionDef) or len(followed.node.decorator_list) != 1:
        return None
    decorator = followed.node.decorator_list[0]
    known = effects.resolver.qualified(decorator)
    return followed if known == ("contextlib", "contextmanager") else None

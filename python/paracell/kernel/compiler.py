"""What a cell's file is called: the name that debuggers, coverage tools and numba's cache expect of a kernel. And how
long its text is kept."""

from __future__ import annotations

import linecache
import weakref
from types import CodeType
from typing import Any

from IPython.core.compilerop import CachingCompiler

from paracell._native import cell_file_name

KEPT = 2_000
"""So many cells' texts are kept whatever happens; older ones as long as code of theirs (a function, a traceback's
frame) is alive. IPython keeps all, for ever."""


class CellCompiler(CachingCompiler):
    """IPython's compiler with the names under which a client's debugger looks for cells."""

    log: Any = None

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, list[weakref.ref[CodeType]]] = {}
        """Each cell's file, the oldest first, and the code that was compiled from it."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return cell_file_name(raw_code.encode("utf-8", "surrogatepass"))

    def cache(self, *args: Any, **kwargs: Any) -> str:
        name = super().cache(*args, **kwargs)
        self._codes[name] = _alive(self._codes.pop(name, []))
        # Two at a time, so that what must be kept cannot keep what need not.
        for _ in range(min(2, len(self._codes) - KEPT)):
            self._look_at_oldest()
        return name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        code = super().__call__(*args, **kwargs)
        if isinstance(code, CodeType) and code.co_filename in self._codes:
            self._codes[code.co_filename] += [weakref.ref(part) for part in _parts(code)]
        return code

    def _look_at_oldest(self) -> None:
        name = next(iter(self._codes))
        alive = _alive(self._codes.pop(name))
        if alive:
            self._codes[name] = alive
            return
        linecache.cache.pop(name, None)
        self._filename_map.pop(name, None)


def _alive(codes: list[weakref.ref[CodeType]]) -> list[weakref.ref[CodeType]]:
    return [code for code in codes if code() is not None]


def _parts(code: CodeType) -> list[CodeType]:
    found = [code]
    for part in found:
        found += [const for const in part.co_consts if isinstance(const, CodeType)]
    return found

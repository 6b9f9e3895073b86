"""What a cell's file is called: the name that debuggers, coverage tools and numba's cache expect of a kernel."""

from __future__ import annotations

from typing import Any

from IPython.core.compilerop import CachingCompiler

from paracell._native import cell_file_name


class CellCompiler(CachingCompiler):
    """IPython's compiler with the names under which a client's debugger looks for cells."""

    log: Any = None

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return cell_file_name(raw_code.encode("utf-8", "surrogatepass"))

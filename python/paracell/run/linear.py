"""Whether a loop does linear algebra of which the last digits depend on how many threads a library adds them up in.

Worker processes have a share of the cores each, and so have the BLAS libraries in them (``worker.ThreadLimit``): else
they would start as many threads each as there are cores. A product of large arrays is cut by the number of threads, and
sums of floats depend on where they are cut.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FunctionType
from typing import Any

from ..cell import tables
from .named import codes

_NAMES = tables.words(
    """
    dot vdot inner matmul matvec vecmat vecdot einsum tensordot linalg norm solve lstsq inv pinv det slogdet svd eig
    eigh eigvals eigvalsh qr cholesky multi_dot matrix_power cov corrcoef polyfit fit predict transform fit_transform
    fit_predict score cross_val_score cdist
    """
)


def note(share: int, threads: int) -> str:
    return (
        f"Linear algebra: each worker process has {share} of the {threads} threads that BLAS uses in the notebook, so "
        "that together they use each core once. Sums that it makes in several threads (products of large arrays, "
        "decompositions, fits) may differ from the serial cell's in the last digits. Where that matters, run "
        f"`threadpoolctl.threadpool_limits({share})` first: then the notebook reckons as workers do."
    )


def fewer(workers: int) -> tuple[int, int] | None:
    """(threads that BLAS has in each of so many worker processes, threads it has here), if those are more."""
    if "numpy" not in sys.modules or "OMP_NUM_THREADS" in os.environ or not hasattr(os, "sched_getaffinity"):
        return None
    share = max(1, len(os.sched_getaffinity(0)) // max(1, workers))
    from paracell.worker import thread_pools

    here = [pool["num_threads"] for pool in thread_pools().threadpool_info() if pool["user_api"] == "blas"]
    return (share, max(here)) if max(here, default=0) > share else None


def shows(function: FunctionType) -> bool:
    """Whether `function`, or a function or class of the notebook's that it names, does linear algebra."""
    namespace = function.__globals__
    return any(_names(code, namespace) or _multiplies(code) for code in codes(function, classes=True))


def _names(code: CodeType, namespace: dict[str, Any]) -> set[str]:
    """What it names of linear algebra; a function of the notebook that is called ``fit`` is what its code is."""
    named = set(_NAMES.intersection(code.co_names))
    own = {name for name in named if getattr(namespace.get(name), "__globals__", None) is namespace}
    if not own:
        return named
    import dis

    elsewhere = {one.argval for one in dis.get_instructions(code) if one.opname not in ("LOAD_GLOBAL", "LOAD_NAME")}
    return {name for name in named if name not in own or name in elsewhere}


def _multiplies(code: CodeType) -> bool:
    """Whether it has an ``@``: two bytes that may also stand for something else, now and then."""
    return any(pair in code.co_code for pair in _pairs())


def _pairs() -> list[bytes]:
    from opcode import opmap

    if "BINARY_OP" in opmap:  # from Python 3.11 on; 4 and 17 are NB_MATRIX_MULTIPLY, and that in place
        return [bytes((opmap["BINARY_OP"], kind)) for kind in (4, 17)]
    return [bytes((opmap[name], 0)) for name in ("BINARY_MATRIX_MULTIPLY", "INPLACE_MATRIX_MULTIPLY")]

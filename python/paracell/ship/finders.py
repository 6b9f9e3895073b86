"""What finds modules for the notebook and not for a fresh process: import hooks (of typeguard, beartype, pyximport, the
notebook's own). What they find is not what a worker imports under the same name.

A worker that lacks such a finder notes what it imports, and the kernel asks the finder whether that is its own.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

Asked = tuple[tuple[str, str], ...]

_ALIKE = ("paracell.", "_pytest.")
"""Where finders are from whose modules do the same as others: pytest's say more of an assertion that fails."""

_imported: list[str] = []
_lacking: Counter[str] = Counter()
_others: tuple[str, ...] = ()
"""In a worker: modules that were another one than the notebook's in some worker."""
_known: dict[str, None] = {}
"""In the kernel: the same."""


def _kind(finder: Any) -> str:
    """What a finder is called, also the function that makes finders for folders, with the loaders of those."""
    one = finder if hasattr(finder, "__qualname__") else type(finder)
    cells = [cell.cell_contents for cell in getattr(finder, "__closure__", None) or ()]
    loaders = [of[0].__name__ for cell in cells if isinstance(cell, tuple) for of in cell]
    return " ".join((f"{one.__module__}.{one.__qualname__}", *loaders))


def _kinds(finders: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for finder in finders:
        with contextlib.suppress(Exception):
            if not (kind := _kind(finder)).startswith(_ALIKE):
                yield kind, finder


def present() -> tuple[str, ...]:
    """What kinds of finders this process has."""
    return tuple(kind for kind, _ in _kinds((*sys.meta_path, *sys.path_hooks)))


def sent() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What workers are told."""
    return present(), tuple(_known)


def wanted(kinds: tuple[str, ...], others: tuple[str, ...]) -> None:
    """In a worker: what ``sent`` has said."""
    global _lacking, _others
    before, _lacking, _others = _lacking, Counter(kinds) - Counter(present()), others
    if _lacking != before:
        # What has been imported before is asked about as well: the notebook may have thrown its own away.
        _imported[:] = sys.modules if _lacking else ()


def note(name: str) -> None:
    """In a worker: a module is about to be found."""
    if _lacking:
        _imported.append(name)


def taken() -> Asked:
    """In a worker: what it has imported since this was asked last, and which finders it still lacks (some come with
    what is imported). Where it has another module than the notebook, whatever holds it by now may be used."""
    names = dict.fromkeys((*_imported, *(name for name in _others if _lacking and name in sys.modules)))
    _imported.clear()
    lacking = _lacking - Counter(present()) if names else ()
    return tuple([("finder", kind) for kind in lacking] + [("import", name) for name in names]) if lacking else ()


def another(asked: Asked) -> str:
    """In the kernel: a module that a worker has imported and that is another one here, or would be."""
    lacking = {name for kind, name in asked if kind == "finder"}
    names = [name for kind, name in asked if kind == "import" and _is_another(name, lacking)]
    _known.update(dict.fromkeys(names))
    return names[0] if names else ""


def _is_another(name: str, lacking: set[str]) -> bool:
    module = sys.modules.get(name)
    if module is not None and _plain(getattr(module, "__spec__", None)):
        return False
    finders = [finder for kind, finder in _kinds(sys.meta_path) if kind in lacking]
    hooks = any(kind in lacking for kind, _ in _kinds(sys.path_hooks))
    return _found(name, finders) is not None or (hooks and not _plain(_found(name, sys.meta_path)))


def _plain(spec: Any) -> bool:
    """Whether a module is the same one in every process."""
    loader = getattr(spec, "loader", None)
    one = loader if isinstance(loader, type) else type(loader)
    return loader is None or one.__module__.startswith(("_frozen_importlib", "zipimport"))


def found(name: str) -> bool:
    """In the kernel: whether a finder of the notebook's own knows a module."""
    finders = [finder for finder in sys.meta_path if "__main__" in (type(finder).__module__, _module(finder))]
    own = any("__main__" in (type(hook).__module__, _module(hook)) for hook in sys.path_hooks)
    return _found(name, sys.meta_path if own else finders) is not None


def _module(finder: Any) -> Any:
    return getattr(finder, "__module__", None)


def _found(name: str, finders: list[Any]) -> Any:
    """What finders say of a module, without importing anything."""
    parent = name.rpartition(".")[0]
    path = getattr(sys.modules.get(parent), "__path__", None) if parent else None
    if parent and path is None:
        return _found(parent, finders)  # whoever finds that finds what is in it
    for finder in finders:
        with contextlib.suppress(Exception):
            if (spec := finder.find_spec(name, path, None)) is not None:
                return spec
    return None

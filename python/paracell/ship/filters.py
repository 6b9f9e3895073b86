"""Warning filters of a notebook in a worker, which need not load the libraries that they are about.

IPython's completer alone has a filter for a category of its own, and would cost each worker some 40 ms and 15 MB. Until
its module is loaded nobody can give such a warning; a class in its place says so, and asks the right one from then on.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from functools import reduce
from typing import Any

from paracell.silence import Silence

Entry = tuple[Any, ...]
"""As in ``warnings.filters``: action, pattern, category, pattern of modules, line. As it travels, the category may be
a Name."""
Name = tuple[str, str]
"""Of a class: its module and its place there."""


def present() -> list[Entry]:
    """The filters there are, but for what is there while another thread compiles."""
    return [entry for entry in warnings.filters if type(entry[3]) is not Silence]


def named(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as they travel: categories of libraries by name."""
    return [(*entry[:2], _name(entry[2]), *entry[3:]) for entry in entries]


def restored(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as this process's ``warnings.filters`` takes them."""
    return [(*entry[:2], _category(entry[2]), *entry[3:]) for entry in entries]


def _name(category: type) -> type | Name:
    module, place = category.__module__, category.__qualname__
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names or root == "__main__" or _found((module, place)) is not category:
        return category
    return module, place


def _category(said: type | Name) -> type:
    if isinstance(said, type):
        return said
    return _found(said) or _Later(said[1], (Warning,), {"__module__": said[0]})


def _found(name: Name) -> type | None:
    found = sys.modules.get(name[0])
    return reduce(lambda at, part: getattr(at, part, None), name[1].split("."), found)  # type: ignore[arg-type,return-value]


class _Later(type):
    """Stands for a class whose module is not loaded."""

    def __subclasscheck__(cls, other: type) -> bool:
        found = _found((cls.__module__, cls.__name__))
        return found is not None and issubclass(other, found)

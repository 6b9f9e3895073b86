"""Views of dictionaries (``d.keys()``) that a worker sends back: each comes with its dictionary, and so is one of the
notebook's own where that is."""

from __future__ import annotations

import gc
from collections import OrderedDict
from typing import Any

VIEWS = {
    type(getattr(kind(), name)()): (kind, name) for kind in (dict, OrderedDict) for name in ("keys", "values", "items")
}
"""Type of a view -> what gives it."""


def reduce_view(view: Any) -> tuple[Any, ...]:
    """How a view is pickled."""
    (mapping,) = gc.get_referents(view)
    return make_view, (mapping, *VIEWS[type(view)])


def make_view(mapping: Any, kind: type, name: str) -> Any:
    """Called by unpickling: as the class itself gives it, whatever a subclass makes of that."""
    return getattr(kind, name)(mapping)

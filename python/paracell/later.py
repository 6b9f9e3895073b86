"""A module that is imported when something of it is first asked for."""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for the module `name`; to a type checker there is a plain import beside it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)

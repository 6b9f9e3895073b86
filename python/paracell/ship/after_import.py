"""What is to be done once a module is loaded, without loading it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hook = Callable[[Any], None]


class AfterImport:
    """A finder that finds nothing itself, and calls a hook when one of `hooks`' modules has been loaded."""

    def __init__(self, hooks: dict[str, Hook], asked: Callable[[str], None] = lambda name: None) -> None:
        """`asked` is told of every module that is looked for."""
        self.hooks = hooks
        self.asked = asked

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        self.asked(name)
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        import importlib.util

        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            load(module)
            hook(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

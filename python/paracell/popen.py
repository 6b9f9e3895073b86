"""Programs that are started with ``subprocess.Popen`` and given no output of their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

Stream = Literal["stdout", "stderr"]


@cache
def _places(init: Callable[..., None]) -> tuple[tuple[Stream, int], ...]:
    """The streams, and where ``Popen.__init__`` takes them, `self` included."""
    import inspect  # a worker starts without it

    order = list(inspect.signature(init).parameters)
    return ("stdout", order.index("stdout")), ("stderr", order.index("stderr"))


def fill(
    init: Callable[..., None], args: list[Any], kwargs: dict[str, Any], make: Callable[[Stream], int | None]
) -> None:
    """Let the streams that a call of ``Popen.__init__`` does not give be the descriptors that `make` returns; None: as
    they are. `args` begins with `self`."""
    for name, place in _places(init):
        if (args[place] if place < len(args) else kwargs.get(name)) is not None:
            continue
        fd = make(name)
        if fd is None:
            continue
        if place < len(args):
            args[place] = fd
        else:
            kwargs[name] = fd

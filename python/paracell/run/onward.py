"""A loop over a ``map`` or a generator expression has begun, and it is known now that not the loop runs elsewhere, but
what it goes over: that goes on from where it stands."""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from types import FrameType, GeneratorType
from typing import TYPE_CHECKING, Any

from .here import place
from .pull import nexts
from .trial import Choice, Judge, Trial, lazily

if TYPE_CHECKING:
    from ..cell import Region
    from .region import Active


def below(plain: Any) -> Iterator[Any] | None:
    """The iterator that a ``map`` over one iterable, or a generator expression, takes its items from."""
    found: Any = None
    if type(plain) is map:
        found = next((one for one in gc.get_referents(plain) if type(one) is tuple), ())
        found = found[0] if len(found) == 1 else None
    elif type(plain) is GeneratorType and isinstance(plain.gi_frame, FrameType):
        found = plain.gi_frame.f_locals.get(".0")
    return found if hasattr(type(found), "__next__") else None


def container(iterator: Any) -> Any:
    """The list, range or the like that a builtin iterator goes over; else the iterator."""
    found = place(iterator)
    return found[1] if found is not None and type(found[1]).__module__ == "builtins" else iterator


def left(iterator: Any) -> int | None:
    """How many items it has left, if a builtin iterator says so."""
    kind = type(iterator)
    known = kind.__module__ == "builtins" and hasattr(kind, "__length_hint__")
    return operator.length_hint(iterator) if known else None


class Onward:
    """Mixed into the run time."""

    _namespace: dict[str, Any]
    _active: dict[int, Active]
    _iterators: dict[int, Iterator[Any]]
    _judge: Callable[[Region, int | None], Judge | None] | None
    _begin: Callable[..., bool]
    _draws: Callable[..., bool]
    _lazily: Callable[..., Iterator[Any]]
    _callbacks: Any

    def _onward(self, loop: Region, plain: Any, filename: str, taken: int) -> Iterator[Any] | None:
        """What gives the values of `plain`, over which `loop` goes, from now on; `taken` of them it has given. None:
        `plain` itself does."""
        region = next((one for one in loop.together if one is not loop), None)
        source = below(plain)
        if region is None or source is None or not region.parallel:
            return None
        iterable = container(source)
        drawn = self._draws(region, filename, iterable)
        judge = self._judge(region, left(source)) if self._judge is not None and not drawn else None
        if judge is None:
            if not self._begin(region, filename, iterable, nexts(source), left(source), taken):
                return None
            return self._lazily(region.index, self._active[region.index], self._iterators.pop(region.index))

        def begin(trial: Trial, choice: Choice, rest: Iterator[Any]) -> bool:
            return self._begin(region, filename, iterable, rest, left(source), trial.items, choice)

        def over(trial: Trial) -> None:
            self._callbacks.tried(region, trial)

        trial = Trial(left(source), judge, lambda: True, begin, over, False)
        return chain.from_iterable(self._looked_at(region, trial, taken, plain, source, iterable))

    def _looked_at(
        self, region: Region, trial: Trial, taken: int, plain: Iterator[Any], source: Iterator[Any], iterable: Any
    ) -> Iterator[Iterable[Any]]:
        """The values in runs; between two of them it is asked whether the rest is to run elsewhere."""
        __tracebackhide__ = True
        due = 0.0
        try:
            for run in lazily(plain, trial, region.kind == "map"):
                trial.items, trial.seconds = taken + trial.made, trial.clock()
                if type(run) is tuple and not trial.settled and trial.seconds >= due:  # else it is not made yet
                    verdict = trial.judge.look(trial.made, trial.seconds, _next(source, iterable))
                    if isinstance(verdict, Choice):
                        trial.elsewhere = trial.begin(trial, verdict, nexts(source))
                        verdict = None
                    trial.settled = verdict is None
                    due = trial.seconds + (verdict or 0.0)
                yield run
                if trial.elsewhere:
                    break
        finally:
            trial.over(trial)
        if trial.elsewhere:
            yield self._lazily(region.index, self._active[region.index], self._iterators.pop(region.index))


def _next(source: Any, iterable: Any) -> Any:
    """The next item, if it can be looked at without taking it."""
    if type(iterable) not in (list, tuple, range):
        return None
    at = len(iterable) - operator.length_hint(source)
    return iterable[at] if 0 <= at < len(iterable) else None

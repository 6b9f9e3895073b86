"""What an iteration leaves for the commit part, and how the commit part meets what it printed and raised.

An iteration's value is what ``compute`` returned: one slot's value, or a tuple of slots. Where it printed or failed,
the value is a Replay instead, which hands over the same slots and emits or raises at the place where serial Python
would have. What inner loops leave is in ``rows``.
"""

from __future__ import annotations

from typing import Any

from .events import play
from .trimmed import caller


class _Mark:
    """A value of its own, the same object in every process."""

    def __init__(self, name: str):
        self.name = name

    def __reduce__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name}>"


UNSET = _Mark("UNSET")
"""A slot that was not reached."""
ABSENT = _Mark("ABSENT")
"""A slot whose name was not bound."""


class Raised:
    """Stands in a slot whose expression raised."""

    def __init__(self, error: BaseException):
        self.error = error


class Replay:
    """An iteration's slots, with what they printed and raised. ``output`` holds (slot, kind, content) in order."""

    def __init__(self, slots: Any, output: list[tuple[int, str, Any]], error: BaseException | None):
        self.slots = slots
        self.output = output
        self.error = error
        self.kept: dict[str, Any] | None = None
        """What the compute part had bound when it failed."""

    def __getitem__(self, slot: int) -> Any:
        __tracebackhide__ = True
        return _reach(self, self.slots[slot], slot)


def _reach(holder: Any, value: Any, slot: int) -> Any:
    """Hand over a slot: emit what was printed for it (once), raise what it raised."""
    __tracebackhide__ = True
    if holder.output:
        mine = [o for o in holder.output if o[0] == slot]
        holder.output = [o for o in holder.output if o[0] != slot]
        for _, kind, content in mine:
            play(kind, content)
    if value is UNSET:
        raise again(holder.error or RuntimeError("paracell: a residue was asked for that was not computed"))
    if type(value) is Raised:
        raise again(value.error)
    return value


def again(error: BaseException) -> BaseException:
    """`error` as it left the compute part; a frame that repeats the line that now raises it is left out.

    Not the last one: IPython shows the innermost frame whatever it is, and that would be one of ours."""
    trace = error.__traceback__
    frame = caller()
    if (
        trace is not None
        and trace.tb_next is not None
        and frame is not None
        and trace.tb_lineno == frame.f_lineno
        and trace.tb_frame.f_code.co_filename == frame.f_code.co_filename
    ):
        trace = trace.tb_next
    return error.with_traceback(trace)

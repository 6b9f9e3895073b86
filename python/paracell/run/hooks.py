"""Displays, log records and warnings of iterations: caught where they arise, as events of the task.

Each hook asks whether the calling thread runs a task and else does what stood in its place. `put` may be called again
at any time, `take_away` puts back what was there; in a worker process they are put once.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from . import events

Sink = Callable[[str, Any], None]
CurrentSink = Callable[[], "Sink | None"]

_ATOMS = (int, float, str, bytes, bool, complex, type(None))


class Hooks:
    """The hooks of one process. ``remote``: events travel to another process."""

    def __init__(self, sink: CurrentSink) -> None:
        self.sink = sink
        self.remote = False
        self._log: tuple[Any, Any] | None = None
        self._warn: tuple[Any, Any] | None = None
        self._publisher: Any = None
        self._published: dict[str, Any] = {}
        """What it had in the place of ours."""
        self._filters: tuple[Any, str, Any] | None = None
        self._shown_before: tuple[Any, ...] = ()
        """Who showed warnings when the task began."""
        self._thread = threading.local()

    def put(self) -> None:
        """Catch what is loaded by now."""
        if self._log is None and hasattr(sys.modules.get("logging"), "Logger"):
            self._put_log()
        if self._warn is None and "warnings" in sys.modules:
            self._put_warn()
        elif self.remote:
            self._shown_before = _shown_by(sys.modules["warnings"])
        if self._warn is not None:
            self._thread.filters = list(_filters(sys.modules["warnings"]))
        found = None if self.remote else events.publisher()
        if found is not None and found is not self._publisher:
            self._release()
            self._catch(found)

    def take_away(self) -> None:
        if self._log is not None:
            logger, original = self._log
            logger.handle, self._log = original, None
        if self._warn is not None:
            warnings, original = self._warn
            warnings._showwarnmsg, self._warn = original, None
        if self._filters is not None:
            warnings, name, original = self._filters
            setattr(warnings, name, original)
            self._filters = None
        self._release()

    # ---------------------------------------------------------------------------------------------------- displays

    def _catch(self, publisher: Any) -> None:
        publish, clear = publisher.publish, publisher.clear_output

        def publish_(*args: Any, **content: Any) -> None:
            sink = self.sink()
            if sink is None:
                publish(*args, **content)
                return
            content.update(zip(("data", "metadata"), args, strict=False))
            sink("display", content)

        def clear_(wait: bool = False) -> None:
            sink = self.sink()
            clear(wait) if sink is None else sink("clear", wait)

        ours = {"publish": publish_, "clear_output": clear_}
        # xeus-python's has functions that were set on the object.
        self._published = {name: publisher.__dict__[name] for name in ours if name in publisher.__dict__}
        publisher.__dict__.update(ours)
        self._publisher = publisher

    def _release(self) -> None:
        if self._publisher is not None:
            for name in ("publish", "clear_output"):
                self._publisher.__dict__.pop(name, None)
            self._publisher.__dict__.update(self._published)
            self._publisher = None

    # ----------------------------------------------------------------------------------------------------- logging

    def _put_log(self) -> None:
        logger: Any = sys.modules["logging"].Logger
        original = logger.handle

        def handle(this: Any, record: Any) -> None:
            sink = self.sink()
            if sink is None or getattr(record, "paracell_logger", None) is not None:
                original(this, record)
                return
            self._settle(record)
            if self.remote:
                _pack(record)
            else:
                record.paracell_logger = this
            sink("log", record)

        logger.handle = handle
        self._log = (logger, original)

    def _settle(self, record: Any) -> None:
        """What the iteration does to the arguments later is not to show."""
        args = record.args
        values = args.values() if isinstance(args, dict) else args or ()
        if all(type(value) in _ATOMS for value in values) and type(record.msg) is str:
            return
        try:
            record.msg, record.args = record.getMessage(), None
        except Exception:  # the handler is to say so, as it does for every record that it cannot format
            record.args = tuple(map(_shown, values))

    # ---------------------------------------------------------------------------------------------------- warnings

    def _put_warn(self) -> None:
        warnings: Any = sys.modules["warnings"]
        original = warnings._showwarnmsg
        self._shown_before = _shown_by(warnings)

        def show(message: Any) -> None:
            sink = self.sink()
            # Or the iteration itself has taken charge of warnings.
            if sink is None or _shown_by(warnings) != self._shown_before:
                original(message)
                return
            scope = _scope(sys._getframe(1), message.filename, message.lineno)
            module = scope.get("__name__", "<string>") if scope is not None else None
            action = None
            if list(_filters(warnings)) != getattr(self._thread, "filters", None):  # the iteration has its own
                action = _action(warnings, str(message.message), message.category, module or "", message.lineno)
            elif scope is not None:
                _forget(warnings, message, scope.get("__warningregistry__", {}), module or "")
            source = None if self.remote else message.source
            content = (message.message, message.category, message.filename, message.lineno, module, source)
            sink("warning", (*content, self.renewed(), action))

        warnings._showwarnmsg = show
        self._warn = (warnings, original)
        self._put_filters(warnings)

    def _put_filters(self, warnings: Any) -> None:
        """Whoever changes the filters, if only for a while (``catch_warnings``, as much of pandas does), lets Python
        forget what was said before."""
        # From Python 3.14 on, where there are both, everyone calls the one that has the lock.
        name = events.MUTATED_LOCKED if hasattr(warnings, events.MUTATED_LOCKED) else events.MUTATED
        original = getattr(warnings, name)

        def mutated() -> None:
            original()
            if self.sink() is not None:
                self._thread.renewed = True

        setattr(warnings, name, mutated)
        self._filters = (warnings, name, original)

    def renewed(self) -> bool:
        """Whether this thread's task has changed the filters since this was asked last."""
        found = getattr(self._thread, "renewed", False)
        self._thread.renewed = False
        return found


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _pack(record: Any) -> None:
    """Make a record one that can travel: what it was given as `extra` by its text where it must be."""
    import pickle

    if record.exc_info:
        record.exc_info = record.exc_info[1]  # with its traceback
    for name, value in record.__dict__.items():
        if type(value) in _ATOMS or name in ("args", "exc_info"):
            continue
        try:
            pickle.dumps(value)
        except Exception:
            record.__dict__[name] = _shown(value)


def _shown_by(warnings: Any) -> tuple[Any, ...]:
    """Who shows warnings: ``catch_warnings`` and user code replace one of these."""
    context = getattr(warnings, "_get_context", None)  # from Python 3.14 on
    log = getattr(context(), "log", None) if context is not None else None
    return warnings.showwarning, warnings._showwarnmsg_impl, id(log)


def _scope(frame: FrameType | None, filename: str, line: int) -> dict[str, Any] | None:
    """The globals of the code that a warning is about."""
    while frame is not None:
        if frame.f_lineno == line and frame.f_code.co_filename == filename:
            return frame.f_globals
        frame = frame.f_back
    return None


def _forget(warnings: Any, message: Any, registry: dict[Any, Any], module: str) -> None:
    """Undo the note that this was said: whether it is said again is decided when the iteration is committed, in the
    order of the loop. (It was noted just now: what was said before is not shown.)"""
    text = str(message.message)
    action = _action(warnings, text, message.category, module, message.lineno)
    where = (text, message.category)
    # The interpreter's own filter and the one in Python note it under different keys.
    for key in ((*where, message.lineno), *((where, (*where, 0)) if action in ("module", "once") else ())):
        registry.pop(key, None)
    if action == "once":
        warnings.onceregistry.pop(where, None)


def _action(warnings: Any, text: str, category: type, module: str, line: int) -> str:
    for action, pattern, wanted, where, at in _filters(warnings):
        if (
            (pattern is None or pattern.match(text))
            and issubclass(category, wanted)
            and (where is None or where.match(module))
            and at in (0, line)
        ):
            return action
    return warnings.defaultaction


def _filters(warnings: Any) -> list[Any]:
    """Those that hold where this is asked."""
    found = getattr(warnings, "_get_filters", None)  # from Python 3.14 on
    return warnings.filters if found is None else found()  # type: ignore[no-any-return]

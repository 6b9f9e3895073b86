"""Objects by which the standard library, numpy and pandas go, and that a process has for itself: handlers, converters,
openers. The notebook's are sent to workers; in the place of one that does not pickle stands there what says so.

Each is read where its module is loaded, and only where it is not what every process begins with. What a process cannot
be asked for (``codecs.register``) is found out when a worker has need of it.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType
from typing import Any

from . import missing

Dumps = Callable[[Any], bytes]
Read = Callable[[Any, "Is"], Any]
Undo = Callable[[], object]
Write = Callable[[Any, Any], Undo]


class Is:
    """Whether an object is the notebook's."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __call__(self, value: Any) -> bool:
        value = getattr(value, "func", value)
        if isinstance(value, MethodType):
            return self(value.__self__) or self(value.__func__)
        if isinstance(value, FunctionType):
            return value.__globals__ is self._namespace
        return (value if isinstance(value, type) else type(value)).__module__ == "__main__"


def _hook(name: str) -> tuple[Read, Write]:
    """A function that a module has under `name`, and that anybody may replace."""

    def read(module: Any, own: Is) -> Any:
        value = getattr(module, name, None)
        return value if own(value) else None

    def write(module: Any, value: Any) -> Undo:
        before = getattr(module, name)
        setattr(module, name, value)
        return lambda: setattr(module, name, before)

    return read, write


def _set_by(name: str, usual: Any) -> Write:
    """By the module's function of that name, which gets `usual` where nobody has set anything."""

    def write(module: Any, value: Any) -> Undo:
        getattr(module, name)(value)
        return lambda: getattr(module, name)(usual)

    return write


def _stdin(module: Any, own: Is) -> Any:
    """One that stands in the place of the process's: whoever reads from it moves it on for all."""
    stdin = module.stdin
    if stdin is module.__stdin__ or stdin is None:
        return None
    return missing.StandIn("sys.stdin") if own(stdin) else missing.Stream("sys.stdin", stdin)


def _policy(module: Any, own: Is) -> Any:
    """Of event loops: its class, where there is nothing more to it."""
    policy = module.events._event_loop_policy
    kind = type(policy)
    if policy is None or (kind.__module__.startswith("asyncio.") and kind.__name__.endswith("DefaultEventLoopPolicy")):
        return None
    return kind if vars(policy).keys() <= {"_local", "_watcher"} else policy


def _set_policy(module: Any, policy: Any) -> Undo:
    events, before = module.events, module.events._event_loop_policy
    events._event_loop_policy = policy() if isinstance(policy, type) else policy
    return lambda: setattr(events, "_event_loop_policy", before)


def _opener(module: Any, own: Is) -> Any:
    """The opener, if it is not one that is made where there is none."""
    opener = module._opener
    if opener is None or type(opener) is not module.OpenerDirector:
        return opener
    usual = module.build_opener()
    alike = opener.addheaders == usual.addheaders and len(opener.handlers) == len(usual.handlers)
    if alike and all(type(one) is type(other) for one, other in zip(opener.handlers, usual.handlers, strict=True)):
        proxies = [one.proxies for one in (*opener.handlers, *usual.handlers) if hasattr(one, "proxies")]
        return None if all(one == proxies[0] for one in proxies) else opener
    return opener


def _https(module: Any, own: Is) -> Any:
    value = module._create_default_https_context
    return None if value is module.create_default_context else value


def _factory(module: Any, own: Is) -> Any:
    value = module.getLogRecordFactory()
    return None if value is module.LogRecord else value


def _format(module: Any, formatter: dict[Any, Any]) -> Undo:
    module.set_printoptions(formatter=formatter)
    return lambda: module.set_printoptions(formatter=None)


def _reducers(module: Any, own: Is) -> Any:
    return {key: value for key, value in module.dispatch_table.items() if own(key) or own(value)}


def _reduce(module: Any, table: dict[Any, Any]) -> Undo:
    return _added(module.dispatch_table, table)


def _added(known: dict[Any, Any], more: Mapping[Any, Any]) -> Undo:
    known.update(more)
    return lambda: [known.pop(key, None) for key in more]


def _of_sqlite(name: str) -> Read:
    return lambda m, own: {k: v for k, v in getattr(m, name).items() if _package(v) not in _SHELLS}


def _package(value: Any) -> str:
    return str(getattr(value, "__module__", None) or "").partition(".")[0]


_SHELLS = ("sqlite3", "IPython", "jupyter_client", "ipykernel", "paracell")
"""Packages that register for themselves."""


def _adapt(module: Any, table: dict[Any, Any]) -> Undo:
    for (kind, _), function in table.items():
        module.register_adapter(kind, function)
    return lambda: [module.adapters.pop(key, None) for key in table]


def _convert(module: Any, table: dict[Any, Any]) -> Undo:
    return _added(module.converters, table)


_ERRORS = ("strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace")


def _error_handlers(module: Any, own: Is) -> Any:
    found = {name: module.lookup_error(name) for name in _ERRORS}
    return {name: one for name, one in found.items() if one is not getattr(module, f"{name}_errors")}


def _handle_errors(module: Any, table: dict[Any, Any]) -> Undo:
    for name, one in table.items():
        module.register_error(name, one)
    return lambda: [module.register_error(name, getattr(module, f"{name}_errors")) for name in table]


def _options(module: Any, own: Is) -> Any:
    """Those of pandas whose values are functions."""
    found: dict[str, Any] = {}
    pending = [("", sys.modules["pandas._config.config"]._global_config)]
    while pending:
        prefix, tree = pending.pop()
        for name, value in tree.items():
            if isinstance(value, dict):
                pending.append((f"{prefix}{name}.", value))
            elif callable(value):
                found[prefix + name] = value
    return found


def _set_options(module: Any, table: dict[Any, Any]) -> Undo:
    before = {name: module.get_option(name) for name in table}
    for name, value in table.items():
        module.set_option(name, value)
    return lambda: [module.set_option(name, value) for name, value in before.items()]


def _formats(name: str) -> tuple[Read, Write]:
    """Formats of archives that the notebook has made known."""

    def read(module: Any, own: Is) -> Any:
        return {key: one for key, one in getattr(module, name).items() if any(map(own, one))}

    return read, lambda module, table: _added(getattr(module, name), table)


_WORKERS = ("SIGINT", "SIGTERM", "SIGCHLD", "SIGPIPE", "SIGXFSZ", "SIGALRM")
"""Signals by which workers are told something, or children of theirs tell them, or that Python itself ignores."""


def _signals(module: Any, own: Is) -> Any:
    found = {}
    kept = {getattr(module, name) for name in _WORKERS if hasattr(module, name)}
    for number in range(1, module.NSIG):
        if number not in kept:
            with contextlib.suppress(ValueError):
                handler = module.getsignal(number)
                if not handler:
                    continue  # the usual: 0
                if handler == module.SIG_IGN or (callable(handler) and own(handler)):
                    found[number] = handler
    return found


def _handle(module: Any, table: dict[Any, Any]) -> Undo:
    before = {number: module.signal(number, handler) for number, handler in table.items()}
    return lambda: [module.signal(number, handler) for number, handler in before.items()]


SIGNALS = "signal.signal()"
"""What interpreters of one process share."""

_OBJECTS: dict[str, tuple[str, Read, Write]] = {
    "sys.excepthook": ("sys", *_hook("excepthook")),
    "sys.displayhook": ("sys", *_hook("displayhook")),
    "sys.stdin": ("sys", _stdin, _hook("stdin")[1]),
    "asyncio.set_event_loop_policy()": ("asyncio", _policy, _set_policy),
    "sys.unraisablehook": ("sys", *_hook("unraisablehook")),
    "threading.excepthook": ("threading", *_hook("excepthook")),
    "logging.setLogRecordFactory()": (
        "logging",
        _factory,
        lambda m, v: _set_by("setLogRecordFactory", m.LogRecord)(m, v),
    ),
    "numpy's formatter": ("numpy", lambda m, own: m.get_printoptions().get("formatter") or {}, _format),
    "numpy.seterrcall()": ("numpy", lambda m, own: m.geterrcall(), _set_by("seterrcall", None)),
    "urllib.request.install_opener()": ("urllib.request", _opener, _set_by("install_opener", None)),
    "ssl's context for HTTPS": ("ssl", _https, _hook("_create_default_https_context")[1]),
    "copyreg.pickle()": ("copyreg", _reducers, _reduce),
    "sqlite3.register_adapter()": ("sqlite3", _of_sqlite("adapters"), _adapt),
    "sqlite3.register_converter()": ("sqlite3", _of_sqlite("converters"), _convert),
    "codecs.register_error()": ("codecs", _error_handlers, _handle_errors),
    "pandas' options": ("pandas", _options, _set_options),
    "a format of shutil's": ("shutil", *_formats("_ARCHIVE_FORMATS")),
    "a format that shutil unpacks": ("shutil", *_formats("_UNPACK_FORMATS")),
    SIGNALS: ("_signal", _signals, _handle),
}
"""What it is called -> the module, how it is read there (None, or an empty table: there is nothing to send), and
written."""
MODULES = frozenset(module for module, _, _ in _OBJECTS.values())

Sent = bytes | None | list[tuple[bytes, bytes | None]]
"""A pickle; None: it does not pickle; a table, as pairs of such."""


def snapshot(namespace: Mapping[str, Any], dumps: Dumps) -> dict[str, Sent]:
    """The kernel's. `dumps` pickles one object and may raise."""
    own = Is(namespace)
    found: dict[str, Sent] = {}

    def pickled(value: Any) -> bytes | None:
        try:
            return dumps(value)
        except Exception:
            return None

    for name, (module, read, _) in _OBJECTS.items():
        value = None
        if (loaded := sys.modules.get(module)) is not None:
            with contextlib.suppress(Exception):  # it is still being loaded, or another one than is known
                value = read(loaded, own)
        if isinstance(value, dict):
            pairs = ((pickled(key), pickled(one)) for key, one in value.items())
            value = [(key, one) for key, one in pairs if key is not None]
            if value:
                found[name] = value
        elif value is not None:
            found[name] = pickled(value)
    return found


class Objects:
    """Worker side: puts there what the notebook has, and takes it away again."""

    def __init__(self) -> None:
        self._wanted: dict[str, Sent] = {}
        self._there: dict[str, tuple[Sent, Undo]] = {}

    def apply(self, found: dict[str, Sent]) -> None:
        """Have what `found` says, as far as modules are loaded."""
        self._wanted = found
        for name, (sent, undo) in list(self._there.items()):
            if name not in found or found[name] != sent:
                del self._there[name]
                with contextlib.suppress(Exception):
                    undo()
        for name in found:
            self._put(name)

    def loaded(self, module: str) -> None:
        """A module has been imported."""
        for name in self._wanted:
            if _OBJECTS[name][0] == module:
                self._put(name)

    def _put(self, name: str) -> None:
        module, _, write = _OBJECTS[name]
        loaded, sent = sys.modules.get(module), self._wanted[name]
        if loaded is None or name in self._there:
            return
        with contextlib.suppress(Exception):
            value: Any = _made(sent, name)
            if isinstance(sent, list):
                value = {pickle.loads(key): _made(one, name) for key, one in sent}
            self._there[name] = sent, write(loaded, value)


def _made(sent: Any, name: str) -> Any:
    if isinstance(sent, bytes):
        with contextlib.suppress(Exception):
            return pickle.loads(sent)
    return missing.StandIn(name)

"""Which random sources a region's compute function may reach, and the way to each: read from the objects there are.

Bytecode says which dotted names a function follows (``np.random.rand``); the objects behind them are looked at when
the region begins. The notebook's own functions and classes are followed; for library code, which may draw from the
global state inside, a short table says which is known not to.
"""

from __future__ import annotations

import dis
import functools
import sys
from collections.abc import Callable, Iterator
from itertools import chain as joined
from itertools import islice
from types import BuiltinMethodType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from paracell.installed import is_library, is_users_code
from paracell.kept import Kept
from paracell.records import field, record
from paracell.ship.codes import instructions

from .sources import engine, is_source


def words(text: str) -> frozenset[str]:
    """The words of `text`. (``cell.tables`` has this too, but workers need none of ``cell``.)"""
    return frozenset(text.split())


GLOBAL = {
    "random": ("module", "random", ("attr", "_inst")),
    "numpy.random": ("module", "numpy.random.mtrand", ("attr", "_rand")),
}
_LOADS = {
    **dict.fromkeys(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"), "global"),
    **dict.fromkeys(("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"), "closed"),
}

_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_BETWEEN = frozenset({"CACHE", "EXTENDED_ARG", "PUSH_NULL", "NOP"})
_QUIET = words(
    """numpy pandas matplotlib PIL requests urllib3 tqdm paracell IPython ipykernel cloudpickle psutil joblib numexpr
    pyarrow polars lxml bs4 yaml orjson dateutil pytz cv2 builtins __main__"""
)
"""Packages whose functions draw nothing from the global state (pandas: but for ``sample``)."""
_QUIET_MODULES = tuple(
    f"scipy.{name}"
    for name in sorted(
        words("special linalg fft signal interpolate integrate ndimage constants spatial io _lib misc fftpack")
    )
)


def _same(value: Any) -> Any:
    return value


_IMPORT, _EXTENDED = dis.opmap["IMPORT_NAME"], dis.opmap["EXTENDED_ARG"]
_READS = {
    dis.opmap[name]: int(name == "LOAD_GLOBAL" and sys.version_info >= (3, 11))
    for name, where in _LOADS.items()
    if where == "global" and name in dis.opmap
}
"""Instructions that look a name up, and by how many bits its number is shifted."""
_PLAIN = frozenset({int, float, complex, bool, str, bytes, bytearray, type(None), range, slice})
"""Types of values that hold nothing and come from no library."""
_INSIDE: dict[type, Callable[[Any], Any]] = {dict: dict.values, list: _same, tuple: _same}
_HOLD_NOTHING_MORE = _PLAIN | _INSIDE.keys()
"""The same for values that stand as deep as is looked: containers there are not looked into."""
_BRIEF = frozenset({FunctionType, ModuleType, BuiltinMethodType, type})
"""Types of values that are followed in no time."""
_MOST = 1000
_DEPTH = 2

Path = tuple[Any, ...]


@record
class Found:
    """A source, the ways to it, and whether the code names it."""

    source: Any
    label: str
    sure: bool
    paths: list[Path] = field(default_factory=list)


def find(compute: FunctionType, items: Any = None) -> list[Found]:
    """The sources that `compute` may draw from, always in the same order."""
    finder = _Finder(compute.__globals__)
    finder.function(compute, ())
    if isinstance(items, (list, tuple)) and items:
        finder.library(items[0])
    return finder.result()


def mentioned(code: CodeType, namespace: dict[str, Any], items: Any = None) -> list[Found] | None:
    """At least what `find` finds for a function made of a part of `code`, the cell's; None: that cannot be told. Much
    faster."""
    if not (isinstance(items, (list, tuple)) and items) and _all_quiet(code, namespace):
        return []
    finder = _Finder(namespace)
    if not finder.mentioned(code):
        return None
    if isinstance(items, (list, tuple)) and items:
        finder.library(items[0])
    return finder.result()


def _all_quiet(code: CodeType, namespace: dict[str, Any]) -> bool:
    """Whether `code` names plain values and functions that name nothing themselves: so it is with most small loops."""
    for name in code.co_names:
        held = namespace.get(name)
        if held is not None and type(held) not in _PLAIN and not (type(held) is FunctionType and _quiet(held)):
            return False
    return _IMPORT not in code.co_code[::2] and not any(type(one) is CodeType for one in code.co_consts)


def _quiet(function: FunctionType) -> bool:
    if function.__defaults__ or function.__kwdefaults__ or function.__dict__ or function.__closure__:
        return False
    return function.__module__ == "__main__" and not chains(function.__code__)


def resolve(path: Path, namespace: dict[str, Any]) -> Any:
    """The source at the end of `path`, or None if there is none (any more)."""
    kind, name, *steps = path
    try:
        value = sys.modules[name] if kind == "module" else namespace[name]
        for step, key in steps:
            if step == "attr":
                value = getattr(value, key)
            elif step == "value":
                value = list(value.values() if isinstance(value, dict) else value)[key]
            elif step == "closure":
                value = value.__closure__[key].cell_contents
            elif step == "default":
                value = value.__defaults__[key]
            else:
                value = value.__kwdefaults__[key]
    except Exception:
        return None
    return value if is_source(value) else None


def _chains(code: CodeType) -> tuple[tuple[str, ...], ...]:
    found: dict[tuple[str, ...], None] = {}
    pending = [code]
    while pending:
        one = pending.pop()
        found.update(dict.fromkeys(_dotted(one)))
        pending += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return tuple(found)


chains = Kept(_chains)
"""The dotted names that a code object, nested code included, loads from outside.

Each begins with where it is looked up: "global", "closed" (perhaps a local of the function around nested code), or
"import" and "from" for what import statements name."""


def _dotted(code: CodeType) -> Iterator[tuple[str, ...]]:
    chain: tuple[str, ...] = ()
    for name, argument in instructions(code):
        if chain and name in _ATTRIBUTES:
            chain += (argument,)
        elif name not in _BETWEEN:
            if chain:
                yield chain
            chain = (_LOADS[name], argument) if name in _LOADS else ()
            if name == "IMPORT_NAME":
                yield ("import", argument)
            elif name == "IMPORT_FROM":
                yield ("from", argument)
    if chain:
        yield chain


class _Finder:
    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._found: dict[int, Found] = {}
        self._seen: set[tuple[int, tuple[str, ...]]] = set()
        self._held: list[Any] = []
        self._functions: set[int] = set()
        self._attributes: set[str] = set()
        self._libraries: set[str] = set()

    def result(self) -> list[Found]:
        for module in sorted(self._libraries):
            self._library(module)
        return [found for found in self._found.values() if found.paths]

    # ----------------------------------------------------------------------------------------------------- functions

    def mentioned(self, code: CodeType) -> bool:
        """Follow every name in `code` as if each attribute were one of each; False if that does not tell enough."""
        pending = [code]
        found: set[str] = set()
        for one in pending:
            if _IMPORT in one.co_code[::2]:
                return False
            found.update(one.co_names)
            pending += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
        self._attributes.update(found)
        read: set[str] | None = None
        for name in found:
            if name not in self._namespace or (kind := type(held := self._namespace[name])) in _PLAIN:
                continue
            if kind not in _BRIEF:
                # What the code only binds may be large: what the same cell has left there before.
                read = set().union(*map(_read, pending)) if read is None else read
                if name not in read:
                    continue
            self.value(held, ("name", name), (), 0)
            if isinstance(held, ModuleType):
                self._inside(held, ("name", name), held, (), found)
        return True

    def _inside(
        self, named: ModuleType, path: Path, module: ModuleType, rest: tuple[str, ...], found: set[str]
    ) -> None:
        """Follow what `module`, to which the attributes `rest` of `named` lead, has under names that were `found`."""
        for attribute in found & _listed(module, len(vars(module))):
            steps = (*rest, attribute)
            self.value(named, path, steps, 0)
            inner = getattr(module, attribute, None)
            if isinstance(inner, ModuleType) and attribute not in rest and len(rest) < _DEPTH:
                self._inside(named, path, inner, steps, found)

    def function(self, function: FunctionType, path: Path) -> None:
        """Follow what `function` names, its closure and its defaults."""
        if id(function) in self._functions:
            return
        self._functions.add(id(function))
        code = function.__code__
        self._attributes.update(code.co_names)
        closed = dict(zip(code.co_freevars, enumerate(function.__closure__ or ()), strict=False))
        for chain in chains(code):
            kind, name, *rest = chain
            self._attributes.update(rest)
            if kind in ("import", "from"):
                self._import(chain, chains(code))
            elif kind == "closed" and name in closed:
                at, cell = closed[name]
                try:
                    self.value(cell.cell_contents, (*path, ("closure", at)) if path else (), tuple(rest), 0)
                except ValueError:
                    continue
            elif kind == "global" and name in function.__globals__:
                self.value(function.__globals__[name], self._global(function, name), tuple(rest), 0)
        for at, value in enumerate(function.__defaults__ or ()):
            self.value(value, (*path, ("default", at)) if path else (), (), 1)
        for name, value in (function.__kwdefaults__ or {}).items():
            self.value(value, (*path, ("kwdefault", name)) if path else (), (), 1)

    def _global(self, function: FunctionType, name: str) -> Path:
        if function.__globals__ is self._namespace:
            return ("name", name)
        return ("module", function.__globals__.get("__name__"), ("attr", name))

    def _import(self, chain: tuple[str, ...], others: tuple[tuple[str, ...], ...]) -> None:
        """An import inside the function: what it binds is local, so the names used with it are not known."""
        name = chain[1] or ""
        if name == "random":
            self._global_source("random", True)
        elif name.split(".")[0] == "numpy":
            imported = {other[1] for other in others if other[0] == "from"} | set(self._attributes)
            if name.startswith("numpy.random") or "random" in imported:
                self._global_source("numpy.random", bool(imported & _legacy()))
        elif chain[0] == "import":
            self._libraries.add(name)

    # -------------------------------------------------------------------------------------------------------- values

    def value(self, value: Any, path: Path, rest: tuple[str, ...], depth: int) -> None:
        """Look at an object that the code reaches by `path`, and the attributes `rest` of it that it names."""
        if (id(value), rest) in self._seen or (depth and len(self._seen) > 20 * _MOST):
            return
        self._seen.add((id(value), rest))
        self._held.append(value)  # or its id might come to be another's
        try:
            self._look(value, path, rest, depth)
        except Exception:
            self.library(value)  # an object that raises when it is looked at is no source

    def _look(self, value: Any, path: Path, rest: tuple[str, ...], depth: int) -> None:
        if is_source(value):
            self._source(value, path)
        elif isinstance(value, ModuleType):
            self._module(value, rest)
        elif isinstance(value, FunctionType):
            self._follow(value, path)
        elif isinstance(value, type):
            self._class(value, path)
        elif isinstance(value, MethodType):
            self.value(value.__func__, (*path, ("attr", "__func__")), (), depth)
            self.value(value.__self__, (*path, ("attr", "__self__")), (), depth)
        elif isinstance(value, functools.partial):
            for name in ("func", "args", "keywords"):
                self.value(getattr(value, name), (*path, ("attr", name)), (), depth)
        elif isinstance(value, (dict, list, tuple)):
            inside = value.values() if isinstance(value, dict) else value
            if depth < _DEPTH and not _plain(inside, _DEPTH - depth):
                for at, one in zip(range(_MOST), inside, strict=False):
                    self.value(one, (*path, ("value", at)) if path else (), (), depth + 1)
        else:
            self._object(value, path, depth)

    def _object(self, value: Any, path: Path, depth: int) -> None:
        holder = getattr(value, "__self__", None) if hasattr(type(value), "__self__") else None
        if is_source(holder):
            self._source(holder, (*path, ("attr", "__self__")) if path else ())
            return
        if "__wrapped__" in getattr(value, "__dict__", ()) and callable(value):
            self.value(value.__wrapped__, (*path, ("attr", "__wrapped__")) if path else (), (), depth)
        self.library(value)
        if depth >= _DEPTH:
            return
        if _own_class(type(value)):
            self.value(type(value), (*path, ("attr", "__class__")) if path else (), (), depth)
        for name, held in _attributes(value):
            self.value(held, (*path, ("attr", name)) if path else (), (), depth + 1)

    def _class(self, cls: type, path: Path) -> None:
        for base in cls.__mro__:
            if not _own_class(base):
                self.library(base)
                continue
            for name, held in list(vars(base).items()):
                held = getattr(held, "__func__", getattr(held, "fget", held))
                inside = (*path, ("attr", name)) if path else ()
                if isinstance(held, FunctionType):
                    self._follow(held, inside)
                elif not name.startswith("__"):
                    self.value(held, inside, (), 1)

    def _module(self, module: ModuleType, rest: tuple[str, ...]) -> None:
        if not rest:
            if module.__name__ in GLOBAL:
                self._global_source(module.__name__, True)
            elif module.__name__ != "numpy":
                self._libraries.add(module.__name__)
            return
        held = getattr(module, rest[0], None)
        if held is not None:
            self.value(held, ("module", module.__name__, ("attr", rest[0])), rest[1:], 0)

    def _follow(self, function: FunctionType, path: Path) -> None:
        if _own(function, self._namespace):
            self.function(function, path)
            inner = getattr(function, "__wrapped__", None)
            if isinstance(inner, FunctionType):
                self._follow(inner, (*path, ("attr", "__wrapped__")) if path else ())
        else:
            self.library(function)

    # ------------------------------------------------------------------------------------------------------- sources

    def _source(self, source: Any, path: Path, sure: bool = True) -> None:
        key = id(engine(source))
        for name, known in GLOBAL.items():
            if resolve(known, self._namespace) is source:
                found = self._found.setdefault(key, Found(source, name, sure, [known]))
                found.sure = found.sure or sure
                return
        label = ".".join(str(step[1]) if isinstance(step, tuple) else step for step in path[1:]) or "a generator"
        found = self._found.setdefault(key, Found(source, f"'{label}'", sure))
        found.sure = found.sure or sure
        if path and path not in found.paths and len(found.paths) < 20:
            found.paths.append(path)

    def _global_source(self, name: str, sure: bool) -> None:
        source = resolve(GLOBAL[name], self._namespace)
        if source is not None:
            self._source(source, GLOBAL[name], sure)

    def library(self, value: Any) -> None:
        """Note the module that a library object comes from."""
        cls = value if isinstance(value, (type, FunctionType)) else type(value)
        module = getattr(value, "__module__", None) if callable(value) else None
        module = module if isinstance(module, str) else cls.__module__
        if isinstance(module, str):
            self._libraries.add(module)
            if module.split(".")[0] == "pandas" and "sample" in self._attributes:
                self._global_source("numpy.random", False)

    def _library(self, module: str) -> None:
        root = module.split(".")[0]
        if root == "random":
            return
        if root in sys.stdlib_module_names or root in _QUIET or module.startswith(_QUIET_MODULES):
            return
        if module not in sys.modules or _user_module(sys.modules[module]):
            return
        if _names_random(root, len(sys.modules)):
            self._global_source("random", False)
        self._global_source("numpy.random", False)


def _read(code: CodeType) -> Iterator[str]:
    """The names that `code` itself looks up where those of the notebook are."""
    names, instructions = code.co_names, code.co_code
    high = 0
    for kind, low in zip(instructions[::2], instructions[1::2], strict=True):
        shift = _READS.get(kind)
        if shift is not None:
            yield names[(high | low) >> shift]
        high = (high | low) << 8 if kind == _EXTENDED else 0


def _plain(values: Any, depth: int) -> bool:
    """Whether the first of `values`, and what they hold in turn, `depth` containers deep, are all plain ones. Says no
    where it is not sure."""
    some = list(islice(values, _MOST))
    kinds = set(map(type, some))
    if depth == 1:
        return kinds <= _HOLD_NOTHING_MORE
    if kinds <= _PLAIN:
        return True
    if not kinds <= _HOLD_NOTHING_MORE:
        return False
    held: list[Any] = []
    for kind in kinds & _INSIDE.keys():
        held += map(_INSIDE[kind], (one for one in some if type(one) is kind))
    return sum(map(len, held)) <= 20 * _MOST and set(map(type, joined.from_iterable(held))) <= _HOLD_NOTHING_MORE


@functools.lru_cache(maxsize=256)
def _listed(module: ModuleType, size: int) -> frozenset[str]:
    """Names of the module's attributes, those too that it makes when they are asked for. `size`: what it has now."""
    return frozenset(dir(module))


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    for name, held in list(getattr(value, "__dict__", {}).items())[:_MOST]:
        if isinstance(name, str):
            yield name, held
    for cls in type(value).__mro__:
        for name, member in list(vars(cls).items()) if "__slots__" in vars(cls) else ():
            if isinstance(member, MemberDescriptorType) and hasattr(value, name):
                yield name, getattr(value, name)


def _own(function: FunctionType, namespace: dict[str, Any]) -> bool:
    return (
        function.__globals__ is namespace
        or function.__module__ == "__main__"
        or is_users_code(function.__code__.co_filename)
    )


def _user_module(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(".py") and not is_library(file)


def _own_class(cls: type) -> bool:
    if cls.__module__ == "__main__":
        return True
    module = sys.modules.get(cls.__module__)
    return module is not None and cls.__module__ != "builtins" and _user_module(module)


@functools.lru_cache(maxsize=200)
def _names_random(root: str, loaded: int) -> bool:
    """Whether a loaded module of the package `root` has imported ``random`` or something of it."""
    python = sys.modules.get("random")
    inst = getattr(python, "_inst", None)
    for name, module in list(sys.modules.items()):
        if name == root or name.startswith(root + "."):
            for held in list(getattr(module, "__dict__", {}).values()):
                bound = isinstance(held, (MethodType, BuiltinMethodType)) and held.__self__ is inst
                if held is python or bound:
                    return True
    return False


@functools.lru_cache(maxsize=1)
def _legacy_of(count: int) -> frozenset[str]:
    module = sys.modules.get("numpy.random.mtrand")
    rand = getattr(module, "_rand", None)
    return (
        frozenset(n for n, v in vars(module).items() if getattr(v, "__self__", None) is rand) if rand else frozenset()
    )


def _legacy() -> frozenset[str]:
    """Names of numpy's functions that draw from its global state."""
    return _legacy_of(int("numpy.random.mtrand" in sys.modules))

"""Calls of library code that are known to change an argument, or state that all iterations share."""

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, TypeGuard

from paracell.attributes import attribute, of_class
from paracell.installed import is_users_code

from . import names, ofprocess, tables
from .freshness import UNKNOWN
from .nodes import walk

if TYPE_CHECKING:
    from .effects import Effects

SETTINGS = {
    "numpy": tables.words("seterr seterrcall setbufsize set_printoptions set_string_function"),
    "pandas": tables.words("set_option reset_option"),
    "warnings": tables.words("filterwarnings simplefilter resetwarnings"),
    "os": tables.words("chdir fchdir putenv unsetenv umask setpriority nice"),
    "sys": tables.words("setrecursionlimit settrace setprofile setswitchinterval set_int_max_str_digits"),
    "decimal": tables.words("setcontext"),
    "locale": tables.words("setlocale"),
    "socket": tables.words("setdefaulttimeout"),
    "time": tables.words("tzset"),
    "atexit": tables.words("register unregister"),
    "signal": tables.words("signal alarm setitimer"),
    "gc": tables.words("disable enable freeze set_threshold set_debug"),
    "csv": tables.words("field_size_limit register_dialect unregister_dialect"),
    "mimetypes": tables.words("add_type init"),
    "copyreg": tables.words("pickle constructor"),
    "codecs": tables.words("register register_error unregister"),
    "sklearn": tables.words("set_config"),
    "torch": tables.words("set_num_threads set_default_dtype set_default_device set_grad_enabled"),
    "matplotlib": tables.words("use rc rcdefaults"),
    "logging": tables.words("basicConfig disable setLoggerClass setLogRecordFactory addLevelName"),
    "sqlite3": tables.words("register_adapter register_converter"),
    "urllib": tables.words("install_opener"),
    "shutil": tables.words(
        "register_archive_format unregister_archive_format register_unpack_format unregister_unpack_format"
    ),
    "email": tables.words("add_alias add_charset add_codec"),
    "xml": tables.words("register_namespace"),
    "zoneinfo": tables.words("reset_tzpath"),
    "multiprocessing": tables.words("set_start_method"),
    "resource": tables.words("setrlimit"),
    "threading": tables.words("stack_size settrace setprofile"),
    "asyncio": tables.words("set_event_loop_policy"),
    "faulthandler": tables.words("enable disable"),
    "fileinput": tables.words("input close nextfile"),
    "importlib": tables.words("reload invalidate_caches"),
}
"""Module (or package) -> its functions that change settings of the whole process."""
_TELLING = {("csv", "field_size_limit"): 0, ("locale", "setlocale"): 1}
"""Those that tell how it is set, with so many arguments or fewer."""
CONTAINERS = tables.words("append extend insert appendleft extendleft add discard remove pop clear update setdefault")
"""Methods that are changes when they are handed on to be called: ``map(out.append, xs)``."""


def given(effects: Effects, call: ast.Call) -> Iterator[ast.Call]:
    """The calls that are made where `call` calls what the scope itself has made with ``partial``."""
    for value in effects.fresh.values.get(getattr(call.func, "id", ""), ()):
        if isinstance(value, ast.Call) and value.args and effects.resolve(value.func) is partial:
            whole = ast.Call(value.args[0], [*value.args[1:], *call.args], [*value.keywords, *call.keywords])
            yield ast.copy_location(whole, call)


def changed(effects: Effects, call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """(expression whose object is changed, how)."""
    func = call.func
    text = ast.unparse(func)
    if isinstance(func, ast.Attribute) and call.args and func.attr in tables.MUTATORS and effects._is_class(func.value):
        yield call.args[0], f"'{text}()' changes '{ast.unparse(call.args[0])}'"
    if (stream := _printed_to(effects, call)) is not None:
        yield stream, f"'print()' writes to '{ast.unparse(stream)}'"
    if _by_name(func) and not _harmless(effects, func):
        # A module's function changes what it is given.
        for target in (func.args[0], *(call.args if _may_be_module(effects, func.args[0]) else ())):
            yield target, f"'{text}()' may change '{ast.unparse(target)}'"
    for bound in effects.fresh.values.get(getattr(func, "id", ""), ()):  # push = out.append
        if isinstance(bound, ast.Attribute) and bound.attr in tables.MUTATORS:
            yield bound.value, f"'{text}()' changes '{ast.unparse(bound.value)}'"
    value = effects.resolve(func)
    owner = effects.resolve(func.value) if isinstance(func, ast.Attribute) else None
    if type(value).__name__ == "ufunc":
        for argument in call.args[value.nin :]:
            yield argument, f"'{text}()' writes into '{ast.unparse(argument)}'"
    if isinstance(func, ast.Attribute) and func.attr == "at" and type(owner).__name__ == "ufunc" and call.args:
        yield call.args[0], f"'{text}()' changes '{ast.unparse(call.args[0])}'"
    for argument in (*call.args, *(k.value for k in call.keywords)):
        if (
            isinstance(argument, ast.Attribute)
            and argument.attr in CONTAINERS
            and not effects._is_class(argument.value)
            and effects.resolver.module_of(argument.value) is None  # operator.add is a function like any other
        ):
            yield argument.value, f"'{ast.unparse(argument)}' is handed to '{text}()'"


def _printed_to(effects: Effects, call: ast.Call) -> ast.expr | None:
    """The file that a ``print`` writes to, unless it is the notebook's output, or may be (a parameter)."""
    if not (isinstance(call.func, ast.Name) and effects.resolve(call.func) is print):
        return None
    stream = next((k.value for k in call.keywords if k.arg == "file"), None)
    if stream is None or isinstance(stream, ast.Constant) or names.loads(stream) & {*effects.fresh.given}:
        return None
    if isinstance(stream, ast.Attribute) and ofprocess.module_of(effects, stream.value) == "sys":
        return None
    value = effects.resolve(stream)
    standard = any(value is one for one in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__))
    return None if standard else stream


def _by_name(func: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(func, ast.Call) and isinstance(func.func, ast.Name) and func.func.id == "getattr" and bool(func.args)
    )


def _may_be_module(effects: Effects, node: ast.expr) -> bool:
    """Also what is not known yet, as a module that this cell imports."""
    value = effects.resolve(node)
    local = {*effects.fresh.own, *effects.fresh.given}
    unknown = value is UNKNOWN and isinstance(node, ast.Name) and node.id not in local
    return unknown or isinstance(value, ModuleType)


def _harmless(effects: Effects, func: ast.Call) -> bool:
    """Whether nothing that ``getattr(module, f"prefix_{name}")`` may find in a module is known to change anything."""
    module = effects.resolve(func.args[0])
    prefix = _prefix(func.args[1]) if len(func.args) > 1 else ""
    if not isinstance(module, ModuleType) or not prefix:
        return False
    known = tables.LIBRARY_CHANGES.keys() | {(m, n) for m, some in SETTINGS.items() for n in some}
    found = [n for n in vars(module) if n.startswith(prefix)]
    return not any((module.__name__, n) in known or n in tables.MUTATORS for n in found)


def _prefix(name: ast.expr) -> str:
    """What the text that `name` makes begins with, as far as it is written there."""
    if isinstance(name, ast.BinOp):
        return _prefix(name.left)
    first = name.values[0] if isinstance(name, ast.JoinedStr) and name.values else name
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def setting(effects: Effects, call: ast.Call) -> str | None:
    """The setting of the process that `call` changes."""
    qualified = ofprocess.qualified(effects, call.func)
    if qualified is None:
        return None
    package = qualified[0].lstrip("_").partition(".")[0]
    tells = _TELLING.get((package, qualified[1]), -1) >= len(call.args) + len(call.keywords)
    return f"{package}.{qualified[1]}" if qualified[1] in SETTINGS.get(package, ()) and not tells else None


_LITERALS = (ast.Constant, ast.JoinedStr, ast.Dict, ast.List, ast.Set, ast.Tuple, *names.COMPREHENSIONS)


def is_library_object(effects: Effects, method: ast.Attribute) -> bool:
    """Whether the object is known, and its method of this name is none of the user's: ``pages.get`` of a dictionary,
    whatever classes there are."""
    if isinstance(method.value, _LITERALS):
        return True
    value = effects.resolve(method.value) if isinstance(method.value, ast.Name) else UNKNOWN
    if value is UNKNOWN or isinstance(value, (type, ModuleType)):
        return False
    own = attribute(value, "__dict__", {})
    return not isinstance(own, dict) or (method.attr not in own and not _is_users(type(value), method.attr))


def _is_users(kind: type, name: str) -> bool:
    """Whether code of the user's may run where an object of the class is asked for this attribute."""
    for base in kind.__mro__[:-1]:
        if base.__module__ == "__main__" or is_users_code(getattr(sys.modules.get(base.__module__), "__file__", "<>")):
            return True
    return isinstance(of_class(kind, name), FunctionType) and of_class(kind, name).__module__ == "__main__"


def is_setting(owner: str) -> bool:
    """Whether `owner` stands for one of the settings that ``setting`` finds."""
    if ofprocess.is_of_process(owner):
        return True
    package, _, name = owner.strip("<>").partition(".")
    return owner.startswith("<") and (name in SETTINGS.get(package, ()) or name in tables.OF_PROCESS.get(package, ()))


def is_outside(owner: str) -> bool:
    """Whether `owner` stands for what no object of the notebook holds."""
    return owner == "<files>" or is_setting(owner)


def is_logger(effects: Effects, node: ast.expr) -> bool:
    """Whether `node` is a logger, as far as is known."""
    found = isinstance(effects.resolve(node), (logging.Logger, logging.LoggerAdapter))
    return found or "<logging.getLogger>" in effects.fresh.owners(node)


def restored(effects: Effects, block: ast.With) -> set[int]:
    """Calls (by id) in `block` that set filters of warnings, if it is a ``with warnings.catch_warnings()``."""
    if not any(_catches(effects, item.context_expr) for item in block.items):
        return set()
    calls = (n for statement in block.body for n in walk(statement) if isinstance(n, ast.Call))
    return {id(n) for n in calls if (setting(effects, n) or "").startswith("warnings.")}


def _catches(effects: Effects, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ofprocess.qualified(effects, node.func) == ("warnings", "catch_warnings")


def wrapper(effects: Effects, func: ast.expr) -> FunctionType | None:
    """The decorator's own function around the one that is followed (``functools.wraps``)."""
    end = names.root(func)
    if isinstance(end, ast.Name) and (end.id in effects.fresh.own or end.id in effects.fresh.given):
        return None
    value = effects.resolver(func)
    return value if isinstance(value, FunctionType) and hasattr(value, "__wrapped__") else None


def gives_another(effects: Effects, whole: ast.AST, call: ast.Call) -> bool:
    """Whether a method that may change its receiver is asked for a value, which it has only where it does not."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in tables.TWO_FACED:
        return False
    value = effects.resolve(call.func.value)
    if value is not UNKNOWN and type(value).__module__.split(".")[0] in ("numpy", "collections", "array", "__main__"):
        return False
    if any(_takes(part, call) for part in walk(whole)):
        effects.another.add(id(call))
    return id(call) in effects.another


def _takes(part: ast.AST, call: ast.Call) -> bool:
    """Whether `part` does something with what `call` gives for which that cannot be None."""
    if isinstance(part, ast.Assign):
        return part.value is call and all(isinstance(target, ast.Name) for target in part.targets)
    if isinstance(part, ast.Call):
        return call in part.args
    if isinstance(part, (ast.ListComp, ast.DictComp)):
        return call is getattr(part, "elt", getattr(part, "value", None))
    return isinstance(part, (ast.Attribute, ast.Return)) and part.value is call


def number(value: ast.expr) -> bool:
    """Whether `value` is a number, or an array: nothing that a list or a set could be extended by."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float, complex))
    if isinstance(value, ast.UnaryOp):
        return number(value.operand)
    if isinstance(value, ast.BinOp):
        apart = isinstance(value.op, (ast.Div, ast.FloorDiv, ast.Pow))
        return apart or number(value.left) or number(value.right)
    return False

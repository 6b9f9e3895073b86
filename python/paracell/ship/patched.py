"""Kernel side: attributes of libraries' modules and classes that the notebook has set, or a module of the user's.

No process can tell which of its attributes those are, so the text of the notebook's cells says where to look:
``json.dumps = f``, ``setattr(pd.DataFrame, "first", f)``, ``mock.patch("time.sleep")``, in functions as well. That of
the user's modules is searched rather than read: they may be many.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from ..silence import Silence
from .patches import GONE, Holder, dotted

history: Callable[[], Sequence[str]] | None = None
"""The cells that have run, and that which runs."""

Chain = tuple[str, ...]

_MAY = re.compile(
    r"\.\s*\w+\s*(:[^=\n]+)?=[^=]|setattr|patch|register|del\s|\bfor\b.*\.\w+.*\bin\b|\bas\s+\w+\.|import\s"
)
_LEFT = {
    "builtins": (),
    "sys": ("stdin", "stdout", "stderr", "displayhook", "excepthook", "argv", "path", "modules", "last_value"),
    "os": ("environ",),
    "warnings": ("showwarning", "_showwarnmsg_impl", "filters"),
    "logging": ("root", "raiseExceptions"),
}
"""What is seen to elsewhere; of builtins, everything."""


class Patched:
    """What one notebook has set."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        """Those that have been read."""
        self._chains: dict[Chain, None] = {}
        self._registers: dict[tuple[Chain, Chain], None] = {}
        """(What, whom) of ``what.register(whom)``."""
        self._imported: dict[str, str] = {}
        """Name that a function imports -> module."""
        self._modules: dict[str, tuple[Any, tuple[Chain, ...]]] = {}
        """A module of the user's -> its spec, and where its text may set something."""

    def look(self) -> None:
        """Read the cells that have been added."""
        cells = list(history() if history is not None else ())
        known = len(self._cells)
        if cells[:known] != self._cells:
            known = 0  # they have been forgotten (%reset), not what they have done
        for source in cells[known:]:
            self.read(source)
        self._cells = cells

    def read(self, source: str) -> None:
        """Note what a cell may set."""
        if _MAY.search(source) is None:
            return
        try:
            with Silence("<unknown>"):
                tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for a in node.names:
                    self._imported[a.asname or a.name.split(".")[0]] = a.name if a.asname else a.name.split(".")[0]
            elif isinstance(node, ast.ImportFrom) and node.module:
                self._imported.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self._note(_chain(node))
            elif isinstance(node, ast.Call):
                self._called(node)
            for one in getattr(node, "decorator_list", ()):
                func = one.func if isinstance(one, ast.Call) else one
                if isinstance(func, ast.Attribute) and func.attr == "register":
                    self._registers[_chain(func.value), (getattr(node, "name", ""),)] = None

    def _called(self, call: ast.Call) -> None:
        """``setattr(x, "name", v)``, ``patch("module.name")``, ``patch.object(x, "name")``, ``x.register(y)``."""
        if isinstance(call.func, ast.Attribute) and call.func.attr == "register" and call.args:
            self._registers[_chain(call.func.value), _chain(call.args[0])] = None
        texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in call.args[:2]]
        if len(texts) == 2 and texts[1] is not None and texts[0] is None:
            holder = _chain(call.args[0])
            self._note((*holder, texts[1]) if holder else ())
        elif texts and texts[0] is not None and re.fullmatch(r"\w+(\.\w+)+", texts[0]):
            self._note(("", *texts[0].split(".")))

    def _note(self, chain: Chain) -> None:
        if len(chain) > 1:
            self._chains[chain] = None

    def found(self, namespace: Mapping[str, Any], modules: Sequence[ModuleType] = ()) -> dict[tuple[Holder, str], Any]:
        """(Where, attribute) -> the value that is there now. `modules`: the user's, whose own attributes are followed
        elsewhere."""
        self.look()
        found: dict[tuple[Holder, str], Any] = {}
        own = {module.__name__ for module in modules}
        for module in modules:
            chains = self._of(module)
            space = {first: vars(module).get(first, sys.modules.get(first)) for first, *_ in chains}
            for chain in chains:
                self._add(found, self._holder(chain[:-1], space), chain[-1], own)
        for chain in self._chains:
            self._add(found, self._holder(chain[:-1], namespace), chain[-1])
        return found

    def _add(self, found: dict[Any, Any], holder: Any, attribute: str, left: Collection[str] = ()) -> None:
        where = None if holder is None else _where(holder)
        if where is None or where[0] in left or _left(where, attribute):
            return
        value = vars(holder).get(attribute, GONE)
        if value is not GONE and not _belongs(value, where, attribute):
            found[where, attribute] = value

    def _of(self, module: ModuleType) -> tuple[Chain, ...]:
        """Where a module of the user's may set something, as its file has it when it is first asked."""
        spec, chains = self._modules.get(module.__name__, (None, ()))
        if spec is not module.__spec__ or spec is None:
            chains = tuple(_set_in(_text_of(module)))
            self._modules[module.__name__] = module.__spec__, chains
        return chains

    def registered(self, namespace: Mapping[str, Any]) -> list[tuple[Holder, Any, Any]]:
        """(Where, class, function) of what libraries' generic functions have been told; of their abstract classes, with
        None."""
        found: dict[tuple[Holder, Any], Any] = {}
        for what, whom in self._registers:
            holder: Any = self._holder(what, namespace, True) if what else None
            if (where := _where(holder) if holder is not None else None) is None:
                continue
            for cls, function in getattr(holder, "registry", {}).items():
                if "__main__" in (getattr(cls, "__module__", ""), getattr(function, "__module__", "")):
                    found[where, cls] = function
            one: Any = self._holder(whom, namespace) if whom else None
            if type(holder).__name__ == "ABCMeta" and isinstance(one, type) and issubclass(one, holder):
                found[where, one] = None
        return [(where, cls, function) for (where, cls), function in found.items()]

    def _holder(self, chain: Chain, namespace: Mapping[str, Any], function: bool = False) -> Any:
        """The module or class that is called so; with `function` also a function."""
        first, *rest = chain
        if first == "":
            return dotted(".".join(rest))
        holder = namespace.get(first)
        kinds = (ModuleType, type, FunctionType) if function else (ModuleType, type)
        if not isinstance(holder, kinds):
            holder = dotted(self._imported.get(first, ""))
        for name in rest:
            holder = vars(holder).get(name) if isinstance(holder, (ModuleType, type)) else None
        return holder if isinstance(holder, kinds) else None


_SETS = re.compile(
    r"""(?<![\w.])([A-Za-z_]\w*(?:\.\w+)+)[ \t]*(?::[^=\n]+)?=(?!=)
    |\bsetattr\(\s*([A-Za-z_][\w.]*)\s*,\s*["'](\w+)["']
    |\bpatch\(\s*["']([A-Za-z_]\w*(?:\.\w+)+)["']""",
    re.VERBOSE,
)
_SELF = ("self.", "cls.")


def _set_in(text: str) -> Iterator[Chain]:
    """Attributes that code sets, most of them of its own objects."""
    for assigned, holder, attribute, name in _SETS.findall(text):
        if name:
            yield ("", *name.split("."))
        elif attribute:
            yield (*holder.split("."), attribute)
        elif not assigned.startswith(_SELF):
            yield tuple(assigned.split("."))


def _text_of(module: ModuleType) -> str:
    path = getattr(module, "__file__", None) or ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read() if path.endswith(".py") else ""
    except OSError:
        return ""


def _chain(node: ast.AST) -> Chain:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()


def _where(holder: Any) -> Holder | None:
    if isinstance(holder, ModuleType):
        name = holder.__name__
        return (name, "") if sys.modules.get(name) is holder and name != "__main__" else None
    name, path = holder.__module__, holder.__qualname__
    if name in ("__main__", "builtins") or dotted(f"{name}.{path}") is not holder:
        return None
    return name, path


def _left(where: Holder, attribute: str) -> bool:
    module, path = where
    if attribute.startswith("__") and not path:
        return True
    package = module.partition(".")[0]
    if package in ("paracell", "IPython", "ipykernel", "traitlets", "comm", "matplotlib_inline"):
        return True
    left = _LEFT.get(module)
    return left is not None and not path and (not left or attribute in left)


def _belongs(value: Any, where: Holder, attribute: str) -> bool:
    """Whether it is what the library itself has there."""
    value = getattr(value, "__func__", value)
    module, path = where
    name = f"{path}.{attribute}" if path else attribute
    return getattr(value, "__module__", None) == module and getattr(value, "__qualname__", None) == name

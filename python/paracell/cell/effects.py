"""What running a piece of code changes besides the names it binds, the user's own functions followed."""

from __future__ import annotations

import ast
import builtins
from abc import ABCMeta
from collections.abc import Iterator
from enum import Enum
from functools import partial
from types import CellType, FunctionType, GeneratorType, ModuleType
from typing import Any

from paracell.attributes import attribute
from paracell.records import field, record

from . import cached, files, made, names, ofprocess, outright, pyplot, tables
from .freshness import UNKNOWN, Freshness, immutable
from .nodes import walk
from .origin import How, called, inside
from .resolve import Followed, Resolver, unreadable

COPIES = "asks whether two objects are the same one, and workers may have copies"


@record(frozen=True)
class Change:
    """Something that `node` changes: the objects that `owners` (names) hold."""

    owners: frozenset[str]
    node: ast.AST
    how: str
    changed: ast.AST | None = None
    """The expression whose object changes."""
    inside: bool = False
    """Whether that may be something that the object holds."""


@record
class Summary:
    """What a call of a followed function does."""

    parameters: dict[str, str] = field(default_factory=dict)
    """Parameter whose object it changes -> how."""
    inside: set[str] = field(default_factory=set)
    """Those of the parameters of which it may change what the object holds, and not only the object itself."""
    outside: dict[str, str] = field(default_factory=dict)
    """Name outside the function whose value or object it changes -> how."""
    reads: set[str] = field(default_factory=set)
    """Notebook names that it reads."""
    forbidden: How | None = None
    shows: How | None = None
    """What it prints, logs or warns of."""
    acts: bool = False
    """Whether it writes files: nothing that could be taken back."""


class Effects:
    """The effects of code in one scope. `fresh` knows the scope's own names; `resolver` the global ones."""

    def __init__(self, resolver: Resolver, fresh: Freshness, memo: dict[int, Summary] | None = None):
        self.resolver = resolver
        self.fresh = fresh
        self.memo: dict[int, Summary] = {} if memo is None else memo
        self._calls: dict[tuple[int, bool, bool, bool], tuple[ast.Call, list[Change]]] = {}
        """What calls change: planning asks again and again. The call is kept, so that its id stays its own."""
        self._restored: set[int] = set()
        """Calls (by id) whose settings are put back by the block around them."""
        self.another: set[int] = set()
        """Calls (by id) that give something new instead of changing what they are methods of."""
        self.own_figure = False
        """Whether pyplot is used for a figure that this scope makes and closes."""
        self.imported: dict[str, str] | None = None
        """What the scope imports (``ofprocess.imported``), once it was asked for."""

    # ------------------------------------------------------------------------------------------------------ changes

    def changes(self, node: ast.AST) -> Iterator[Change]:
        """Everything that `node` may change of what is not the scope's own, but for names bound."""
        return (change for change in self.touches(node) if change.owners)

    def touches(self, node: ast.AST) -> Iterator[Change]:
        """The same, and what `node` may change of the scope's own objects, which have no owners."""
        for n in walk(node):
            if isinstance(n, ast.With):  # met before the calls inside
                self.enter(n)
            if isinstance(n, (ast.Subscript, ast.Attribute)) and not isinstance(n.ctx, ast.Load):
                verb = "stores into" if isinstance(n.ctx, ast.Store) else "deletes from"
                if isinstance(n, ast.Attribute) and made.is_class_of(n.value):
                    yield Change(self._classes_with(n.attr), n, f"{verb} '{ast.unparse(n.value)}'")
                if isinstance(n, ast.Attribute) and self.resolver.module_of(n.value) == "builtins":
                    yield Change(frozenset({n.attr}), n, f"{verb} '{ast.unparse(n.value)}'")
                yield from self._change(n.value, n, f"{verb} '{ast.unparse(n.value)}'")
            elif isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name) and n.target.id in self.fresh.own:
                if not isinstance(n.op, (ast.Add, ast.BitOr, ast.BitAnd, ast.Sub, ast.Mult, ast.BitXor)):
                    continue
                local = set(self.fresh.given) | set(self.fresh.own)
                if self.resolver.numbers and outright.number(n.value) and self.fresh.owners(n.target) <= local:
                    continue
                yield from self._change(n.target, n, f"changes '{n.target.id}' in place")
            elif isinstance(n, ast.Expr) and isinstance(n.value, ast.Call):
                yield from self._dropped(n.value)
            elif isinstance(n, ast.Call):
                yield from self._call(n, outright.gives_another(self, node, n))
            elif isinstance(n, ast.Attribute):
                yield from self._property(n)
            elif isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from self._decorated(n)
                if isinstance(n, ast.ClassDef):
                    yield from self._class(n)

    def enter(self, block: ast.With) -> None:
        """What stands in `block` is looked at next."""
        self._restored |= outright.restored(self, block)

    def is_restored(self, node: ast.AST) -> bool:
        """Whether it is a call whose setting the block around it puts back."""
        return id(node) in self._restored

    def _property(self, node: ast.Attribute) -> Iterator[Change]:
        """Reading an attribute may run a property of that name."""
        for member in self.resolver.members(node.attr, True):
            summary = self.summary(member)
            for name, how in summary.outside.items():
                yield Change(frozenset({name}), node, called(how, member))
            for how in summary.parameters.values():
                yield from self._change(node.value, node, called(how, member))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[Change]:
        """Decorators are called."""
        for one in node.decorator_list:
            call = ast.copy_location(ast.Call(one, [ast.Name(node.name, ast.Load())], []), one)
            for change in self._call(call):
                yield Change(change.owners, one, change.how, change.changed)

    def _class(self, node: ast.ClassDef) -> Iterator[Change]:
        """Making a class runs methods of its bases, of their class, and of what stands in it."""
        for base, followed in made.runs(node, self.resolve, self.resolver):
            summary = self.summary(followed)
            for name, how in summary.outside.items():
                yield Change(frozenset({name}), node, called(how, followed))
            if base is not None:
                for name in summary.inside:  # what the new class inherits
                    yield from self._change(base, node, called(summary.parameters[name], followed), True)

    def _classes_with(self, attribute: str) -> frozenset[str]:
        """The notebook's classes that have an attribute, by name."""
        classes = {n: v.__mro__ for n, v in self.resolver.namespace.items() if isinstance(v, type)}
        found = {name for name, bases in classes.items() if any(attribute in vars(base) for base in bases)}
        for name, node in self.resolver.defined.items():
            if isinstance(node, ast.ClassDef) and attribute in names.stores(*node.body):
                found.add(name)
        return frozenset(found or {f"<{attribute} of a class>"})

    def _change(self, changed: ast.AST, node: ast.AST, how: str, inside: bool = False) -> Iterator[Change]:
        owners = self.fresh.owners(changed, 2 if inside else 1)
        if (of_process := ofprocess.changed_by(self, changed, node)) is not None:
            owners = owners | {of_process}
        yield Change(frozenset(owners), node, how, changed, inside)

    def _dropped(self, call: ast.Call) -> Iterator[Change]:
        """A call whose value is dropped is made for its effect."""
        func = call.func
        if not isinstance(func, ast.Attribute) or self.resolver.module_of(func.value) or self._is_class(func.value):
            return
        if func.attr == "shuffle" and call.args:
            return  # changes its argument
        if func.attr in tables.LOGGER_METHODS and outright.is_logger(self, func.value):
            return
        if func.attr in tables.MUTATORS or func.attr in tables.PURE_METHODS or self.follow(func) is not None:
            return
        yield from self._change(func.value, call, f"calls '{ast.unparse(func)}()' for its effect")

    def _is_class(self, node: ast.expr) -> bool:
        return isinstance(self.resolve(node), type)

    def resolve(self, node: ast.expr) -> Any:
        end = names.root(node)
        if isinstance(end, ast.Name) and (end.id in self.fresh.own or end.id in self.fresh.given):
            return UNKNOWN
        return self.resolver(node)

    def follow(self, func: ast.expr) -> Followed | None:
        end = names.root(func)
        if isinstance(end, ast.Name) and (end.id in self.fresh.own or end.id in self.fresh.given):
            return None
        return self.resolver.follow(func)

    def _call(self, call: ast.Call, new: bool = False) -> list[Change]:
        """What `call` changes; `new`: its value is wanted, and is none that changes what it is a method of."""
        key = id(call), new, id(call) in self._restored, self.own_figure
        if key not in self._calls:
            self._calls[key] = call, list(self._changed_by(call, new))
        return self._calls[key][1]

    def _changed_by(self, call: ast.Call, new: bool) -> Iterator[Change]:
        func = call.func
        yield from self._moved_on(call)
        for whole in outright.given(self, call):
            for change in self._call(whole):
                yield Change(change.owners, call, change.how, change.changed, change.inside)
        if isinstance(func, ast.Name) and func.id in tables.BUILTIN_CHANGES and call.args:
            yield from self._change(call.args[0], call, f"'{func.id}()' changes '{ast.unparse(call.args[0])}'")
            return
        qualified = ofprocess.qualified(self, func)
        local = set(self.fresh.own) | set(self.fresh.given)
        if (path := files.asked(call, self.fresh.values)) is not None and not names.loads(path) & local:
            yield Change(
                frozenset({"<files>"}), call, f"'{ast.unparse(func)}()' writes to a database of all iterations"
            )
            return
        if files.shared(call, local, qualified):
            yield Change(frozenset({"<files>"}), call, f"'{ast.unparse(call)}' writes a file that iterations share")
            return
        if getattr(func, "attr", "") == "register" and isinstance(self.resolve(func.value), ABCMeta):  # type: ignore[attr-defined]
            how = f"'{ast.unparse(func)}()' makes a class one of '{ast.unparse(func.value)}'"  # type: ignore[attr-defined]
            yield Change(frozenset(names.loads(func)), call, how)
        for target, how in outright.changed(self, call):
            yield from self._change(target, call, how)
        if id(call) not in self._restored and (what := outright.setting(self, call)) is not None:
            yield Change(
                frozenset({f"<{what}>"}), call, f"'{ast.unparse(func)}()' changes a setting of the whole process"
            )
        module = self.resolver.module_of(func.value) if isinstance(func, ast.Attribute) else None
        if qualified is not None:
            if qualified[0].startswith(tables.STATEFUL_MODULES) and not self.own_figure:
                yield Change(
                    frozenset({f"<{qualified[0]}>"}), call, f"'{ast.unparse(func)}()' acts on the notebook's display"
                )
                return
            at = tables.LIBRARY_CHANGES.get(qualified)
            if at is not None and len(call.args) > at:
                yield from self._change(
                    call.args[at], call, f"'{ast.unparse(func)}()' changes '{ast.unparse(call.args[at])}'"
                )
        for keyword in call.keywords:
            if keyword.arg in ("out", "inplace", "ax") and not (
                isinstance(keyword.value, ast.Constant) and not keyword.value.value
            ):
                target = keyword.value if keyword.arg != "inplace" else getattr(func, "value", keyword.value)
                yield from self._change(target, call, f"'{ast.unparse(call)}' changes '{ast.unparse(target)}'")
        bound = self.resolve(func) if isinstance(func, ast.Name) else None
        bound = bound.func if isinstance(bound, partial) else bound
        holder = attribute(bound, "__self__")
        if holder is not None and not isinstance(holder, (ModuleType, type)) and not immutable(holder):  # noqa: SIM102
            if attribute(bound, "__name__") in tables.MUTATORS:
                owners = {func.id, *(n for n, v in self.resolver.namespace.items() if v is holder)}  # type: ignore[attr-defined]
                yield Change(frozenset(owners), call, f"'{func.id}()' changes the object that it is a method of")  # type: ignore[attr-defined]
                return
        for one in self.run_by(call):
            yield from self._followed(call, one)
        if isinstance(func, ast.Attribute) and module is None and self.follow(func) is None:
            if func.attr == "shuffle" and call.args:
                how = f"'{ast.unparse(func)}()' changes '{ast.unparse(call.args[0])}'"
                yield from self._change(call.args[0], call, how)
            elif func.attr in tables.MUTATORS and not new and not self._is_class(func.value):
                how = f"'{ast.unparse(func)}()' changes '{ast.unparse(func.value)}'"
                yield from self._change(func.value, call, how)
        yield from self._arguments(call)

    def run_by(self, call: ast.Call) -> Iterator[Followed]:
        """The user's functions that `call` runs, as far as is known."""
        func = call.func
        if (around := outright.wrapper(self, func)) is not None and (own := self.resolver.plainly(around)) is not None:
            yield own
        if (followed := self.follow(func)) is not None:
            yield followed
        elif (
            isinstance(func, ast.Attribute)
            and not self.resolver.module_of(func.value)
            and not self._is_class(func.value)
            and not outright.is_library_object(self, func)
        ):
            yield from self.resolver.members(func.attr)  # whatever object it is: a method of this name may run

    def _moved_on(self, call: ast.Call) -> Iterator[Change]:
        """A generator of the notebook that goes on runs its function's code."""
        func = call.func
        asked = isinstance(func, ast.Attribute) and func.attr in ("send", "throw", "close", "__next__")
        asked = asked or (isinstance(func, ast.Name) and func.id == "next" and bool(call.args))
        value = self.resolve(func.value if isinstance(func, ast.Attribute) else call.args[0]) if asked else None
        if not isinstance(value, GeneratorType) or value.gi_frame is None:
            return
        code = value.gi_code
        closure = tuple(CellType() for _ in code.co_freevars)
        followed = self.resolver.plainly(FunctionType(code, value.gi_frame.f_globals, code.co_name, None, closure))
        for name, how in self.summary(followed).outside.items() if followed is not None else ():
            yield Change(frozenset({name}), call, how)

    def _arguments(self, call: ast.Call) -> Iterator[Change]:
        """Functions handed to a call are called by it: ``map(g, xs)``, ``sorted(xs, key=g)``."""
        for followed in self._handed(call):
            summary = self.summary(followed)
            for name, how in {**summary.outside, **summary.parameters}.items():
                owner = name if name in summary.outside else "<an argument>"
                yield Change(frozenset({owner}), call, called(how, followed))

    def _handed(self, call: ast.Call) -> Iterator[Followed]:
        """The user's functions that `call` is given by name, and may call."""
        for argument in (*call.args, *(k.value for k in call.keywords)):
            value = self.resolve(argument) if isinstance(argument, ast.Name) else None
            if value is UNKNOWN or (callable(value) and not isinstance(value, type)):
                followed = self.follow(argument)
                if followed is not None:
                    yield followed

    def _followed(self, call: ast.Call, followed: Followed) -> Iterator[Change]:
        summary = self.summary(followed)
        if summary.shows is not None and cached.is_cached(self, call.func):
            # Whether it is shown depends on who has asked before.
            yield Change(frozenset({"<cache>"}), call, called(summary.shows, followed))
        for name, how in summary.outside.items():
            yield Change(frozenset({name}), call, called(how, followed))
        for name, how in summary.parameters.items():
            argument = self.argument(call, followed, name)
            if argument is not None:
                yield from self._change(argument, call, called(how, followed), name in summary.inside)
            elif not followed.name.endswith("__init__"):
                yield Change(frozenset({f"<{name} of {followed.name}>"}), call, called(how, followed))

    def argument(self, call: ast.Call, followed: Followed, name: str) -> ast.expr | None:
        """The argument of `call` that the parameter `name` gets, None if it has its default."""
        args = followed.node.args
        order = [a.arg for a in (*args.posonlyargs, *args.args)]
        given: list[ast.expr] = list(call.args)
        first = order[0] if order and _is_method(followed) else None
        method = first is not None
        of_class = any(
            isinstance(d, ast.Name) and d.id == "classmethod" for d in getattr(followed.node, "decorator_list", ())
        )
        called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        makes = method and followed.name.endswith("__init__") and called != "__init__"
        receives = of_class or not (makes or self._is_class(getattr(call.func, "value", call.func)))
        if method and isinstance(call.func, ast.Attribute) and receives:
            given = [call.func.value, *given]
        elif makes:
            order = order[1:]
            if name == first:
                return ast.Constant(None)
        elif method and name == first and not isinstance(call.func, ast.Attribute):
            return call.func
        bound = self.resolve(call.func)
        if isinstance(bound, partial):  # what it holds is reached through its name
            given = [*(call.func for _ in bound.args), *given]
            if name in bound.keywords:
                return call.func
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        if name in order and order.index(name) < len(given):
            return given[order.index(name)]
        if args.vararg and args.vararg.arg == name:
            return ast.Tuple(given[len(order) :], ast.Load())
        return None

    # ------------------------------------------------------------------------------------------- what else code does

    def reads(self, node: ast.AST) -> set[str]:
        """Notebook names that functions called or handed on in `node` read."""
        found: set[str] = set()
        for n in walk(node):
            if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Load):
                followed = self.follow(n)
                if followed is not None and followed.home is None:
                    found |= self.summary(followed).reads
                if followed is not None and isinstance(made := self.resolve(n), type):
                    found |= self.fresh.held(made)
        return found

    def acts(self, node: ast.AST) -> bool:
        """Whether `node` does what cannot be taken back: it writes or removes files."""
        for n in walk(node):
            if isinstance(n, ast.Call):
                if files.path(n, ofprocess.qualified(self, n.func)) is not None:
                    return True
                if any(self.summary(one).acts for one in self.run_by(n)):
                    return True
        return False

    def forbidden(self, node: ast.AST) -> tuple[ast.AST, str] | None:
        """The first thing in `node` that cannot run on a worker, and why."""
        for n in walk(node):
            if isinstance(n, (ast.Await, ast.AsyncFor, ast.AsyncWith)) or (
                isinstance(n, ast.comprehension) and n.is_async
            ):
                return n, "waits on the notebook's event loop"
            if isinstance(n, (ast.Yield, ast.YieldFrom)):
                return n, "yields"
            if isinstance(n, ast.Compare) and self._compares_identity(n):
                return n, COPIES
            if (
                isinstance(n, ast.Name)
                and isinstance(n.ctx, ast.Load)
                and n.id in tables.FORBIDDEN
                and n.id not in self.fresh.own
            ):
                value = self.resolver.name(n.id)
                known = any(value is one for one in (UNKNOWN, getattr(builtins, n.id, None)))  # or a kernel's
                if known or getattr(value, "__name__", n.id) == n.id:
                    return n, tables.FORBIDDEN[n.id]
            if ofprocess.is_input(self, n):
                return n, tables.FORBIDDEN["input"]
            if isinstance(n, ast.Call):
                module, name = ofprocess.qualified(self, n.func) or ("", "")
                if name in tables.WHERE.get(module, ()):
                    return n, "asks which process or thread runs it"
                if name in tables.SAME.get(module, ()):
                    return n, COPIES
                value = self.resolve(n.func)
                if made.finalized(n.func, self.resolve, self.resolver):
                    return n, made.FINALIZED
                if unreadable(value, self.resolver.namespace):
                    return n, f"calls {value.__name__}(), whose source cannot be found"
                for followed in (self.follow(n.func), *self._handed(n)):
                    if followed is not None and (why := self.summary(followed).forbidden):
                        return n, called(why, followed)
        return None

    def _compares_identity(self, node: ast.Compare) -> bool:
        """Whether two objects are compared by `is` of which neither is one of a kind (None, a class, an enum's)."""
        sides = [node.left, *node.comparators]
        return any(
            isinstance(op, (ast.Is, ast.IsNot)) and not any(map(self._unique, sides[at : at + 2]))
            for at, op in enumerate(node.ops)
        )

    def _unique(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
            return True
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in self.fresh.own:
            made = self.resolver.defined.get(node.value.id)
            if isinstance(made, ast.ClassDef):  # in this cell: looked at again when the loop begins
                bases = [self.resolve(base) for base in made.bases]
                return any(isinstance(base, type) and issubclass(base, Enum) for base in bases)
        value = self.resolve(node)
        if type(value) is object and value is not UNKNOWN:
            return True  # a sentinel: there is one of each in every process
        return isinstance(value, (bool, type, type(None), type(...), type(NotImplemented), Enum))

    def summary(self, followed: Followed) -> Summary:
        """What a call of `followed` does; recursion is cut where it closes."""
        key = id(followed.node)
        if key not in self.memo:
            self.memo[key] = Summary()
            self.memo[key] = summarise(followed, self.memo)
        return self.memo[key]


def _is_method(followed: Followed) -> bool:
    """Whether the function stands in a class and gets the instance first, whatever it calls it."""
    static = any(
        isinstance(d, ast.Name) and d.id == "staticmethod" for d in getattr(followed.node, "decorator_list", ())
    )
    owner = followed.name.split(".")[-2:-1]
    return not static and bool(owner) and owner != ["<locals>"]


def summarise(followed: Followed, memo: dict[int, Summary]) -> Summary:
    """Read a function's body once."""
    node, resolver = followed.node, followed.resolver
    own = set(names.locals_of(node)) | set(followed.closed)
    body: list[Any] = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
    params = names.parameters(node.args)
    given = {name: {name} for name in (*params, *followed.closed)}
    inner = Effects(resolver, Freshness(body, own, resolver, given), memo)
    inner.own_figure = pyplot.contained(body, inner.resolver.qualified)
    out = Summary()
    for statement in body:
        for change in inner.changes(statement):
            how = inside(change.how, followed, change.node)
            for owner in change.owners:
                if owner in params:
                    out.parameters.setdefault(owner, how)
                    if not (isinstance(change.changed, ast.Name) and change.changed.id == owner):
                        out.inside.add(owner)
                elif owner in followed.closed or owner not in own:
                    label = owner if followed.home is None or owner.startswith("<") else f"<{followed.home}.{owner}>"
                    label = f"<{owner} of {followed.name}>" if owner in followed.closed else label
                    out.outside.setdefault(label, how)
        for n in walk(statement):
            if isinstance(n, (ast.Global, ast.Nonlocal)):
                for name in n.names:
                    label = (
                        name if isinstance(n, ast.Global) and followed.home is None else f"<{name} of {followed.name}>"
                    )
                    if isinstance(n, ast.Nonlocal) and name in own and name not in followed.closed:
                        continue
                    what = f"assigns '{name}', which it declares {type(n).__name__.lower()}"
                    out.outside.setdefault(label, inside(what, followed, n, "assigns-global"))
        out.reads |= inner.reads(statement)
        out.shows = out.shows or cached.shown(inner, statement, followed)
        out.acts = out.acts or inner.acts(statement)
        found = inner.forbidden(statement)
        if found and out.forbidden is None and not isinstance(found[0], (ast.Yield, ast.YieldFrom)):
            out.forbidden = inside(found[1], followed, found[0])
    if followed.home is None:
        out.reads |= {n for n in names.free_names(node) if n not in followed.closed}
    return out

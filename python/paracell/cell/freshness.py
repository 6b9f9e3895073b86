"""Who else may hold the object that an expression gives: nobody (fresh), or whatever the names in it reach."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Mapping
from enum import Enum
from functools import cached_property
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from paracell.attributes import attribute
from paracell.installed import is_library_module

from . import names, tables
from .nodes import walk

UNKNOWN = object()
IMMUTABLE = (
    int,
    float,
    complex,
    str,
    bytes,
    bool,
    type(None),
    range,
    type,
    FunctionType,
    BuiltinFunctionType,
    ModuleType,
    type(...),
)
VALUES = (ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp)
DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)


def immutable(value: Any) -> bool:
    """Whether nothing can change `value`, as far as its type tells at once."""
    if isinstance(value, (tuple, frozenset)):
        return len(value) < 1000 and all(immutable(v) for v in value)
    return isinstance(value, IMMUTABLE)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _text(key: ast.expr) -> str | None:
    """A key that is written as a text: no other one means the same element."""
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


class Freshness:
    """The temporaries of one scope: how deep their objects are new, and what they may share with others.

    depth 0: may be anybody's object; 1: a new container of anybody's objects; 2: all new.
    """

    def __init__(
        self,
        statements: list[ast.stmt],
        own: set[str],
        resolve: Any,
        given: Mapping[str, set[str]] = {},
        numbers: Collection[str] = (),
        early: Collection[tuple[str, tuple[int, int]]] = (),
    ):
        self.resolve = resolve
        self.own = own
        self.statements = statements
        self.early = early
        """Where names are read, by name and place, that may still hold what they held before the scope's code ran."""
        self._shared: dict[type, set[str] | None] = {}
        self._asked: set[str] = set()
        self.values: dict[str, list[ast.expr | None]] = {name: [] for name in own}
        self.given = given
        self.keyed: dict[int, str] = {}
        """Under which key a value (by id) was stored, where that is a text."""
        self.below: set[int] = set()
        """Values (by id) that were put into an attribute's object, and not into the one that has the attribute."""
        for statement in statements:
            self._collect(statement)
        self.depths: dict[str, int] = {name: 2 for name in own if name not in given}
        """`numbers` are names that hold nothing else."""
        for _ in range(6):
            before = dict(self.depths)
            for name in self.depths.keys() - set(numbers):
                self.depths[name] = min((self.depth(v) if v is not None else 0 for v in self.values[name]), default=0)
            if before == self.depths:
                break

    def _collect(self, statement: ast.stmt) -> None:
        """The values given to each name; None for a piece of something."""
        for node in walk(statement):
            pairs: list[tuple[ast.AST, ast.expr | None]] = []
            if isinstance(node, ast.Assign):
                pairs = [(t, node.value) for t in node.targets]
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                pairs = [(node.target, node.value)]
            elif isinstance(node, (ast.For, ast.AsyncFor)):
                self._pieces(node.target, node.iter)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                pairs = [(node.optional_vars, node.context_expr)]
            elif isinstance(node, ast.Match):
                for case in node.cases:
                    self._pieces(case.pattern, node.subject)
                    self._matched(case.pattern, node.subject)
            elif isinstance(node, ast.AugAssign):
                whole = isinstance(node.target, ast.Name)
                pairs = [(node.target, ast.BinOp(node.target, node.op, node.value) if whole else node.value)]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and self._keeps(node.func.attr):
                keys = 1 if node.func.attr == "setdefault" else 0  # what it keeps by a key is not the key
                self._put(node.func.value, [*node.args[keys:], *(k.value for k in node.keywords)])
            elif (
                isinstance(node, ast.Call) and getattr(self.resolve(node.func), "__module__", "__main__") == "__main__"
            ):
                for argument in node.args:  # the function may put one into another
                    self._put(argument, [a for a in node.args if a is not argument])
            elif isinstance(node, ast.Try):
                self._raised(node)
            for target, value in pairs:
                if isinstance(target, ast.Name):
                    if target.id in self.values:
                        self.values[target.id].append(value)
                elif isinstance(target, (ast.Attribute, ast.Subscript)) and value is not None:
                    self._put(target.value, [value], target)
                elif isinstance(target, (ast.Tuple, ast.List)):
                    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                        for t, v in zip(target.elts, value.elts, strict=True):
                            if isinstance(t, ast.Name) and t.id in self.values:
                                self.values[t.id].append(v)
                            else:
                                self._pieces(t, v)
                    elif value is not None:
                        self._pieces(target, value)

    def _keeps(self, method: str) -> bool:
        """Whether a method of this name may put what it is given into its object."""
        members = getattr(self.resolve, "members", None)
        return method in tables.KEEPING or (members is not None and bool(members(method)))

    def _put(self, container: ast.expr, values: list[ast.expr], place: ast.expr | None = None) -> None:
        """`container` may hold `values` from now on, in `place` if that is known: what it reaches need not be new."""
        end = names.root(container)
        if values and isinstance(end, ast.Name) and end.id in self.values and end.id not in self.given:
            held = ast.List(values, ast.Load())
            self.values[end.id].append(held)
            if isinstance(container, ast.Attribute) and container.value is end:
                self.below.add(id(held))
            if container is end and isinstance(place, ast.Subscript) and (key := _text(place.slice)) is not None:
                self.keyed[id(held)] = key

    def _raised(self, node: ast.Try) -> None:
        """What handlers catch: what the text raises, and what calls may."""
        raised = [n.exc for s in node.body for n in walk(s) if isinstance(n, ast.Raise) and n.exc is not None]
        for handler in node.handlers:
            if handler.name in self.values:
                self.values[handler.name] += raised

    def _pieces(self, target: ast.AST, value: ast.expr) -> None:
        """Parts of `value`: all new if `value` is all new; the name's value then stands for the whole."""
        piece = ast.Subscript(value=value, slice=ast.Constant(0), ctx=ast.Load())
        for name in names.stores(target):
            if name in self.values:
                self.values[name].append(piece)

    def _matched(self, pattern: ast.AST, subject: ast.expr) -> None:
        """A pattern with a class asks for attributes."""
        for one in (n for n in walk(pattern) if isinstance(n, ast.MatchClass)):
            asked = attribute(self.resolve(one.cls), "__match_args__", ())
            for name in (*one.kwd_attrs, *(asked if isinstance(asked, tuple) else ())):
                self._pieces(one, ast.Attribute(subject, name, ast.Load()))

    def depth(self, node: ast.expr) -> int:
        """How deep the object of `node` is new (see the class)."""
        if isinstance(node, VALUES):
            return 2
        if isinstance(node, ast.Name):
            if self._is_early(node):
                return 0
            if node.id in self.depths:
                return self.depths[node.id]
            return 2 if node.id not in self.own and immutable(self.resolve(node)) else 0
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return 2 if all(self.depth(e) == 2 for e in node.elts) else 1
        if isinstance(node, ast.Dict):
            return 2 if all(v is not None and self.depth(v) == 2 for v in node.values) else 1
        if isinstance(node, ast.DictComp):
            return 2 if self.depth(node.value) == 2 else 1
        if isinstance(node, (ast.ListComp, ast.SetComp)):
            return 2 if self.depth(node.elt) == 2 else 1
        if isinstance(node, ast.BinOp):  # numbers, or containers of what the two hold
            sides = (node.left, node.right)
            depths = [self.depth(side) for side in sides]
            return 1 if 1 in depths or (0 in depths and any(isinstance(side, DISPLAYS) for side in sides)) else 2
        if isinstance(node, ast.IfExp):
            return min(self.depth(node.body), self.depth(node.orelse))
        if isinstance(node, ast.BoolOp):
            return min(self.depth(v) for v in node.values)
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            if self.depth(node.value) == 2 and not self._is_held(node):
                return 2
            return self._made_with(node) if isinstance(node, ast.Attribute) else self._stored(node)
        if isinstance(node, ast.NamedExpr):
            return self.depth(node.value)
        if isinstance(node, ast.Call):
            return self._call(node)
        return 0

    def _stored(self, node: ast.Subscript) -> int:
        """How deep the element under a key is new, of a container that is new but for what others of its keys hold."""
        name, key = getattr(node.value, "id", ""), _text(node.slice)
        if name not in self.depths or key is None or name in self._asked or self._is_early(node.value):
            return 0
        asked: Any = getattr(self.resolve, "attributes", None)
        if asked is None or any(map(asked, ("__getitem__", "__setitem__", "__missing__"))):
            return 0
        self._asked.add(name)
        kept = [v for v in self.values[name] if id(v) not in self.keyed or self.keyed[id(v)] == key]
        found = min((self.depth(v) if v is not None else 0 for v in kept), default=0)
        self._asked.discard(name)
        return 2 if found == 2 else 0

    def _made_with(self, node: ast.Attribute) -> int:
        """How deep an attribute is new that an object of the notebook's, which is new itself, was made with."""
        made: list[Any] = [node.value]
        most = 2
        if isinstance(node.value, ast.Name):
            name = node.value.id
            if name in self._asked or self._is_early(node.value):
                return 0  # what has been put into it was made with an attribute of it, or it is another one still
            values = self.values.get(name, []) if name not in self.given and self._by_attributes(name) else []
            made = [value for value in values if not isinstance(value, ast.List)]
            self._asked.add(name)
            put = [id(value) for value in values if isinstance(value, ast.List) and self.depth(value) < 2]
            self._asked.discard(name)
            if not self.below.issuperset(put):
                return 0  # something that is not has been put into it
            most = 1 if put else 2
        return min((min(self._made_by(call, node.attr), most) for call in made), default=0)

    def _by_attributes(self, name: str) -> bool:
        """Whether nobody gets the object itself who could put something into it: its attributes are used, or it is
        returned."""
        nodes = [n for s in self.statements for n in walk(s)]
        used = {id(n.value) for n in nodes if isinstance(n, (ast.Attribute, ast.Return))}
        loads = (n for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load))
        return all(id(n) in used for n in loads)

    def _made_by(self, call: ast.expr | None, attribute: str) -> int:
        from . import instances

        if not isinstance(call, ast.Call) or not isinstance(self.resolve, instances.Resolver):
            return 0
        cls = self.resolve(call.func)
        if not isinstance(cls, type):
            return 0
        if not instances.is_own(cls, self.resolve) or self._shared_by(cls) is None:
            return 0
        return instances.made_with(cls, attribute, call, self.resolve)

    @cached_property
    def _attributes_set(self) -> set[str]:
        """Attributes that the scope's code assigns, whatever they are attributes of."""
        nodes = (n for s in self.statements for n in walk(s) if isinstance(n, ast.Attribute))
        return {n.attr for n in nodes if isinstance(n.ctx, ast.Store)}

    def _is_held(self, node: ast.AST) -> bool:
        """Whether it is an attribute of a function, class or module that is there, and may be changed."""
        end = names.root(node)
        if not isinstance(node, ast.Attribute) or not isinstance(end, ast.Name) or end.id in {*self.own, *self.given}:
            return False
        holder = self.resolve(node.value)
        if not isinstance(holder, (FunctionType, type, ModuleType)):
            return False
        if holder is sys and node.attr.strip("_") in ("stdin", "stdout", "stderr"):  # what they do is seen to
            return False
        if node.attr in self._attributes_set:
            return True  # it may be something else by then
        value = self.resolve(node)
        if value is UNKNOWN or type(value).__module__ == "__main__":
            return not isinstance(value, Enum)
        return not (immutable(value) or callable(value) or isinstance(value, Enum))

    def _of_process(self, node: ast.Call) -> str | None:
        """What is called where that hands out an object of the whole process."""
        qualified = self.resolve.qualified(node.func) if hasattr(self.resolve, "qualified") else None
        if qualified is None or qualified[1] not in tables.OF_PROCESS.get(qualified[0], ()):
            return None
        return ".".join(qualified)

    def _call(self, node: ast.Call) -> int:
        if self._of_process(node) is not None:
            return 0
        everything = [*node.args, *(k.value for k in node.keywords)]
        target = self.resolve(node.func)
        if target is UNKNOWN:
            if (to_come := self._to_come(node.func)) is not None:
                return self._of_library(to_come, everything, holds=True)
            if isinstance(node.func, ast.Attribute):
                if node.func.attr in tables.FRESH_METHODS:
                    return 1 if node.func.attr == "copy" else 2
                return 2 if self.depth(node.func.value) == 2 else 0
            made = self._class_of_cell(node.func)
            return 0 if made is None else 2 if all(self.depth(a) == 2 for a in everything) else 1
        if isinstance(target, type):
            if target.__module__ == "builtins" and target in (int, float, str, bytes, bool, complex, range, bytearray):
                return 2
            if target.__name__ in tables.VIEWS:
                return 2 if all(self.depth(a) == 2 for a in everything) else 0
            if self._shared_by(target) is None:
                return 0
            return 2 if not self.held(target) and all(self.depth(a) == 2 for a in everything) else 1
        if isinstance(target, (FunctionType, BuiltinFunctionType)) or callable(target):
            name = attribute(target, "__name__", "")
            module = attribute(target, "__module__") or ""
            if module == "__main__":
                return self._given(target)[0]
            if name == "sum" and len(everything) > 1:
                return 2 if all(self.depth(a) == 2 for a in everything) else 1
            return self._of_library(name, everything)
        return 0

    def _of_library(self, name: str, everything: list[ast.expr], holds: bool = False) -> int:
        """How deep what a library's function of this name returns is new; `holds`: it may be a class."""
        if name in tables.ALIASING:
            return 0
        if name in tables.HANDING:
            return 2 if all(self.depth(a) == 2 for a in everything) else 0
        if holds or name in tables.HOLDING:
            return 2 if all(self.depth(a) == 2 for a in everything) else 1
        return 2

    def _to_come(self, func: ast.expr) -> str | None:
        """The name of what the cell imports from a library that is not there yet and calls here."""
        end = names.root(func)
        if not isinstance(end, ast.Name) or end.id in {*self.own, *self.given}:
            return None
        stated = getattr(self.resolve, "defined", {}).get(end.id)
        if not isinstance(stated, (ast.Import, ast.ImportFrom)):
            return None
        qualified = self.resolve.qualified(func) if hasattr(self.resolve, "qualified") else None
        return qualified[1] if qualified is not None and is_library_module(qualified[0]) else None

    def _class_of_cell(self, node: ast.expr) -> ast.ClassDef | None:
        """The class that the cell itself makes, if its objects are new and share nothing, as far as its text tells:
        what it is made into is looked at again when the loop begins."""
        name = node.id if isinstance(node, ast.Name) else ""
        made = getattr(self.resolve, "defined", {}).get(name) if name not in self.own else None
        if not isinstance(made, ast.ClassDef) or made.keywords:
            return None
        plain = (ast.FunctionDef, ast.Pass, ast.Expr)
        for s in made.body:
            value = s.value if isinstance(s, (ast.Assign, ast.AnnAssign)) else None
            constant = value is None or (isinstance(s, ast.AnnAssign) and isinstance(value, ast.Call))
            constant = constant or isinstance(value, ast.Constant)
            if not isinstance(s, plain) and not (isinstance(s, (ast.Assign, ast.AnnAssign)) and constant):
                return None
            if isinstance(s, ast.FunctionDef) and s.name in ("__new__", "__getattr__", "__getattribute__"):
                return None
        return made

    def held(self, cls: type) -> set[str]:
        """Names of what a new object of a class may share with others."""
        found = self._shared_by(cls)
        return {cls.__name__} if found is None else found

    def _given(self, function: Any) -> tuple[int, set[str]]:
        """How deep what a function of the notebook returns is new, and names of what it hands on."""
        from . import instances

        if not isinstance(function, FunctionType) or not isinstance(self.resolve, instances.Resolver):
            return 0, set()
        known = self.resolve.given
        if function.__code__ not in known:
            known[function.__code__] = 0, set()  # where it calls itself
            known[function.__code__] = instances.given(function, self.resolve)
        return known[function.__code__]

    def _shared_by(self, cls: type) -> set[str] | None:
        from . import instances  # which asks for freshness in turn

        if cls not in self._shared:
            own = isinstance(self.resolve, instances.Resolver) and instances.is_own(cls, self.resolve)
            making: set[type] = getattr(self.resolve, "making", set())
            if not own or cls in making:  # its own methods make others of it
                return set()
            making.add(cls)
            self._shared[cls] = instances.shared(cls, self.resolve, self.statements)
            making.discard(cls)
        return self._shared[cls]

    def bases(self, node: ast.AST, seen: frozenset[str] = frozenset()) -> set[str]:
        """Names outside the temporaries (loop variables among them) whose objects `node` may reach."""
        found: set[str] = set()
        if self.early:
            found = {n.id for n in walk(node) if self._is_early(n)}  # type: ignore[attr-defined]
        for name in {node.id} if isinstance(node, ast.Name) else names.loads(node) - self._keys(node):
            named = _name(name)
            if name in self.given or (name not in self.own and not immutable(self.resolve(named))):
                found |= {name} if name in self.given or self._class_of_cell(named) is None else set()
            if name in self.values and name not in seen and self.depths.get(name, 0) < 2:
                for value in self.values[name]:
                    if value is not None:
                        found |= self.bases(value, seen | {name})
        for call in (n for n in walk(node) if isinstance(n, ast.Call)):
            if (shared := self._of_process(call)) is not None:
                found.add(f"<{shared}>")
            end = names.root(call.func)
            made = self.resolve(call.func) if isinstance(end, ast.Name) and end.id not in self.own else None
            if isinstance(made, type):
                found |= self.held(made)
            elif isinstance(made, FunctionType):
                found |= self._given(made)[1]
        return found | self._given_by_methods(node)

    def _is_early(self, node: ast.AST) -> bool:
        if not self.early or not isinstance(node, ast.Name):
            return False
        return (node.id, (node.lineno, node.col_offset)) in self.early

    def _keys(self, node: ast.AST) -> set[str]:
        """Names that only say which element of something is meant: what is found there does not reach them."""
        inside: set[int] = set()
        for n in walk(node):
            if isinstance(n, ast.Subscript):
                inside |= {id(k) for k in walk(n.slice)}
            elif isinstance(n, ast.Call) and getattr(n.func, "attr", "") in ("get", "setdefault") and n.args:
                inside |= {id(k) for k in walk(n.args[0])}
        asked: Any = getattr(self.resolve, "attributes", None)
        if not inside or (asked is not None and any(map(asked, ("__getitem__", "__missing__", "get", "setdefault")))):
            return set()
        uses = [n for n in walk(node) if isinstance(n, ast.Name)]
        return {n.id for n in uses if id(n) in inside} - {n.id for n in uses if id(n) not in inside}

    def _given_by_methods(self, node: ast.AST) -> set[str]:
        """Names of what methods and properties of the notebook's classes hand on that `node` may run."""
        attributes: Any = getattr(self.resolve, "attributes", None)
        found: set[str] = set()
        for n in walk(node) if attributes is not None else ():
            if isinstance(n, ast.Attribute):
                if self._is_held(n):
                    found |= names.loads(n)
                asked = [*attributes(n.attr), *attributes("__getattr__")]
            elif isinstance(n, ast.Subscript):
                asked = attributes("__getitem__")
            else:
                continue
            for value in asked:
                function = getattr(value, "fget", getattr(value, "func", getattr(value, "__func__", value)))
                if isinstance(function, FunctionType):
                    found |= self._given(function)[1]
        return found

    def owners(self, changed: ast.AST, depth: int = 1) -> set[str]:
        """Names whose object may be changed when the object of `changed` is: empty if it is the iteration's own.

        `depth` 2: when something that the object holds is changed.

        `changed` is the expression whose object changes: ``a.b`` in ``a.b.append(1)`` and in ``a.b[0] = 1``.
        """
        if isinstance(changed, ast.Name):
            if changed.id in self.depths:
                found = set() if self.depths[changed.id] >= depth else self.bases(changed) | {changed.id}
                return found | {changed.id} if self._is_early(changed) else found
            return {changed.id} | (self.bases(changed) if changed.id in self.own else set())
        if isinstance(changed, ast.expr) and self.depth(changed) >= depth:
            return set()
        found = self.bases(changed)
        end = names.root(changed)
        found = found | ({end.id} if isinstance(end, ast.Name) else set())
        # What a function of the notebook returns may be anybody's, whatever it was called with.
        return found or ({"<what a function returns>"} if isinstance(end, ast.Call) else set())

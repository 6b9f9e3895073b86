"""A statement of the commit part: what it changes, and which of its operands workers compute ahead of time."""

from __future__ import annotations

import ast
from typing import TypeVar

from . import names, tables, taken
from .ahead import Ahead
from .nodes import walk
from .parts import Hoist, Place
from .shapes import lazy_function, prints, shallow, worth

Function = TypeVar("Function", ast.Lambda, ast.FunctionDef)


class Operands(Ahead):
    """Takes statements apart, in order of evaluation."""

    def _commit(self, node: ast.AST) -> None:
        """`node` stays on the main thread: what it writes, the compute part may not read."""
        for name in names.stores(node):
            self._wait_name(name, self._writer(node, name), f"assigns '{name}'", None)
        for change in self.effects.changes(node):
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)

    def _operands(self, s: ast.stmt, hoists: list[Hoist], guarded: bool) -> ast.stmt:
        """A copy of the simple statement `s` with its expensive operands hoisted, in order of evaluation."""
        new = shallow(s)
        if isinstance(s, ast.Assign):
            new.value = self._hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
            new.targets = [self._hoist(t, hoists, guarded) for t in s.targets]  # type: ignore[attr-defined]
        elif isinstance(s, ast.AugAssign):
            new.target = self._hoist(s.target, hoists, guarded)  # type: ignore[attr-defined]
            added = isinstance(s.op, ast.Add) and taken.is_built_in(self.effects, s.target, "__iadd__")
            new.value = self._take(s.value, hoists, guarded, added)  # type: ignore[attr-defined]
        elif isinstance(s, ast.AnnAssign):
            if s.value is not None:
                new.value = self._hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
                new.target = self._hoist(s.target, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Expr):
            effect = isinstance(s.value, ast.Call) and any(True for _ in self.effects.changes(s))
            # A call whose value is dropped is made for its effect: nobody makes it who might not have to.
            hoist = self._children if effect or (guarded and isinstance(s.value, ast.Call)) else self._hoist
            new.value = hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Assert):
            new.test = self._hoist(s.test, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Raise) and s.exc is not None:
            new.exc = self._hoist(s.exc, hoists, guarded)  # type: ignore[attr-defined]
        return new

    def _hoist(self, node: ast.expr, hoists: list[Hoist], guarded: bool) -> ast.expr:
        """`node` with what a worker can compute replaced by places."""
        load = isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load)
        if isinstance(node, ast.Name) and load and node.id in self.yielded and self._free(node):
            place = Place(original=node)
            hoists.append(Hoist(node, place, guarded))
            return place
        if isinstance(node, (ast.Constant, ast.Name)):
            return node
        if isinstance(node, ast.Lambda):
            return self._defaults(node, hoists, guarded)
        if load and not isinstance(node, (ast.Starred, ast.Slice, ast.Tuple, ast.Dict, ast.List)) and self.worth(node):
            acts = guarded and (prints(node) or self.effects.acts(node))
            if self._free(node) and not acts and not self._lazy(node):
                place = Place(original=node)
                hoists.append(Hoist(node, place, guarded))
                return place
        return self._children(node, hoists, guarded)

    def _take(self, node: ast.expr, hoists: list[Hoist], guarded: bool, used_up: bool, whole: bool = False) -> ast.expr:
        """The same for an operand that is an iterator, perhaps, and if so `used_up` where it stands; `whole`: whatever
        it gives."""
        lazy = taken.works(self.effects, node) or (isinstance(node, ast.Call) and self._makes_lazy(node.func))
        lazy = lazy or (isinstance(node, ast.Name) and node.id in self._drained.values())
        if not used_up or not lazy or "list" in self.assigned:
            before = len(hoists)
            new = self._hoist(node, hoists, guarded)
            if used_up and whole and isinstance(node, ast.Call) and isinstance(new, Place):
                hoists[before].taken = True  # whether it is an iterator is seen when it is there
            return new
        acts = self.effects.acts(node) and (guarded or not whole)
        if acts or not self._free(taken.as_list(node)) or (guarded and prints(node)):
            return self._children(node, hoists, guarded)
        place = Place(original=node)
        hoists.append(Hoist(node, place, guarded, True))
        return place

    def _argument(self, call: ast.Call, argument: ast.expr, hoists: list[Hoist], guarded: bool) -> ast.expr:
        """The same for an argument of `call`."""
        used_up = taken.takes(self.effects, call) and taken.follows_nothing(call, argument)
        return self._take(argument, hoists, guarded, used_up, getattr(call.func, "attr", "") == "extend")

    def worth(self, node: ast.AST) -> bool:
        """Whether a worker's time is worth the trouble, or what `node` asks is with the worker alone."""
        if worth(node) or (self.opened and self.opened & names.loads(node)):
            return True
        asked = [n.attr for n in walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)]
        return any(map(self.computes, asked))

    def computes(self, attribute: str) -> bool:
        """Whether a property of this name in the notebook's classes does more than to hand something out."""
        bodies = [one.node.body for one in self.resolver.members(attribute, True)]
        return any(worth(s) for body in bodies if isinstance(body, list) for s in body)

    def _lazy(self, node: ast.expr) -> bool:
        """Whether the value is an iterator, a coroutine, or something else that cannot leave its process."""
        if not isinstance(node, ast.Call):
            return False
        home, called = self.resolver.qualified(node.func) or ("", "")
        if called in tables.STAYING.get(home, ()):
            return True
        if self._makes_lazy(node.func):
            return True
        if isinstance(node.func, ast.Name):
            if self.effects.follow(node.func) is not None:
                return False  # the notebook's own function of such a name: looked at above
            return node.func.id in tables.LAZY or (self.resolver.qualified(node.func) or ("",))[0] == "itertools"
        if not isinstance(node.func, ast.Attribute):
            return False
        if node.func.attr in ("keys", "values", "items") and not node.args:
            return True  # a view of a dictionary comes without it
        builtin = node.func.attr in ("zip", "map", "filter", "enumerate", "reversed", "iter", "open")
        owner = self.resolver.module_of(node.func.value)
        return owner == "itertools" or (node.func.attr in tables.LAZY and not builtin)

    def _makes_lazy(self, func: ast.expr) -> bool:
        """Whether `func` is a function of the notebook whose call runs nothing yet: a generator's, an async one."""
        own = isinstance(func, ast.Name) and func.id in self.own
        if own:
            made = [n for s in self.body for n in walk(s) if getattr(n, "name", None) == func.id]  # type: ignore[attr-defined]
            return any(isinstance(n, names.FUNCTIONS) and lazy_function(n) for n in made)
        followed = self.effects.follow(func)
        some = [followed] if followed is not None else []
        if not some and isinstance(func, ast.Attribute) and self.resolver.module_of(func.value) is None:
            some = self.resolver.members(func.attr)
        here = [n for cls in self.resolver.defined.values() if isinstance(cls, ast.ClassDef) for n in cls.body]
        methods = [n for n in here if getattr(n, "name", None) == getattr(func, "attr", "")]
        return any(map(lazy_function, [*(one.node for one in some), *methods]))

    def _defaults(self, node: Function, hoists: list[Hoist], guarded: bool) -> Function:
        """A copy of the function or lambda `node`; what its parameters have is computed where it is made."""
        new = shallow(node)
        new.args = args = shallow(node.args)
        args.defaults = [self._hoist(d, hoists, guarded) for d in args.defaults]
        args.kw_defaults = [d and self._hoist(d, hoists, guarded) for d in args.kw_defaults]
        return new  # type: ignore[no-any-return]

    def _children(self, node: ast.expr, hoists: list[Hoist], guarded: bool) -> ast.expr:
        new = shallow(node)
        if isinstance(node, ast.BoolOp):
            new.values = [self._hoist(v, hoists, guarded or i > 0) for i, v in enumerate(node.values)]  # type: ignore[attr-defined]
        elif isinstance(node, ast.IfExp):
            new.test = self._hoist(node.test, hoists, guarded)  # type: ignore[attr-defined]
            new.body = self._hoist(node.body, hoists, True)  # type: ignore[attr-defined]
            new.orelse = self._hoist(node.orelse, hoists, True)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Compare):
            new.left = self._hoist(node.left, hoists, guarded)  # type: ignore[attr-defined]
            new.comparators = [self._hoist(c, hoists, guarded or i > 0) for i, c in enumerate(node.comparators)]  # type: ignore[attr-defined]
        elif isinstance(node, names.COMPREHENSIONS):
            first = shallow(node.generators[0])
            first.iter = self._take(first.iter, hoists, guarded, not isinstance(node, ast.GeneratorExp))
            new.generators = [first, *node.generators[1:]]  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call):
            # What a call gives to be called (``Parallel(2)(...)``) is of no use where it was not made.
            hoist = self._children if isinstance(node.func, ast.Call) else self._hoist
            new.func = hoist(node.func, hoists, guarded)  # type: ignore[attr-defined]
            new.args = [self._argument(node, a, hoists, guarded) for a in node.args]  # type: ignore[attr-defined]
            new.keywords = [
                ast.copy_location(ast.keyword(k.arg, self._hoist(k.value, hoists, guarded)), k) for k in node.keywords
            ]  # type: ignore[attr-defined]
        elif isinstance(node, ast.Dict):
            pairs = [
                (k and self._hoist(k, hoists, guarded), self._hoist(v, hoists, guarded))
                for k, v in zip(node.keys, node.values, strict=True)
            ]
            new.keys, new.values = [k for k, _ in pairs], [v for _, v in pairs]  # type: ignore[attr-defined]
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            new.elts = [self._hoist(e, hoists, guarded) for e in node.elts]  # type: ignore[attr-defined]
        elif isinstance(node, ast.Starred):
            new.value = self._take(node.value, hoists, guarded, True, True)  # type: ignore[attr-defined]
        elif isinstance(node, (ast.Attribute, ast.NamedExpr, ast.FormattedValue)):
            new.value = self._hoist(node.value, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Subscript):
            new.value = self._hoist(node.value, hoists, guarded)  # type: ignore[attr-defined]
            new.slice = self._hoist(node.slice, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.BinOp):
            new.left = self._hoist(node.left, hoists, guarded)  # type: ignore[attr-defined]
            new.right = self._hoist(node.right, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.UnaryOp):
            new.operand = self._hoist(node.operand, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.JoinedStr):
            new.values = [
                self._hoist(v, hoists, guarded) if isinstance(v, ast.FormattedValue) else v for v in node.values
            ]  # type: ignore[attr-defined]
        return new

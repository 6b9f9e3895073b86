"""What a worker may run ahead of time: code that changes nothing outside its iteration and reads nothing that waits."""

from __future__ import annotations

import ast
from functools import cached_property

from . import names, tables, taken
from .drained import drained
from .nodes import walk
from .shapes import asks_id, consumed, function_body, has_jump, start_of
from .waits import Waits

NEVER_COMPUTE = (ast.Global, ast.Nonlocal, ast.Return, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)


class Ahead(Waits):
    """Questions about one statement or expression; what stands against it is noted."""

    def _is_both(self, s: ast.stmt) -> bool:
        if isinstance(s, (ast.Pass, ast.Import)):
            return True
        if isinstance(s, ast.ImportFrom):
            return all(a.name != "*" for a in s.names)
        if isinstance(s, ast.FunctionDef):
            simple = all(isinstance(d, ast.Constant) for d in (*s.args.defaults, *(d for d in s.args.kw_defaults if d)))
            return simple and not s.decorator_list and not self._hides(s) and s.name not in self.reasons
        if isinstance(s, ast.Assign) and all(isinstance(t, ast.Name) for t in s.targets):
            if names.stores(s) & set(self.reasons):
                return False
            if isinstance(s.value, ast.Lambda):
                return not self._hides(s.value)
            return isinstance(s.value, ast.Name) and s.value.id in self.loop and self._free(s.value)
        return isinstance(s, ast.Delete) and all(
            isinstance(t, ast.Name) and t.id not in self.reasons for t in s.targets
        )

    def _hides(self, function: ast.FunctionDef | ast.Lambda) -> bool:
        """Whether the function changes anything outside or reads what waits for the commit part."""
        if any(True for s in function_body(function) for _ in self.effects.touches(s)):
            return True
        if any(isinstance(n, (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom)) for n in walk(function)):
            return True
        return not self._free_names(function)

    def _free_names(self, node: ast.AST) -> bool:
        if self._earlier(node):
            return False
        return not ((names.loads(node) | self.effects.reads(node)) & set(self.reasons))

    def _earlier(self, node: ast.AST) -> bool:
        """Whether `node` reads what an earlier iteration may have left: only the commit part has that."""
        return bool(self.early) and any(
            kind == "load" and (name, start_of(where)) in self.early for kind, name, where in names.events(node)
        )

    def is_compute(self, s: ast.stmt) -> bool:
        """Whether a worker may run the whole statement ahead of time; notes what stands against it."""
        for n in walk(s):
            if isinstance(n, NEVER_COMPUTE) or (isinstance(n, ast.ImportFrom) and n.names[0].name == "*"):
                return False
            if isinstance(n, ast.Delete) and any(isinstance(t, ast.Name) for t in n.targets):
                return False
            if isinstance(n, (ast.FunctionDef, ast.ClassDef)):
                return False
            if isinstance(n, ast.ExceptHandler) and n.name and n.name in self.resolver.namespace:
                return False  # the handler's end unbinds the notebook's name
        if has_jump(s) or names.stores(s) & set(self.reasons):
            return False
        for change in self.effects.changes(s):  # all of them: one is enough for what follows
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)
        return self._free(s)

    def _names_free(self, target: ast.expr) -> bool:
        return (
            isinstance(target, (ast.Name, ast.Tuple, ast.List))
            and not (names.stores(target) & set(self.reasons))
            and not any(isinstance(n, (ast.Attribute, ast.Subscript)) for n in walk(target))
        )

    def _free(self, node: ast.AST, at_once: bool = False) -> bool:
        """Whether a worker may evaluate `node` ahead of time."""
        for change in self.effects.changes(node):
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)
            return False
        if isinstance(node, ast.expr) and any(isinstance(n, ast.NamedExpr) for n in walk(node)):
            return False
        if self.effects.forbidden(node) is not None or asks_id(node):
            return False
        waits = set(self.reasons)
        for kind, name, where in names.events(node):
            if kind == "load" and name in waits and not (self._is_item_still(name, where) or self._is_own(name, where)):
                self._note(node, name, where)
                return False
        for name in self.effects.reads(node) & waits:
            self._note(node, name, node)
            return False
        if self._earlier(node):
            return False
        if self.dirty is not None and start_of(node) > self.dirty:  # noqa: SIM102
            if any(n in self.loop - self.numbers or self.fresh.depths.get(n, 2) < 2 for n in names.loads(node)):
                return False
        return not self._keeps_function(node, at_once)

    def _keeps_function(self, node: ast.AST, at_once: bool = False) -> bool:
        """Whether a function or generator made in `node` could outlive the iteration."""
        for n in walk(node):
            if at_once and n is node:
                continue
            kept = isinstance(n, (ast.Lambda, ast.GeneratorExp)) and not self._used_at_once(node, n)
            if kept and (n is node or id(n) not in self._drained):
                return True
        return False

    @cached_property
    def _drained(self) -> dict[int, str]:
        """ids of generator expressions that the next statement uses up (see ``drained``) -> their names."""
        return {id(made): name for name, made in drained(self.body, self.loop)}

    def _used_at_once(self, whole: ast.AST, function: ast.AST) -> bool:
        for n in walk(whole):
            if isinstance(n, ast.Call):
                handed = [*n.args, *(k.value for k in n.keywords)]
                if any(a is function for a in handed):
                    # ``Parallel(2)(...)`` goes by what is called first
                    func = n.func.func if isinstance(n.func, ast.Call) else n.func
                    name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
                    method = isinstance(func, ast.Attribute) and self.resolver.module_of(func.value) is None
                    if not method and name in ("map", "filter", "enumerate", "zip"):
                        return self._used_at_once(whole, n) or (
                            isinstance(function, ast.GeneratorExp) is False and consumed(whole, n)
                        )
                    value = self.effects.resolve(n.func)
                    if isinstance(function, ast.GeneratorExp):
                        return name in tables.CONSUMERS or taken.takes(self.effects, n)
                    return name in tables.CONSUMERS or (name != "partial" and not isinstance(value, type))
            if isinstance(n, (ast.For, ast.comprehension)) and n.iter is function:
                return not isinstance(whole, ast.GeneratorExp)
            if isinstance(n, ast.Starred) and n.value is function and isinstance(n.ctx, ast.Load):
                return isinstance(function, ast.GeneratorExp)
            if isinstance(n, ast.Assign) and n.value is function and isinstance(function, ast.GeneratorExp):
                return all(isinstance(t, (ast.Tuple, ast.List)) for t in n.targets)
        return False

    def _neutral(self, context: ast.expr) -> bool:
        """Whether what runs inside the ``with`` gives the same outside it: locks and ``suppress``."""
        if isinstance(context, ast.Call):
            return (getattr(context.func, "id", None) or getattr(context.func, "attr", "")) in ("suppress", "tqdm")
        return type(self.effects.resolve(context)).__module__ in ("_thread", "threading")

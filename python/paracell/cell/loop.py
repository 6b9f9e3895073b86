"""Plan one ``for`` statement: split its body, decide whether it is parallel, and make its new form."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from paracell.attributes import package_of
from paracell.later import Later

from . import dotted, drawing, names, outright, tables
from .beside import changed_parts
from .build import placed
from .calls import position, runtime_call, shallow
from .case import Case
from .clone import clone, clones
from .emit import Emitter
from .nodes import walk
from .parts import Compute, Inner, Part, Resource
from .place import Place, place_behind
from .refusal import Refusal
from .resolve import Resolver
from .roots import added, changed, in_place
from .slices import goes_over
from .split import Body, Reason, Splitter
from .versions import distinguish, plain

if TYPE_CHECKING:
    from . import reasons
    from .plan import Region
else:
    reasons = Later("paracell.cell.reasons")

EAGER = tables.words(
    """
    range list tuple sorted set dict frozenset arange linspace copy array len glob listdir split splitlines tolist
    to_list unique
    """
)
HEAVY = (ast.Call, *names.COMPREHENSIONS, *names.LOOPS, ast.With)


def plan_loop(node: ast.For, region: Region, resolver: Resolver, lines: list[str], runtime: str) -> ast.AST | None:
    """Fill `region`; the statement that takes the loop's place, or None where it stays as it is."""
    case = Case(node, lines, resolver)
    body = clones(node.body)
    target = clone(node.target)
    versions = distinguish(target, body)
    splitter = Splitter(target, body, node.iter, resolver)
    found = splitter.effects.forbidden(ast.Module(body, []))
    if found is not None:
        region.refusal = reasons.forbidden(case, *found)
        return None
    if not _plain_target(target):
        region.refusal = reasons.stored_items(case)
        return None
    iterable, body = dotted.distinguish(target, body, node.iter, splitter.effects)
    refusal: Refusal | None = None
    for carried_wait in (False, True):
        # What is not parallel either way is explained by the names that iterations carry.
        splitter, split = _split(iterable, target, body, resolver, carried_wait)
        refusal = (
            _iterated(case, iterable, split, splitter)
            or _worthless(case, split, splitter)
            or _sets(case, split, splitter)
        )
        if refusal is None or not splitter.early:
            break
    reached = splitter.exposed.names
    carried = {n for n, r in splitter.reasons.items() if r.how.startswith("assigns") or n in reached}
    bound = splitter.loop | (splitter.assigned - carried)
    everything = changed(body, splitter.effects)
    roots = {n: deep for n, deep in everything.items() if n not in bound}
    roots = {**dict.fromkeys(in_place(body) & carried, False), **roots}
    region.blind = bool((everything.keys() & bound) - splitter.loop) or any(n.startswith("<") for n in splitter.reasons)
    versions.restore()
    split = split.plain()
    _describe(region, split, splitter)
    region.refusal = refusal
    if refusal is not None:
        return None
    emitted = Emitter(runtime, target, split, splitter.effects).emit()
    region.compute = emitted.compute
    region.temporaries = emitted.temporaries
    region.partial = emitted.partial
    region.parked = emitted.parked
    region.computed = emitted.computed
    region.skips = emitted.skips
    region.inner = emitted.inner
    region.leading = emitted.leading
    region.bulk, region.slots = emitted.bulk, emitted.slots
    region.target = target
    region.residues = emitted.residues
    region.changes_items = split.changes_items
    region.slices = split.slices
    region.beside = split.beside
    region.may_stop = _stops(emitted.commit)
    region.order = tuple(dict.fromkeys(n for s in (target, *body) for k, n, _ in names.events(s) if k == "store"))
    region.reads = split.broadcast
    region.computed_from = names.loads(emitted.compute)
    region.changes = {plain(name): deep for name, deep in roots.items()}
    region.added = frozenset(map(plain, added(body)))
    region.parts = frozenset(filter(dotted.is_part, {*region.computed_from, *region.reads, *region.changes}))
    if region.parts:
        dotted.added_to(region, body)
        region.methods = dotted.methods(region, splitter.effects)
    commit = dotted.restored(emitted.commit) if region.parts else emitted.commit
    return _new_form(node, target, commit, region.index, runtime)


def _split(
    iterable: ast.expr, target: ast.expr, body: list[ast.stmt], resolver: Resolver, carried: bool
) -> tuple[Splitter, Body]:
    """The body in two parts, each figure of pyplot drawn by one of them."""
    splitter = Splitter(target, body, iterable, resolver)
    splitter.effects.own_figure = drawing.each_its_own(body, resolver.qualified)
    split = splitter.split(carried)
    if splitter.effects.own_figure and not drawing.is_one_sided(body, split.parts, resolver.qualified):
        splitter = Splitter(target, body, iterable, resolver)
        split = splitter.split(carried)
    return splitter, split


def _stops(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Break) for s in body for n in walk(s))


def _plain_target(target: ast.expr) -> bool:
    return not any(isinstance(n, (ast.Attribute, ast.Subscript)) for n in walk(target))


def _new_form(node: ast.For, target: ast.expr, commit: list[ast.stmt], index: int, runtime: str) -> ast.For:
    """The loop as it stood, over items that run here; once they end, the split loop over those that remain."""

    def asked(method: str, *args: ast.expr) -> ast.Call:
        function = ast.Attribute(ast.Name(runtime, ast.Load()), method, ast.Load())
        return ast.Call(function, [ast.Constant(index), *args], [])

    # What workers could not do after all is left for the loop as it stood: mostly nothing.
    rest = ast.For(clone(node.target), asked("rest"), _again(node.body), _again(node.orelse))
    # Each iteration's residue is kept on the runtime, where nothing that the cell can look at shows it.
    residue = ast.Attribute(ast.Name(runtime, ast.Load()), "v", ast.Store())
    pair = ast.copy_location(ast.Tuple([target, residue], ast.Store()), target)
    for part in walk(residue):
        ast.copy_location(part, target)
    loop = ast.For(pair, asked("loop"), [_Committed(runtime).visit(s) for s in commit], [rest])
    # Not try/finally: after that the frame would stand on the line of the clean-up, and tracebacks would show it.
    ended = ast.withitem(asked("during"))
    closed = ast.With([ended], [loop])
    chosen = ast.If(asked("open"), [closed], _again(node.orelse))
    plain = ast.For(node.target, asked("trial", node.iter), node.body, [chosen])
    for new in (chosen, closed, loop, plain, rest):
        ast.copy_location(new, node)
    heads: list[ast.AST] = [loop.iter, rest.iter, plain.iter, ended.context_expr, chosen.test]
    for head in heads:
        for part in walk(head):
            if not hasattr(part, "lineno") or getattr(part, "lineno", None) is None:
                ast.copy_location(part, node.iter)
    return plain


def trial_loop(node: ast.For, index: int, runtime: str) -> tuple[ast.For, Place]:
    """The loop as it stood, over items that run here, and the statement behind it, for the iterations that remain.

    Parts of `node` are shared."""
    plain = shallow(node)
    plain.iter = runtime_call(runtime, "trial", index, [node.iter], node.iter)
    if node.orelse:
        where = position(node)
        opened = runtime_call(runtime, "open", index, [], node.iter)
        plain.orelse = [ast.If(opened, [ast.Pass(**where)], node.orelse, **where)]
    return plain, place_behind(node, index, runtime)


def _again(statements: list[ast.stmt]) -> list[ast.stmt]:
    """`statements` as they stand, to stand there once more."""
    return [_Undeclared().visit(clone(statement)) for statement in statements]


class _Undeclared(ast.NodeTransformer):
    """``global`` says nothing in a cell, and may not stand behind an assignment, as it would in a second copy."""

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node


class _Committed(_Undeclared):
    """The commit part as it is compiled: whoever catches an error there may show its traceback."""

    def __init__(self, runtime: str) -> None:
        self._runtime = runtime

    def visit_Try(self, node: ast.Try) -> ast.stmt:
        self.generic_visit(node)
        for handler in node.handlers:
            called = ast.Attribute(ast.Name(self._runtime, ast.Load()), "caught", ast.Load())
            handler.body.insert(0, placed(ast.Expr(ast.Call(called, [], [])), handler))
        return node


# ------------------------------------------------------------------------------------------------------------- refusals


def _iterated(case: Case, iterable: ast.expr, split: Body, splitter: Splitter) -> Refusal | None:
    for name in sorted(_lazily_read(iterable)):
        reason = split.reasons.get(name)
        own = splitter.slices.get(name)
        if reason is not None and own is not None and goes_over(iterable, own):
            own.iterated = True
            split.slices += [own] if own not in split.slices else []
            continue
        if _never_changes(iterable, splitter):
            continue
        parts = changed_parts(name, iterable, splitter.body, splitter.effects) if reason is not None else None
        if parts is not None:
            split.beside[name] = parts
            continue
        if reason is not None and (not reason.how.startswith("assigns") or isinstance(iterable, ast.GeneratorExp)):
            blocked = any(n is not iterable and other == name for n, other in split.blocked)
            return reasons.iterated(case, name, reason.write, reason.how, blocked or isinstance(iterable, ast.Call))
    return None


def _never_changes(iterable: ast.expr, splitter: Splitter) -> bool:
    """Whether it is an index of a table: a table that changes gets another one."""
    if not isinstance(iterable, ast.Attribute) or iterable.attr not in ("columns", "index"):
        return False
    node: ast.AST = iterable
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and package_of(type(splitter.effects.resolve(node))) == "pandas"


def _lazily_read(iterable: ast.expr) -> set[str]:
    """Names that the iterable stays tied to while it is iterated over."""
    if isinstance(iterable, ast.Call):
        name = iterable.func.id if isinstance(iterable.func, ast.Name) else getattr(iterable.func, "attr", "")
        if name in EAGER:
            return set()
    if isinstance(iterable, (ast.ListComp, ast.SetComp, ast.DictComp)):
        return set()
    return names.loads(iterable)


def _worthless(case: Case, split: Body, splitter: Splitter) -> Refusal | None:
    computed = _computed(split.parts)
    heavy = any(isinstance(n, HEAVY) and not _is_format(n) for c in computed for n in walk(c))
    if heavy or any(isinstance(n, ast.Attribute) and splitter.computes(n.attr) for c in computed for n in walk(c)):
        return None
    waiting = [
        (n, name) for n, name in split.blocked if any(isinstance(c, ast.Call) and not _cheap(c) for c in walk(n))
    ]
    if waiting:
        where, name = waiting[0]
        if name in split.loop:
            return reasons.loop_variable(case, name, split.reasons[name].write, where)
        return _waits(case, split.reasons[name], where, splitter)
    kept = [
        n
        for s in splitter.body
        for n in walk(s)
        if isinstance(n, (ast.Lambda, ast.GeneratorExp)) and splitter._keeps_function(s)
    ]
    calls = [n for s in splitter.body for n in walk(s) if isinstance(n, ast.Call) and not _cheap(n)]
    if kept and calls and not computed:
        return reasons.kept_function(case, kept[0], "body")
    if calls and not any(isinstance(n, ast.BinOp) for c in computed for n in walk(c)):
        for call in calls:
            for change in splitter.effects.changes(call):
                return reasons.change(case, sorted(change.owners)[0], change.node, change.how, splitter.effects)
        made = (n for s in splitter.body for n in walk(s) if isinstance(n, ast.ClassDef))
        around = next((one for one in made if any(n is calls[0] for n in walk(one))), None)
        if around is not None:
            return reasons.within_class(case, around, calls[0])
        if splitter.dirty is not None:
            return reasons.item_read_later(case, calls[0])
    if any(isinstance(n, ast.BinOp) for c in computed for n in walk(c)):
        return None
    for name, reason in split.reasons.items():
        if _recurrence(name, splitter):
            return _waits(case, reason, case.node, splitter)
    asked = (n for s in splitter.body for n in walk(s) if isinstance(n, ast.Attribute) and splitter.computes(n.attr))
    for change in (change for n in asked for change in splitter.effects.changes(n)):
        return reasons.change(case, sorted(change.owners)[0], change.node, change.how, splitter.effects)
    if (unseen := _unseen(case, split, splitter)) is not None:
        return unseen
    return reasons.kept_function(case, kept[0], "body") if kept and calls else reasons.trivial(case)


def _unseen(case: Case, split: Body, splitter: Splitter) -> Refusal | None:
    """Work that is more than moving values about, but stands in a block or is no call: an inner loop whose values are
    carried."""
    for block in (n for s in splitter.body for n in walk(s) if isinstance(n, ast.With)):
        for call in (n for s in block.body for n in walk(s) if isinstance(n, ast.Call) and not _cheap(n)):
            return reasons.within(case, block, call)
    for call in (n for s in splitter.body for n in walk(s) if isinstance(n, ast.Call) and not _cheap(n)):
        if isinstance(call.func, ast.Name):
            for name in sorted(names.loads(*call.args) & set(split.reasons)):
                return _waits(case, split.reasons[name], call, splitter)
    for loop in (n for s in splitter.body for n in walk(s) if isinstance(n, names.LOOPS)):
        if not any(isinstance(n, (ast.BinOp, ast.Call)) for n in walk(loop)):
            continue
        for name, reason in split.reasons.items():
            if reason.how.startswith("assigns") and name in names.stores(loop) & names.loads(loop):
                return _waits(case, reason, reason.read or loop, splitter)
    return None


def _sets(case: Case, split: Body, splitter: Splitter) -> Refusal | None:
    """The body itself changes a setting of the process, by which anything that is computed ahead may go."""
    for name, reason in split.reasons.items():
        if outright.is_setting(name):
            return reasons.change(case, name, reason.write, reason.how, splitter.effects, reason.read)
    return None


def _computed(parts: list[Part]) -> list[ast.AST]:
    """Code that would run on workers."""
    found: list[ast.AST] = []
    for part in parts:
        if isinstance(part, Compute):
            found.append(part.node)
        elif isinstance(part, Resource):
            found += [i.context_expr for i in part.node.items]
        elif isinstance(part, Inner):
            found.append(part.node.iter)
        found += [h.expression for h in getattr(part, "hoists", [])]
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found += _computed(getattr(part, block))
    return found


def _is_format(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _cheap(node)


def _cheap(call: ast.Call) -> bool:
    """Calls that are not worth a worker by themselves."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in tables.MUTATORS and call.func.attr in (
            "append", "add", "extend", "update", "setdefault", "discard", "insert", "clear", "appendleft", "popleft", "pop", "remove"  # noqa: E501
        )  # fmt: skip
    return isinstance(call.func, ast.Name) and call.func.id in (
        "len",
        "range",
        "int",
        "float",
        "str",
        "isinstance",
        "abs",
        "bool",
        "type",
        "id",
    )


def _waits(case: Case, reason: Reason, where: ast.AST, splitter: Splitter) -> Refusal:
    cause = _cause(reason, splitter, frozenset())
    return reasons.waits(case, cause.name, cause.write, cause.how, reason.read or where, splitter.effects)


def _cause(reason: Reason, splitter: Splitter, seen: frozenset[str]) -> Reason:
    """A name that each iteration assigns before it reads it waits for another: what makes its statement wait."""
    if reason.how != f"assigns '{reason.name}'" or reason.name in seen:
        return reason
    exposed = names.Exposed(splitter.assigned)
    exposed.body(splitter.body, frozenset(splitter.loop))
    statement = next((s for s in splitter.body if any(n is reason.write for n in walk(s))), None)
    if reason.name in exposed.names or statement is None or isinstance(statement, ast.ClassDef):
        return reason
    for change in splitter.effects.changes(statement):
        return Reason(sorted(change.owners)[0], change.node, change.how, reason.read)
    for other in sorted(names.loads(statement) & set(splitter.reasons) - {reason.name}):
        return _cause(splitter.reasons[other], splitter, seen | {reason.name})
    return reason


# ---------------------------------------------------------------------------------------------------------- description


def _describe(region: Region, split: Body, splitter: Splitter) -> None:
    variables = dict.fromkeys(sorted(split.loop), "loop")
    for name in sorted(split.temporaries - split.loop):
        variables[name] = "temporary"
    for name in sorted(split.committed):
        reason = split.reasons[name]
        if name in splitter.assigned or name in split.loop:
            variables[name] = "reduction" if _reduction(name, splitter) else "carried"
        else:
            variables[name] = "sliced" if reason.how.startswith("stores into") else "committed"
    for name in sorted(split.broadcast):
        if not names.is_builtin(name) or name in splitter.resolver.namespace:
            variables[name] = "broadcast"
    region.variables = variables


def _recurrence(name: str, splitter: Splitter) -> bool:
    """Whether a new value of `name` is computed from its old one, as in ``x = r * x * (1 - x)``."""
    return any(
        isinstance(n, ast.Assign)
        and name in names.stores(n)
        and isinstance(n.value, ast.BinOp)
        and name in names.loads(n.value)
        for statement in splitter.body
        for n in walk(statement)
    )


def _reduction(name: str, splitter: Splitter) -> bool:
    """Only ever ``name op= ...`` with no other use in the body."""
    for statement in splitter.body:
        for n in walk(statement):
            if isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Store):
                return False
            if (
                isinstance(n, (ast.Assign, ast.For, ast.NamedExpr))
                and name in names.stores(n)
                and not isinstance(n, ast.For)
            ):
                return False
    return True

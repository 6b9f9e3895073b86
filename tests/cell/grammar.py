"""A grammar of cells: setups, loops over all kinds of iterables, bodies with every statement, comprehensions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tabled import PRELUDE as TABLE

PRELUDE = (
    TABLE
    + '''
from contextlib import suppress
def push(v, z):
    v.append(z)
    return len(v)
def size(v):
    return len(v) if hasattr(v, "__len__") else v
def touch(p, z=1):
    p.x = (p.x if isinstance(p.x, int) else 0) + z
    return p.x
def field(row):
    return row["x"] if isinstance(row, dict) else row
class Q(P):
    """With a property, a method that calls another, a class attribute and an operator."""
    made = 0
    @property
    def twice(self):
        return self.x * 2
    def bump(self, z):
        self.x += z
        return self.double()
    def __add__(self, other):
        return Q(self.x + (other.x if isinstance(other, P) else other))
    def __iadd__(self, other):
        self.x += other
        return self
def closed():
    n = 0
    def count(z):
        nonlocal n
        n += 1
        return n + z
    return count
count = closed()
adds = lambda z, w=3: z + w
pts = [Q(1), Q(2), Q(3), Q(2)]
two = [rows[0], rows[1], rows[0], rows[2]]
cfg = {"out": out, "k": 4, "row": rows[1], "pts": pts}
also = out
grid = [[1, 2], [3, 4], [5]]
a = b = c = 2
'''
)

SETUPS = [
    "ys = out",
    "row0 = rows[0]",
    "own = Q(5)\nown2 = own",
    "it = iter(xs)",
    "it = gen(9)",
    "xs = xs[:5]",
    "def late(z):\n    return z + total",
    "def deep(z):\n    return f(push(out, z))",
    "def inner(z, seen2=[]):\n    seen2.append(z)\n    return len(seen2)",
    "sum = lambda v: 3",
    "k = 3",
    "c = Counter()",
    "c = defaultdict(list)",
    "d = {1: 2, 3: 4, 5: 6}",
    "v = [0] * 12",
    "pts.append(pts[0])",
    "out.append(9)",
]

NUMBERS = ["a", "b", "c", "x", "total", "k", "1", "3", "len(out)", "acc.x", "d.get(x, 0)", "y", "best", "len(log)"]
NUMBERS += ["cfg['k']", "rows[0]['x']", "pts[0].x", "pts[1].twice", "len(also)", "own.x", "v[2]", "it", "len(seen)"]
CALLS = ["f", "fail", "loud", "abs", "odd", "logs", "counts", "memo", "late", "deep", "inner", "count", "adds", "field"]
PURE = ["f", "f", "f", "abs", "adds", "fail", "loud"]


def expressions() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(NUMBERS)

    def more(inner: Any) -> Any:
        pure = st.tuples(st.sampled_from(PURE), inner).map(lambda t: f"{t[0]}({t[1]})")
        call = st.tuples(st.sampled_from(CALLS), inner).map(lambda t: f"{t[0]}({t[1]})")
        method = st.tuples(
            st.sampled_from(["pts[0].bump", "acc.push", "pts[x % 3].bump", "own.bump", "Q(x).bump"]), inner
        ).map(lambda t: f"{t[0]}({t[1]})")
        changing = st.tuples(
            st.sampled_from(
                ["push(out, {})", "push(log, {})", "touch(acc, {})", "touch(pts[x % 2], {})", "push([], {})"]
            ),
            inner,
        ).map(lambda t: t[0].format(t[1]))
        two = st.tuples(inner, st.sampled_from(["+", "-", "*", "or", "and", "<", "=="]), inner).map(
            lambda t: f"({' '.join(t)})"
        )
        three = st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
        comp = st.tuples(inner, st.sampled_from(["range(3)", "xs[:3]", "grid", "gen(3)"]), inner).map(
            lambda t: f"sum([size({t[0]}) for q in {t[1]} if {t[2]}])"
        )
        lazy = st.tuples(st.sampled_from(["any", "sum", "max", "len(list", "next"]), inner).map(
            lambda t: f"{t[0]}((size({t[1]}) for q in range(1, 4)){')' if '(' in t[0] else ''})"
        )
        text = inner.map(lambda e: f"len(str({e}))" if "'" in e else f"len(f'{{{e}}} {{x!r:>4}}')")
        chain = st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} < {t[1]} <= {t[2]})")
        lam = inner.map(lambda e: f"(lambda z: z + {e})(2)")
        return pure | pure | pure | call | method | changing | two | three | comp | lazy | text | chain | lam

    return st.recursive(atoms, more, max_leaves=4).map(lambda e: f"({e}) % 1009" if "%" not in e else e)


EXPRESSIONS = expressions()
TARGETS = ["a", "b", "c", "y", "total", "d[x]", "acc.x", "a, b", "cfg['k']", "best", "pts[0].x", "v[1]", "xs[0]", "x"]
ADDED = ["a", "total", "acc.x", "d[3]", "best", "own", "c[x]", "v[2]", "cfg['k']", "pts[1].x", "out", "k"]
METHODS = ["out.append", "also.append", "seen.add", "log.append", "print", "acc.push", "cfg['out'].append", "ys.append"]
METHODS += ["part.append", "own.bump", "out.remove", "d.pop", "count", "logs", "c.update", "q.seen.append"]
FIXED = [
    "part = []",
    "part = g(x)",
    "q = Q(a)",
    "q = pts[0]",
    "q = p",
    "row = dict(row)",
    "row['y'] = f(row['x'])",
    "row['x'] += 1",
    "changes(row)",
    "p.x = f(p.x)",
    "p += 1",
    "p.bump(a)",
    "cfg['row']['y'] = a",
    "out.append(row)",
    "out.append(p)",
    "out.append(part)",
    "out.append(q)",
    "out.append(lambda: a)",
    "d[x] = part",
    "del a",
    "del part",
    "also = out",
    "ys = part",
    "part, q = [a], pts[1]",
    "global total",
    "out.sort(key=str)",
    "x = f(x)",
    "import math as m",
    "e = next(it)",
    "def local(z):\n    return z + a\nb = local(x)",
    "class L:\n    val = f(x)\na = L.val",
    "pass",
    "assert a != 17, x",
]
JUMPS = ["continue", "break", "raise KeyError(x)", "1 // 0", "raise ValueError('v', a) from KeyError(x)"]


def indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def simple() -> st.SearchStrategy[list[str]]:
    assign = st.tuples(st.sampled_from(TARGETS), EXPRESSIONS).map(
        lambda t: [f"{t[0]} = {t[1]}, 2" if "," in t[0] else f"{t[0]} = {t[1]}"]
    )
    chained = st.tuples(st.sampled_from(["a", "y", "d[a]"]), st.sampled_from(["b", "v[0]", "acc.x"]), EXPRESSIONS).map(
        lambda t: [" = ".join(t)]
    )
    add = st.tuples(st.sampled_from(ADDED), st.sampled_from(["+=", "+=", "-=", "*="]), EXPRESSIONS).map(
        lambda t: [f"out += [{t[2]}]" if t[0] == "out" else " ".join(t)]
    )
    method = st.tuples(st.sampled_from(METHODS), EXPRESSIONS).map(lambda t: [f"{t[0]}({t[1]})"])
    output = st.tuples(EXPRESSIONS, EXPRESSIONS).map(lambda t: [f"out.append(({t[0]}, {t[1]}))"])
    jump = st.tuples(EXPRESSIONS, st.sampled_from(JUMPS)).map(lambda t: [f"if {t[0]} == 17:", f"    {t[1]}"])
    fixed = st.sampled_from(FIXED).map(lambda s: s.split("\n"))
    comp = st.tuples(st.sampled_from(["part", "a", "c"]), EXPRESSIONS).map(
        lambda t: [f"{t[0]} = [{t[1]} for q in xs[:3]]"]
    )
    return assign | assign | add | method | method | output | jump | fixed | fixed | chained | comp


def compound(block: Any) -> Any:
    body = st.lists(block, min_size=1, max_size=3).map(lambda b: [line for lines in b for line in lines])
    two = st.tuples(EXPRESSIONS, body, body)
    return (
        st.tuples(EXPRESSIONS, body).map(lambda t: [f"if {t[0]} > 3:", *indent(t[1])])
        | two.map(lambda t: [f"if {t[0]} > 3:", *indent(t[1]), "else:", *indent(t[2])])
        | st.tuples(body, body).map(lambda t: ["try:", *indent(t[0]), "except ValueError as e:", *indent(t[1])])
        | st.tuples(body, body).map(lambda t: ["try:", *indent(t[0]), "except Exception:", *indent(t[1])])
        | st.tuples(body, body, body).map(
            lambda t: ["try:", *indent(t[0]), "except (ValueError, TypeError):", *indent(t[1]), "else:", *indent(t[2])]
        )
        | st.tuples(body, body).map(lambda t: ["try:", *indent(t[0]), "finally:", *indent(t[1])])
        | body.map(lambda b: ["with suppress(ValueError):", *indent(b)])
        | body.map(lambda b: ["for j in range(3):", *indent(b)])
        | st.tuples(body, body).map(lambda t: ["for j in grid:", *indent(t[0]), "else:", *indent(t[1])])
        | st.tuples(EXPRESSIONS, body).map(
            lambda t: ["n = 0", f"while n < 2 and {t[0]} != 5:", "    n += 1", *indent(t[1])]
        )
        | two.map(lambda t: [f"if (z := {t[0]}) > 3:", *indent(t[1]), "elif z:", *indent(t[2])])
        | two.map(
            lambda t: [f"match {t[0]} % 3:", "    case 0:", *indent(indent(t[1])), "    case a:", *indent(indent(t[2]))]
        )
    )


BODIES = st.lists(st.recursive(simple(), compound, max_leaves=6), min_size=1, max_size=4).map(
    lambda body: [line for lines in body for line in lines]
)
HEADS = [
    "for x in xs:",
    "for x in xs:",
    "for x in range(6):",
    "for x in gen(6):",
    "for x in it:",
    "for x, row in enumerate(rows):",
    "for x, row in enumerate(two):",
    "for row in rows:",
    "for x, p in zip(xs, pts):",
    "for p in pts:",
    "for x, y in d.items():",
    "for x in [odd(z) + z for z in xs]:",
    "for x in (f(z) % 7 for z in xs):",
    "for x, a in zip(xs, map(f, xs)):",
    "for x, *c in [(1, 2, 3), (4,), (5, 6)]:",
    "for x in sorted(out) or [4, 3]:",
    "for x in reversed(xs):",
    "for part in grid:",
    "for x in set(xs):",
]
COMPREHENSIONS = [
    "r = [{} for x in xs]",
    "r = {{{}: x for x in xs}}",
    "r = {{{} for x in xs}}",
    "r = sum({} for x in xs)",
]
COMPREHENSIONS += [
    "r = [{} for x in xs if odd(x)]",
    "r = [[{} for j in range(2)] for x in xs]",
    "r = list(map(lambda x: {}, xs))",
]
COMPREHENSIONS += [
    "r = [(x, row, {}) for x, row in enumerate(two)]",
    "r = any({} == 17 for x in xs)",
    "r = [p for p in pts if {}]",
]
COMPREHENSIONS += [
    "out.extend({} for x in gen(5))",
    "r = {{x: {} for x in it}}",
    "r = [b for x in xs for b in range({} % 3)]",
]
COMPREHENSIONS += [
    "r = sorted(xs, key=lambda x: {})",
    "r = list(filter(lambda x: {} % 2, xs))",
    "print(*({} for x in xs))",
]


def regions() -> st.SearchStrategy[list[str]]:
    def loop(parts: tuple[str, list[str], list[str] | None]) -> list[str]:
        head, body, orelse = parts
        if "x" not in head.split(" in ")[0].split() and "x," not in head:
            body = ["x = 2", *body] if "p" not in head.split(" in ")[0] else body
        return [head, *indent(body), *(["else:", *indent(orelse)] if orelse else [])]

    loops = st.tuples(st.sampled_from(HEADS), BODIES, st.none() | st.none() | BODIES).map(loop)
    comps = st.tuples(st.sampled_from(COMPREHENSIONS), EXPRESSIONS).map(lambda t: [t[0].format(t[1])])
    return loops | loops | loops | comps


def around(lines: list[str], how: int) -> list[str]:
    if how == 1:
        return ["try:", *indent(lines), "except (ValueError, KeyError) as err:", "    r = err.args"]
    if how == 2:
        return ["if xs:", *indent(lines), "rest = [*it] if 'it' in globals() else 0"]
    if how == 3:
        return ["with suppress(KeyError):", *indent(lines)]
    return lines


def compiles(cell: str) -> bool:
    """Whether Python takes the cell: a `global` may stand behind a use of its name."""
    try:
        compile(cell, "<cell>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


CELLS = (
    st.tuples(
        st.lists(st.sampled_from(SETUPS), max_size=3, unique=True),
        st.lists(st.tuples(regions(), st.sampled_from([0, 0, 0, 1, 2, 3])), min_size=1, max_size=2),
    )
    .map(lambda t: "\n".join([*t[0], *(line for lines, how in t[1] for line in around(lines, how))]))
    .filter(compiles)
)
"""Well-formed cells, as text; what they do when they run is another matter."""

BACKENDS = ["serial 1", "serial 2", "serial 5", "threads 2", "processes 2", "serial 3 after 2", "threads 2 after 1"]
BACKENDS += ["processes 2 after 1", "here after 2"]

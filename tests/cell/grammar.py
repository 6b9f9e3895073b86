"""A grammar of cells: setups, loops over all kinds of iterables, bodies with every statement, comprehensions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tabled import PRELUDE as TABLE

PRELUDE = TABLE + "\n" + Path(__file__).with_suffix(".txt").read_text()

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
    "def late(z, w=out):\n    w.append(z)\n    return z",
    "def inner(z):\n    def more():\n        return total + z\n    return more()",
    "view = arr[::2]",
    "mat = mat.T[:, :6].T.copy()",
    "row1 = mat[1]",
    "bound = log.append",
    "part = out",
    "it = (logs(z) for z in xs)",
    "it = zip(xs, iter(xs))",
    "lazies.append(one_lazy)",
    "rows = [dict(row) for row in rows]",
    "a = b = [1]",
    "kept = {1: out, 2: log}",
]

NUMBERS = ["a", "b", "c", "x", "total", "k", "1", "3", "len(out)", "acc.x", "d.get(x, 0)", "y", "best", "len(log)"]
NUMBERS += ["cfg['k']", "rows[0]['x']", "pts[0].x", "pts[1].twice", "len(also)", "own.x", "v[2]", "it", "len(seen)"]
NUMBERS += ["int(arr[3])", "int(view[1])", "int(mat[x % 6, 1])", "int(mat.sum())", "len(box[0])", "one_lazy.value"]
NUMBERS += [
    "lazies[0].value",
    "one_lazy[2]",
    "len(box[1]['log'])",
    "len(kept)",
    "sum(grid[0])",
    "box[3][0].x",
    "len(log)",
]
CALLS = ["f", "fail", "loud", "abs", "odd", "logs", "counts", "memo", "late", "deep", "inner", "count", "adds", "field"]
CALLS += ["bad", "warned", "complains", "default", "reads_default", "makes", "makes_bad", "tallied", "cleans", "given"]
PURE = ["f", "f", "f", "abs", "adds", "fail", "loud", "bad", "complains", "makes", "cleans"]


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
                [
                    "push(out, {})",
                    "push(log, {})",
                    "touch(acc, {})",
                    "touch(pts[x % 2], {})",
                    "push([], {})",
                    "push(kept[1], {})",
                    "push(box[0], {})",
                    "through([grid[0], {}])",
                    "touch(box[3][0], {})",
                ]
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
TARGETS += ["arr[x % 12]", "mat[x % 6]", "mat[x % 6, 0]", "view[1]", "one_lazy[1]", "kept[x]", "*c, b", "row1[0]"]
ADDED = ["a", "total", "acc.x", "d[3]", "best", "own", "c[x]", "v[2]", "cfg['k']", "pts[1].x", "out", "k"]
ADDED += [
    "arr[x % 12]",
    "mat[x % 6, 1]",
    "view[0]",
    "arr",
    "kept[x]",
    "one_lazy[0]",
    "box[1]['p'].x",
    "lazies[1].z",
    "q.x",
]
METHODS = ["out.append", "also.append", "seen.add", "log.append", "print", "acc.push", "cfg['out'].append", "ys.append"]
METHODS += ["part.append", "own.bump", "out.remove", "d.pop", "count", "logs", "c.update", "q.seen.append"]
METHODS += [
    "bound",
    "given",
    "box[0].append",
    "kept.setdefault",
    "part.extend",
    "grid[0].append",
    "box[3][1].add",
    "arr.fill",
]
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
    "c, *part = g(x, 3)",
    "a = next(it, 0)",
    "for a, *c in [(x, 1, 2), (a, 3)]:\n    out.append(a)",
    "e = [z for z in it if z][:2]",
    "warnings.warn('here')",
    "print(x, a, file=sys.stderr)",
    "raise Bad(x, a)",
    "raise ValueError(x) from KeyError(a)",
    "def local(z, w=[]):\n    w.append(z)\n    return w\nc = local(x)",
    "def local():\n    global total\n    total += x\nlocal()",
    "def local():\n    return len(out) + a\nb = local()",
    "q = lazies[x % 3]",
    "q = one_lazy",
    "b = q.value",
    "kept.pop(x, None)",
    "part = kept.get(x, [])",
    "part = kept[1]",
    "q = box[3][0]",
    "c = arr[x % 6:]",
    "c = mat[x % 6]",
    "c = arr.copy()",
    "c[0] = f(x)",
    "part[0] = f(x)",
    "(a := f(x)); out.append(a)",
    "while (n := len(part)) < 3:\n    part.append(n)",
    "del d[x]",
    "del kept[1]",
    "assert a != 5, x",
    "out[:] = out[-3:]",
    "seen |= {x}",
    "d |= {x: a}",
    "part, out = out, part",
    "try:\n    b = bad(a)\nexcept Bad as e:\n    b = e.code\n    out.append(e.code)",
    "def local(z):\n    return z + a\nb = local(x)",
    "class L:\n    val = f(x)\na = L.val",
    "pass",
    "assert a != 17, x",
    "part.append(total)",
    "part.append(a)",
    "total += f(x)",
    "out.append(f(size(part)) + len(str(part)))",
    "row = {'x': f(x)}",
    "row['n'] = len(out)",
    "row['total'] = total",
    "a = f(len(str(row)))",
    "q = Q(f(x))",
    "q.x += total",
    "b = q.double()",
    "two = [part, x]",
    "c = f(len(str(two)))",
    "kept[x] = part",
    "kept[x].append(total)",
    "push2 = part.append",
    "push2(total)",
    "put = lambda z: part.append(z)",
    "put(a)",
    "part = q.seen",
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
        | body.map(lambda b: ["with Quiet() as q:", *indent(b)])
        | body.map(lambda b: ["with Entered(x) as q, suppress(KeyError):", *indent(b)])
        | st.tuples(body, body, body).map(
            lambda t: ["try:", *indent(t[0]), "except Bad as e:", *indent(t[1]), "finally:", *indent(t[2])]
        )
        | body.map(lambda b: ["for part in kept.values():", *indent(b)])
        | body.map(lambda b: ["for q in (pts[0], *lazies[:1]):", *indent(b)])
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
    "for x, part in kept.items():",
    "for x in kept:",
    "for x in list(seen) + [1, 2]:",
    "for x, row in enumerate(mat):",
    "for x, q in enumerate(lazies):",
    "for x in arr.astype(int).tolist():",
    "for x, (a, *c) in enumerate([(1, 2), (3,), (4, 5, 6)]):",
    "for x, part in zip(range(9), grid):",
    "for x in map(bad, [1, 2, 3, 5]):",
    "for x, d[x] in enumerate(xs):",
    "for x, kept[x] in zip(xs, grid):",
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
    "r = next((x for x in xs if {} == 5), None)",
    "a, *b = ({} for x in xs)",
    "r = [z for x in xs if (z := {}) > 2]",
    "r = [push(row, {}) for x, row in enumerate(grid)]",
    "r = {{**{{x: {} for x in kept}}, 1: 2}}",
    "r = dict(zip(xs, map(lambda x: {}, it)))",
    "r = [q.value + ({}) for x, q in enumerate(lazies)]",
    "mat[:] = [[{}, x] for x in range(6)]",
    "pts.extend(Q({}) for x in range(2))",
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
    if how == 4:
        return ["try:", *indent(lines), "except Bad as err:", "    r = err.code", "finally:", "    rest = list(log)"]
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
        st.lists(st.tuples(regions(), st.sampled_from([0, 0, 0, 1, 2, 3, 4])), min_size=1, max_size=2),
    )
    .map(lambda t: "\n".join([*t[0], *(line for lines, how in t[1] for line in around(lines, how))]))
    .filter(compiles)
)
"""Well-formed cells, as text; what they do when they run is another matter."""

BACKENDS = ["serial 1", "serial 2", "serial 5", "threads 2", "processes 2", "serial 3 after 2", "threads 2 after 1"]
BACKENDS += ["processes 2 after 1", "here after 2"]

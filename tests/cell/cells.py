# ruff: noqa: E501
"""The table: small cells, what their regions must be ("parallel" or a refusal's code), on one prelude.

Any backend can be tested with it: see ``oracle.compare``.
"""

PRELUDE = """
import math, random, re, json
from collections import Counter, defaultdict, deque
def f(x):
    return x * x + 1
def g(x, k=2):
    return [x] * k
def odd(x):
    return x % 2 == 1
def fail(x):
    if x == 4:
        raise ValueError("bad", x)
    return x
def loud(x):
    print("loud", x)
    return x
def logs(x):
    log.append(x)
    return x
def counts(x):
    global total
    total += x
    return x
def reads_out(x):
    return len(out) + x
def changes(row):
    row["y"] = row["x"] * 2
def reads_y():
    return y
def memo(x):
    if x not in cache:
        cache[x] = x * 2
    return cache[x]
def indirect(x):
    return logs(x) + 1
def gen(n):
    for i in range(n):
        yield i
class P:
    def __init__(self, x):
        self.x = x
        self.seen = []
    def double(self):
        return self.x * 2
    def push(self, v):
        self.seen.append(v)
        return len(self.seen)
    def __eq__(self, other):
        return isinstance(other, P) and vars(self) == vars(other)
    __hash__ = None
xs = [3, 1, 4, 1, 5, 9, 2, 6]
log, cache, total, out, d, seen = [], {}, 0, [], {}, set()
rows = [{"x": i} for i in range(6)]
acc = P(0)
best, arg = -1, None
y = "old"
k = 10
"""

CELLS: list[tuple[str, str, list[str]]] = []


def cell(name: str, expected: str, text: str) -> None:
    CELLS.append((name, text.strip("\n"), expected.split()))


# ------------------------------------------------------------------------------------------------------- comprehensions
cell("listcomp", "parallel", "r = [f(x) for x in xs]")
cell("listcomp filter", "parallel", "r = [f(x) for x in xs if odd(x)]")
cell("listcomp nested", "parallel", "r = [f(a) + b for a in xs for b in range(a)]")
cell("setcomp", "parallel", "r = {f(x) for x in xs}")
cell("dictcomp", "parallel", "r = {x: f(x) for x in xs}")
cell("dictcomp unpack", "parallel", "r = {a: f(b) for a, b in enumerate(xs)}")
cell("comp in expression", "parallel parallel", "r = sum([f(x) for x in xs]) + max([f(x) for x in xs])")
cell("comp of comp", "parallel", "r = [[f(y) for y in range(x)] for x in xs]")
cell("comp raises", "parallel", "r = [fail(x) for x in xs]")
cell("comp unhashable", "parallel", "r = {g(x) for x in xs}")
cell("comp prints", "parallel", "r = [loud(x) for x in xs]")
cell("comp trivial", "trivial", "r = [x for x in xs]")
cell("comp walrus", "unsupported", "r = [v for x in xs if (v := f(x)) > 2]")
cell("comp appends", "changes", "r = [log.append(x) for x in xs]")
cell("comp logs", "changes", "r = [logs(x) for x in xs]")
cell("comp indirect", "changes", "r = [indirect(x) for x in xs]")
cell("comp memo", "changes", "r = [memo(x) for x in xs]")
cell("comp counts", "changes", "r = [counts(x) for x in xs]")
cell("comp lambdas", "keeps-function parallel", "r = [(lambda: x) for x in xs]\nq = [h() for h in r]")
cell("comp sort key", "parallel", "r = [sorted(g(x), key=lambda t: -t) for x in xs]")
cell("comp not iterable", "parallel", "r = [f(x) for x in 7]")
cell("comp iterator raises", "parallel", "r = [f(1 // x) for x in (1 // z for z in [2, 1, 0])]")
cell("comp empty", "parallel", "r = [f(x) for x in []]")
cell("comp method", "parallel", "r = [p.double() for p in [P(1), P(2)]]")
cell("comp mutating method", "changes", "r = [acc.push(x) for x in xs]")
cell("comp strings", "parallel", "r = [s.upper() for s in 'abc']")
cell("comp in if", "parallel", "if [f(x) for x in xs]:\n    r = 1")
cell("comp in try", "parallel", "try:\n    r = [fail(x) for x in xs]\nexcept ValueError as e:\n    r = e.args")
cell("comp last expression", "parallel", "[f(x) for x in xs]")
cell("comp eval", "forbidden", "r = [eval('x', {'x': x}) for x in xs]")
cell("comp globals", "forbidden", "r = [globals()['f'](x) for x in xs]")
cell("comp next", "changes", "it = iter(xs)\nr = [next(it) for x in range(3)]")
cell("genexp sum", "parallel", "r = sum(f(x) for x in xs)")
cell("genexp any stops", "parallel", "r = any(loud(x) == 4 for x in xs)")
cell("genexp filter", "parallel", "r = list(f(x) for x in xs if odd(x))")
cell("genexp nested", "parallel", "r = list((a, f(b)) for a in xs for b in range(a))")
cell("genexp raises", "parallel", "r = []\nr.extend(fail(x) for x in xs)")
cell("genexp next", "parallel", "r = next(f(x) for x in xs if x > 3)")
cell("genexp kept", "unsupported", "q = (f(x) for x in xs)\nr = list(q)")
cell("genexp join", "parallel", "r = ','.join(str(x) for x in xs)")
cell("genexp infinite", "trivial", "import itertools\nr = next(v for v in (f(x) for x in itertools.count()) if v > 50)")
cell("map", "parallel", "r = list(map(f, xs))")
cell("map two", "parallel", "r = list(map(pow, xs, range(5)))")
cell("map lambda", "parallel", "r = list(map(lambda v: v + k, xs))")
cell("map logs", "changes", "r = list(map(logs, xs))")
cell("map kept", "unsupported", "r = map(f, xs)\nr = list(r)")
cell("filter", "parallel", "r = list(filter(odd, xs))")
cell("filter raises", "parallel", "r = list(filter(fail, xs))")
cell("map shadowed", "unsupported", "def map(h, v):\n    return [h(a) for a in v][::-1]\nr = list(map(f, xs))")
# ---------------------------------------------------------------------------------------------------------------- loops
cell("append", "parallel", "for x in xs:\n    out.append(f(x))")
cell("append item", "parallel", "for p in [P(1), P(2)]:\n    out.append((p, f(p.x)))")
cell("temporary", "parallel", "for x in xs:\n    y = f(x)\n    out.append(y)")
cell("temporary print", "parallel", "for x in xs:\n    y = f(x)\n    print('done', x)\n    out.append(y)")
cell("prints only", "parallel", "for x in xs:\n    print(x, f(x))")
cell("extend", "parallel", "for x in xs:\n    out.extend(g(x))")
cell("subscript", "parallel", "for x in xs:\n    d[x] = f(x)")
cell("subscript key", "parallel", "for x in xs:\n    d[f(x)] = g(x)")
cell("reduction", "parallel", "for x in xs:\n    total += f(x)")
cell("reduction float", "parallel", "t = 0.1\nfor x in xs:\n    t += math.sin(x)\n    t *= 1.0001")
cell(
    "reduction branch",
    "parallel",
    "for x in xs:\n    if odd(x):\n        total += f(x)\n    else:\n        total -= f(x)",
)
cell("recurrence", "parallel", "prev = 1.0\nfor x in xs:\n    prev = 0.9 * prev + f(x)")
cell("recurrence all", "carried", "s = 1\nfor x in xs:\n    s = f(s)")
cell("carried list", "changes", "for x in xs:\n    out.append(reads_out(x))")
cell("set add", "parallel", "for x in xs:\n    seen.add(f(x))")
cell("best", "parallel", "for x in xs:\n    if f(x) > best:\n        best, arg = f(x), x")
cell("counter", "parallel", "c = Counter()\nfor x in xs:\n    c[f(x) % 3] += 1")
cell("defaultdict", "parallel", "dd = defaultdict(list)\nfor x in xs:\n    dd[f(x) % 3].append(x)")
cell("setdefault", "parallel", "for x in xs:\n    d.setdefault(f(x) % 3, []).append(x)")
cell("attribute", "parallel", "for x in xs:\n    acc.x += f(x)")
cell("method", "parallel", "for x in xs:\n    acc.push(f(x))")
cell("unless seen", "parallel", "for x in xs:\n    if x not in seen:\n        seen.add(x)\n        out.append(f(x))")
cell("continue", "parallel", "for x in xs:\n    if odd(x):\n        continue\n    y = f(x)\n    out.append(y)")
cell(
    "break",
    "parallel",
    "for x in xs:\n    y = f(x)\n    if y > 20:\n        break\n    out.append(y)\nelse:\n    out.append('end')",
)
cell("break on commit", "parallel", "for x in xs:\n    y = f(x)\n    total += y\n    if total > 40:\n        break")
cell("else", "parallel", "for x in xs:\n    y = f(x)\n    out.append(y)\nelse:\n    out.append(y)")
cell("no iteration", "parallel", "for x in []:\n    w = f(x)\n    out.append(w)")
cell("raises", "parallel", "for x in xs:\n    y = fail(x)\n    out.append(y)")
cell("raises second", "parallel", "for x in xs:\n    a = f(x)\n    b = fail(x)\n    out.append(b)")
cell(
    "commit raises",
    "parallel",
    "d = {0: 0}\nfor i, x in enumerate(xs):\n    a = f(x)\n    b = f(a)\n    out[i:] = [1] * (1 // (4 - x)) + [b]\n    c = f(b)",
)
cell(
    "try inside",
    "parallel",
    "for x in xs:\n    try:\n        out.append(fail(x))\n    except ValueError as e:\n        out.append(str(e))",
)
cell(
    "try inside two",
    "parallel",
    "bad = []\nfor x in xs:\n    try:\n        y = fail(x)\n        out.append(y)\n    except ValueError:\n        bad.append(x)\n        continue\n    out.append(f(x))",
)
cell(
    "try whole",
    "parallel",
    "for x in xs:\n    try:\n        y = fail(x)\n    except ValueError:\n        y = None\n    out.append(y)",
)
cell(
    "try finally",
    "parallel",
    "for x in xs:\n    try:\n        out.append(fail(x))\n    finally:\n        log.append(x)",
)
cell(
    "try else",
    "parallel",
    "for x in xs:\n    try:\n        v = fail(x)\n    except ValueError:\n        log.append(x)\n    else:\n        out.append(v)",
)
cell(
    "try around",
    "parallel",
    "try:\n    for x in xs:\n        out.append(fail(x))\nexcept ValueError as e:\n    r = e.args",
)
cell(
    "with around",
    "parallel",
    "import contextlib\nwith contextlib.suppress(ValueError):\n    for x in xs:\n        out.append(fail(x))",
)
cell(
    "with suppress inside",
    "parallel",
    "from contextlib import suppress\nfor x in xs:\n    with suppress(ValueError):\n        out.append(fail(x))",
)
cell(
    "with open",
    "parallel",
    "import os\nfor x in xs:\n    with open(os.devnull) as fh:\n        out.append(fh.read() + str(f(x)))",
)
cell("inner loop", "parallel", "for x in xs:\n    for j in range(x):\n        out.append(f(x + j))")
cell(
    "inner loop break",
    "parallel",
    "for x in xs:\n    for j in range(x):\n        if odd(j):\n            continue\n        if j > 4:\n            break\n        out.append(f(j))\n    else:\n        out.append('e')",
)
cell("inner loop raises", "parallel", "for x in xs:\n    for j in range(x):\n        out.append(fail(j))")
cell(
    "inner iterator raises",
    "parallel",
    "for x in xs:\n    for j in (1 // (4 - z) for z in range(x)):\n        out.append(f(j))",
)
cell(
    "inner prints",
    "parallel",
    "for x in xs:\n    for j in range(x):\n        print(j)\n        out.append(f(j))\n    print('row', x)",
)
cell(
    "inner try",
    "parallel",
    "for x in xs:\n    for j in range(x):\n        try:\n            out.append(fail(j))\n        except ValueError:\n            out.append(None)",
)
cell(
    "inner twice",
    "parallel",
    "for x in xs:\n    for a in range(2):\n        for b in range(x):\n            d[a, b] = f(a + b)\n        out.append(f(a))",
)
cell(
    "inner compute", "parallel", "for x in xs:\n    t = 0\n    for j in range(x):\n        t += f(j)\n    out.append(t)"
)
cell(
    "local list",
    "parallel",
    "for x in xs:\n    part = []\n    for j in range(x):\n        part.append(f(j))\n    out.append(part)",
)
cell(
    "local list later",
    "parallel",
    "for x in xs:\n    part = g(x)\n    part.append(f(x))\n    out.append(part)\n    part.append(0)",
)
cell(
    "local grid", "parallel", "for x in xs:\n    m = [[0] * k for _ in range(2)]\n    m[1][x] = f(x)\n    out.append(m)"
)
cell("while inside", "parallel", "for x in xs:\n    n = x\n    while n < 50:\n        n = f(n)\n    out.append(n)")
cell(
    "while commit",
    "parallel",
    "for x in xs:\n    v = f(x)\n    while total < v:\n        total += 7\n    out.append(total)",
)
cell(
    "conditional name", "parallel", "for x in xs:\n    v = f(x)\n    if v > 30:\n        big = v * 2\n    out.append(v)"
)
cell("conditional only compute", "parallel", "for x in xs:\n    if f(x) > 30:\n        big = f(x)")
cell("only temporaries", "parallel", "for x in xs:\n    a = f(x)\n    b = f(a)")
cell("maybe unbound", "parallel", "for x in xs:\n    for q in range(x - 3):\n        z = f(q)\n    out.append(f(x))")
cell("read old", "carried", "for x in xs:\n    r = f(y if x == 3 else 1) if isinstance(y, int) else 0\n    y = f(r)")
cell(
    "global read by function",
    "carried parallel",
    "for x in xs:\n    y = x\n    out.append(reads_y())\nfor x in xs:\n    out.append(f(x))",
)
cell(
    "two targets",
    "parallel",
    "for i, (a, b) in enumerate(zip(xs, xs)):\n    a2, b2 = f(a), f(b)\n    out.append((i, a2, b2))",
)
cell("starred target", "parallel", "for a, *b in [(1, 2, 3), (4,)]:\n    out.append((f(a), b))")
cell("bad unpack", "parallel", "for a, b in [(1, 2), (3,)]:\n    out.append(f(a))")
cell("augmented local", "parallel", "for x in xs:\n    v = f(x)\n    v += 3\n    v *= 2\n    out.append(v)")
cell("walrus", "parallel", "for x in xs:\n    if (v := f(x)) > 5:\n        out.append(v)")
cell("del", "parallel", "for x in xs:\n    tmp = f(x)\n    out.append(tmp)\n    del tmp")
cell("import inside", "parallel", "for x in xs:\n    import cmath\n    out.append(cmath.sqrt(f(x)))")
cell("def inside", "parallel", "for x in xs:\n    def h(v):\n        return v + x\n    out.append(f(h(3)))\nr = h(1)")
cell("lambda inside", "parallel", "for x in xs:\n    h = lambda v: v + x\n    out.append(f(h(3)))\nr = h(1)")
cell("lambdas kept", "trivial parallel", "for x in xs:\n    out.append(lambda: x)\nr = [h() for h in out]")
cell(
    "match",
    "parallel",
    "v = n = 0\nfor x in xs:\n    match f(x) % 3:\n        case 0:\n            v = 'zero'\n        case n:\n            v = n\n    out.append(v)",
)
cell(
    "match commit",
    "parallel",
    "n = 0\nfor x in xs:\n    match f(x) % 3:\n        case 0:\n            total += 1\n        case n:\n            out.append(n)",
)
cell("assert", "parallel", "for x in xs:\n    assert fail(x) < 100, x\n    out.append(x)")
cell("raise", "parallel", "for x in xs:\n    if f(x) > 20:\n        raise KeyError(x)\n    out.append(x)")
cell("ternary", "parallel", "for x in xs:\n    out.append(f(x) if total < 10 else fail(x))\n    total += x")
cell("boolop", "parallel", "for x in xs:\n    out.append(total > 5 and fail(x))\n    total += x")
cell("boolop loud", "parallel", "for x in xs:\n    out.append(total > 5 and loud(x))\n    total += x")
cell(
    "speculative raises",
    "parallel",
    "for x in xs:\n    if x != 4 or total < 0:\n        v = fail(x)\n        total += v",
)
cell(
    "speculative branch",
    "parallel",
    "for x in xs:\n    if x not in d:\n        v = fail(x)\n        w = f(v)\n        d[x] = w",
)
cell("speculative prints", "parallel", "for x in xs:\n    if x not in d:\n        v = loud(x)\n        d[x] = v")
cell("items in place", "parallel", "for row in rows:\n    row['y'] = f(row['x'])")
cell("items in place later", "parallel", "for row in rows:\n    row['y'] = f(row['x'])\n    row['z'] = f(row['y'])")
cell("items twice", "parallel", "two = [rows[0], rows[1], rows[0]]\nfor row in two:\n    row['x'] = f(row['x'])")
cell("items in function", "changes", "for row in rows:\n    changes(row)")
cell("logs in loop", "changes", "for x in xs:\n    out.append(logs(x))")
cell("logs beside", "parallel", "for x in xs:\n    out.append(f(x))\n    logs(x)")
cell(
    "function prints",
    "parallel",
    "for x in xs:\n    print('a', x)\n    out.append(loud(x))\n    print('b', total)\n    total += 1",
)
cell(
    "print after failing",
    "parallel",
    "for x in xs:\n    print('before', x)\n    out.append(fail(x))\n    print('after', x)",
)
cell("iterates itself", "changes-iterable", "q = [1]\nfor x in q:\n    if len(q) < 10:\n        q.append(f(x))")
cell("in place range", "parallel", "v = [1, 2, 3]\nfor i in range(len(v)):\n    v[i] = f(i)")
cell("in place read", "changes", "v = [1, 2, 3]\nfor i in range(1, len(v)):\n    v[i] = f(v[i - 1])")
cell("dict items", "parallel", "for key, val in {'a': 1, 'b': 2}.items():\n    d[key] = f(val)")
cell("generator", "parallel", "for x in gen(9):\n    out.append(f(x))")
cell(
    "infinite",
    "parallel",
    "import itertools\nfor x in itertools.count():\n    y = f(x)\n    if y > 30:\n        break\n    out.append(y)",
)
cell("alias", "parallel", "ys = out\nfor x in xs:\n    out.append(f(len(ys)))")
cell("alias in container", "parallel", "cfg = {'res': out}\nfor x in xs:\n    out.append(f(len(cfg['res'])))")
cell("alias temporary", "parallel", "for x in xs:\n    p = P(x)\n    q = p\n    q.x += f(x)\n    out.append(p)")
cell("alias of outer", "changes", "for x in xs:\n    o = out\n    o.append(f(len(out)))")
cell("outer iterator", "changes", "it = iter(range(100))\nfor x in xs:\n    out.append(f(next(it)))")
cell("iterator read", "parallel", "it = iter(range(100))\nfor x in xs:\n    out.append(sum(zip(it, [1]).__next__()))")
cell("trivial", "trivial", "for x in xs:\n    out.append(x)")
cell("trivial sum", "trivial", "for x in xs:\n    total += x")
cell("input", "forbidden", "for x in []:\n    out.append(input())")
cell("exec", "forbidden", "for x in xs:\n    exec('z = x')")
cell("nested region in if", "parallel", "if xs:\n    for x in xs:\n        out.append(f(x))")
cell("in while", "", "n = 0\nwhile n < 2:\n    n += 1\n    for x in xs:\n        out.append(f(x))")
cell("two loops", "parallel parallel", "for x in xs:\n    out.append(f(x))\nfor z in out:\n    total += f(z)")
cell("def in cell", "parallel", "def local(v):\n    return f(v) + 1\nfor x in xs:\n    out.append(local(x))")
cell(
    "def in cell logs",
    "changes",
    "def local(v):\n    log.append(v)\n    return v\nfor x in xs:\n    out.append(local(x))",
)
cell(
    "class in cell",
    "parallel",
    "class Q:\n    def __init__(self, v):\n        self.v = v\n    def get(self):\n        return f(self.v)\nfor x in xs:\n    out.append(Q(x).get())",
)
cell("loop variable assigned", "carried", "for x in xs:\n    y = f(x)\n    x = 0\n    out.append(y)")
cell("unpack call", "parallel", "for x in xs:\n    out.append(max(*g(x), key=lambda t: t))")
cell("f string", "parallel", "for x in xs:\n    out.append(f'{x}: {f(x)}')")
cell("chained compare", "parallel", "for x in xs:\n    if 0 < f(x) < k:\n        out.append(x)")
cell(
    "global name order",
    "parallel",
    "for x in xs:\n    n1 = f(x)\n    n2 = f(n1)\n    n3 = total + n2\n    total = n3\n    n4 = f(n2)",
)
cell("star import", "", "r = 1")
cell("annotated", "parallel", "for x in xs:\n    v: int = f(x)\n    out.append(v)")
cell("slice store", "parallel", "v = [0] * 20\nfor x in xs:\n    v[x:x + 1] = g(x, 1)")
cell(
    "delete item",
    "trivial parallel",
    "d.update({x: 1 for x in xs})\nfor x in [3, 1]:\n    y = f(x)\n    del d[x]\n    out.append(y)",
)
cell("stop iteration", "parallel", "for x in xs:\n    out.append(next(iter(range(4 - x, 1))))")
cell(
    "system exit",
    "parallel",
    "def stop(x):\n    if x == 4:\n        raise SystemExit(3)\n    return x\nfor x in xs:\n    out.append(stop(x))",
)
cell("name error", "parallel", "for x in xs:\n    out.append(undefined(x))")
cell("undefined target", "parallel", "for x in xs:\n    nowhere.append(loud(x))")
cell("warnings", "parallel", "import sys\nfor x in xs:\n    print('e', x, file=sys.stderr)\n    out.append(f(x))")
cell("nested function change", "parallel", "for x in xs:\n    m = P(f(x))\n    m.push(x)\n    out.append(m)")
cell(
    "tuple best",
    "parallel",
    "for x in xs:\n    cand = (f(x), x)\n    if arg is None or cand > arg:\n        arg = cand",
)
cell("swap state", "parallel", "a, b = 0, 1\nfor x in xs:\n    a, b = b, a + f(x)")
cell(
    "two maybe",
    "parallel",
    "for x in xs:\n    if odd(x):\n        u = f(x)\n    else:\n        u = -f(x)\n    out.append(u)",
)
cell(
    "commit in two branches",
    "parallel",
    "for x in xs:\n    v = f(x)\n    if odd(v):\n        out.append(v)\n        w = f(v)\n        log.append(w)\n    elif v > 20:\n        d[x] = f(v)\n    else:\n        continue\n    total += v",
)

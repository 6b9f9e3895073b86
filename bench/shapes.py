"""Cells that gain nothing from being parallel, of shapes that could make ``%%parallel`` dear: for bench/overhead.py."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Callable

PRELUDE = """
import os, tempfile, warnings
try:
    import pandas as pd
    frame = pd.DataFrame({"x": range(2_000), "y": [float(i % 7) for i in range(2_000)]})
except ImportError:
    pd = None
try:
    import matplotlib
    matplotlib.use("agg")
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
def counted(n):
    for i in range(n):
        yield i
grid = {}
path = os.path.join(tempfile.mkdtemp(), "lines.txt")
with open(path, "w") as fh:
    fh.writelines(f"{i} and {i % 7}\\n" for i in range(20_000))
"""


_USED = {"pandas": "frame", "matplotlib": "plt."}
"""Packages that may be missing, and what cells have that need them."""


def _within(head: str, body: str, tail: str = "") -> str:
    return f"{head}\n{textwrap.indent(body, '    ')}{tail}"


def shapes(long_loop: Callable[[int], str]) -> dict[str, str]:
    """Name -> cell. `long_loop` makes a loop of so many lines."""
    twenty = long_loop(20)
    short = "out = []\nfor x in range(1_000):\n    out.append(f(x))"
    figure = "fig, ax = plt.subplots()"
    plain = [f"a{i} = f({i}) + len(words)" for i in range(200)]
    cells = {
        "20 lines in if": _within("if words:", twenty),
        "20 lines in with": _within("with warnings.catch_warnings():", twenty),
        "20 lines in try": _within("try:", twenty, "\nexcept KeyError:\n    pass"),
        "20 lines in try in if": _within("if words:", _within("try:", twenty, "\nfinally:\n    pass")),
        "20 lines behind a file": _within("with open(path) as fh:", twenty),
        "a long loop in if": _within("if words:", short.replace("1_000", "100_000")),
        "in def, called": _within("def h():", f"{short}\nreturn out") + "\nout = h()",
        "in class": _within("class C:", short),
        "imports": "\n".join(
            f"import {name}" for name in ["os", "sys", "re", "json", "math", "time", "zlib", "ast", "dis", "io"]
        ),
        "imports and a loop": "import os, sys, re\nfrom math import sqrt\nout = [sqrt(x) for x in range(10)]",
        "200 statements": "\n".join(plain),
        "200 statements, a loop": "\n".join([*plain, "out = [f(x) for x in range(10)]"]),
        "50 loops": "\n".join(f"for x in range(10):\n    d{i} = f(x)" for i in range(50)),
        "nested comprehension": "out = [[f(x) for x in range(y)] for y in range(300)]",
        "nested loops": "for i in range(200):\n    for j in range(200):\n        grid[i, j] = i * j",
        "two generators": "out = [f(x) + y for x in range(200) for y in range(200)]",
        "rows of a table": "total = 0.0\nfor i, row in frame.iterrows():\n    total += row['x'] * row['y']",
        "tuples of a table": "total = 0.0\nfor row in frame.itertuples():\n    total += math.hypot(row.x, row.y)",
        "apply": "out = [frame['x'].sum() for i in range(20)]",
        "over a generator": "total = 0\nfor x in (f(i) for i in range(50_000)):\n    total += x",
        "over a map": "total = 0\nfor x in map(f, range(50_000)):\n    total += x",
        "20 lines over a map": twenty.replace("in range(10):", "in map(f, range(10)):", 1),
        "over the notebook's generator": "total = 0\nfor x in counted(100_000):\n    total += f(x)",
        "enumerate": "n = 0\nfor i, w in enumerate(words):\n    n += i * len(w)",
        "zip": "n = 0\nfor a, b in zip(words, range(20_000)):\n    n += b * len(a)",
        "join": "s = ''.join(str(x) for x in range(50_000))",
        "any, early": "found = any(f(x) > 100 for x in range(1_000_000))",
        "break, early": "for x in range(1_000_000):\n    if f(x) > 1_000_000:\n        break",
        "raises at once": "for x in range(10):\n    raise ValueError(x)",
        "raises at once, 20 lines": twenty + "\n    raise ValueError(x)",
        "raises later": "for x in range(10_000):\n    y = 1 / (5_000 - x)",
        "raises, caught": "try:\n    for x in range(10_000):\n        y = 1 / (5_000 - x)\nexcept Exception:\n    pass",
        "while": "i = 0\nwhile i < 100_000:\n    i += 1",
        "for in while": "i = 0\nwhile i < 100:\n    i += 1\n    for x in range(10):\n        y = f(x)",
        "a long string": f"text = '''{'some words for every line, ' * 8_000}'''",
        "a long list": f"held = {list(range(5_000))}",
        "a magic": "%precision 3\nout = [f(x) for x in range(10)]",
        "time": "%time out = [f(x) for x in range(10)]",
        "a shell command": "said = !echo 1\nout = [f(x) for x in said]",
        "figures": f"for i in range(2):\n    {figure}\n    ax.plot(range(100))\n    plt.close(fig)",
        "lines in a figure": f"{figure}\nfor i in range(20):\n    ax.plot(range(100))\nplt.close(fig)",
        "lines of a file": "n = 0\nwith open(path) as fh:\n    for line in fh:\n        n += len(line.split())",
        "trivial list": "out = [x for x in range(1_000_000)]",
        "trivial sum": "s = 0\nfor x in range(1_000_000):\n    s += x",
        "trivial dict": "d = {w: i for i, w in enumerate(words)}",
        "filter": "out = list(filter(str.isdigit, words))",
        "sorted by": "out = sorted(words, key=lambda w: (len(w), w))",
        "chain": "n = 0.0\nx = 0.5\nfor i in range(50_000):\n    x = 3.7 * x * (1 - x)\n    n += x",
        "global list": "def put(x):\n    words.append(x)\n    words.pop()\nfor x in range(10_000):\n    put(x)",
        "one long step": "out = [sum(g(y) for y in range(200)) for x in range(3)]",
        "random numbers": "import random\nout = [random.random() for x in range(10_000)]",
    }
    missing = [name for name in _USED if importlib.util.find_spec(name) is None]
    return {name: cell for name, cell in cells.items() if not any(_USED[one] in cell for one in missing)}

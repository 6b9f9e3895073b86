"""A stopped loop goes on: the end is what the mended cell leaves that ran from its beginning."""

import pytest

BACKENDS = ["serial", "threads 3", "processes 2"]

PRELUDE = """
def f(x):
    return x * x + 1
def bad(x, at):
    if x == at:
        raise ValueError(f'bad {x}')
    return f(x)
"""

# Name -> (cell with {f} for the call that fails, names to compare).
CELLS = {
    "for": "out = []\nfor x in range(20):\n    y = {f}\n    out.append(y)\nlast = y",
    "reduction": "total = 0\nfor x in range(20):\n    total += {f}\nlast = x",
    "nested in if": "d = {{}}\nif True:\n    n = 3\n    for x in range(20):\n        d[x] = {f}\n    n = len(d)",
    "two loops": "a = [f(x) for x in range(7)]\nb = []\nfor x in range(20):\n    b.append({f})\nc = [f(x) for x in b]",
    "list comprehension": "xs = list(range(20))\nout = [{f} for x in xs]\nn = len(out)",
    "comprehension in a call": "out = sorted([{f} for x in range(20) if x != 5], reverse=True)",
    "dict comprehension": "out = {{x: {f} for x in range(20)}}",
    "set comprehension": "out = {{{f} for x in range(20)}}",
    "else": "out = []\nfor x in range(20):\n    out.append({f})\nelse:\n    done = True",
    "enumerate": "out = []\nfor i, x in enumerate(range(20)):\n    out.append((i, {f}))",
    "try": "out = []\ntry:\n    for x in range(20):\n        out.append({f})\nfinally:\n    ended = len(out)",
}


@pytest.mark.parametrize("at", [1, 8, 19])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CELLS)
def test_goes_on_where_it_stopped(name, backend, at, notebook):
    cell = CELLS[name]
    notebook.ok(PRELUDE)
    before = set(notebook.shell.user_ns)
    notebook.ok(cell.format(f="f(x)"))
    want = {n: v for n, v in notebook.shell.user_ns.items() if n not in before and n[0] != "_"}
    notebook.shell.reset(new_session=False)
    notebook.ok(PRELUDE)
    failed = notebook.run(f"%%parallel {backend}\n" + cell.format(f=f"bad(x, {at})"))
    assert type(failed) is ValueError and "--resume" in notebook.said
    notebook.ok(f"%%parallel {backend} --resume\n" + cell.format(f="f(x)"))
    assert "goes on with iteration" in notebook.said
    got = {n: notebook.shell.user_ns.get(n) for n in want}
    assert got == want and list(map(repr, got.values())) == list(map(repr, want.values()))

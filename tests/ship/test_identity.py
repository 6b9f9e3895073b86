"""What a worker sends back that it had received is the notebook's very object."""

import numpy as np
import pytest

MAKERS = {
    "list": "[1, [2]]",
    "dict": "{'a': 1}",
    "set": "{1, 2}",
    "tuple": "(1, [2])",
    "bytearray": "bytearray(b'xy')",
    "instance": "P()",
    "array": "np.arange(5)",
    "large_array": "np.zeros(100000)",
    "frame": "pd.DataFrame({'a': [1, 2]})",
    "partial": "functools.partial(max, 1)",
    "frozenset": "frozenset({1, 2})",
    "deque": "collections.deque([1])",
}
SETUP = "import numpy as np, pandas as pd, functools, collections\nclass P: pass\n"


@pytest.mark.parametrize("kind", MAKERS)
def test_item_is_the_item(nb, kind):
    nb.run(SETUP + f"xs = [{MAKERS[kind]} for _ in range(3)]")
    out = nb.map("x", nb["xs"])
    assert all(a is b for a, b in zip(out, nb["xs"], strict=True))
    out = nb.map("{'in': [x, 1], 'n': 2}", nb["xs"])
    assert all(a["in"][0] is b for a, b in zip(out, nb["xs"], strict=True))


@pytest.mark.parametrize("kind", MAKERS)
def test_broadcast_is_the_broadcast(nb, kind):
    nb.run(SETUP + f"b = {MAKERS[kind]}\nhold = {{'deep': [b]}}")
    assert nb.get("b") is nb["b"]
    assert nb.get("(1, [b])")[1][0] is nb["b"]
    assert nb.get("(hold['deep'][0] is b, hold['deep'], hold)")[1:] == (nb["hold"]["deep"], nb["hold"])
    assert nb.get("hold['deep']") is nb["hold"]["deep"]


def test_attribute_refers_to_broadcast(nb):
    nb.run("class Cfg: pass\nclass R:\n    def __init__(s, x): s.parent = cfg; s.x = x\ncfg = Cfg()")
    first, second = nb.map("R(x)", [1, 2])
    assert first.parent is nb["cfg"] and second.parent is nb["cfg"] and second.x == 2


def test_globals_that_share_objects_still_share_them(nb):
    nb.run("shared = [1]\na = {'s': shared}\nb = {'s': shared}\nc = [[5]]")
    assert nb.get("(a['s'] is b['s'], a['s'] is shared, c)") == (True, True, [[5]])
    nb.run("b = {'s': [1]}")
    assert nb.get("(a['s'] is b['s'], a['s'] is shared)") == (False, True)


def test_aliases_in_and_between_items(nb):
    inner = [1]
    items = [{"a": inner, "b": inner}, {"a": inner}]
    out = nb.map("(x['a'] is x.get('b', x['a']), x['a'])", items)
    assert out == [(True, [1]), (True, [1])] and out[0][1] is inner and out[1][1] is inner


def test_aliases_in_results(nb):
    made = nb.get("(lambda l: {'a': l, 'b': l})([x])")
    assert made["a"] is made["b"] == [0]


def test_cycles(nb):
    nb.run("c = [1]\nc.append(c)\nd = {}\nd['me'] = d\nclass N: pass\nn = N()\nn.me = [n]")
    out = nb.get("(c, d, n, c[1] is c, d['me'] is d, n.me[0] is n)")
    assert out[0] is nb["c"] and out[1] is nb["d"] and out[2] is nb["n"] and out[3:] == (True, True, True)
    fresh = nb.get("(lambda l: l.append(l) or l)([x])")
    assert fresh[1] is fresh


def test_singletons(nb):
    nb.run("import os, math")
    out = nb.get("(None, Ellipsis, NotImplemented, os, int, type(None), type(...), math.sin, True)")
    import math
    import os

    assert all(
        a is b
        for a, b in zip(out, (None, ..., NotImplemented, os, int, type(None), type(...), math.sin, True), strict=True)
    )


def test_a_changed_item_is_sent_not_named(nb):
    nb.run("def f(x):\n    x.append(9)\n    return x")
    item = [1]
    out = nb.map("f(x)", [item])
    assert out == [[1, 9]] and item == [1]
    assert "items" in nb.shipment.changed
    nb.run("def g(a):\n    a += 1\n    return a")
    array = np.zeros(5000)
    out = nb.map("g(x)", [array])
    assert out[0][0] == 1 and array[0] == 0 and "items" in nb.shipment.changed


def test_a_changed_broadcast_is_sent_not_named(nb):
    nb.run("b = [1]\ndef f(x):\n    b.append(x)\n    return b")
    out = nb.map("f(x)", [5])
    assert out[0] == [1, 5] and nb["b"] == [1] and nb.shipment.changed == {"b"}


def test_many_items_with_few_hits(nb):
    items = [[i] for i in range(2000)]
    out = nb.map("x if x[0] % 500 == 0 else list(x)", items)
    assert [i for i, value in enumerate(out) if value is items[i]] == [0, 500, 1000, 1500]
    assert out == items


def test_whole_task_filter_keeps_identity(nb):
    items = [{"n": i} for i in range(300)]
    out = nb.map("[i for i in items if i['n'] % 2]", items, whole=True)
    assert all(a is b for a, b in zip(out, items[1::2], strict=True))

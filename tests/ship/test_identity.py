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


def test_views_of_received_arrays_are_views_of_the_notebooks(nb):
    nb.run("import numpy as np\na = np.arange(12.0)\nf = np.asfortranarray(np.ones((3, 4)))\nb = np.zeros(90_000)")
    for source in ("a[2:5]", "a[::-3]", "a.reshape(3, 4).T[1:]", "f[:, 1]", "b[7:9]", "np.asarray(a)[3:]"):
        got, want = nb.get(source), eval(source, nb.ns)
        assert np.shares_memory(got, want) and got.base is want.base
        assert (got.shape, got.strides, got.dtype) == (want.shape, want.strides, want.dtype)
    items = [np.arange(4.0) for _ in range(3)]
    for item, view in zip(items, nb.map("x.reshape(2, 2)", items), strict=True):
        item[0] = 77
        assert view[0, 0] == 77
    nb.run("r = np.arange(9)\nr.flags.writeable = False\no = np.array([[], {}], dtype=object)")
    assert not nb.get("r[1:]").flags.writeable
    assert nb.get("o[:1]")[0] is nb["o"][0]


def test_views_go_with_what_they_are_views_of(nb):
    nb.run("import numpy as np\ndef f(n):\n    a = np.arange(n)\n    return a[1:3], a[2:5], a")
    for size in (6, 50_000):
        first, second, whole = nb.map("f(x)", [size])[0]
        whole[2] = -1
        assert first[1] == second[0] == -1
    nb.run("def g(n):\n    a = np.arange(n)\n    return a[1:3], a[2:5]")
    first, second = nb.map("g(x)", [50_000])[0]
    first[1] = -1
    assert second[0] == -1
    alone = nb.map("np.arange(x)[1:3]", [50_000])[0]
    assert alone.base is None or alone.base.nbytes < 100


@pytest.mark.parametrize("source", ["c[1:]", "np.frombuffer(data, 'u1')[2:]", "memoryview(data)[1:3]"])
def test_what_cannot_be_a_view_is_said(nb, source):
    nb.run("import numpy as np\nc = np.arange(12.0)[::2]\ndata = bytearray(9)")
    assert "loop reads" in nb.result(source).copied
    assert nb.result("c.copy()[1:]").copied == ""
    assert nb.get("c") is nb["c"]


def test_memoryviews_of_all_that_there_is(nb):
    nb.run("data = bytearray(9)")
    view = nb.get("memoryview(data)")
    assert view.obj is nb["data"]
    made, view = nb.get("(lambda b: (b, memoryview(b)))(bytearray(8))")
    view[0] = 5
    assert made[0] == 5


def test_what_functions_and_classes_hold(nb):
    nb.run("kept = {'deep': []}\ndef f(x, acc=[1], *, key=kept): return acc, key['deep']\n")
    nb.run("class C:\n    known = {'a': [2]}\ndef outer():\n    cell = [3]\n    return lambda: cell\ng = outer()")
    acc, deep = nb.get("f(x)")
    assert acc is nb["f"].__defaults__[0] and deep is nb["kept"]["deep"]
    assert nb.get("C.known['a']") is nb["C"].known["a"]
    assert nb.get("g()") is nb["g"]()
    nb.run("def f(x, acc=[4]): return acc")
    assert nb.get("f(x)") is nb["f"].__defaults__[0]
    nb.run("f.__defaults__[0].append(5)")
    assert nb.get("f(x)") is nb["f"].__defaults__[0]
    nb.run("def f(x, acc=[4]):\n    acc.append(x)\n    return acc")
    assert nb.result("f(x)").changed == ("f",)
    assert nb["f"].__defaults__ == ([4],)


def test_what_a_cache_keeps_is_said(nb):
    nb.run("import functools\n@functools.cache\ndef made(x): return {'v': [x]}")
    assert "made()" in nb.result("made(1)").copied
    assert "made()" in nb.result("made(2)['v']").copied
    assert nb.result("len(made(3)['v'])").copied == ""
    nb.run("@functools.lru_cache(maxsize=2)\ndef value(x): return x, str(x)\ndef two(x): return [value(x), value(x)]")
    assert nb.result("two(x)").copied == ""


def test_addresses_in_texts_are_said(nb):
    nb.run("class P: pass\np = P()")
    for source in ("repr(p)", "str(x)", "repr(f)", "[{'k': repr(p.__init__)}]"):
        nb.run("def f(): pass")
        assert "address" in nb.result(source, [nb["p"]]).copied
    assert nb.result("repr(P()), '<at 0x12>'").copied == ""


SHARED = """
class H:
    known = []
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
table = {h: h.v for h in hs}
H.known.append(hs[1])
def f(h, some=(hs[2],)): return table[h], h in H.known, h in some, h
"""


@pytest.mark.parametrize("more", ["", "many = [[i, [i]] for i in range(100)]\n"], ids=["told all", "told what is met"])
def test_items_that_values_and_functions_hold_are_the_same_in_a_worker(nb, more):
    nb.run(SHARED + more)
    source = "f(x)" if not more else "(len(many), f(x))[1]"
    got = nb.map(source, nb["hs"])
    assert [value for value, *_ in got] == [0, 1, 2, 3, 4]
    assert [known for _, known, *_ in got] == [False, True, False, False, False]
    assert all(a is b for (*_, a), b in zip(got, nb["hs"], strict=True))
    deep = nb.map("f(x['h'][0])[0]", [{"h": [h]} for h in nb["hs"]])
    assert deep == [0, 1, 2, 3, 4]


def test_a_changed_item_that_a_value_holds_is_seen(nb):
    nb.run("rows = [[1], [2]]\nindex = {'a': rows[0]}\ndef f(row):\n    row.append(9)\n    return index['a']")
    result = nb.result("f(x)", nb["rows"][:1])
    assert set(result.changed) >= {"index"} and nb["rows"] == [[1], [2]]


def test_sentinels_are_one_object_everywhere(nb):
    nb.run(
        "M = object()\nclass C:\n    NONE = M\ndef f(x, default=M): return default is M, x is M, C.NONE is M, default"
    )
    for item in (nb["M"], [nb["M"]]):
        default, same, attribute, back = nb.map("f(x if x is M else x[0])", [item])[0]
        assert (default, same, attribute) == (True, True, True) and back is nb["M"]
    assert type(nb.get("object()")) is object


def test_arguments_of_exceptions_are_the_notebooks(nb):
    nb.run("class E(Exception):\n    def __init__(s, o, **k):\n        super().__init__(o); s.o, s.k = o, k")
    nb.run("def f(o): raise E(o, deep={'o': [o]})\ndef g(o): return E(o, n=1)")
    item = [1]
    with pytest.raises(Exception) as caught:
        nb.map("f(x)", [item])
    assert caught.value.args[0] is item and caught.value.o is item and caught.value.k["deep"]["o"][0] is item
    assert nb.map("g(x)", [item])[0].args[0] is item


def test_tables_of_pandas_3_are_copied_where_they_were_shared(nb):
    nb.run("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'c': ['x', 'y']})")
    column, part, whole = nb.get("(df['c'], df.iloc[1:], df)")
    assert whole is nb["df"]
    column.iloc[0], part.iloc[0, 0] = "t", -5
    assert nb["df"].values.tolist() == [[1, "x"], [2, "y"]]
    nb["df"].loc[1, "a"] = 7
    assert part.iloc[0, 0] == -5


def test_what_there_is_one_of_stays_the_one(nb):
    import re

    nb.run("import re, numpy as np")
    kind, array, pattern = nb.get("(np.dtype('f4'), np.zeros(3, 'i8'), re.compile('a'))")
    assert kind is np.dtype("f4") and array.dtype is np.dtype("i8") and pattern is re.compile("a")
    found = nb.get("[re.search(r'(?P<k>b)+', 'abbc'), re.match('a', 'ab'), *re.finditer('b', 'abb')]")
    assert [m.span() for m in found] == [(1, 3), (0, 1), (1, 2), (2, 3)] and found[0]["k"] == "b"


@pytest.mark.parametrize("kind", ["np.ma.masked_array([1.0, 2.0], mask=[0, 1])", "np.arange(3.0).view(Sub)"])
def test_views_of_other_kinds_of_arrays_are_said(nb, kind):
    nb.run(f"import numpy as np\nclass Sub(np.ndarray): pass\na = {kind}")
    assert "loop reads" in nb.result("a[1:]").copied
    assert nb.result("a + 1").copied == ""

def test_function_and_globals(nb):
    nb.run("import math\nk = 3\ndef f(x):\n    return math.sqrt(x) * k\n")
    assert nb.map("f(x)", [1, 4, 9]) == [3.0, 6.0, 9.0]
    nb.run("k = 5")
    assert nb.map("f(x)", [1, 4, 9]) == [5.0, 10.0, 15.0]


def test_instance(nb):
    nb.run("class P:\n    def __init__(s, x): s.x = x\n    def twice(s): return P(s.x * 2)\n")
    nb.run("p = P(4)")
    out = nb.get("p.twice()")
    assert type(out) is nb["P"] and out.x == 8
    assert nb.get("p") is nb["p"]
    item = nb["P"](3)
    assert nb.map("x", [item])[0] is item

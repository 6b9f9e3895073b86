"""What cannot travel is named with its path, before anything runs or as the error of its iteration."""
# ruff: noqa: E501 (the cells are data)

import sqlite3
import threading

import pytest

from paracell.ship.errors import ShipError, Unshipped

BROADCASTS = {
    "attribute": ("import sqlite3\nclass M: pass\nm = M()\nm.conn = sqlite3.connect(':memory:')", "m", "m.conn: sqlite3.Connection"),
    "nested": ("import threading\nd = {'a': [1, {'lock': threading.Lock()}]}", "d", "d['a'][1]['lock']: _thread.lock"),
    "itself": ("import threading\nlock = threading.Lock()", "lock", "lock: _thread.lock"),
    "closure": (
        "import threading\ndef make():\n    lock = threading.Lock()\n    def f(x):\n        with lock: return x\n    return f\nf = make()",
        "f(x)",
        "lock (closure): _thread.lock",
    ),
    "default": ("import threading\ndef f(x, lock=threading.Lock()): return x", "f(x)", "f.lock (default): _thread.lock"),
    "class_attribute": ("import threading\nclass A:\n    lock = threading.Lock()", "A()", "A.lock: _thread.lock"),
    "through_a_function": ("import threading\nlock = threading.Lock()\ndef g(): return lock\ndef f(x): return g()", "f(x)", "lock: _thread.lock"),
    "generator": ("g = (i for i in range(3))", "g", "g: generator"),
    "file": ("import os\nfh = open(os.devnull, 'w')", "fh", "fh: _io.TextIOWrapper"),
    "read_file": ("import os\nfh = open(os.devnull)", "fh", "fh: _io.TextIOWrapper"),
    "slots": ("import threading\nclass S:\n    __slots__ = ('lock',)\ns = S()\ns.lock = threading.Lock()", "s", "s.lock: _thread.lock"),
    "set_element": ("import threading\nclass H:\n    def __init__(s): s.l = threading.Lock()\nh = {H()}", "h", ".l: _thread.lock"),
    "raises": ("class R:\n    def __reduce__(self): raise RuntimeError('never')\nr = [R()]", "r", "r[0]: R"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROADCASTS)
def test_broadcast_is_named_before_anything_runs(nb, name):
    cell, loop, path = BROADCASTS[name]
    nb.run(cell)
    with pytest.raises(ShipError) as caught:
        nb.shipper.job(nb.job(loop), nb.ns)
    message = str(caught.value)
    assert path in message and "%%parallel threads" in message and "inside the loop" in message
    assert nb.get("x") == 0


def test_item_is_named_with_its_index(nb):
    items = [{"lock": 1}, {"lock": 2}, {"ok": 1}, {"lock": threading.Lock()}]
    with pytest.raises(ShipError) as caught:
        nb.map("x", items)
    assert "items[3]['lock']: _thread.lock" in str(caught.value)
    assert nb.get("x") == 0


def test_result_is_named_and_earlier_ones_arrive(nb):
    nb.run(
        "import sqlite3\nclass R: pass\ndef f(x):\n    r = R()\n    if x == 2: r.conn = sqlite3.connect(':memory:')\n    return r"
    )
    result = nb.result("f(x)", [0, 1, 2, 3])
    assert len(result.values) == 2
    assert isinstance(result.error, ShipError) and "result.conn: sqlite3.Connection" in str(result.error)
    assert (result.error.path, result.error.type_name) == ("result.conn", "sqlite3.Connection")
    assert nb.get("x") == 0


def test_deep_nesting_is_an_error_on_every_way(nb):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    nb.ns["deep"] = deep
    with pytest.raises(ShipError, match="nested too deeply"):
        nb.get("len(deep)")
    with pytest.raises(ShipError, match="nested too deeply"):
        nb.map("len(x)", [deep])
    nb.run("def f(x):\n    d = []\n    for _ in range(100000): d = [d]\n    return d")
    with pytest.raises(ShipError, match="nested too deeply"):
        nb.get("f(x)")
    assert nb.get("x") == 0
    while deep:  # so that the deallocation of the test's own list is shallow
        deep = deep.pop()


def test_what_a_worker_cannot_rebuild_is_an_error_of_the_task(nb):
    nb.run(
        "class A:\n    def __init__(s): s.x = 1\n    def __setstate__(s, d): raise RuntimeError('will not')\na = A()"
    )
    error = nb.result("a").error
    assert isinstance(error, ShipError) and "`a`" in str(error) and "will not" in str(error)
    assert nb.get("x") == 0
    error = nb.result("x", [nb["a"]]).error
    assert isinstance(error, ShipError) and "will not" in str(error)


def test_temporary_that_stays_in_the_worker(nb):
    from paracell.run.job import TaskResult
    from paracell.ship.identity import Primer
    from paracell.ship.link import Link, using
    from paracell.ship.results import Received, pack

    link = Link(nb.module, nb.ns)
    link.refer = lambda obj: None
    with using(link):
        payload, buffers = pack(
            TaskResult([1], temporaries={"conn": sqlite3.connect(":memory:"), "ok": 2}), Received(0, Primer()), link
        )
    shipment = nb.shipper.job(nb.job("x"), nb.ns)
    result = shipment.result(payload, buffers)
    assert result.values == [1] and result.temporaries["ok"] == 2
    stayed = result.temporaries["conn"]
    assert isinstance(stayed, Unshipped) and "`conn: sqlite3.Connection`" in str(stayed.error)

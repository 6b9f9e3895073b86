"""What the cell itself imports, from a module that is not there yet when the cell is planned."""

from __future__ import annotations

import sys

import pytest

from paracell import cell

LOOPS = {
    "import wsgiref.headers\n": "out.append(wsgiref.headers.Headers([('a', str(x))]).setdefault('b', str(x)))",
    "import wsgiref.headers as h\n": "made = h.Headers([str(x)])\n    out.append(made.setdefault('b', 1))",
    "from wsgiref.headers import Headers\n": "made = Headers([('a', str(x))])\n    out.append(made.setdefault('b', 1))",
}


@pytest.fixture
def absent(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "wsgiref"]:
        monkeypatch.delitem(sys.modules, name)


def _regions(source, namespace):
    return cell.plan(source, "<cell>", namespace).regions


@pytest.mark.parametrize("line", LOOPS)
def test_a_library_gives_new_objects_before_it_is_imported_too(absent, line):
    (region,) = _regions(f"{line}out = []\nfor x in range(9):\n    {LOOPS[line]}", {})
    assert region.parallel, region.refusal
    assert "wsgiref" not in sys.modules, "nothing is imported to find out"


def test_a_module_of_the_users_may_give_anything(tmp_path, monkeypatch):
    (tmp_path / "mine_to_come.py").write_text("kept = {}\ndef fetch(x):\n    return kept\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (region,) = _regions(
        "import mine_to_come\nfor x in range(9):\n    out.append(mine_to_come.fetch(x).pop(x))", {"out": []}
    )
    assert not region.parallel
    assert "mine_to_come" not in sys.modules


def test_a_name_that_is_nobodys_may_be_anything():
    source = "import nobody_has_this\nfor x in range(9):\n    out.append(nobody_has_this.fetch(x).pop(x))"
    (region,) = _regions(source, {"out": []})
    assert not region.parallel

"""Where more objects are reached than can be looked at, nothing is taken for granted."""

from oracle import Told, compare

from paracell.run import reach

BEFORE = "held = [[i] for i in range(1000)]\nkept = {}\nother = [kept]\n"
CELL = "for i in range(4):\n    kept[i] = sum(held[i]) + len(held)\n"


def test_a_loop_whose_reads_are_too_many_to_look_at_is_serial(opener_on, monkeypatch):
    compare(BEFORE, CELL, opener_on("serial 3"), told := Told())
    assert not told.reasons
    monkeypatch.setattr(reach, "MOST", 100)
    compare(BEFORE, CELL, opener_on("serial 3"), told := Told())
    assert "holds too many objects" in told.reasons[0]

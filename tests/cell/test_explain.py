"""``--explain``: each line on its side, operands beside it, the class of every variable."""

from __future__ import annotations

from paracell import cell

CELL = """best = 0
out = []
for i, p in enumerate(paths):
    img = load(p)
    if img is None:
        continue
    s = score(img)
    if s > best:
        best, arg = s, i
    out.append((i, s))
    total += weigh(s)
"""
SHOWN = """line 3: for i, p in enumerate(paths):
  │ for i, p in enumerate(paths):
  ∥     img = load(p)
  │     if img is None:   ∥ img is None
  │         continue
  ∥     s = score(img)
  │     if s > best:
  │         best, arg = s, i
  │     out.append((i, s))
  │     total += weigh(s)   ∥ weigh(s)
      i: loop
      p: loop
      img: temporary
      s: temporary
      arg: carried
      best: carried
      out: committed
      total: reduction
      load: broadcast
      score: broadcast
      weigh: broadcast"""


def test_lines_stand_on_their_side_with_operands_and_classes():
    assert cell.plan(CELL, "cell", {}).explain() == SHOWN


def test_a_comprehension_is_computed_as_a_whole():
    assert cell.plan("ys = [f(x) for x in xs]", "cell", {}).explain().splitlines()[1] == "  ∥ ys = [f(x) for x in xs]"


def test_a_region_that_is_not_parallel_shows_its_reason():
    shown = cell.plan("s = 0\nfor x in xs:\n    s = step(s, x)", "cell", {}).explain()
    assert "needs what iteration i wrote" in shown and "s = step(s, x)" in shown and "s: carried" in shown


def test_a_cell_without_a_loop_says_so():
    assert cell.plan("x = 1", "cell", {}).explain() == "No loop in this cell."

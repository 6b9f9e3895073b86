"""The live display of a parallel cell, as messages on iopub."""

from __future__ import annotations

import re

import pytest
from same import INSIDE

SLOW = "import time\nfor x in {items}:\n    time.sleep(0.02)\n    print(end='')"


def shown(ran):
    """(display_data, [update_display_data]) of the one progress display; notes are not among them."""
    first = [c for c in ran.of("display_data") if "paracell-progress" in c["data"].get("text/html", "")]
    return first, ran.of("update_display_data")


@pytest.mark.parametrize("backend", ["processes 2", "threads 2", *INSIDE])
def test_a_slow_cell_shows_one_display_that_ends_as_a_summary(kernel, backend):
    ran = kernel.run(f"%%parallel {backend}\n" + SLOW.format(items="range(60)"))
    assert ran.reply["status"] == "ok", ran.reply
    (first,), updates = shown(ran)
    key = first["transient"]["display_id"]
    row = re.search(r"× 2(.*?)</div>", first["data"]["text/html"])[1]
    assert len(re.findall("[●○]", row)) == 2, row
    assert updates and {update["transient"]["display_id"] for update in updates} == {key}
    assert "/60" in first["data"]["text/plain"] and 'data-state="running"' in first["data"]["text/html"]
    last = updates[-1]["data"]
    assert 'data-state="finished"' in last["text/html"]
    assert "60 items on 2" in last["text/plain"] and "serial" in last["text/plain"]


def test_a_quick_cell_shows_nothing(kernel):
    kernel.run("%%parallel processes 2\nwarm = [x for x in map(abs, range(100))]")
    ran = kernel.run("%%parallel processes 2\nout = [abs(x) for x in range(100)]")
    assert ran.reply["status"] == "ok", ran.reply
    assert shown(ran) == ([], [])


def test_an_unknown_total_shows_a_count(kernel):
    ran = kernel.run("%%parallel threads 2\n" + SLOW.format(items="iter(range(40))"))
    (first,), _ = shown(ran)
    assert "done" in first["data"]["text/plain"] and "/40" not in first["data"]["text/plain"]


def test_no_progress_shows_nothing(kernel):
    ran = kernel.run("%%parallel threads 2 --no-progress\n" + SLOW.format(items="range(40)"))
    assert ran.reply["status"] == "ok" and shown(ran) == ([], [])


def test_an_error_ends_the_display_as_failed(kernel):
    ran = kernel.run("%%parallel threads 2\nimport time\nfor x in range(60):\n    time.sleep(0.02)\n    1 / (x - 50)")
    assert ran.reply["ename"] == "ZeroDivisionError"
    _, updates = shown(ran)
    assert 'data-state="failed"' in updates[-1]["data"]["text/html"]
    assert "50 items" in updates[-1]["data"]["text/plain"]


def test_it_moves_while_the_main_thread_is_inside_a_long_c_call(kernel):
    """The commit part of the first iteration holds the GIL until after the workers have done everything."""
    kernel.run(
        "import time\nclass Slow:\n    def add(self, value):\n"
        "        if value == 0:\n            7**3_000_000 % 10**9\nsink = Slow()"
    )
    ran = kernel.run("%%parallel processes 2\nfor x in range(40):\n    time.sleep(0.02)\n    sink.add(x)")
    assert ran.reply["status"] == "ok", ran.reply
    (_first,), updates = shown(ran)
    assert len(updates) >= 3

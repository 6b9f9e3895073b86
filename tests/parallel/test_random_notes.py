"""What a notebook's user is told about random numbers, and what draws are worth across cells of one kernel."""

from __future__ import annotations

import importlib.util

import pytest

SETUP = "import random, paracell, numpy as np\nrandom.seed(1); np.random.seed(1); rng = np.random.default_rng(1)"
CELL = "out = [rng.random() + random.random() + np.random.rand() for i in range(40)]\nout[:3] + out[-3:]"


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def notes(ran):
    shown = [one for one in ran.of("display_data") if one["metadata"].get("paracell", {}).get("note")]
    return [one["data"]["text/plain"] for one in shown]


def test_the_note_is_said_once_and_the_numbers_do_not_depend_on_the_backend(fresh):
    results = []
    for number, backend in enumerate(["serial", "processes 1", "processes 2", "processes 2 --chunk 3"]):
        ok(fresh.run(SETUP))
        ran = ok(fresh.run(f"%%parallel {backend}\n{CELL}"))
        said = [note for note in notes(ran) if note.startswith("Random numbers: each iteration draws")]
        assert len(said) == (number == 0), notes(ran)
        assert notes(ran) == said
        results.append(ran.result)
    assert len(set(results)) == 1
    assert ok(fresh.run(f"%%parallel processes 2\n{CELL}")).result != results[0]


def test_auto_draws_the_serial_cells_numbers_where_a_loop_does_little_but_draw(fresh):
    cell = "out = [rng.random() + random.random() + np.random.rand() for i in range(40)]\nout, random.random()"
    ok(fresh.run(SETUP))
    plain = ok(fresh.run(cell)).result
    ok(fresh.run(SETUP))
    ran = ok(fresh.run(f"%%parallel\n{cell}"))
    assert ran.result == plain and "little more than draw random numbers" in "".join(notes(ran))
    ok(fresh.run(SETUP))
    timed = ok(fresh.run(f"%%parallel auto --timeout 60\n{cell}"))
    ok(fresh.run(SETUP))
    assert timed.result == ok(fresh.run(f"%%parallel processes 2\n{cell}")).result != plain


def test_threads_do_not_share_a_source(fresh):
    ok(fresh.run(SETUP))
    want = ok(fresh.run(f"%%parallel serial\n{CELL}")).result
    ok(fresh.run(SETUP))
    ran = ok(fresh.run(f"%%parallel threads 2\n{CELL}"))
    assert ran.result == want
    (note,) = [note for note in notes(ran) if "runs on one thread: it draws from" in note]
    assert all(source in note for source in ("'rng'", " random", "numpy.random")), note
    region = ok(fresh.run("r = paracell.last_run().regions[0]; r.ran, 'threads share' in r.reason")).result
    assert region == "('serial', True)"


def test_threads_say_that_library_code_drew(fresh):
    if importlib.util.find_spec("sklearn") is None:
        pytest.skip("sklearn is not installed")
    ok(fresh.run(SETUP + "\nfrom sklearn.utils import resample"))
    ran = ok(fresh.run("%%parallel threads 2\nout = [len(resample([1, 2, 3])) for i in range(40)]"))
    assert len(notes(ran)) == 1
    assert "library code drew from numpy.random" in notes(ran)[0]
    quiet = ok(fresh.run("%%parallel threads 2\nout = [len(resample([1, 2], random_state=i)) for i in range(40)]"))
    assert notes(quiet) == []

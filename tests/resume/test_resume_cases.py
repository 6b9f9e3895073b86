"""What is run again of a stopped cell and what is not, where it is refused, and what is said."""

import pytest

BACKENDS = ["serial", "threads 3", "processes 2"]
PRELUDE = """
import paracell, random
def f(x):
    return x * x
def bad(x):
    if x == 6:
        raise ValueError(x)
    return f(x)
"""
WANT = [x * x for x in range(10)]


@pytest.fixture
def notebook(notebook):
    notebook.ok(PRELUDE)
    return notebook


def stop(notebook, cell, line="%%parallel serial"):
    error = notebook.run(f"{line}\n{cell}")
    assert error is not None
    return error


def resume(notebook, cell, line="%%parallel serial"):
    notebook.ok(f"{line} --resume\n{cell}")


def refused(notebook, cell, line="%%parallel serial"):
    error = notebook.run(f"{line} --resume\n{cell}")
    assert type(error).__name__ == "NotResumed", error
    return str(error)


LOOP = "out = []\nfor x in range(10):\n    out.append({f}(x))"


def test_definitions_before_the_loop_are_run_as_they_now_stand(notebook):
    cell = "import math\ndef g(x):\n    return {f}(x)\nout = []\nfor x in range(10):\n    out.append(g(x))"
    stop(notebook, cell.format(f="bad"))
    resume(notebook, cell.format(f="f"))
    assert notebook["out"] == WANT


def test_any_other_new_line_before_the_loop_is_refused_and_nothing_runs(notebook):
    stop(notebook, LOOP.format(f="bad"))
    assert "line 3 is new or changed" in refused(
        notebook, "out = []\nout.append(0)\nfor x in range(10):\n    out.append(f(x))"
    )
    assert notebook["out"] == WANT[:6]
    resume(notebook, LOOP.format(f="f"))
    assert notebook["out"] == WANT


def test_code_behind_the_loop_is_run_as_it_now_stands(notebook):
    stop(notebook, LOOP.format(f="bad") + "\nn = 1")
    resume(notebook, LOOP.format(f="f") + "\nn = len(out)\nmore = [f(x) for x in out]")
    assert notebook["n"] == 10 and len(notebook["more"]) == 10


def test_a_finished_cell_and_one_that_never_ran_have_a_reason(notebook):
    assert "no cell has been stopped" in refused(notebook, LOOP.format(f="f"))
    stop(notebook, "other = [bad(x) for x in range(10)]")
    notebook.ok("%%parallel serial\n" + LOOP.format(f="f"))
    assert "ran to its end" in refused(notebook, LOOP.format(f="f"))
    assert "is not in the cell" in refused(notebook, "a = 1\nfor q in 'ab':\n    out.append(f(q))")


def test_a_cell_of_two_equal_loops_goes_on_with_the_right_one(notebook):
    cell = "a = []\nb = []\nfor x in range(10):\n    a.append(f(x))\nfor x in range(10):\n    b.append({f}(x))"
    stop(notebook, cell.format(f="bad"))
    resume(notebook, cell.format(f="f"))
    assert notebook["a"] == notebook["b"] == WANT


def test_a_loop_that_cannot_be_told_from_another_is_refused(notebook):
    stop(notebook, LOOP.format(f="bad"))
    assert "cannot be told" in refused(notebook, LOOP.format(f="f") + "\nfor x in range(10):\n    out.append(f(x))")


def test_a_changed_iterable_goes_on_if_it_begins_with_the_same_items(notebook):
    cell = "out = []\nfor x in {it}:\n    out.append({f}(x))"
    stop(notebook, cell.format(it="range(10)", f="bad"))
    assert "another now" in refused(notebook, cell.format(it="range(1, 11)", f="f"))
    assert "goes on with" not in notebook.said
    assert "only 3 items" in refused(notebook, cell.format(it="range(3)", f="f"))
    resume(notebook, cell.format(it="[*range(8)]", f="f"))
    assert notebook["out"] == WANT[:8]


def test_a_mended_item_counts(notebook):
    notebook.ok("xs = list(range(10))")
    cell = "out = [bad(x) for x in xs]"
    stop(notebook, cell)
    notebook.ok("xs[6] = 0")
    resume(notebook, cell)
    assert notebook["out"] == [0, 1, 4, 9, 16, 25, 0, 49, 64, 81]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_generator_goes_on_where_it_stands(backend, notebook):
    notebook.ok("import itertools\ndef items():\n    yield from range(10)")
    line = f"%%parallel {backend}"
    for header in ("x in items()", "x in itertools.islice(itertools.count(), 10)", "i, x in enumerate(items())"):
        cell = f"out = []\nfor {header}:\n    out.append({{f}}(x))\nrest = 1"
        stop(notebook, cell.format(f="bad"), line)
        resume(notebook, cell.format(f="f"), line)
        assert notebook["out"] == WANT and "where it stood" in notebook.said


@pytest.mark.parametrize("backend", BACKENDS)
def test_items_taken_ahead_from_an_iterator_that_the_notebook_keeps_are_said(backend, notebook):
    notebook.ok("numbers = iter(range(10))")
    stop(notebook, "out = []\nfor x in numbers:\n    out.append(bad(x))", f"%%parallel {backend}")
    left = len(list(notebook["numbers"]))
    assert (f"'numbers' was read ahead: {3 - left} more items" in notebook.said) == (left < 3)
    notebook.ok("numbers = iter(range(10))")
    stop(notebook, "out = []\nfor x in numbers:\n    out.append(bad(x))", "%%parallel serial --chunk 4")
    assert "'numbers' was read ahead: 3 more items have been taken from it; --resume" in notebook.said
    stop(notebook, "out = []\nfor x in range(10):\n    out.append(bad(x))", "%%parallel serial --chunk 4")
    assert "read ahead" not in notebook.said


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_iterator_that_failed_is_made_anew(backend, notebook):
    notebook.ok("def items():\n    yield from range(6)\n    raise OSError")
    cell = "out = []\nfor x in items():\n    out.append(f(x))"
    assert type(stop(notebook, cell, f"%%parallel {backend}")) is OSError
    notebook.ok("def items():\n    yield from range(10)")
    resume(notebook, cell, f"%%parallel {backend}")
    assert notebook["out"] == WANT


def test_a_file_is_read_on_and_one_to_write_is_refused(notebook, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("".join(f"{x}\n" for x in range(10)))
    notebook.shell.user_ns.update(source=str(source), target=str(tmp_path / "out.txt"))
    cell = "out = []\nwith open(source) as rows:\n    for row in rows:\n        out.append({f}(int(row)))\nn = len(out)"
    stop(notebook, cell.format(f="bad"))
    resume(notebook, cell.format(f="f"))
    assert notebook["out"] == WANT and notebook["n"] == 10
    cell = "with open(target, {mode!r}) as to:\n    for x in range(10):\n        print({f}(x), file=to)"
    stop(notebook, cell.format(mode="w", f="bad"))
    assert "appending" in refused(notebook, cell.format(mode="w", f="f"))
    resume(notebook, cell.format(mode="a", f="f"))
    assert (tmp_path / "out.txt").read_text().split() == [str(x) for x in WANT]


def test_what_was_done_of_the_iteration_is_said(notebook):
    notebook.ok("log, d = [], {x: 0 for x in range(6)}")
    cell = "for x in range(10):\n    y = f(x)\n    log.append(y)\n    d[x] += y"
    assert type(stop(notebook, cell)) is KeyError
    assert "Of iteration 6 this has been done already, and will be done again: line 4 `log.append(y)`" in notebook.said
    notebook.ok("d[6] = d[7] = d[8] = d[9] = 0\nlog.pop()")
    resume(notebook, cell)
    assert notebook["log"] == WANT and notebook["d"] == dict(enumerate(WANT))


def test_random_streams_are_those_of_an_undisturbed_run(notebook):
    cell = "out = [{f}(x) + random.random() for x in range(10)]\nafter = random.random()"
    line = "%%parallel processes 2"
    notebook.ok("random.seed(3)")
    notebook.ok(f"{line}\n" + cell.format(f="f"))
    want = notebook["out"], notebook["after"]
    notebook.ok("random.seed(3)")
    stop(notebook, cell.format(f="bad"), line)
    resume(notebook, cell.format(f="f"), line)
    assert (notebook["out"], notebook["after"]) == want


def test_goes_on_after_a_worker_died(notebook):
    notebook.ok("import os\ndef g(x):\n    if x == 6:\n        os._exit(3)\n    return f(x)")
    cell = "out = [{f}(x) for x in range(10)]"
    assert type(stop(notebook, cell.format(f="g"), "%%parallel processes 2")).__name__ == "WorkerDied"
    resume(notebook, cell.format(f="f"), "%%parallel processes 2")
    assert notebook["out"] == WANT


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", [LOOP, "out = [{f}(x) for x in range(10)]", "out = {{{f}(x): x for x in range(10)}}"])
def test_a_second_stop_keeps_what_the_first_resume_did(backend, cell, notebook):
    notebook.ok("def worse(x):\n    return 1 / (x - 8) and f(x)")
    line = f"%%parallel {backend}"
    stop(notebook, cell.format(f="bad"), line)
    assert type(stop(notebook, cell.format(f="worse"), f"{line} --resume")) is ZeroDivisionError
    assert "8 of 10 iterations are kept" in notebook.said
    resume(notebook, cell.format(f="f"), line)
    assert list(notebook["out"]) == WANT


def test_handed_to_a_consumer_it_is_refused_with_a_way_out(notebook):
    stop(notebook, "total = sum(bad(x) for x in range(10))")
    assert "list comprehension" in refused(notebook, "total = sum(f(x) for x in range(10))")


def test_a_call_before_the_loop_in_its_statement_is_not_made_twice(notebook):
    stop(notebook, "out = f(2) + len([bad(x) for x in range(10)])")
    assert "`f(2)` was evaluated before" in refused(notebook, "out = f(2) + len([f(x) for x in range(10)])")


def test_a_caught_error_is_no_stop(notebook):
    cell = "try:\n    for x in range(10):\n        x = bad(x)\nexcept ValueError:\n    pass"
    notebook.ok(f"%%parallel serial\n{cell}")
    assert "no cell has been stopped" in refused(notebook, LOOP.format(f="f"))


@pytest.mark.parametrize("made", ["iter(range(10))", "items()", "map(abs, items())", "enumerate(items())"])
@pytest.mark.parametrize("line", ["%%parallel serial --chunk 4", "%%parallel threads 2", "%%parallel processes 2"])
def test_an_iterator_that_the_notebook_keeps_goes_on_where_it_stands(made, line, notebook):
    notebook.ok(f"def items():\n    yield from range(10)\nnumbers = {made}")
    cell = "out = []\nfor x in numbers:\n    x = x[0] if type(x) is tuple else x\n    out.append({f}(x))"
    stop(notebook, cell.format(f="bad"), line)
    resume(notebook, cell.format(f="f"), line)
    assert notebook["out"] == WANT and list(notebook["numbers"]) == []


@pytest.mark.parametrize("made", ["iter(range(30))", "items()", "zip(items())", "enumerate(range(30))"])
def test_an_iterator_that_was_asked_for_items_since_is_refused_and_left_alone(made, notebook):
    notebook.ok(f"def items():\n    yield from range(30)\nnumbers = {made}")
    cell = "out = []\nfor x in numbers:\n    x = x[0] if type(x) is tuple else x\n    out.append({f}(x))"
    stop(notebook, cell.format(f="bad"))
    notebook.ok("taken = next(numbers)")
    assert "has been asked for items since" in refused(notebook, cell.format(f="f"))
    notebook.ok("after = next(numbers)")
    first = [v[0] if type(v) is tuple else v for v in (notebook["taken"], notebook["after"])]
    assert first[1] == first[0] + 1 and notebook["out"] == WANT[:6]


def test_an_iterator_that_is_gone_over_in_another_way_is_refused_and_left_alone(notebook):
    notebook.ok("numbers = iter(range(30))")
    cell = "out = []\nfor x in {it}:\n    out.append({f}(x))"
    stop(notebook, cell.format(it="numbers", f="bad"))
    left = notebook["numbers"].__length_hint__()
    assert "gone over once only" in refused(notebook, cell.format(it="enumerate(numbers)", f="f"))
    assert notebook["numbers"].__length_hint__() == left


def test_an_iterator_that_ran_here_goes_on_where_it_stands(notebook):
    notebook.ok("numbers = iter(range(10))")
    cell = "out = []\nfor x in numbers:\n    out.append({f}(x))"
    stop(notebook, cell.format(f="bad"), "%%parallel")
    resume(notebook, cell.format(f="f"), "%%parallel")
    assert notebook["out"] == WANT

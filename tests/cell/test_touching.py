"""Who is told of which files, and what that costs who touches none."""

import os
import subprocess
import sys

import pytest

from paracell.run import touching
from paracell.run.filenames import reaches
from paracell.run.touching import Ledger, Touched, recorded


@pytest.fixture
def ledger():
    made = Ledger()
    yield made
    made.close()


def touch(folder, name):
    with open(folder / name, "w") as file:
        file.write("x")


def read(folder, name):
    with open(folder / name) as file:
        return file.read()


def test_what_a_task_does_is_recorded(tmp_path):
    touch(tmp_path, "old")
    with recorded() as found:
        touch(tmp_path, "new")
        read(tmp_path, "old")
        os.listdir(tmp_path)
        os.rename(tmp_path / "old", tmp_path / "older")
    at = str(tmp_path)
    assert found.read == {f"{at}/old"} and found.listed == {at} and found.filled == {at}
    assert found.written == {f"{at}/new", f"{at}/old", f"{at}/older"}
    assert touching._local.touched is None


def test_what_no_event_tells_is_recorded_while_a_ledger_is_open(tmp_path):
    stat = os.stat
    ledger = Ledger(threads=True)
    with recorded() as found:
        assert not os.path.exists(tmp_path / "none") and os.path.isdir(tmp_path)
    ledger.close()
    ledger.close()
    assert found.read == {f"{tmp_path}/none", str(tmp_path)} and os.stat is stat


def test_imports_are_no_reading(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_by_a_task.py").write_text("n = 1")
    with recorded() as found:
        import imported_by_a_task  # noqa: F401
    assert found == Touched()


def test_names_relative_to_a_folder_are_not_taken_for_those_of_the_working_directory(tmp_path):
    (tmp_path / "a").mkdir()
    with recorded() as found:
        folder = os.open(tmp_path, os.O_RDONLY)
        os.rmdir("a", dir_fd=folder)
        os.close(folder)
    assert not found.written


def test_what_the_loop_writes_after_a_task_was_handed_out_the_task_has_not_read(ledger, tmp_path):
    path = str(tmp_path / "a")
    for _ in range(3):
        ledger.submitted(1)
    assert ledger.delivered(((path,), (), (), ())) == ""
    touch(tmp_path, "a")
    ledger.committed()
    assert "was written by the loop" in ledger.delivered(((path,), (), (), ()))
    assert ledger.delivered(((str(tmp_path / "b"),), (), (), ())) == ""
    ledger.submitted(1)
    assert ledger.delivered(((path,), (), (), ())) == ""  # it was handed out later
    ledger.submitted(2)
    assert "between which the loop may write" in ledger.delivered(((path,), (), (), ()))


def test_tasks_that_use_a_file_at_the_same_time_are_told_apart_from_those_that_do_not(ledger):
    ledger.submitted(1), ledger.submitted(1)
    assert ledger.delivered(((), ("/x/a",), (), ("/x",))) == ""
    assert "at the same time" in ledger.delivered((("/x/a",), (), (), ()))
    ledger.submitted(1)
    assert ledger.delivered((("/x/a",), (), (), ())) == ""
    ledger.submitted(1), ledger.submitted(1)
    assert ledger.delivered((("/x/b",), (), (), ())) == ""
    assert "ahead of time" in ledger.delivered(((), ("/x/b",), (), ()))
    ledger.submitted(1), ledger.submitted(1)
    assert ledger.delivered(((), ("/x/c",), (), ("/x",))) == ""
    assert "at the same time" in ledger.delivered(((), (), ("/x",), ()))


def test_a_folder_that_is_gone_takes_what_is_in_it_along(ledger, tmp_path):
    import shutil

    (tmp_path / "gone").mkdir()
    ledger.submitted(1), ledger.submitted(1)
    assert ledger.delivered(()) == ""
    shutil.rmtree(tmp_path / "gone")
    ledger.committed()
    assert "was written by the loop" in ledger.delivered(((str(tmp_path / "gone" / "a" / "b"),), (), (), ()))


def test_iterations_computed_in_one_go_may_have_missed_what_the_loop_writes_between_them(ledger, tmp_path):
    path = str(tmp_path / "a")
    ledger.submitted(3), ledger.submitted(1)
    assert ledger.delivered(((path,), (), (), ())) == ""
    touch(tmp_path, "a")
    ledger.committed()
    assert "may have missed it" in ledger.delivered(((), (), (), ()))


def test_the_code_tells_whether_files_may_be_touched():
    space = {"os": os}
    exec(
        "def sums(x): return sum(range(x))\ndef reads(x):\n    with open(x) as f: return f.read()\n"
        "def asks(x): return os.path.exists(x)\ndef calls(x): return reads(x)\ndef table(x): return x.read_csv('a')",
        space,
    )
    assert [reaches(space[n]) for n in ("sums", "reads", "asks", "calls", "table")] == [False, True, True, True, True]


def test_nobody_is_asked_at_each_event_before_a_loop_has_to_do_with_files():
    code = (
        "from paracell.run import touching\nfrom paracell.run.task import run_task\n"
        "from paracell.run.job import Job, Task\nimport sys\n"
        "job = Job(lambda x, keep, at: x, False, '', 1, '', None)\n"
        "run_task(job, Task(0, 0, [1], True))\nassert not touching._hooked\n"
        "job.options['files'] = True\nrun_task(job, Task(0, 0, [1], True))\nassert touching._hooked\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

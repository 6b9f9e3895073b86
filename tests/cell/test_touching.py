"""Who is told of which files, and what that costs who touches none."""

import fcntl
import os
import subprocess
import sys

import pytest

from paracell.run import journal as written_down
from paracell.run import taking_back as journals
from paracell.run import touching
from paracell.run.filenames import reaches
from paracell.run.journal import Writer
from paracell.run.ledger import Ledger
from paracell.run.taking_back import Journal
from paracell.run.touching import Touched, recorded, writer


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


def kept_in():
    """The folder of a session's only journal."""
    return f"{journals._session}-0"


@pytest.fixture
def journal(monkeypatch, tmp_path_factory):
    monkeypatch.setattr(journals, "_session", str(tmp_path_factory.mktemp("kept") / "journal"))
    made = Journal(journals.folder())
    ledger = Ledger(journal=made)
    yield ledger
    ledger.close()
    assert not os.path.exists(kept_in()) and not journals._in_use


def state(folder):
    return {one.name: one.read_text() if one.is_file() else list(one.iterdir()) for one in folder.iterdir()}


def change_all(folder):
    """Everything that can be taken back."""
    touch(folder, "new")
    touch(folder, "old")
    (folder / "made").mkdir()
    touch(folder / "made", "inside")
    with open(folder / "grown", "a") as file:
        file.write("more")
    with open(folder / "patched", "r+") as file:
        file.write("X")
    os.rename(folder / "source", folder / "target")
    os.remove(folder / "removed")
    os.rmdir(folder / "empty")
    os.truncate(folder / "cut", 1)
    os.remove(folder / "link")
    os.symlink("new", folder / "another")
    touch(folder, "renamed")
    os.replace(folder / "renamed", folder / "over")


@pytest.mark.parametrize("small", [0, 100])
def test_what_one_task_has_done_is_taken_back_as_if_it_had_not_run(journal, tmp_path, monkeypatch, small):
    monkeypatch.setattr(written_down, "_SMALL", small)
    for name in ("old", "grown", "patched", "source", "target", "removed", "cut", "over"):
        (tmp_path / name).write_text(f"was {name}")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("old")
    before = state(tmp_path)
    with recorded(kept_in(), 3):
        change_all(tmp_path)
    assert state(tmp_path) != before
    journal.dropped()
    assert state(tmp_path) == before and journal.lost == []


def test_what_a_task_reads_that_a_later_one_has_written_by_then_is_known_before_it_is_committed(journal, tmp_path):
    journal.submitted(1, 0), journal.submitted(1, 1)
    with recorded(kept_in(), 1):
        touch(tmp_path, "a")
    with recorded(kept_in(), 0) as found:
        read(tmp_path, "a")
    assert "at the same time" in journal.delivered(found.packed())


def test_what_a_task_lists_that_a_later_one_has_filled_by_then_is_known(journal, tmp_path):
    journal.submitted(1, 0), journal.submitted(1, 1)
    with recorded(kept_in(), 1):
        touch(tmp_path, "a")
    with recorded(kept_in(), 0) as found:
        os.listdir(tmp_path)
    assert "at the same time" in journal.delivered(found.packed())


def test_what_a_later_task_writes_when_it_has_been_committed_is_not_held_against_it(journal, tmp_path):
    touch(tmp_path, "a")
    journal.submitted(1, 0), journal.submitted(1, 1)
    with recorded(kept_in(), 0) as first:
        read(tmp_path, "a")
    assert journal.delivered(first.packed()) == ""
    with recorded(kept_in(), 1) as second:
        touch(tmp_path, "a")
    assert journal.delivered(second.packed()) == ""


def test_of_a_task_the_iterations_that_do_not_count_are_taken_back(journal, tmp_path):
    with recorded(kept_in(), 3):
        for number in (3, 4, 5):
            writer().at(number)
            touch(tmp_path, str(number))
            with open(tmp_path / "all", "a") as file:
                file.write(str(number))
    journal.took(5)
    journal.dropped()
    assert state(tmp_path) == {"3": "x", "4": "x", "all": "34"}


def test_what_cannot_be_taken_back_is_told(journal, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setattr(written_down, "MOST", 10)
    (tmp_path / "large").write_text("x" * 11)
    (tmp_path / "tree").mkdir()
    with recorded(kept_in(), 1):
        touch(tmp_path, "large")
        shutil.rmtree(tmp_path / "tree")
        (tmp_path / "own").mkdir()
        shutil.rmtree(tmp_path / "own")
    journal.dropped()
    assert journal.lost == [str(tmp_path / "large"), str(tmp_path / "tree")]


def test_what_the_loop_has_written_since_is_left_and_told(journal, tmp_path):
    with recorded(kept_in(), 1):
        touch(tmp_path, "a")
    with open(tmp_path / "a", "w") as file:
        file.write("by the loop")
    journal.dropped()
    assert read(tmp_path, "a") == "by the loop" and journal.lost == [str(tmp_path / "a")]


def test_a_task_of_another_process_that_begins_when_all_is_over_does_not(journal, tmp_path):
    journal.dropped()
    with pytest.raises(KeyboardInterrupt):
        Writer(kept_in(), 1, True)


def test_a_task_of_another_process_is_waited_for(journal, tmp_path):
    code = (
        "import sys\nfrom paracell.run import capture\ncapture.alone = True\n"
        "from paracell.run.touching import recorded\n"
        f"with recorded({kept_in()!r}, 1):\n"
        f"    open({str(tmp_path / 'a')!r}, 'w').close()\n    print(flush=True)\n    sys.stdin.readline()\n"
        f"    open({str(tmp_path / 'b')!r}, 'w').close()"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    with pytest.raises(OSError):
        fcntl.flock(journal.journal._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    child.stdin.write(b"\n")
    child.stdin.flush()
    journal.dropped()
    assert state(tmp_path) == {}
    child.communicate()


def test_names_of_one_file_are_one(tmp_path):
    touch(tmp_path, "a")
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.link(tmp_path / "a", tmp_path / "hard")
    seen = []
    for path in (tmp_path / "a", tmp_path / "folder" / "a", tmp_path / "link", tmp_path / "hard"):
        with recorded() as found:
            touch(path.parent, path.name)
        seen.append(found.written)
    assert seen[0] == seen[1] == seen[2] and seen[0] & seen[3]


def test_a_folder_that_counting_iterations_want_as_well_stays(journal, tmp_path):
    with recorded(kept_in(), 5):
        os.makedirs(tmp_path / "made", exist_ok=True)
        os.makedirs(tmp_path / "other", exist_ok=True)
    with recorded(kept_in(), 4) as found:
        os.makedirs(tmp_path / "made", exist_ok=True)
    journal.submitted(1, 4)
    assert journal.delivered(found.packed()) == ""
    journal.took(5)
    journal.dropped()
    assert state(tmp_path) == {"made": []} and journal.lost == []


def test_a_journal_whose_session_was_killed_is_removed_by_the_next_one(tmp_path):
    code = (
        "import os, signal\nfrom paracell.run.taking_back import Journal, _PREFIX\n"
        f"Journal(os.path.join({str(tmp_path)!r}, _PREFIX + 'killed'))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code])
    alive = Journal(str(tmp_path / f"{journals._PREFIX}alive"))
    assert len(os.listdir(tmp_path)) == 2
    journals.sweep(str(tmp_path))
    assert os.listdir(tmp_path) == [f"{journals._PREFIX}alive"]
    alive.close()
    assert os.listdir(tmp_path) == []


def test_a_run_beside_another_has_a_journal_of_its_own(journal, tmp_path):
    other = Ledger(journal=Journal(journals.folder()))
    with recorded(kept_in(), 1):
        touch(tmp_path, "a")
    with recorded(f"{journals._session}-1", 1):
        touch(tmp_path, "b")
    other.dropped()
    other.close()
    assert state(tmp_path) == {"a": "x"} and journals.folder() == f"{journals._session}-1"


def test_what_a_dead_worker_has_done_is_taken_back_before_its_task_runs_again(journal, tmp_path):
    (tmp_path / "log").write_text("0")
    journal.submitted(3, 0), journal.submitted(1, 3)
    with recorded(kept_in(), 0):
        for number in (0, 1):
            writer().at(number)
            os.mkdir(tmp_path / str(number))
            with open(tmp_path / "log", "a") as file:
                file.write(str(number))
    with recorded(kept_in(), 3) as third:
        touch(tmp_path, "third")
    journal.again([(1, 0), (1, 1), (1, 2)])
    assert state(tmp_path) == {"log": "0", "third": "x"}
    for number in (0, 1, 2):
        with recorded(kept_in(), number) as found:
            os.mkdir(tmp_path / str(number))
        assert journal.delivered(found.packed(), number > 0) == ""
    journal.committed()
    assert journal.delivered(third.packed()) == ""
    journal.took(4)
    journal.dropped()
    assert state(tmp_path) == {"log": "0", "third": "x", "0": [], "1": [], "2": []} and journal.lost == []


def test_what_others_have_read_of_what_a_dead_worker_has_left_does_not_count(journal, tmp_path):
    journal.submitted(1, 0), journal.submitted(1, 1)
    with recorded(kept_in(), 0):
        touch(tmp_path, "a")
    with recorded(kept_in(), 1) as second:
        read(tmp_path, "a")
    journal.again([(1, 0)])
    assert journal.delivered(((), (), (), ())) == ""
    assert "at the same time" in journal.delivered(second.packed())


@pytest.mark.parametrize("others", ["before", "after"])
def test_a_file_of_a_dead_worker_that_others_write_as_well_is_taken_back_when_nothing_runs(journal, tmp_path, others):
    def add(number):
        with recorded(kept_in(), number) as found, open(tmp_path / "log", "a") as file:
            file.write(str(number))
        return found

    journal.submitted(1, 0), journal.submitted(1, 1)
    for number in (1, 0) if others == "before" else (0, 1):
        add(number)
    journal.again([(1, 0)])
    assert "before a worker died" in journal.delivered(add(0).packed())
    journal.took(0)
    journal.dropped()
    assert state(tmp_path) == {} and journal.lost == []


def test_a_folder_of_a_dead_worker_that_others_use_stays(journal, tmp_path):
    journal.submitted(1, 0), journal.submitted(1, 1)
    with recorded(kept_in(), 0):
        os.makedirs(tmp_path / "made", exist_ok=True)
        touch(tmp_path / "made", "half")
    with recorded(kept_in(), 1):
        os.makedirs(tmp_path / "made", exist_ok=True)
    journal.again([(1, 0)])
    assert state(tmp_path) == {"made": []}


def test_parts_of_a_task_that_run_at_the_same_time_do_not_use_one_file(journal, tmp_path):
    journal.submitted(2, 0)
    journal.again([(1, 0), (1, 1)])
    with recorded(kept_in(), 1) as second:
        touch(tmp_path, "a")
    with recorded(kept_in(), 0) as first:
        read(tmp_path, "a")
    assert "at the same time" in journal.delivered(first.packed())
    journal.delivered(second.packed(), True)
    journal.took(0)
    journal.dropped()
    assert state(tmp_path) == {}


def test_what_runs_anew_altogether_finds_files_as_they_were(journal, tmp_path):
    journal.submitted(1, 0), journal.submitted(1, 1)
    for number in (0, 1):
        with recorded(kept_in(), number):
            touch(tmp_path, "a")
    journal.anew()
    assert state(tmp_path) == {}
    Writer(kept_in(), 0, True).close()  # tasks of other processes may begin
    with recorded(kept_in(), 0) as found:
        touch(tmp_path, "a")
    assert journal.delivered(found.packed()) == ""

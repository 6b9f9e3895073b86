"""Tasks that write to the same file at the same time: what each keeps to be taken back is no half of the other's."""

from __future__ import annotations

import os
import threading

import pytest

from paracell.run import claims
from paracell.run.journal import Writer
from paracell.run.taking_back import Journal, folder

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@pytest.fixture
def journal():
    name = folder()
    made = Journal(name)
    yield name, made
    made.close()
    assert not os.path.exists(name)


def _write(name, start, path, text, halfway=lambda: None):
    """A task that writes half of a text and then the whole."""
    writer = Writer(name, start, False)
    try:
        writer.opened(str(path), FLAGS)
        with open(path, "w") as file:
            file.write(text[: len(text) // 2])
            file.flush()
            halfway()
            file.write(text[len(text) // 2 :])
    finally:
        writer.close()


@pytest.mark.parametrize("there", [True, False])
def test_the_second_keeps_what_the_first_has_written(journal, tmp_path, there):
    name, run = journal
    path = tmp_path / "file"
    if there:
        path.write_text("before")
    second = threading.Thread(target=_write, args=(name, 1, path, "the second's"))

    def begin():
        second.start()
        second.join(0.2)  # it would be over by then if it did not wait

    _write(name, 0, path, "the first's", begin)
    second.join()
    assert path.read_text() == "the second's"
    assert run.take_back(1, lambda path: True) == [] and path.read_text() == "the first's"


def test_one_that_waits_too_long_says_that_the_file_is_lost(journal, tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LONGEST", 0.05)
    name, run = journal
    path = tmp_path / "file"
    path.write_text("before")
    _write(name, 0, path, "the first's", lambda: _write(name, 1, path, "the second's"))
    assert run.take_back(1, lambda path: True) == [str(path)]


def test_claims_end_with_the_iteration_and_the_task(journal, tmp_path):
    name, _ = journal
    one, other = Writer(name, 0, False), Writer(name, 5, False)
    one.opened(str(tmp_path / "a"), FLAGS)
    one.at(1)
    other.opened(str(tmp_path / "a"), FLAGS)
    other.close()
    one.opened(str(tmp_path / "a"), FLAGS)
    one.close()
    before = set(os.listdir("/proc/self/fd"))
    last = Writer(name, 9, False)
    last.opened(str(tmp_path / "a"), FLAGS, ["//other"])
    last.close()
    assert set(os.listdir("/proc/self/fd")) == before


def test_an_entry_that_is_seen_in_part_is_read_when_it_is_whole(journal, tmp_path):
    name, run = journal
    used = {str(tmp_path / letter) for letter in "ab"}
    entries = b"".join(b"%d\0%d\0new\0%s\0\0" % (at, at + 1, os.fsencode(path)) for at, path in enumerate(sorted(used)))
    with open(os.path.join(name, "1-1.log"), "wb", buffering=0) as log:
        for byte in entries:
            log.write(bytes([byte]))
            found = run.ahead(0, 1, used, ())
    assert found == str(tmp_path / "a")
    assert run.ahead(0, 2, used, ()) == str(tmp_path / "b")

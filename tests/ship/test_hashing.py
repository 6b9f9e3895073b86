"""Content hashes and the rewriting of references, native and plain Python alike."""

import ctypes
import io
import os
import pickle
import threading

import pytest

from paracell.ship.hashing import buffer_hashes, content_hash, plain_atoms, rebase_memo


def test_hash_tells_content_and_cuts_apart():
    assert content_hash([b"ab", b"c"]) == content_hash([bytearray(b"ab"), memoryview(b"c")])
    assert len({content_hash(p) for p in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"], [b"abc", b""], [])}) == 5
    big = bytearray(1 << 20)
    before = content_hash([big])
    big[-1] = 1
    assert content_hash([big]) != before


def _by_hand(memory):
    memory[3 << 20] += 1


def _by_c(memory):
    ctypes.memset(memory.ctypes.data + (2 << 20) + 5, 7, 1)


def _by_the_system(memory):
    with open("/dev/urandom", "rb", buffering=0) as file:
        file.readinto(memory[-100:])


def _by_another_thread(memory):
    thread = threading.Thread(target=memory.fill, args=(9,))
    thread.start()
    thread.join()


@pytest.mark.parametrize("write", [_by_hand, _by_c, _by_the_system, _by_another_thread])
def test_large_memory_that_was_hashed_often_is_seen_to_change(write):
    numpy = pytest.importorskip("numpy")
    memory = numpy.ones(8 << 20, dtype=numpy.uint8)
    for _ in range(3):
        for _ in range(6):
            assert buffer_hashes([memory]) == buffer_hashes([memory.copy()])
        write(memory)
    child = os.fork() if write is _by_hand else 0
    if child == 0 and write is _by_hand:  # what a fork writes is its own
        before = buffer_hashes([memory])
        memory[0] += 1
        os._exit(buffer_hashes([memory]) == before)
    assert child == 0 or os.waitpid(child, 0)[1] == 0
    assert buffer_hashes([memory]) == buffer_hashes([memory.copy()])


def test_large_memory_that_took_the_place_of_other_memory_is_hashed():
    numpy = pytest.importorskip("numpy")
    for value in range(8):
        memory = numpy.full(8 << 20, value, dtype=numpy.uint8)
        for _ in range(4):
            assert buffer_hashes([memory]) == buffer_hashes([bytes(memory)])
        memory = None  # the next one lies where this one lay


def test_plain_atoms():
    assert plain_atoms([1, 2.0, "a", b"b", None, True])
    for other in ([1, []], [(1,)], [1j], [type("I", (int,), {})(3)]):
        assert not plain_atoms(other)


class Loader(pickle.Unpickler):
    def __init__(self, data, objects):
        super().__init__(io.BytesIO(data))
        self.objects = objects

    def persistent_load(self, number):
        return self.objects[number]


@pytest.mark.parametrize("primed", [1, 2, 300])
def test_rebased_pickles_load_the_same_and_name_what_they_name(primed):
    known = [[i] for i in range(primed)]
    shared = {"x": "long text" * 10}
    content = [
        known[0],
        [shared, shared],
        known[-1],
        ["y" * 300, (1, 2.5, -7, 2**70, b"b" * 300)] * 200,
        {1, 2},
        frozenset("a"),
    ]
    file = io.BytesIO()
    pickler = pickle.Pickler(file, 5)
    pickler.memo = {id(obj): (number, obj) for number, obj in enumerate(known)}
    pickler.dump(content)
    payload, used = rebase_memo(file.getvalue(), primed)
    loaded = Loader(payload, known).load()
    assert loaded == content and loaded[0] is known[0] and loaded[2] is known[-1] and loaded[1][0] is loaded[1][1]
    assert used == sorted({0, primed - 1})

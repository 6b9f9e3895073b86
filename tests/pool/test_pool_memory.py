"""Large buffers: writable on both sides, recycled, shared once, and bounded."""

import os
import pickle

import numpy
import psutil
import pytest
from conftest_pool import descriptors

from paracell import _native


@pytest.mark.parametrize("size", [1, 1000, 48 * 1024 - 1, 48 * 1024, 1_000_000, 20_000_000])
def test_buffers_arrive_writable_on_both_sides(pool, size):
    source = bytearray(b"a" * size)
    back = pool.call("doubled", buffers=[source, source])
    assert bytes(source) == b"a" * size, "the sender's bytes stay"
    for buffer in back:
        array = numpy.frombuffer(buffer, dtype=numpy.uint8)
        assert len(array) == size and array[0] == 7 and (array[1:] == ord("a")).all()
        assert array.flags.writeable
        array[:] = 1


def test_a_result_lives_as_long_as_a_view_of_it(pool):
    kept = [numpy.frombuffer(pool.call("grown", 100_000, fill), dtype=numpy.uint8) for fill in range(20)]
    for fill, array in enumerate(kept):
        assert (array == fill).all()
    pool.native.shutdown()
    for fill, array in enumerate(kept):
        assert (array == fill).all()


def test_a_changed_result_does_not_show_in_the_next_one(pool):
    for fill in range(1, 30):
        array = numpy.frombuffer(pool.call("grown", 200_000, fill), dtype=numpy.uint8)
        assert (array == fill).all()
        array[:] = 255


def test_two_hundred_tasks_of_eight_megabytes_use_a_few_blocks(pool):
    process = psutil.Process()

    def shared():
        workers = [psutil.Process(pid) for pid in pool.native.pids()]
        return max(one.memory_info().shared for one in [process, *workers])

    run = pool.open(2)
    source = bytearray(8_000_000)
    for index in range(200):
        pool.submit(run, "doubled", buffers=[source])
        pool.next(run)
        if index == 20:
            early = shared()
    assert shared() < early + 40_000_000
    run.close()


def test_a_fork_that_has_ended_keeps_no_block(pool):
    """Of the children that this process forks for itself; what it forks in other ways may look at a result for ever."""
    pool.call("grown", 8_000_000, 1)
    worker = psutil.Process(pool.native.pids()[0])
    early = worker.memory_info().shared
    for fill in range(20):
        result = pool.call("grown", 8_000_000, fill)
        _native.rehearse_fork()
        del result
    assert worker.memory_info().shared < early + 40_000_000


def test_a_blob_is_sent_once_and_each_worker_has_its_own_copy(pool):
    pool.native.put(b"big", b"", [b"abc" * 100_000])
    assert pool.native.has(b"big")
    first = pool.call("blob", b"big", True, needs=[b"big"])
    assert first == [b"cbc"]
    assert pool.call("blob", b"big", needs=[b"big"]) == [b"cbc"], "the worker's own"
    run = pool.open(2, [b"big"])
    for _ in range(2):
        pool.submit(run, "nap", 0.1)
    pool.next(run), pool.next(run)
    for _ in range(2):
        pool.submit(run, "nap_blob", 0.1, b"big")
    assert sorted(pool.next(run) for _ in range(2)) == [[b"abc"], [b"cbc"]]
    run.close()


def test_a_discarded_blob_is_forgotten_when_no_run_needs_it(pool):
    pool.native.put(b"gone", b"", [])
    run = pool.open(1, [b"gone"])
    pool.native.discard(b"gone")
    pool.submit(run, "held")
    assert pool.next(run) == [b"gone", b"job"]
    run.close()
    assert not pool.native.has(b"gone")
    assert pool.call("held") == [b"job"]


def test_read_ahead_is_bounded(pool):
    run = pool.open(2)
    submitted = 0
    while submitted < 1000:
        if not run.wanted():
            if submitted >= 40:
                break
            while not run.wanted() and submitted < 40 and not run.ready():
                os.sched_yield()
            if not run.wanted():
                break
        pool.submit(run, "echo", submitted)
        submitted += 1
    assert submitted <= 48
    run.close()


def test_without_shared_memory_bytes_go_through_the_socket(pool, tmp_path):
    """RLIMIT_FSIZE makes every new segment fail; it is set in a child, since raising it again may not be allowed."""
    import subprocess
    import sys

    code = """
import pickle, resource, sys
sys.path.insert(0, sys.argv[1])
from conftest_pool import Pool
pool = Pool()
assert pool.call("echo", 1) == 1
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
pool.native.put(b"big", b"", [b"abc" * 100_000])
back = pool.call("doubled", needs=[b"big"], buffers=[bytearray(b"a" * 5_000_000)])
assert bytes(back[0]) == b"\\x07" + b"a" * 4_999_999
pool.native.shutdown()
"""
    here = os.path.dirname(__file__)
    subprocess.run([sys.executable, "-c", code, here], check=True, timeout=30)


def test_a_hundred_runs_leave_nothing(make_pool):
    pool = make_pool()
    while pool.native.serving() < 2:
        pool.map("echo", [1] * 10)
    before = descriptors()
    maps = mappings()
    for _ in range(100):
        run = pool.open(2)
        pool.submit(run, "doubled", buffers=[bytearray(100_000)])
        pool.next(run)
        run.close()
    assert len(descriptors()) <= len(before) + 1, "the arena's segment"
    assert mappings() <= maps + 3, "the arenas of the pool and of two workers"
    pool.native.shutdown()
    pool.native = run = None
    assert mappings() == 0


def mappings():
    with open("/proc/self/maps") as maps:
        return sum("memfd:paracell" in line for line in maps)


def test_blas_threads_are_shared_among_workers(pool):
    cores = len(os.sched_getaffinity(0))
    run = pool.open(cores)
    pool.submit(run, "blas")
    assert set(pool.next(run)) == {1}
    run.close()
    run = pool.open(1)
    pool.submit(run, "blas")
    assert set(pool.next(run)) == {cores}
    run.close()


def test_a_result_in_a_forked_child_is_a_copy(pool):
    array = numpy.frombuffer(pool.call("grown", 100_000, 5), dtype=numpy.uint8)
    read, write = os.pipe()
    back, tell = os.pipe()
    child = os.fork()
    if child == 0:
        array[0] = 9
        os.write(tell, b"x")
        os.read(read, 1)
        os._exit(0 if (array[1:] == 5).all() else 1)
    os.read(back, 1)
    assert array[0] == 5, "the child's write stays there"
    del array
    for fill in range(6, 12):
        pool.call("grown", 100_000, fill)
    os.write(write, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for fd in (read, write, back, tell):
        os.close(fd)
    assert pickle.loads(pickle.dumps(1)) == 1

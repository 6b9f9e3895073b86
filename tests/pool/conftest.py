"""A process pool over worker_script.py; teardown proves that it leaves no process and no descriptor."""

import gc

import pytest
from conftest_pool import Pool, descriptors, is_alive


@pytest.fixture
def make_pool():
    gc.collect()
    before = descriptors()
    pools, pids = [], set()

    def make(*arguments):
        pools.append(Pool(*arguments))
        return pools[-1]

    yield make
    for pool in pools:
        if pool.native is not None:
            pids.update(pool.native.pids())
            pool.native.shutdown()
            pool.native = None
    assert [pid for pid in pids if is_alive(pid)] == []
    pools.clear()
    gc.collect()
    assert descriptors() == before


@pytest.fixture
def pool(make_pool):
    return make_pool()

"""Processes and threads that plain cells use, as under ipykernel."""

from __future__ import annotations

import pytest
from compared import Pair

TOPICS: dict[str, tuple[str, ...]] = {
    "forked pool": (
        "import multiprocessing as mp\nctx = mp.get_context('fork')\ndef double(x): return 2 * x\n"
        "with ctx.Pool(2) as p: print(p.map(double, [1, 2]))",
        "[2, 4]",
    ),
    "forked process": (
        "import multiprocessing as mp\nctx = mp.get_context('fork')\ndef child(): print('from the child')\n"
        "p = ctx.Process(target=child); p.start(); p.join(); p.exitcode",
        "from the child\\n",
        "'0'",
    ),
    "spawned pool": (
        "import math, multiprocessing as mp\nwith mp.get_context('spawn').Pool(1) as p: print(p.map(math.sqrt, [4]))",
        "[2.0]",
    ),
    "joblib": (
        "from joblib import Parallel, delayed\nParallel(n_jobs=2)(delayed(abs)(i) for i in (-1, -2))\n# ---\n"
        "Parallel(n_jobs=2, backend='threading')(delayed(abs)(i) for i in (-1, -2))",
        "[1, 2]",
    ),
    "futures": (
        "from concurrent.futures import *\nwith ThreadPoolExecutor(2) as ex: print(list(ex.map(abs, [-1])))\n# ---\n"
        "import multiprocessing as mp\n"
        "with ProcessPoolExecutor(1, mp_context=mp.get_context('fork')) as ex: print(list(ex.map(abs, [-2])))",
        "[2]",
    ),
    "thread pool of multiprocessing": (
        "from multiprocessing.pool import ThreadPool\n"
        "with ThreadPool(2) as p: print(p.map(abs, [-1]), p.starmap(pow, [(2, 3)]), list(p.imap(abs, [-4])),\n"
        "    sorted(p.imap_unordered(abs, [-5])), p.apply(abs, (-6,)), p.apply_async(func=abs, args=(-7,)).get())",
        "[1] [8] [4] [5] 6 7",
    ),
    "subprocesses": (
        "import subprocess\nsubprocess.run(['echo', 'hi'], capture_output=True).stdout\n# ---\n"
        "subprocess.run('exit 3', shell=True).returncode\n# ---\n"
        "p = subprocess.Popen('exit 0', shell=True, stderr=subprocess.STDOUT); p.wait(), p.stdout",
        "hi",
        "'3'",
        "(0, None)",
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(pair: Pair, topic: tuple[str, ...]) -> None:
    pair.topic(*topic)


def test_what_subprocesses_print_arrives_before_the_cell_ends(pair: Pair) -> None:
    # ipykernel's reader may come too late for it.
    ran = pair.ours.run(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(5)'], check=True)\n"
        "p = subprocess.Popen('echo both; echo err >&2', shell=True, stderr=subprocess.STDOUT); p.wait()"
    )
    assert ran.text() == "5\nboth\nerr\n"

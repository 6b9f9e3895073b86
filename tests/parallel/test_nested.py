# ruff: noqa: E501
"""Bodies that start threads and processes of their own, or set what belongs to the whole process."""

import pytest
from same import BACKENDS, INSIDE, means_the_same, ran_on

LOOP = "out = []\nfor x in range(4):\n    out.append(act(x))"
SQUARE = "def square(x):\n    return x * x\n"
# From Python 3.12 on a process that has threads is warned of forks, once a line and with its number.
UNWARNED = "import warnings\nwarnings.filterwarnings('ignore', 'This process')\n"
STARTS = {
    "multiprocessing": "import multiprocessing\n{}def act(x):\n    with multiprocessing.Pool(2) as pool:\n"
    "        return pool.map(square, range(x))",
    "process futures": "from concurrent.futures import ProcessPoolExecutor\n{}def act(x):\n"
    "    with ProcessPoolExecutor(2) as pool:\n        return list(pool.map(square, range(x)))",
    "thread futures": "from concurrent.futures import ThreadPoolExecutor\n{}def act(x):\n"
    "    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(square, range(x)))",
    "joblib processes": "import joblib\n{}def act(x):\n"
    "    return joblib.Parallel(n_jobs=2)(joblib.delayed(square)(i) for i in range(x))",
    "joblib threads": "import joblib\n{}def act(x):\n    with joblib.parallel_backend('threading'):\n"
    "        return joblib.Parallel(n_jobs=2)(joblib.delayed(square)(i) for i in range(x))",
    "subprocess": "import subprocess, sys\n{}def act(x):\n"
    "    return subprocess.run([sys.executable, '-c', f'print({{x}})'], capture_output=True).stdout",
    "fork": "import os\n{}def act(x):\n    pid = os.fork()\n    if pid == 0:\n        os._exit(x)\n"
    "    return os.waitpid(pid, 0)[1] >> 8",
}
SETS = {
    "stdout": "import contextlib, io\ndef act(x):\n    with contextlib.redirect_stdout(io.StringIO()) as text:\n"
    "        print('hidden', x)\n    return text.getvalue()",
    "stdout under another name": "from contextlib import redirect_stdout as to\nimport io\ndef inner(x):\n"
    "    with to(io.StringIO()) as text:\n        print('hidden', x)\n    return text.getvalue()\n"
    "def act(x):\n    return inner(x)",
    "warnings": "import warnings\ndef act(x):\n    with warnings.catch_warnings(record=True) as seen:\n"
    "        warnings.simplefilter('always')\n        warnings.warn('a')\n        warnings.warn('a')\n    return len(seen)",
    "mock": "from unittest import mock\nimport json\njson.level = 0\ndef act(x):\n"
    "    with mock.patch('json.level', x):\n        return json.level",
    "mock under another name": "from unittest.mock import patch as to\nimport json\njson.level = 0\ndef act(x):\n"
    "    with to('json.level', x):\n        return json.level",
    "mock in a function": "import json\njson.level = 0\ndef act(x):\n    from unittest.mock import patch\n"
    "    with patch.object(json, 'level', x):\n        return json.level",
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", STARTS)
def test_iterations_may_be_parallel_themselves(kernel, name, backend):
    if backend in INSIDE and name not in ("thread futures", "subprocess"):
        pytest.skip("interpreters cannot fork, and say so")
    setup = STARTS[name].replace("{}", SQUARE).replace("{{", "{").replace("}}", "}")
    means_the_same(kernel, UNWARNED + setup, LOOP, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", SETS)
def test_what_belongs_to_the_process_is_set_by_one_iteration_at_a_time(kernel, name, backend):
    ran = means_the_same(kernel, SETS[name], LOOP, backend)
    if backend.startswith("threads"):
        assert ran_on(kernel) == "['serial']"
        assert "acts on the whole process" in str([c["data"] for c in ran.of("display_data")])
    assert kernel.run("print('seen')").text() == "seen\n"
    assert kernel.run("import os, warnings; os.getcwd() == os.path.abspath(os.curdir), len(warnings.filters)").result


def test_threads_of_an_iteration_print_in_its_place(kernel):
    setup = (
        "import threading\ndef act(x):\n    print('before', x)\n    one = threading.Thread(target=print, args=('in', x))\n"
        "    one.start()\n    one.join()\n    print('after', x)\n    return x"
    )
    means_the_same(kernel, setup, LOOP, "processes 2")


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_that_a_forked_child_prints_is_lost(kernel, backend):
    setup = (
        "import os\ndef act(x):\n    pid = os.fork()\n    if pid == 0:\n        print(f'child {x}\\n', end='', flush=True)\n"
        "        os._exit(0)\n    return os.waitpid(pid, 0)[1]"
    )
    kernel.run(setup)
    ran = kernel.run(f"%%parallel {backend}\n{LOOP}")
    assert sorted(ran.text().splitlines()) == [f"child {x}" for x in range(4)]


POOLS = [
    "with concurrent.futures.ThreadPoolExecutor(2) as pool:\n        out.append(list(pool.map(abs, range(x))))",
    "with ThreadPool(2) as pool:\n        values = pool.map(abs, [-x, x])\n    out.append(values)",
    "out.append(joblib.Parallel(2, prefer='threads')(joblib.delayed(abs)(-x * v) for v in range(3)))",
]


@pytest.mark.parametrize("body", POOLS)
@pytest.mark.parametrize("backend", ["processes 2", "threads 2"])
def test_a_pool_in_each_iteration(kernel, body, backend):
    setup = "import concurrent.futures, joblib\nfrom multiprocessing.pool import ThreadPool\nout = []"
    means_the_same(kernel, setup, f"for x in range(4):\n    {body}", backend)
    assert ran_on(kernel) == str([backend.split()[0]])

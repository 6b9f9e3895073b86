"""Workers that are forked from the notebook: when, why not, and what they do not have of it."""

import os

import pytest
from kernel_client import start_client
from same import means_the_same

LOCKED = """import os, signal, sys, threading
class Model:
    def __init__(self, k):
        self.k, self.lock, self.ready = k, threading.Lock(), threading.Condition()
    def __call__(self, x):
        with self.lock, self.ready:
            return x * self.k
class P:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return type(self) is type(other) and self.x == other.x
    def __repr__(self): return f'P({self.x})'
def take(m):
    return m.spare.acquire(False)
m = Model(3)
m.spare = threading.Lock()
"""
CELLS = {
    "values": "out = [(P(m(x)), type(P(x)) is P) for x in range(9)]",
    "the very object": "out = [(m, m.lock, m(x)) for x in range(5)]\nout = [(v[0] is m, v[1] is m.lock) for v in out]",
    "output": "out = []\nfor x in range(7):\n    print('item', x)\n    sys.stderr.write('!')\n    out.append(m(x))",
    "programs": "out = []\nfor x in range(4):\n    os.system(f'echo from {x}')\n    out.append(m(x))",
    "fails": "out = []\nfor x in range(9):\n    out.append(m(x) // (6 - x))",
    "displays": "from IPython.display import HTML\nout = []\nfor x in range(3):\n    display(HTML(f'{m(x)}'))\n"
    "    out.append(x)",
    "asks": "out = []\nfor x in range(3):\n    try:\n        y = input('?')\n    except Exception:\n        y = m(x)\n"
    "    out.append(y)",
    "leaves it locked": "out = []\nfor x in range(6):\n    out.append((m(x), take(m)))\nm.spare.release()",
}


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def region(kernel, what):
    return ok(kernel.run(f"paracell.last_run().regions[0].{what}")).result


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_means_the_same_in_forks(kernel, cell):
    means_the_same(kernel, LOCKED, CELLS[cell], "processes 2 --otherwise serial")


@pytest.mark.parametrize("backend", ["processes 2", "auto 2"])
def test_what_cannot_be_sent_makes_workers_forks_and_the_report_says_why(kernel, backend):
    ok(kernel.run(LOCKED + "def spin(n):\n    for _ in range(n): pass\n    return n"))
    ok(kernel.run(f"%%parallel {backend}\nout = [spin(1_000_000) and m(x) for x in range(40)]"))
    assert region(kernel, "ran, paracell.last_run().regions[0].start") == "('processes', 'fork')"
    assert "m.lock: _thread.lock" in region(kernel, "start_reason")
    shown = ok(kernel.run("%%parallel processes 2 --report\nout = [m(x) for x in range(4)]")).of("display_data")[-1]
    assert "forks of the notebook" in shown["data"]["text/plain"]
    ok(kernel.run("%%parallel processes 2\nout = [pow(x, 2) for x in range(4)]"))
    assert region(kernel, "start") == "'spawn'"


def test_the_user_may_insist(kernel):
    ok(kernel.run(LOCKED))
    ran = kernel.run("%%parallel processes 2 --start spawn\nout = [m(x) for x in range(4)]")
    assert ran.reply["ename"] == "ShipError" and "m.lock" in ran.reply["evalue"]
    ok(kernel.run("def parent(x):\n    return int(open('/proc/self/stat').read().split()[3])\n"))
    ok(kernel.run("%%parallel processes 2 --start fork\nout = [parent(x) for x in range(4)]"))
    assert ok(kernel.run("out == [os.getpid()] * 4")).result == "True"
    assert region(kernel, "start_reason") == "'--start fork'"
    # Nobody can see what is inside: it is said how to insist.
    ok(kernel.run("import functools, weakref\nopaque = functools.partial(int).__reduce_ex__\nbox = weakref.ref(P)"))
    ran = kernel.run("%%parallel processes 2\nout = [(x, box() is not None) for x in range(4)]")
    assert ran.reply["ename"] == "ShipError" and "--start fork" in ran.reply["evalue"]
    ok(kernel.run("%%parallel processes 2 --start fork\nout = [(x, box() is not None) for x in range(4)]"))
    assert ok(kernel.run("out == [(x, True) for x in range(4)]")).result == "True"


REFUSED = {
    "a lock that is taken": ("m.lock.acquire()", "m.lock.release()", "m.lock"),
    "a thread of the notebook": (
        "stop = threading.Event(); other = threading.Thread(target=stop.wait); other.start()",
        "stop.set(); other.join()",
        "Thread-",
    ),
    "an open file": ("m.log = open('/dev/null')", "m.log.close(); del m.log", "m.log"),
    "a generator": ("m.more = (i for i in range(3))", "del m.more", "m.more"),
    "a socket": ("import socket; m.peer = socket.socket()", "m.peer.close(); del m.peer", "m.peer"),
    "a database": ("import sqlite3; m.db = sqlite3.connect(':memory:')", "m.db.close(); del m.db", "m.db"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("insist", ["", " --start fork"])
def test_nothing_is_forked_where_it_could_hang_or_share_what_moves(kernel, what, insist):
    before, after, text = REFUSED[what]
    ok(kernel.run(LOCKED + before))
    cell = "out = [pow(m.k, x) for x in range(6)]"
    ran = kernel.run(f"%%parallel processes 2{insist}\n{cell}")
    assert ran.reply["ename"] == "ShipError" and text in ran.reply["evalue"], ran.reply
    ok(kernel.run(f"%%parallel auto 2{insist} --otherwise serial\n{cell}"))
    ok(kernel.run(after))
    assert ok(kernel.run("out == [3**x for x in range(6)]")).result == "True"


def test_a_fork_leaves_the_notebooks_environment_as_it_is(jupyter_home):
    client = start_client()
    ok(client.run("import os, numpy as np\nbefore = dict(os.environ)"))
    ok(client.run("%%parallel processes 2 --start fork\nout = [np.abs(x) for x in range(4)]"))
    assert ok(client.run("set(os.environ.items()) ^ set(before.items())")).result == "set()"
    client.close()


def test_a_thread_of_ours_that_is_at_work_for_a_moment_is_waited_for(kernel):
    ok(
        kernel.run(
            LOCKED + "from paracell.backends import forksafe\n"
            "def work():\n    while sys._current_frames()[main].f_code.co_name != 'wait': pass\n"
            "main = threading.main_thread().ident\nother = threading.Thread(target=work, name='paracell-mine')\n"
            "other.start()"
        )
    )
    assert ok(kernel.run("forksafe.reason() is None")).result == "True"
    ok(kernel.run("other.join()"))
    ok(kernel.run("go = threading.Event()\ndef work():\n    while not go.is_set(): pass"))
    ok(kernel.run("other = threading.Thread(target=work, name='paracell-mine')\nother.start()"))
    assert ok(kernel.run("forksafe.reason()")).result == "'another thread is at work'"
    ok(kernel.run("go.set(); other.join()"))


LOOK = """import asyncio
signal.signal(signal.SIGUSR1, print)
def ways():
    held = [f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]
    held = {os.readlink(path) for path in held if os.path.islink(path)}
    return sum(what.startswith(('socket:', 'pipe:', 'anon_inode:')) for what in held)
def loops():
    try:
        return bool(asyncio.get_running_loop())
    except RuntimeError:
        return False
def names():
    found = [open(f'/proc/self/task/{n}/comm').read().strip() for n in os.listdir('/proc/self/task')]
    return [name for name in found if name.startswith('paracell')]  # libraries (Arrow) may begin threads anew
def look(x):
    threads = len(threading._active), len(names())
    mine = signal.getsignal(signal.SIGUSR1) != signal.SIG_DFL
    return m(x), ways(), threads, loops(), mine, os.read(0, 9), os.getpgid(0) == int(os.readlink('/proc/self'))
"""


def test_a_fork_has_nothing_of_the_kernels(kernel):
    """No socket or pipe but its own socket, no thread, no running loop, no handler, no input, a group of its own."""
    ok(kernel.run(LOCKED + LOOK))
    ok(kernel.run("%%parallel processes 2\nout = [look(x) for x in range(4)]"))
    assert ok(kernel.run("{v[1:] for v in out}")).result == "{(1, (1, 0), False, False, b'', True)}"


def test_a_limit_of_threads_starts_none_in_a_fork(kernel):
    # They would wait for work without letting go of the cores that the iterations need.
    ok(kernel.run("import os, numpy as np, threadpoolctl\na = np.ones((400, 400))\nb = a @ a"))
    ok(kernel.run("def pools(): return {pool['num_threads'] for pool in threadpoolctl.threadpool_info()}"))
    loop = "out = [(len(os.listdir('/proc/self/task')), pools()) for x in range(4)]"
    ok(kernel.run(f"%%parallel processes {len(os.sched_getaffinity(0))} --start fork\n{loop}"))
    assert ok(kernel.run("out")).result == "[(1, {1}), (1, {1}), (1, {1}), (1, {1})]"


def test_an_interrupt_within_the_fork_is_not_lost_and_leaves_no_process(kernel):
    """Interrupts that come inside a hook that Python runs around a fork would be printed and forgotten."""
    ok(
        kernel.run(
            LOCKED + "armed = []\n"
            # The kernel is used by later tests, which begin with an empty namespace.
            "os.register_at_fork(before=lambda armed=armed, os=os: armed and os.kill(os.getpid(), armed.pop()))"
        )
    )
    children = "set(open(f'/proc/self/task/{os.getpid()}/children').read().split())"
    ok(kernel.run(f"before = {children}"))
    ok(kernel.run("%%parallel processes 2\nout = [m(x) for x in range(6)]"))
    ok(kernel.run("armed.append(signal.SIGINT); out = None"))
    ran = kernel.run("%%parallel processes 2\nout = [m(x) for x in range(6)]")
    assert ran.reply["ename"] == "KeyboardInterrupt"
    ok(kernel.run("%%parallel processes 2\nout = [m(x) for x in range(6)]"))
    assert ok(kernel.run("out")).result == "[0, 3, 6, 9, 12, 15]"
    ended = f"import time\nend = time.monotonic() + 10\nwhile {children} - before and time.monotonic() < end: pass"
    assert ok(kernel.run(f"{ended}\n{children} - before")).result == "set()"


def test_an_interrupt_of_a_loop_in_forks_keeps_what_is_done(kernel):
    ok(kernel.run(LOCKED + "import time"))
    request = kernel.start(
        "%%parallel processes 2\nout = []\nfor x in range(9_999):\n    time.sleep(0.02)\n    print('go')\n"
        "    out.append(m(x))"
    )
    kernel.wait_text(request, "go")
    kernel.manager.interrupt_kernel()
    assert kernel.finish(request).reply["ename"] == "KeyboardInterrupt"
    assert ok(kernel.run("out == [3 * x for x in range(len(out))]")).result == "True"


BIG = "import numpy as np\nbig = np.full(10_000_000, 2.0)\ndef part(i): return float(big[i::8].sum())"


def test_much_is_sent_once_and_not_what_takes_its_place(kernel):
    ok(kernel.run(BIG))
    cell = "%%parallel processes 2\nout = [part(x) for x in range(8)]"
    for start, sent in (("spawn", True), ("spawn", False)):
        ok(kernel.run(cell))
        assert ok(kernel.run("sum(out)")).result == "20000000.0"
        assert (
            region(kernel, f"start, paracell.last_run().regions[0].bytes_read > {80_000_000}") == f"({start!r}, {sent})"
        )
    for value, start in ((1, "fork"), (1, "spawn"), (2, "fork")):  # what is needed again is sent after all
        ok(kernel.run(f"big[0] = 2.0 + {value}"))
        ok(kernel.run(cell))
        assert ok(kernel.run("sum(out)")).result == f"{20_000_000.0 + value}"
        assert region(kernel, "start") == repr(start)
        assert start == "spawn" or "80.0 MB" in region(kernel, "start_reason")


def test_too_much_is_not_sent_the_first_time(kernel):
    ok(kernel.run(BIG + "\nfrom paracell.backends import processes\nmost = processes.TOO_MUCH"))
    ok(kernel.run("processes.TOO_MUCH = big.nbytes"))
    try:
        for start in ("fork", "spawn"):
            ok(kernel.run("%%parallel processes 2\nout = [part(x) for x in range(8)]"))
            assert ok(kernel.run("sum(out)")).result == "20000000.0"
            assert region(kernel, "start") == repr(start)
    finally:
        ok(kernel.run("processes.TOO_MUCH = most"))


def test_auto_reckons_with_a_fork_where_much_would_have_to_be_sent(kernel):
    ok(
        kernel.run(
            BIG + "\nfrom paracell.backends import machine, weigh\nfrom paracell.backends.workers import Workers"
        )
    )
    ok(kernel.run("mine = machine.Machine(Workers())\ndef reckoned(): return mine.broadcast(['part'], globals())"))
    assert ok(kernel.run("reckoned() - machine.FORKS < 1e-4")).result == "True"
    sent = "reckoned() >= big.nbytes * weigh.SECONDS_A_BYTE"
    waits = "import threading\nend = threading.Event()\nthread = threading.Thread(target=end.wait)\nthread.start()"
    assert ok(kernel.run(f"{waits}\nunsafe = {sent}\nend.set()\nthread.join()\nunsafe")).result == "True"
    assert ok(kernel.run("big = big[:7_000_000]\nreckoned() < weigh.MUCH * weigh.SECONDS_A_BYTE")).result == "True"
    assert ok(kernel.run(f"mine.shutdown()\n{sent}")).result == "True"


def test_forks_that_do_not_start_are_none_where_others_would_do(jupyter_home):
    client = start_client()
    try:
        ok(client.run(BIG + "\nimport os, paracell\nos.register_at_fork(after_in_child=lambda: os._exit(9))"))
        ok(client.run("%%parallel processes 2\nout = [part(x) for x in range(8)]"))
        assert ok(client.run("sum(out), paracell.last_run().regions[0].ran")).result == "(20000000.0, 'processes')"
        ok(client.run(LOCKED))
        ran = client.run("%%parallel processes 2\nout = [m(x) for x in range(8)]")
        assert "exit code 9" in ran.reply["evalue"]
    finally:
        client.close()


def test_a_fork_that_dies_is_replaced(kernel, tmp_path):
    ok(kernel.run(LOCKED + f"path = {str(tmp_path / 'once')!r}"))
    once = "if x == 5 and not os.path.exists(path):\n        os.system(f'mkdir {path}')\n        os._exit(3)"
    ok(kernel.run(f"def die(x):\n    {once}\n    return m(x)"))
    for workers in (1, 2):
        ok(kernel.run(f"%%parallel processes {workers}\nout = [die(x) for x in range(12)]"))
        assert ok(kernel.run("out == [3 * x for x in range(12)], os.rmdir(path)")).result == "(True, None)"
    ok(kernel.run("def die(x):\n    if x == 5:\n        os._exit(3)\n    return m(x)"))
    ran = kernel.run("%%parallel processes 2\nout = []\nfor x in range(12):\n    out.append(die(x))")
    assert ran.reply["ename"] == "WorkerDied" and "exit code 3" in ran.reply["evalue"]
    assert ok(kernel.run("out")).result == "[0, 3, 6, 9, 12]"


def test_a_killed_kernel_takes_its_forks_along(jupyter_home):
    client = start_client()
    try:
        ok(client.run(LOCKED + "import time"))
        request = client.start(
            "%%parallel processes 2\nfor x in range(9_999):\n"
            "    print(os.readlink('/proc/self'), flush=True)\n    time.sleep(m(1))"
        )
        client.wait_text(request, "\n")
        pid = int(client.text_of(request).split()[0])
        watched = os.pidfd_open(pid)
    finally:
        client.close()
    import select

    waiting = select.poll()
    waiting.register(watched, select.POLLIN)
    assert waiting.poll(10_000)
    os.close(watched)

"""Streams, displays and whom they belong to."""

from __future__ import annotations

import base64

from jupyter_client.blocking.client import BlockingKernelClient
from kernel_client import Client, is_idle


def test_a_hundred_thousand_lines_arrive_whole_and_in_order(shared: Client) -> None:
    ran = shared.run("for i in range(100_000): print(i)")
    assert ran.text() == "".join(f"{i}\n" for i in range(100_000))


def test_stdout_and_stderr_keep_their_order_around_displays(shared: Client) -> None:
    ran = shared.run("import sys\nprint('a'); print('b', file=sys.stderr); display(1); print('c'); 2")
    shown = [(m["msg_type"], m["content"].get("text")) for m in ran.messages[2:-1]]
    assert shown == [
        ("stream", "a\n"),
        ("stream", "b\n"),
        ("display_data", None),
        ("stream", "c\n"),
        ("execute_result", None),
    ]


def test_stdout_is_the_stream_that_libraries_expect(shared: Client) -> None:
    ran = shared.run(
        "import sys, os\n"
        "try: sys.stdout.write(b'x')\n"
        "except TypeError as e: print(e)\n"
        "print(sys.stdout.isatty(), hasattr(sys.stdout, 'buffer'), sys.stdout.encoding)\n"
        "print(os.fstat(sys.stdout.fileno()).st_ino > 0)\n"
        "print(type(sys.stdout).__module__.startswith('ipykernel.'), sys.stdout.write('') == 0)\n"
    )
    assert ran.text() == ("write() argument must be str, not bytes\nFalse False UTF-8\nTrue\nTrue True\n")


def test_a_lone_surrogate_is_no_error(shared: Client) -> None:
    ran = shared.run("print('a\\udc80b'); display({'text/plain': 'a\\udc80b'}, raw=True); '\\udc80'")
    assert ran.reply["status"] == "ok"
    assert ran.text()[0] == "a" and ran.text()[-2:] == "b\n"


def test_what_subprocesses_and_c_code_print_arrives(shared: Client) -> None:
    ran = shared.run(
        "import os, subprocess, sys, ctypes\n"
        "subprocess.run([sys.executable, '-c', 'print(\"from a child\")'])\n"
        "os.write(1, b'from a descriptor\\n'); os.write(2, b'and stderr\\n')\n"
        "ctypes.CDLL(None).puts(b'from C')\n"
        "print('original', file=sys.__stdout__)"
    )
    for text in ("from a child\n", "from a descriptor\n", "from C\n", "original\n"):
        assert text in ran.text()
    assert "and stderr\n" in ran.text("stderr")


def test_what_descriptors_and_subprocesses_print_stays_in_order(shared: Client) -> None:
    ran = shared.run(
        "import os, subprocess\n"
        "for i in range(150):\n"
        "    os.write(1, b'before\\n')\n"
        "    subprocess.run(['sh', '-c', 'printf in; echo side'])\n"
        "    os.write(1, b'after\\n')"
    )
    assert ran.text() == "before\ninside\nafter\n" * 150


def test_a_write_larger_than_a_pipe_while_the_gil_is_held(shared: Client) -> None:
    ran = shared.run("import ctypes\nn = ctypes.PyDLL(None).write(1, b'x' * 300_000 + b'\\n', 300_001)")
    assert ran.text() == "x" * 300_000 + "\n"


def test_what_children_print_stands_before_what_is_printed_when_they_have_ended(shared: Client) -> None:
    ran = shared.run(
        "import os, subprocess, sys\n"
        "for i in range(30):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n        print('child', i); os._exit(0)\n"
        "    _ = os.waitpid(pid, 0); print('parent', i)\n"
        "_ = subprocess.run([sys.executable, '-c', 'print(\"subprocess\")']); display('shown')\n"
        "_ = subprocess.run([sys.executable, '-c', 'print(\"another\")']); print('end')"
    )
    lines = [line for i in range(30) for line in (f"child {i}", f"parent {i}")]
    assert ran.text().splitlines() == [*lines, "subprocess", "another", "end"]
    before = [m["content"].get("text", "") for m in ran.messages[: ran.kinds.index("display_data")]]
    assert "".join(before).endswith("subprocess\n")


def test_output_of_threads_and_tasks_goes_to_the_cell_that_started_them(shared: Client) -> None:
    first = shared.kc.execute(
        "import asyncio, threading\n"
        "go, gone, started = threading.Event(), threading.Event(), asyncio.Event()\n"
        "def work():\n    go.wait(); print('thread'); display('shown'); gone.set()\n"
        "async def later():\n    await started.wait(); print('task')\n"
        "threading.Thread(target=work).start(); task = asyncio.create_task(later())"
    )
    shared.finish(first)
    second = shared.run("go.set(); gone.wait(); started.set(); await task; print('second')")
    assert second.text() == "second\n"
    assert second.of("display_data") == []
    assert sorted(shared.text_of(first).split()) == ["task", "thread"]
    assert [m for m in shared.by_parent[first] if m["msg_type"] == "display_data"]


def test_tasks_progress_while_the_kernel_is_idle(shared: Client) -> None:
    request = shared.kc.execute(
        "import asyncio\nasync def ticks():\n    for i in range(3): await asyncio.sleep(0.01); print('tick', i)\n"
        "background = asyncio.create_task(ticks())"
    )
    shared.finish(request)
    shared.wait_text(request, "tick 2")


def test_context_variables_persist_from_cell_to_cell(shared: Client) -> None:
    shared.run("import contextvars; mine = contextvars.ContextVar('mine'); token = mine.set(7)")
    assert shared.run("mine.get()").result == "7"


def test_display_update_and_clear(shared: Client) -> None:
    ran = shared.run(
        "from IPython.display import clear_output, update_display\n"
        "handle = display('one', display_id='d1'); update_display('two', display_id='d1'); clear_output(wait=True)"
    )
    shown = [m for m in ran.messages if m["msg_type"] in ("display_data", "update_display_data", "clear_output")]
    assert [m["msg_type"] for m in shown] == ["display_data", "update_display_data", "clear_output"]
    assert shown[0]["content"]["transient"] == shown[1]["content"]["transient"] == {"display_id": "d1"}
    assert shown[2]["content"] == {"wait": True}


def test_display_takes_what_json_does_not(shared: Client) -> None:
    ran = shared.run(
        "import datetime\n"
        "odd = {'when': datetime.date(2026, 1, 2), 'set': {1}, 'tuple': (1, 2), 'nan': float('nan')}\n"
        "odd |= {3: 'key', 'raw': b'abc'}\n"
        "bundle = {'text/plain': 'x', 'application/json': odd, 'image/png': b'\\x89PNG'}\n"
        "display(bundle, raw=True, metadata={'text/plain': {'a': 1}})"
    )
    (content,) = ran.of("display_data")
    data = content["data"]["application/json"]
    assert data == {"when": "2026-01-02", "set": [1], "tuple": [1, 2], "nan": "nan", "3": "key", "raw": "YWJj"}
    assert base64.b64decode(content["data"]["image/png"]) == b"\x89PNG"
    assert content["metadata"] == {"text/plain": {"a": 1}}


def test_hooks_see_and_swallow_messages(shared: Client) -> None:
    ran = shared.run(
        "seen = []\n"
        "def hook(m): seen.append(m['msg_type']); return None\n"
        "pub = get_ipython().display_pub\n"
        "pub.register_hook(hook); display(1); pub.unregister_hook(hook); display(2)\nseen"
    )
    assert [c["data"]["text/plain"] for c in ran.of("display_data")] == ["2"]
    assert ran.result == "['display_data']"


def test_hooks_of_results(shared: Client) -> None:
    shared.run(
        "seen, hook = [], get_ipython().displayhook\ndef note(m): seen.append(m['msg_type']); return None\n"
        "hook.register_hook(note)"
    )
    assert shared.run("5").of("execute_result") == []
    assert shared.run("hook.unregister_hook(note), hook.unregister_hook(note)").result == "(True, False)"
    assert "execute_result" in shared.run("seen").result


def test_capture_keeps_output_inside(shared: Client) -> None:
    ran = shared.run(
        "from IPython.utils.capture import capture_output\nwith capture_output() as c: print('in'); display(5)"
    )
    assert ran.kinds == ["status", "execute_input", "status"]
    assert shared.run("(c.stdout, len(c.outputs))").result == "('in\\n', 1)"


def test_matplotlib_figures_appear_at_the_end_of_the_cell(shared: Client) -> None:
    ran = shared.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nprint('before')")
    (content,) = ran.of("display_data")
    assert base64.b64decode(content["data"]["image/png"]).startswith(b"\x89PNG")
    assert ran.kinds.index("stream") < ran.kinds.index("display_data")
    assert len(shared.run("%matplotlib inline\nplt.plot([3]); plt.show()").of("display_data")) == 1


def test_a_client_that_reads_nothing_delays_nobody_and_loses_nothing(shared: Client) -> None:
    slow = BlockingKernelClient(connection_file=shared.manager.connection_file)
    slow.load_connection_file()  # a session, and so an identity, of its own
    slow.start_channels()
    slow.wait_for_ready(timeout=30)
    code = "for i in range(2000): print('y' * 500); display(i)"
    request = shared.kc.execute(code)
    ran = shared.finish(request)
    assert len(ran.of("display_data")) == 2000
    late: list[dict] = []
    while not (late and is_idle(late[-1]) and late[-1]["parent_header"].get("msg_id") == request):
        late.append(slow.get_iopub_msg(timeout=30))
    mine = [m for m in late if m["parent_header"].get("msg_id") == request]
    assert sum(m["msg_type"] == "display_data" for m in mine) == 2000
    assert sum(len(m["content"]["text"]) for m in mine if m["msg_type"] == "stream") == 2000 * 501
    slow.stop_channels()


def test_a_parent_set_by_hand_holds_until_the_next_cell(shared: Client) -> None:
    first = shared.kc.execute("old = get_ipython().kernel.get_parent()")
    shared.finish(first)
    second = shared.run("import sys\nsys.stdout.set_parent(old); print('to the first')")
    assert second.text() == ""
    shared.wait_text(first, "to the first\n")
    assert shared.run("print('here')").text() == "here\n"


def test_stream_hooks(shared: Client) -> None:
    ran = shared.run(
        "import sys\n"
        "def loud(m): m['content']['text'] = m['content']['text'].upper(); return m\n"
        "sys.stdout.register_hook(loud); print('a'); sys.stdout.unregister_hook(loud); print('b')"
    )
    assert ran.text() == "A\nb\n"


def test_a_pools_thread_prints_for_the_cell_that_submits(shared: Client) -> None:
    setup = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n"
    assert shared.run(setup + "pool.submit(print, 'first').result()").text() == "first\n"
    assert shared.run("pool.submit(print, 'second').result()").text() == "second\n"
    assert shared.run("import asyncio; await asyncio.to_thread(print, 'third')").text() == "third\n"
    assert shared.run("pool.submit(lambda: 1 / 0).result()").reply["ename"] == "ZeroDivisionError"
    shared.run("pool.shutdown()")

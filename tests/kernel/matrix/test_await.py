"""asyncio, trio and anyio in cells, as under ipykernel."""

from __future__ import annotations

import pytest
from compared import Pair

TOPICS: dict[str, tuple[str, ...]] = {
    "await": (
        "import asyncio\nawait asyncio.sleep(0, 5)\n# ---\nasync def numbers():\n    for i in range(2): yield i\n"
        "async for i in numbers(): print(i)\n[i async for i in numbers()]\n# ---\n"
        "async with asyncio.Lock(): print('locked')\n# ---\nawait asyncio.sleep(0)\n1 / 0",
        "'5'",
        "[0, 1]",
        "ZeroDivisionError",
    ),
    "tasks": (
        "import asyncio\nasync def work(n): print(n); return n\n"
        "await asyncio.gather(*[work(i) for i in range(3)])\n# ---\n"
        "t = asyncio.create_task(work(7)); await asyncio.sleep(0)\n# ---\nt.result()\n# ---\n"
        "async def bad(): raise ValueError('x')\nt = asyncio.ensure_future(bad())\n"
        "try: await t\nexcept ValueError as e: print('got', e)",
        "[0, 1, 2]",
        "'7'",
        "got x",
    ),
    "the loop": (
        "import asyncio\nloop = asyncio.get_running_loop()\n"
        "asyncio.get_event_loop() is loop, loop.is_running()\n# ---\n"
        "f = loop.create_future(); _ = loop.call_later(0.01, lambda: (print('later'), f.set_result(1))); await f",
        "(True, True)",
        "later",
    ),
    "a loop inside the loop": (
        "import asyncio\nasync def work(n): return n\nc = work(1)\ntry: asyncio.run(c)\nfinally: c.close()\n# ---\n"
        "c = work(1)\ntry: asyncio.get_event_loop().run_until_complete(c)\nfinally: c.close()\n# ---\n"
        "import threading\nr = []\n"
        "t = threading.Thread(target=lambda: r.append(asyncio.run(work(7)))); t.start(); t.join(); r",
        "RuntimeError",
        "[7]",
    ),
    "asyncio's subprocesses": (
        "import asyncio\np = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n"
        "(await p.communicate(), p.returncode)",
        "hi",
    ),
    "trio": (
        "%autoawait trio\nimport trio\n# ---\nawait trio.sleep(0); print('by trio')\n# ---\n"
        "async with trio.open_nursery() as n: n.start_soon(trio.sleep, 0)\nprint('done')\n# ---\n"
        "%autoawait asyncio\n# ---\n"
        "import asyncio; await asyncio.sleep(0, 'by asyncio')",
        "by trio",
        "by asyncio",
    ),
    "no runner": (
        "%autoawait False\n# ---\n%autoawait\n# ---\nx = 1; x\n# ---\n%autoawait asyncio\n# ---\n"
        "import asyncio\nawait asyncio.sleep(0, 2)",
        "'2'",
    ),
    "anyio": (
        "import anyio\n"
        "async with anyio.create_task_group() as tg: tg.start_soon(anyio.sleep, 0)\nprint('by anyio')\n# ---\n"
        "await anyio.to_thread.run_sync(lambda: print('on a thread'))",
        "by anyio",
        "on a thread",
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(own: Pair, topic: tuple[str, ...]) -> None:
    own.topic(*topic)


def test_a_group_of_exceptions_is_an_error_message(own: Pair) -> None:
    if own.ours.run("import sys; sys.version_info >= (3, 11)").result != "True":
        pytest.skip("no task groups before Python 3.11")
    own.same("async with asyncio.TaskGroup() as g: g.create_task(asyncio.sleep(0))")
    ours, theirs = own.run(
        "async def bad(): raise ValueError('x')\nasync with asyncio.TaskGroup() as g: g.create_task(bad())"
    )
    assert [e["ename"] for e in ours.of("error")] == ["ExceptionGroup"]
    assert theirs.of("error") == []  # it writes to stderr

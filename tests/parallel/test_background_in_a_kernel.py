"""A background cell in the kernel: what belongs to it appears below it, however long ago it returned."""

import re

import psutil
import pytest
from kernel_client import start_client

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CELL = """%%parallel processes 2 --background
import os
out = []
for x in range(8):
    print('at', x)
    out.append(held(x))
len(out)"""
PRELUDE = """import os, select
read, write = os.pipe()
name = f'/proc/{os.getpid()}/fd/{read}'
def held(x):
    if x > 3:
        with open(name, 'rb') as there:
            select.select([there], [], [])
        FAIL
    return x"""


def begin(kernel, failing="pass"):
    assert kernel.run(PRELUDE.replace("FAIL", failing)).reply["status"] == "ok"
    request = kernel.start(CELL)
    assert kernel.finish(request).reply["status"] == "ok"
    return request


def test_output_and_value_appear_below_it_while_others_run(kernel):
    request = begin(kernel)
    kernel.wait_text(request, "at 3")
    other = kernel.run("print('other'); 1 + 1")
    assert (other.text(), other.result) == ("other\n", "2")
    number = kernel.finish(request).of("execute_input")[0]["execution_count"]
    assert kernel.run(f"paracell.background({number})").result == f"<paracell background cell [{number}]: running>"
    assert kernel.run("os.write(write, b'1')").reply["status"] == "ok"
    assert kernel.run("out").result == "[0, 1, 2, 3, 4, 5, 6, 7]"
    kernel.wait_text(request, "at 7")
    shown = kernel.wait_iopub(request, lambda m: m["content"].get("data", {}).get("text/plain") == "8")
    assert shown["msg_type"] == "display_data"


def test_its_exception_appears_below_it_with_its_lines_and_debug_has_it(kernel):
    request = begin(kernel, "raise KeyError(x)")
    assert kernel.run("os.write(write, b'1')").reply["status"] == "ok"
    waited = kernel.run("out")
    assert waited.reply["ename"] == "BackgroundFailed"
    error = kernel.wait_iopub(request, lambda m: m["msg_type"] == "error")["content"]
    assert error["ename"] == "KeyError" and "out.append(held(x))" in COLOURS.sub("", "\n".join(error["traceback"]))
    assert kernel.run("paracell.background().result()").reply["ename"] == "KeyError"
    assert kernel.run("out").result == "[0, 1, 2, 3]"


def test_an_interrupt_ends_the_waiting_and_not_the_cell(kernel):
    request = begin(kernel)
    waiting = kernel.start("out")
    kernel.wait_iopub(waiting, lambda m: "Waits for" in m["content"].get("data", {}).get("text/plain", ""))
    kernel.manager.interrupt_kernel()
    assert kernel.finish(waiting).reply["ename"] == "KeyboardInterrupt"
    assert kernel.run("paracell.background().state").result == "'running'"
    assert kernel.run("os.write(write, b'1')").reply["status"] == "ok"
    assert kernel.run("paracell.wait(), out[-1]").result == "(None, 7)"
    assert "at 7" in kernel.text_of(request)


@pytest.mark.parametrize("how", ["shutdown", "kill"])
def test_a_kernel_that_ends_meanwhile_leaves_no_process(jupyter_home, how):
    client = start_client()
    request = begin(client)
    client.wait_text(request, "at 3")
    kernel = psutil.Process(client.manager.provisioner.pid)
    processes = [kernel, *kernel.children(recursive=True)]
    if how == "kill":
        kernel.kill()
        client.kc.stop_channels()
        client.manager.cleanup_resources()
    else:
        client.close()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive

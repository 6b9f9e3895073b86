"""The programs that people run notebooks with, each with this kernel and with ipykernel."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pexpect
import psutil
import pytest
from compared import NAMES
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import AsyncKernelManager
from kernel_client import Client, is_idle
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

KERNEL = "paracell"
"""Where the client is slow and ipykernel could not but do the same."""
both = pytest.mark.parametrize("kernel", NAMES)


def book(*cells: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])


def outputs(notebook: Any) -> list[list[str]]:
    """Of each cell: text of streams, names of errors, kinds of what else it shows."""
    return [[o.get("text") or o.get("ename") or o["output_type"] for o in cell.outputs] for cell in notebook.cells]


def executed(kernel: str, notebook: Any, **options: Any) -> Any:
    NotebookClient(notebook, kernel_name=kernel, **{"timeout": 60, **options}).execute()
    return notebook


@both
def test_nbclient_errors(jupyter_home: Path, kernel: str) -> None:
    allowed = executed(kernel, book("1 / 0", "print(2)"), allow_errors=True)
    assert outputs(allowed) == [["ZeroDivisionError"], ["2\n"]]
    with pytest.raises(CellExecutionError, match="division by zero"):
        executed(kernel, book("1 / 0", "print(2)"))


def test_nbclient_time_limits_and_deaths(jupyter_home: Path) -> None:
    stuck = "import time; time.sleep(600)"
    ran = executed(KERNEL, book(stuck, "print(2)"), timeout=2, interrupt_on_timeout=True, allow_errors=True)
    assert outputs(ran) == [["KeyboardInterrupt"], ["2\n"]]
    with pytest.raises(CellTimeoutError):
        executed(KERNEL, book(stuck), timeout=1)
    with pytest.raises(DeadKernelError):
        executed(KERNEL, book("import os; os._exit(3)"))


@both
def test_nbclient_keeps_displays_and_the_state_of_widgets(jupyter_home: Path, kernel: str) -> None:
    ran = executed(
        kernel,
        book(
            "import ipywidgets as w; w.IntSlider(4)",
            "o = w.Output()\ndisplay(o)\nwith o: print('inside')",
            "from IPython.display import clear_output\nprint('a'); clear_output(); print('b')",
            "h = display('a', display_id='x')",
            "h.update('b')",
        ),
        store_widget_state=True,
    )
    assert outputs(ran)[2:] == [["b\n"], ["display_data"], []]
    assert ran.cells[3].outputs[0]["data"]["text/plain"] == "'b'"
    models = ran.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    assert {"IntSliderModel", "OutputModel"} <= {model["model_name"] for model in models}
    (output,) = (m["state"]["outputs"] for m in models if m["model_name"] == "OutputModel")
    assert output == [{"output_type": "stream", "name": "stdout", "text": "inside\n"}]


def test_papermill(jupyter_home: Path, tmp_path: Path) -> None:
    import papermill

    notebook = book("a = 1\nb = None", "print(a, b)", "for i in range(3): print(i)")
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": KERNEL, "language": "python", "display_name": KERNEL}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    parameters = {"a": 5, "b": [1, {"c": None}]}
    ran = papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", parameters, kernel_name=KERNEL, progress_bar=False
    )
    assert outputs(ran) == [[], [], ["5 [1, {'c': None}]\n"], ["0\n1\n2\n"]]
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, tmp_path / "in.ipynb")
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        papermill.execute_notebook(
            tmp_path / "in.ipynb", tmp_path / "out.ipynb", kernel_name=KERNEL, progress_bar=False
        )


def jupyter(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "jupyter", *words]
    env = {**os.environ, "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
    return subprocess.run(run, env=env, capture_output=True, text=True, timeout=120, check=False, **options)


def test_jupyter_run(jupyter_home: Path, tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text("import sys\nprint('out'); print('err', file=sys.stderr)")
    ran = jupyter("run", "--kernel", KERNEL, str(script))
    assert (ran.returncode, ran.stdout) == (0, "out\n")
    assert "err\n" in ran.stderr
    assert jupyter("run", "--kernel", KERNEL, input="1 / 0").returncode == 1


def test_jupyter_execute(jupyter_home: Path, tmp_path: Path) -> None:
    place = tmp_path / "e.ipynb"
    nbformat.write(book("print(2)"), place)
    ran = jupyter("execute", f"--kernel_name={KERNEL}", "--inplace", str(place))
    assert ran.returncode == 0, ran.stderr
    assert outputs(nbformat.read(place, 4)) == [["2\n"]]


def console(*arguments: str) -> pexpect.spawn[str]:
    run = ["-m", "jupyter_console", "--simple-prompt", *arguments]
    return pexpect.spawn(sys.executable, run, encoding="utf-8", timeout=60)


def test_jupyter_console(jupyter_home: Path) -> None:
    terminal = console("--kernel", KERNEL)
    terminal.expect(r"In \[1\]")
    terminal.sendline("print('hel' + 'lo'); 6 * 7")
    terminal.expect("hello")
    terminal.expect("42")
    terminal.expect(r"In \[2\]")
    terminal.sendline("1 / 0")
    terminal.expect("ZeroDivisionError")
    terminal.expect(r"In \[3\]")
    terminal.sendline("x = input('name? ')")
    terminal.expect(r"name\? ")
    terminal.sendline("Ada")
    terminal.expect(r"In \[4\]")
    terminal.sendline("import time; print(x, 'waits'); time.sleep(600)")
    terminal.expect("Ada waits")
    terminal.sendintr()
    terminal.expect("KeyboardInterrupt")
    terminal.expect(r"In \[5\]")
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_a_console_joins_a_kernel_that_runs(fresh: Client) -> None:
    fresh.run("x = 'from the notebook'")
    terminal = console("--existing", fresh.manager.connection_file)
    terminal.expect(r"In \[")
    terminal.sendline("print(x.upper()); y = 5")
    terminal.expect("FROM THE NOTEBOOK")
    terminal.sendline("exit(keep_kernel=True)")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert fresh.run("y").result == "5"


def test_a_cell_opens_a_qtconsole_on_its_kernel(fresh: Client) -> None:
    pytest.importorskip("PyQt5.QtWidgets", exc_type=ImportError)  # its libraries may lack one of the system's
    fresh.run("import os; os.environ['QT_QPA_PLATFORM'] = 'offscreen'")
    kernel = psutil.Process(fresh.manager.provisioner.pid)  # type: ignore[union-attr]
    before = set(kernel.children(recursive=True))
    ran = fresh.run("%qtconsole --style=monokai")
    assert (ran.reply["status"], ran.kinds) == ("ok", ["status", "execute_input", "status"])
    opened = set(kernel.children(recursive=True)) - before
    try:
        assert any("--style=monokai" in one.cmdline() for one in opened)
        asked = ""
        while asked != "history_request":  # the last that it asks before it shows a prompt
            parent = fresh.next_iopub()["parent_header"]
            if parent.get("session") != fresh.kc.session.session:
                asked = parent.get("msg_type", "")
    finally:
        for one in opened:
            one.kill()


def test_two_clients_see_each_others_cells_and_answer_their_own_questions(shared: Client) -> None:
    second = BlockingKernelClient(connection_file=shared.manager.connection_file)
    second.load_connection_file()
    second.start_channels(hb=False)
    second.wait_for_ready(timeout=30)
    mine = shared.kc.execute("a = input('mine? ')", allow_stdin=True)
    assert shared.kc.get_stdin_msg(timeout=30)["content"]["prompt"] == "mine? "
    theirs = second.execute("b = input('theirs? ')", allow_stdin=True)
    shared.kc.input("1")
    assert second.get_stdin_msg(timeout=30)["content"]["prompt"] == "theirs? "
    second.input("2")
    shared.finish(mine)
    shared.wait_iopub(theirs, is_idle)
    assert [m["content"]["code"] for m in shared.by_parent[theirs] if m["msg_type"] == "execute_input"] == [
        "b = input('theirs? ')"
    ]
    assert shared.run("a, b").result == "('1', '2')"
    second.stop_channels()


@both
def test_an_asynchronous_client(jupyter_home: Path, kernel: str) -> None:
    async def work() -> tuple[list[str], str, int]:
        manager = AsyncKernelManager(kernel_name=kernel)
        await manager.start_kernel()
        client: AsyncKernelClient = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        kinds: list[str] = []
        reply = await client.execute_interactive("print(3)", output_hook=lambda m: kinds.append(m["msg_type"]))
        await manager.restart_kernel()
        await client.wait_for_ready(timeout=60)
        again = await client.execute_interactive("4", output_hook=lambda m: None, timeout=60)
        client.stop_channels()
        await manager.shutdown_kernel()
        return kinds, reply["content"]["status"], again["content"]["execution_count"]

    assert asyncio.run(work()) == (["status", "execute_input", "stream", "status"], "ok", 1)

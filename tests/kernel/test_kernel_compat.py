"""What libraries look for in a notebook, answered by this kernel without ipykernel at start."""

from __future__ import annotations

import pytest
from kernel_client import Client

CHECKS = {
    "name": "type(get_ipython()).__name__ == 'ZMQInteractiveShell'",
    "config": "'IPKernelApp' in get_ipython().config",
    "modules": "{'ipykernel', 'ipykernel.zmqshell'} <= set(__import__('sys').modules)",
    "isinstance": "isinstance(get_ipython(), __import__('ipykernel.zmqshell').zmqshell.ZMQInteractiveShell)",
    "trait": "get_ipython().has_trait('kernel')",
    "app": "__import__('ipykernel.kernelapp').kernelapp.IPKernelApp.initialized()",
    "app kernel": "__import__('ipykernel.kernelapp').kernelapp.IPKernelApp.instance().kernel is get_ipython().kernel",
    "kernel": "__import__('ipykernel.kernelbase').kernelbase.Kernel.instance() is get_ipython().kernel",
    "ipython kernel": "isinstance(get_ipython().kernel, __import__('ipykernel.ipkernel').ipkernel.IPythonKernel)",
    "version": "__import__('ipykernel').version_info[0] >= 7",
    "connection": "__import__('ipykernel').get_connection_info(unpack=True)['shell_port'] > 0",
    "connection file": "__import__('os').path.exists(__import__('ipykernel').get_connection_file())",
    "stream": "isinstance(__import__('sys').stdout, __import__('ipykernel.iostream').iostream.OutStream)",
    "parent": "get_ipython().kernel.get_parent()['header']['msg_type'] == 'execute_request'",
    "parent header": "get_ipython().kernel._parent_header['content']['code'] != ''",
    "io_loop": "get_ipython().kernel.io_loop.asyncio_loop.is_running()",
    "pandas": "__import__('pandas.io.formats.console').io.formats.console.in_ipython_frontend()",
    "shell's name": "'ipykernel.zmqshell.ZMQInteractiveShell' in str(get_ipython())",
    "shell's module": "type(get_ipython()).__module__.startswith('ipykernel.')",
    "nbval's import": "__import__('ipykernel.kernelspec').kernelspec.KERNEL_NAME == 'python3'",
    "parents": "(ip := get_ipython()).parent is ip.kernel and ip.parent.parent.connection_file.endswith('.json')",
    "configuration": "get_ipython().kernel.config is get_ipython().config",
    "application's ports": "(a := get_ipython().parent.parent).shell_port > 0 and a.ip == '127.0.0.1'",
    "one session": "get_ipython().parent.parent.session is get_ipython().kernel.session",
    "banner": "get_ipython().kernel.banner.startswith('Python 3')",
    "language": "get_ipython().kernel.language_info['name'] == 'python'",
    "completion from code": "'zip' in get_ipython().kernel.do_complete('zi', 2)['matches']",
    "inspection from code": "get_ipython().kernel.do_inspect('zip', 3)['found']",
    "completeness from code": "get_ipython().kernel.do_is_complete('for i in x:')['indent'] == '    '",
    "history from code": "get_ipython().kernel.do_history('tail', False, True, n=1)['status'] == 'ok'",
    "no such attribute": "not hasattr(get_ipython().kernel, 'no_such_attribute')",
    "children's configuration": "get_ipython()._find_my_config(get_ipython().config) is not None",
    "numba's name": "'ipykernel_' in (lambda: 0).__code__.co_filename",
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_answer(shared: Client, check: str) -> None:
    ran = shared.run(check)
    assert ran.reply["status"] == "ok", ran.reply
    assert ran.result == "True"


def test_ipykernel_comm_works(shared: Client) -> None:
    ran = shared.run(
        "import warnings; warnings.simplefilter('ignore')\n"
        "from ipykernel.comm import Comm, CommManager\nc = Comm(target_name='t', data={'a': 1}); c.send([2])"
    )
    assert [m["content"]["data"] for m in ran.messages if m["msg_type"] in ("comm_open", "comm_msg")] == [{"a": 1}, [2]]
    assert shared.run("import comm; type(comm.create_comm('x')).__module__").result == "'paracell.kernel.comms'"


def test_send_response_and_session_send(shared: Client) -> None:
    ran = shared.run(
        "k = get_ipython().kernel\n"
        "k.send_response(k.iopub_socket, 'stream', {'name': 'stdout', 'text': 'one'})\n"
        "m = k.session.send(k.iopub_socket, 'display_data', {'data': {}, 'metadata': {}}, parent=k.get_parent())"
    )
    assert ran.text() == "one"
    assert len(ran.of("display_data")) == 1


def test_source_of_a_cell_is_found(shared: Client) -> None:
    shared.run("def somewhere():\n    return 'here'")
    assert "return 'here'" in shared.run("import inspect; inspect.getsource(somewhere)").result


def test_nested_loop_with_nest_asyncio(shared: Client) -> None:
    ran = shared.run(
        "import asyncio, contextlib\n"
        "try: import nest_asyncio\n"
        "except ImportError: import nest_asyncio2 as nest_asyncio\n"
        "nest_asyncio.apply()\nasync def f(): await asyncio.sleep(0.01); return 5\nasyncio.run(f())"
    )
    assert ran.result == "5"
    assert shared.run("await f()").result == "5"


def test_a_cell_that_keeps_the_thread_can_handle_comm_messages(shared: Client) -> None:
    """ipykernel could until its version 7; here cells wait in order meanwhile, and are aborted by an error."""
    shared.run(
        "import threading, time\nfrom comm import get_comm_manager\nhappened = []\n"
        "get_comm_manager().register_target('poll', lambda comm, msg: happened.append(msg['content']['data']))"
    )
    waits = "print('now', flush=True)\nwhile not happened: get_ipython().kernel.do_one_iteration()\n"
    elsewhere = f"def wait():\n    {waits.splitlines()[1]}\nprint('now', flush=True)\n"
    elsewhere += "t = threading.Thread(target=wait); t.start(); t.join()\n"
    for code, status in ((waits + "1", "ok"), (waits + "1 / 0", "error"), (elsewhere, "ok")):
        shared.run("happened.clear()")
        request = shared.kc.execute(code)
        shared.wait_text(request, "now\n")
        behind = shared.kc.execute("happened")
        content = {"comm_id": f"{code}", "target_name": "poll", "data": {"a": 1}}
        shared.send("comm_open", content)
        assert shared.finish(request).reply["status"] == status
        ran = shared.finish(behind)
        assert ran.reply["status"] == ("ok" if status == "ok" else "aborted")
        if status == "ok":
            assert ran.result == "[{'a': 1}]"


def test_handlers_that_libraries_put_aside_are_there(shared: Client) -> None:
    ran = shared.run(
        "k = get_ipython().kernel; before = k.shell_handlers['execute_request']\n"
        "k.shell_handlers['execute_request'] = lambda stream, ident, parent: None\n"
        "k.do_one_iteration()\nk.shell_handlers['execute_request'] = k.execute_request; before == k.execute_request"
    )
    assert ran.result == "True"
    assert shared.run("1 + 1").result == "2"

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

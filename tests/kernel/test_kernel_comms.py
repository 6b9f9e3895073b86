"""Comms and ipywidgets."""

from __future__ import annotations

import uuid

from kernel_client import Client, is_idle


def open_comm(client: Client, target: str, data: dict) -> tuple[str, str]:
    comm_id = uuid.uuid4().hex
    return comm_id, client.send("comm_open", {"comm_id": comm_id, "target_name": target, "data": data})


def test_round_trip_with_buffers(shared: Client) -> None:
    shared.run(
        "from comm import get_comm_manager\n"
        "def opened(comm, msg):\n"
        "    def got(msg):\n"
        "        buffers = [bytes(b) + b'!' for b in msg['buffers']]\n"
        "        comm.send({'echo': msg['content']['data']}, metadata={'m': 1}, buffers=buffers)\n"
        "    comm.on_msg(got); comm.send({'hello': msg['content']['data']})\n"
        "get_comm_manager().register_target('echo', opened)"
    )
    comm_id, request = open_comm(shared, "echo", {"x": 1})
    reply = shared.wait_iopub(request, lambda m: m["msg_type"] == "comm_msg")
    assert reply["content"] == {"data": {"hello": {"x": 1}}, "comm_id": comm_id}
    message = shared.kc.session.msg("comm_msg", {"comm_id": comm_id, "data": 5})
    shared.kc.session.send(shared.kc.shell_channel.socket, message, buffers=[b"abc"])
    reply = shared.wait_iopub(message["header"]["msg_id"], lambda m: m["msg_type"] == "comm_msg")
    assert reply["content"]["data"] == {"echo": 5}
    assert reply["metadata"] == {"m": 1}
    assert [bytes(b) for b in reply["buffers"]] == [b"abc!"]
    info = shared.reply(shared.kc.comm_info("echo"))["content"]["comms"]
    assert info == {comm_id: {"target_name": "echo"}}
    shared.wait_iopub(shared.send("comm_close", {"comm_id": comm_id, "data": {}}), is_idle)
    assert shared.reply(shared.kc.comm_info("echo"))["content"]["comms"] == {}


def test_unknown_target_is_closed(shared: Client) -> None:
    comm_id, request = open_comm(shared, "nobody", {})
    closed = shared.wait_iopub(request, lambda m: m["msg_type"] == "comm_close")
    assert closed["content"]["comm_id"] == comm_id


def test_comm_messages_are_handled_while_an_async_cell_waits(shared: Client) -> None:
    shared.run(
        "import asyncio\nfrom comm import get_comm_manager\nhappened = asyncio.Event()\n"
        "get_comm_manager().register_target('wake', lambda comm, msg: happened.set())"
    )
    request = shared.kc.execute("print('now', flush=True); await happened.wait(); 'woken'")
    behind = shared.kc.execute("'behind'")
    shared.wait_text(request, "now\n")
    open_comm(shared, "wake", {})
    assert shared.finish(request).result == "'woken'"
    assert shared.finish(behind).result == "'behind'"


def test_an_ipywidgets_slider_calls_its_function(shared: Client) -> None:
    ran = shared.run(
        "import ipywidgets as w\nslider = w.IntSlider(3)\n"
        "out = w.interactive_output(lambda x: print('x =', x), {'x': slider})\nslider"
    )
    view = ran.of("execute_result")[0]["data"]["application/vnd.jupyter.widget-view+json"]
    data = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
    request = shared.send("comm_msg", {"comm_id": view["model_id"], "data": data})
    shared.wait_iopub(request, is_idle)
    assert "x = 7\n" in shared.text_of(request)
    assert shared.run("slider.value").result == "7"


def test_a_failing_callback_does_not_hurt_the_kernel(shared: Client) -> None:
    shared.run(
        "from comm import get_comm_manager\n"
        "get_comm_manager().register_target('fails', lambda comm, msg: comm.on_msg(lambda m: 1/0))"
    )
    comm_id, request = open_comm(shared, "fails", {})
    shared.wait_iopub(request, is_idle)
    shared.wait_iopub(shared.send("comm_msg", {"comm_id": comm_id, "data": {}}), is_idle)
    assert shared.run("1 + 1").result == "2"


def test_what_a_widget_becomes_later_is_sent(shared: Client) -> None:
    ran = shared.run(
        "import ipywidgets\nw = ipywidgets.IntSlider(1)\nw.value = 7\nbox = ipywidgets.VBox()\nbox.children = [w]"
    )
    states = [m["data"]["state"] for m in ran.of("comm_msg")]
    assert {"value": 7} in states
    assert any("children" in state for state in states)

"""input() and getpass() through the client."""

from __future__ import annotations

from kernel_client import Client


def ask(client: Client, code: str, *answers: str) -> tuple[list[dict], object]:
    request = client.kc.execute(code, allow_stdin=True)
    asked = []
    for answer in answers:
        asked.append(client.kc.get_stdin_msg(timeout=30)["content"])
        client.kc.input(answer)
    return asked, client.finish(request)


def test_input_and_getpass(shared: Client) -> None:
    asked, ran = ask(shared, "a = input('name? ')\nimport getpass; b = getpass.getpass('secret? ')\n(a, b)", "Ada", "x")
    assert asked == [{"prompt": "name? ", "password": False}, {"prompt": "secret? ", "password": True}]
    assert ran.result == "('Ada', 'x')"  # type: ignore[attr-defined]


def test_what_a_password_is_echoed_as_is_the_clients_to_say(shared: Client) -> None:
    asked, ran = ask(shared, "import getpass; getpass.getpass('secret? ', echo_char='*')", "x")
    assert (asked, ran.result) == ([{"prompt": "secret? ", "password": True}], "'x'")  # type: ignore[attr-defined]


def test_end_of_file(shared: Client) -> None:
    _, ran = ask(shared, "input()", "\x04")
    assert ran.reply["ename"] == "EOFError"  # type: ignore[attr-defined]


def test_not_allowed(shared: Client) -> None:
    assert shared.run("input('x')").reply["ename"] == "StdinNotImplementedError"


def test_interrupt_while_asking_and_a_stale_answer(shared: Client) -> None:
    request = shared.kc.execute("input('first')", allow_stdin=True)
    shared.kc.get_stdin_msg(timeout=30)
    shared.manager.interrupt_kernel()
    assert shared.finish(request).reply["ename"] == "KeyboardInterrupt"
    shared.kc.input("stale")
    _, ran = ask(shared, "input('second')", "right")
    assert ran.result == "'right'"  # type: ignore[attr-defined]


def test_debugger_asks_through_the_client(shared: Client) -> None:
    request = shared.kc.execute("x = 41\nimport pdb; pdb.set_trace()\nx + 1", allow_stdin=True)
    shared.kc.get_stdin_msg(timeout=30)
    shared.kc.input("p x")
    shared.kc.get_stdin_msg(timeout=30)
    shared.kc.input("c")
    ran = shared.finish(request)
    assert "41" in ran.text()
    # The debugger leaves no handler of its own behind: the next interrupt is an ordinary one.
    request = shared.kc.execute("import time; print('now', flush=True); time.sleep(600)")
    shared.wait_text(request, "now\n")
    shared.manager.interrupt_kernel()
    assert shared.finish(request).reply["ename"] == "KeyboardInterrupt"


def test_an_interrupt_ends_pdb(shared: Client) -> None:
    request = shared.kc.execute("import pdb; pdb.set_trace()", allow_stdin=True)
    shared.kc.get_stdin_msg(timeout=30)
    shared.manager.interrupt_kernel()
    assert "--KeyboardInterrupt--" in shared.finish(request).text()
    assert shared.run("1 + 1").result == "2"


def test_an_answer_with_half_a_character(shared: Client) -> None:
    """A browser may send half a surrogate pair."""
    request = shared.kc.execute("input()", allow_stdin=True)
    shared.kc.get_stdin_msg(timeout=30)
    session = shared.kc.session
    parts = [session.pack(session.msg_header("input_reply")), b"{}", b"{}", rb'{"value": "a\ud83d"}']
    shared.kc.stdin_channel.socket.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
    assert shared.finish(request).result == repr("a\ufffd")

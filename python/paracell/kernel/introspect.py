"""complete, inspect, is_complete, history and comm_info: questions about code, answered without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paracell.kernel import completions

if TYPE_CHECKING:
    from paracell.kernel.facade import Kernel

Content = dict[str, Any]


def complete(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion; offsets in code points."""
    from IPython.core.completer import provisionalcompleter, rectify_completions

    if getattr(kernel.shell.Completer, "use_jedi", False):
        completions.prepare()
    code: str = content["code"]
    cursor: int | None = content.get("cursor_pos")
    if cursor is None:
        cursor = len(code)
    with provisionalcompleter():
        found = list(rectify_completions(code, kernel.shell.Completer.completions(code, cursor)))
    types = [{"start": c.start, "end": c.end, "text": c.text, "type": c.type, "signature": c.signature} for c in found]
    return {
        "status": "ok",
        "matches": [c.text for c in found],
        "cursor_start": found[0].start if found else cursor,
        "cursor_end": found[0].end if found else cursor,
        "metadata": {"_jupyter_types_experimental": types},
    }


def inspect(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#introspection"""
    from IPython.utils.tokenutil import token_at_cursor

    shell = kernel.shell
    code: str = content["code"]
    name = token_at_cursor(code, content.get("cursor_pos", len(code)))
    try:
        data = dict(
            shell.object_inspect_mime(
                name,
                detail_level=content.get("detail_level", 0),
                omit_sections=set(content.get("omit_sections") or ()),
            )
        )
    except KeyError:
        return {"status": "ok", "found": False, "data": {}, "metadata": {}}
    if not shell.enable_html_pager:
        data.pop("text/html", None)
    return {"status": "ok", "found": True, "data": data, "metadata": {}}


def is_complete(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#code-completeness"""
    status, indent = kernel.shell.input_transformer_manager.check_complete(content["code"])
    return {"status": status, "indent": " " * (indent or 0)} if status == "incomplete" else {"status": status}


def history(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#history"""
    manager = kernel.shell.history_manager
    kind = content.get("hist_access_type")
    raw, output = bool(content.get("raw", True)), bool(content.get("output", False))
    found: Any = ()
    if kind == "tail":
        found = manager.get_tail(content.get("n", 10), raw=raw, output=output, include_latest=True)
    elif kind == "range":
        session, start, stop = content.get("session") or 0, content.get("start") or 0, content.get("stop")
        # IPython numbers the running session 0 here and by its number in `tail`; a client that asks by number gets it.
        found = [(n or session, *rest) for n, *rest in manager.get_range(session, start, stop, raw=raw, output=output)]
    elif kind == "search":
        found = manager.search(
            content.get("pattern") or "*",
            raw=raw,
            output=output,
            n=content.get("n"),
            unique=bool(content.get("unique", False)),
        )
    return {"status": "ok", "history": list(found)}


def comm_info(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#comm-info"""
    wanted = content.get("target_name")
    comms = {
        comm_id: {"target_name": comm.target_name}
        for comm_id, comm in list(kernel.comm_manager.comms.items())
        if wanted is None or comm.target_name == wanted
    }
    return {"status": "ok", "comms": comms}

"""What paracell says beside a cell's own output: one-line notes, as displays that cannot be taken for prints."""

from __future__ import annotations

from typing import Any

MARK = {"paracell": {"note": True}}
"""Metadata of every display that is ours and not the cell's."""


class Notes:
    """Says things through IPython's display publisher."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._said: set[str] = set()

    def unsaid(self, topic: str) -> bool:
        """Whether nothing was said on `topic`."""
        return topic not in self._said

    def say_once(self, topic: str, text: str) -> None:
        """Display `text` unless something was said on `topic` before."""
        if topic not in self._said:
            self._said.add(topic)
            self.say(text)

    def say(self, text: str, display: str | None = None, again: bool = False) -> None:
        """Display `text` (one or more lines), under the id `display`; `again`: instead of what was there."""
        import html  # with a table of two thousand entities, for which most first cells have no use

        style = "color:var(--jp-ui-font-color2,#757575);font-size:12px;margin:0;white-space:pre-wrap"
        data = {
            "text/plain": text,
            "text/html": f'<pre class="paracell-note" style="{style}">{html.escape(text)}</pre>',
        }
        more: dict[str, Any] = {"transient": {"display_id": display}, "update": again} if display else {}
        self._shell.display_pub.publish(data, metadata=dict(MARK), **more)

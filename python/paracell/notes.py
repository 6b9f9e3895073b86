"""What paracell says beside a cell's own output: one-line notes, as displays that cannot be taken for prints."""

from __future__ import annotations

import html
from typing import Any

MARK = {"paracell": {"note": True}}
"""Metadata of every display that is ours and not the cell's."""


class Notes:
    """Says things through IPython's display publisher."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def say(self, text: str) -> None:
        """Display `text` (one or more lines)."""
        style = "color:var(--jp-ui-font-color2,#757575);font-size:12px;margin:0;white-space:pre-wrap"
        data = {
            "text/plain": text,
            "text/html": f'<pre class="paracell-note" style="{style}">{html.escape(text)}</pre>',
        }
        self._shell.display_pub.publish(data, metadata=dict(MARK))

"""Numbers for people."""

from __future__ import annotations


def seconds_text(seconds: float) -> str:
    """Seconds for people: ``12 µs``, ``340 ms``, ``1.2 s``, ``3 min 20 s``."""
    if seconds < 0.0005:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 else f"{seconds * 1000:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {seconds % 60:02.0f} s"


def bytes_text(size: float) -> str:
    """Bytes for people: ``812 B``, ``3.4 kB``, ``1.2 MB``."""
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 99.5 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"

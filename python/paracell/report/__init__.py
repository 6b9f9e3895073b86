"""What a run says: to a program (`last_run`), in notes, live, and where ``--report`` or ``--explain`` ask."""

from .run import RegionReport, RunReport, Slow, Span, last_run, remember

__all__ = ["RegionReport", "RunReport", "Slow", "Span", "last_run", "remember"]

"""The notebook's variables as a tree for the debugger's panel while nothing is stopped, as debugpy sees values."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class Variables:
    """A namespace, seen as the only frame of a thread that does not exist."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        from debugpy.server import api  # noqa: F401  (puts pydevd on the path)

        from _pydevd_bundle import pydevd_frame_utils  # type: ignore[import-not-found]  # isort: skip
        from _pydevd_bundle.pydevd_api import PyDevdAPI  # type: ignore[import-not-found]  # isort: skip
        from _pydevd_bundle.pydevd_suspended_frames import (  # type: ignore[import-not-found]  # isort: skip
            SuspendedFramesManager,
            _FramesTracker,
        )

        self._frames = SuspendedFramesManager()
        debugger = SimpleNamespace(variable_presentation=PyDevdAPI.VariablePresentation())
        tracker = _FramesTracker(self._frames, debugger)
        code = SimpleNamespace(co_filename="<notebook>", co_name="<module>")
        self._frame = SimpleNamespace(
            f_code=code, f_globals=namespace, f_locals=namespace, f_back=None, f_lineno=1, f_lasti=0
        )
        tracker.track("notebook", pydevd_frame_utils.create_frames_list_from_frame(self._frame))

    def children(self, reference: int) -> list[dict[str, Any]]:
        """What is inside the variable with this DAP reference; 0: the namespace itself."""
        variable = self._frames.get_variable(reference or id(self._frame))
        return [child.get_var_data() for child in variable.get_children_variables()]

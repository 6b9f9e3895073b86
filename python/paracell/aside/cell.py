"""``%%parallel --background``: a cell that runs on a thread of its own while the notebook goes on.

It runs in the notebook's namespace, on real objects. What keeps it apart is that a later cell which touches what it
changes, or changes what it uses, waits for its end before it begins.
"""

from __future__ import annotations

import ast
import contextvars
import ctypes
import threading
import weakref
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Any

from IPython.display import display

from paracell.backends.choose import Backends
from paracell.backends.workers import Workers
from paracell.cell.compiled import compiled
from paracell.cell.touched import Touched
from paracell.cellrun import CellRun

if TYPE_CHECKING:
    from paracell.cell import Plan
    from paracell.cell.plan import Region
    from paracell.line.options import Options
    from paracell.report import RunReport
    from paracell.run.job import Job, Run
    from paracell.run.resume import Resumes
    from paracell.session import Session


class BackgroundFailed(RuntimeError):
    """A cell had waited for one in the background, and that one ended with an exception (its ``__cause__``)."""


class Background:
    """A cell in the background."""

    def __init__(self, number: int, touches: Touched) -> None:
        self.number = number
        """Of its execution, as in ``[5]``."""
        self.touches = touches
        self.error: BaseException | None = None
        """What it ended with, if it did with an exception."""
        self.value: Any = None
        self.seen = False
        """Whether its exception has been raised to somebody."""
        self.run: FollowedRun | None = None
        self._report: RunReport | None = None
        self._over = threading.Event()
        self._cancelled = False
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<paracell background cell [{self.number}]: {self.state}>"

    @property
    def state(self) -> str:
        """ "running", "done", "cancelled" or "failed: ValueError"."""
        if not self._over.is_set():
            return "running"
        if self.error is None:
            return "done"
        return "cancelled" if self._cancelled else f"failed: {type(self.error).__name__}"

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return not self._over.is_set()

    @property
    def report(self) -> RunReport | None:
        """Its report, as ``paracell.last_run()`` gives that of the last cell; live while it runs."""
        run = self.run
        return run.report if run is not None else self._report

    def wait(self, timeout: float | None = None) -> Background:
        """Wait until it has ended, at most `timeout` seconds. Does not raise its exception."""
        self._over.wait(timeout)
        return self

    def result(self, timeout: float | None = None) -> Any:
        """The value of its last expression, once it has ended. Raises its exception; TimeoutError after `timeout`
        seconds."""
        if not self._over.wait(timeout):
            raise TimeoutError(f"cell [{self.number}] is still running in the background")
        self.seen = True
        if self.error is not None:
            raise self.error
        return self.value

    def cancel(self) -> None:
        """Stop it as an interrupt would: what it has finished stands. Returns when it has ended."""
        if self.running:
            self._cancelled = True
            run = self.run
            if run is not None and run.cancel():
                pass
            elif self._thread is not None and self._thread.ident is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread.ident), ctypes.py_object(KeyboardInterrupt)
                )
        self._over.wait()
        if self._thread is not None:
            self._thread.join()

    def settled(self, run: FollowedRun) -> None:
        """Nothing of the run is kept but its report."""
        self._report, self.run = run.report, None

    def start(self, work: Callable[[], Any]) -> None:
        """Run `work` on a thread, which belongs to the cell that runs now."""
        context = contextvars.copy_context()

        def body() -> None:
            try:
                self.value = context.run(work)
            except BaseException as error:  # the thread ends here; it is kept for who asks
                self.error = error
            finally:
                self._over.set()

        self._thread = threading.Thread(target=body, name=f"paracell-background-{self.number}", daemon=True)
        self._thread.start()


class FollowedRun(CellRun):
    """A cell's run that another thread can stop."""

    _lock: threading.Lock
    _stopping = False
    _open: _Stoppable | None = None

    def __init__(self, session: Session, plan: Plan, options: Options, written: ast.Module, resumes: Resumes | None):
        self._lock = threading.Lock()
        self._workers = Workers()
        self._own = Backends(session.shell.user_ns, self._workers)
        super().__init__(session, plan, options, written, resumes)

    def _backends(self) -> Backends:
        return self._own

    def _open_run(self, region: Region, job: Job) -> Run | None:
        opened = super()._open_run(region, job)
        if opened is None:
            return None
        with self._lock:
            self._open = _Stoppable(opened, self)
            return self._open  # type: ignore[return-value]

    def cancel(self) -> bool:
        """End the region that is running; whether there was one."""
        with self._lock:
            self._stopping, run = True, self._open
        if run is not None:
            run.run.cancel()
        return run is not None

    def region_over(self) -> None:
        """The region that ran has ended."""
        with self._lock:
            self._open = None

    def close(self) -> None:
        super().close()
        self._own.shutdown()


class _Stoppable:
    """A run whose waits end with KeyboardInterrupt when the cell is cancelled."""

    def __init__(self, run: Run, owner: FollowedRun) -> None:
        self.run = run
        self._owner = weakref.proxy(owner)
        for name in ("wanted", "submit", "ready", "pending", "cancel", "in_order"):
            if hasattr(run, name):
                setattr(self, name, getattr(run, name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.run, name)

    def _watched(self, call: Callable[[], Any]) -> Any:
        if self._owner._stopping:
            raise KeyboardInterrupt
        try:
            return call()
        except Exception:
            if self._owner._stopping:
                raise KeyboardInterrupt from None
            raise

    def hungry(self, more: bool = True) -> Any:
        return self._watched(lambda: self.run.hungry(more))

    def next(self) -> Any:
        return self._watched(self.run.next)

    def close(self) -> Any:
        self._owner.region_over()
        return self.run.close()


def work(session: Session, tree: ast.Module, run: FollowedRun, filename: str, handle: Background) -> Callable[[], Any]:
    """What the thread does: the cell's code, what is shown of its end, and what is kept of it."""
    shell = session.shell

    def execute() -> Any:
        error: BaseException | None = None
        try:
            return _execute(tree, filename, shell)
        except BaseException as raised:
            error = raised
            raise
        finally:
            run.close()
            stopped = session.stops.ended(run, error, handle.number)
            if error is not None:
                shell.showtraceback((type(error), error, error.__traceback__))
            if stopped is not None:
                session.say_stopped(stopped)
            handle.settled(run)

    return execute


def _execute(tree: ast.Module, filename: str, shell: Any) -> Any:
    """Run the cell's statements; the value of its last expression, which is displayed."""
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    first = ast.Module(tree.body[:-1] if last is not None else tree.body, [])
    flags = shell.compile.flags
    exec(compiled(lambda tree: compile(tree, filename, "exec", flags, True), first, filename), shell.user_ns)
    if last is None:
        return None

    def expression(tree: ast.Module) -> CodeType:
        return compile(ast.Expression(tree.body[0].value), filename, "eval", flags, True)  # type: ignore[attr-defined]

    value = eval(compiled(expression, ast.Module([last], []), filename), shell.user_ns)
    if value is not None:
        display(value)
    return value

"""``%%parallel`` and ``%parallel`` in an IPython shell. Light to import: the machinery loads with the first use."""

from __future__ import annotations

import ast
import sys
import textwrap
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from paracell.line.inputs import Inputs
from paracell.line.marker import BELOW_CODE, MARKER, Marker, misplaced
from paracell.line.words import BACKENDS, usage

if TYPE_CHECKING:
    from paracell.backends.workers import Workers
    from paracell.session import Session

_Method = TypeVar("_Method", bound=Callable[..., Any])


def register(shell: Any) -> None:
    """Make ``%%parallel`` work in `shell`. Doing it again changes nothing."""
    if getattr(shell, "_paracell", None) is not None:
        return
    hook = shell._paracell = Hook(shell)
    shell.input_transformer_manager.line_transforms.insert(0, hook.marker.mark)
    shell.ast_transformers.append(hook)
    shell.events.register("pre_execute", hook.begin_cell)
    shell.events.register("post_execute", hook.end_cell)
    shell.events.register("post_run_cell", hook.outcome)
    shell.register_magics(ParallelMagics(shell))


def unregister(shell: Any) -> None:
    """Undo `register`; workers are stopped."""
    hook = getattr(shell, "_paracell", None)
    if hook is None:
        return
    shell.input_transformer_manager.line_transforms.remove(hook.marker.mark)
    shell.ast_transformers.remove(hook)
    shell.events.unregister("pre_execute", hook.begin_cell)
    shell.events.unregister("post_execute", hook.end_cell)
    shell.events.unregister("post_run_cell", hook.outcome)
    # A magic that is left would call itself: nothing turns its cells into parallel ones any more.
    for kind, name in (("cell", "parallel"), ("line", "parallel"), ("line", BELOW_CODE), ("line", MARKER)):
        shell.magics_manager.magics[kind].pop(name, None)
    hook.shutdown()
    shell._paracell = None


class Hook:
    """What IPython calls: the marker at once, the session behind it from the first parallel cell on."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.marker = Marker()
        self.inputs = Inputs(shell)
        self._session: Session | None = None
        self._workers: Workers | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            from paracell.session import Session

            self._session = Session(self.shell, self.inputs, self._workers)
        return self._session

    def visit(self, tree: ast.AST) -> ast.AST:
        """The AST transformer: a marked cell becomes its parallel form, any other stays as it is, unless ``%parallel``
        is on. An error that left it would take it away, and the cells' lines would be read by nobody."""
        __tracebackhide__ = True
        try:
            return self._visited(tree)
        except KeyboardInterrupt:
            raise KeyboardInterrupt from None  # it fell between the frames of ours
        except Exception as error:
            warnings.warn(
                f"The cell runs serially: paracell does not work as it is installed now ({type(error).__name__}: "
                f"{error}). Was it changed while the kernel ran? Then restart the kernel.",
                stacklevel=1,
            )
            return tree

    def _visited(self, tree: ast.AST) -> ast.AST:
        if not isinstance(tree, ast.Module):
            return tree
        if misplaced(tree):
            # Before anything of the cell has run.
            del tree.body[1:]
            tree.body[0] = ast.parse(f"get_ipython().run_line_magic({BELOW_CODE!r}, '')").body[0]
            return tree
        if self._session is not None and (instead := self._session.awaited(tree)) is not None:
            return instead
        marked = self.marker.take(tree)
        if marked is None:
            every = self._session is not None and self._session.defaults.on
            return self.session.unmarked(tree, self.marker.latest) if every else tree
        if self._session is None:
            from paracell.backends.workers import Workers

            self._workers = Workers()
            self._workers.expect(marked[0], "paracell.session" in sys.modules)
        return self.session.transform(tree, *marked)

    def begin_cell(self) -> None:
        self.inputs()
        if self._session is not None:
            self._session.begin_cell()

    def end_cell(self) -> None:
        if self._session is not None:
            self._session.end_cell()

    def outcome(self, result: Any) -> None:
        """IPython's post_run_cell: how the cell ended."""
        if self._session is not None:
            self._session.outcome(result.error_in_exec if result is not None else None)

    def shutdown(self) -> None:
        if self._session is not None:
            self._session.shutdown()
            self._session = None


_HELP = f"""Run the loops of this cell on all cores; the cell means what it means without this line.

::

{textwrap.indent(usage(), "    ")}

The outermost loops of the cell are its regions: ``for``, comprehensions, generator expressions, ``map`` and
``filter``. What each iteration computes runs on workers; what changes the notebook's own objects runs here, in
order. ``paracell.last_run()`` tells how the last cell ran.
"""

_DEFAULTS_HELP = f"""Set what ``%%parallel`` means where its line does not say; alone: show it.

::

    %parallel [{"|".join(BACKENDS)}] [N] [options]
    %parallel on       run every following cell as %%parallel auto; loops that are not parallel run as they do anyway
    %parallel off      only cells that begin with %%parallel (as at the start)
    %parallel reset    forget all of this

The options are those of ``%%parallel``; see ``%%parallel?``.
"""


def _documented(text: str) -> Callable[[_Method], _Method]:
    def document(method: _Method) -> _Method:
        method.__doc__ = text
        return method

    return document


@magics_class
class ParallelMagics(Magics):
    """The magics' help, and their use from code."""

    shell: Any

    @no_var_expand
    @cell_magic
    @_documented(_HELP)
    def parallel(self, line: str, cell: str) -> None:
        self.shell.run_cell(f"%%parallel {line}\n{cell}").raise_error()

    @no_var_expand
    @line_magic("parallel")  # type: ignore[arg-type]
    @_documented(_DEFAULTS_HELP)
    def defaults(self, line: str) -> None:
        print(self.shell._paracell.session.set_defaults(line))

    @no_var_expand
    @line_magic(BELOW_CODE)  # type: ignore[arg-type]
    def not_first(self, line: str) -> None:
        """What IPython calls where ``%%parallel`` stands below other code."""
        raise UsageError("%%parallel has to stand above the code of its cell: nothing but comments may come before it")

    @line_magic("_parallel_cell")  # type: ignore[arg-type]
    def marker(self, line: str) -> None:
        """Stands where a ``%%parallel`` line stood; reached only inside another construct, where it cannot work."""
        raise UsageError(
            "%%parallel works on the loops of a cell of its own; here its cell has become part of other code"
        )

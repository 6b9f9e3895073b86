"""``python -m paracell``: the kernel (``-f FILE``), ``install``, ``--version``.

Nothing heavy may be imported here: the channels are bound, and kernel_info is answered, before IPython is imported.
"""

import sys


def main(argv: "list[str] | None" = None) -> int:
    """Run the command line; the process's exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["install"]:
        from paracell.kernel.install import main as install

        return install(argv[1:])
    if argv[:1] in (["--version"], ["-V"]):
        from paracell._native import __version__

        print(f"paracell {__version__}")
        return 0
    leave_folder()
    from paracell.kernel.start import main as start

    return start(argv)


def leave_folder() -> None:
    """Take the folder that we were started in from the search path: a ``random.py`` beside the notebook must not be
    what the kernel imports. IPython puts it back, behind the standard library."""
    import os

    try:
        here = os.getcwd()
    except OSError:  # it has been removed
        here = ""
    if sys.path and sys.path[0] in ("", here):
        del sys.path[0]


if __name__ == "__main__":
    sys.exit(main())

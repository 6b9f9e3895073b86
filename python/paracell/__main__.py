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
    from paracell.kernel.start import main as start

    return start(argv)


if __name__ == "__main__":
    sys.exit(main())

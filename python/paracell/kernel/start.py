"""Bind the channels first, import IPython afterwards: a client sees a living kernel within milliseconds."""

import gc
import os
import sys

from paracell._native import Kernel, __version__

try:
    from _json import encode_basestring_ascii as _quoted
except ImportError:  # a Python without the accelerator
    from json.encoder import encode_basestring_ascii as _quoted  # type: ignore[assignment]

_FILE_OPTIONS = (
    "-f",
    "--f",
    "--connection-file",
    "--IPKernelApp.connection_file",
    "--ConnectionFileMixin.connection_file",
)

HELP_LINKS = (
    ("Python Reference", "https://docs.python.org/{}.{}".format(*sys.version_info)),
    ("IPython Reference", "https://ipython.readthedocs.io/en/stable/"),
    ("NumPy Reference", "https://numpy.org/doc/stable/"),
    ("SciPy Reference", "https://docs.scipy.org/doc/scipy/"),
    ("Matplotlib Reference", "https://matplotlib.org/stable/"),
    ("SymPy Reference", "https://docs.sympy.org/latest/"),
    ("pandas Reference", "https://pandas.pydata.org/docs/"),
)


def kernel_info() -> dict[str, object]:
    """The content of kernel_info_reply: https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info"""
    version = sys.version.split()[0]
    debugger = ["debugger"] if _there("debugpy") else []
    return {
        "status": "ok",
        "protocol_version": "5.5",
        "implementation": "paracell",
        "implementation_version": __version__,
        "language_info": {
            "name": "python",
            "version": version,
            "mimetype": "text/x-python",
            "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
            "pygments_lexer": "ipython3",
            "nbconvert_exporter": "python",
            "file_extension": ".py",
        },
        "banner": f"Python {version} on paracell {__version__}\n"
        "%%parallel runs the loops of a cell on all cores; %%parallel? explains.\n",
        "help_links": [{"text": text, "url": url} for text, url in HELP_LINKS],
        "supported_features": ["kernel subshells", *debugger],
        "debugger": bool(debugger),
    }


def _there(package: str) -> bool:
    """Whether a package is installed, found without importing what finds packages."""
    return any(os.path.isdir(os.path.join(folder, package)) for folder in sys.path)


def _json(value: object) -> str:
    """JSON of what kernel_info holds. The json package would take half of the time until the channels are bound."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else str(value)


def connection_file(argv: list[str]) -> str | None:
    """The connection file named on the command line, or None. The last one wins, as in traitlets."""
    found = None
    for i, word in enumerate(argv):
        option, equals, value = word.partition("=")
        if option not in _FILE_OPTIONS:
            continue
        if equals:
            found = value
        elif i + 1 < len(argv):
            found = argv[i + 1]
    return found


def _write_connection_file() -> str:
    """A new connection file in Jupyter's runtime folder, for a kernel that was started by hand."""
    import atexit
    import contextlib

    from jupyter_client.connect import write_connection_file
    from jupyter_core.paths import jupyter_runtime_dir

    folder = jupyter_runtime_dir()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path, _ = write_connection_file(os.path.join(folder, f"kernel-{os.getpid()}.json"))

    def remove() -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)

    atexit.register(remove)
    print(f"To connect another client to this kernel, use:\n    --existing {os.path.basename(path)}")
    return path


def main(argv: list[str]) -> int:
    """Run a kernel until it is shut down; the process's exit code."""
    # What imports make stays; looking through it for garbage again and again takes a fifth of the start.
    collects = gc.isenabled()
    gc.disable()
    path = connection_file(argv)
    try:
        if path is None:
            path = _write_connection_file()
        native = Kernel(path, _json(kernel_info()).encode())
    except (OSError, ValueError) as error:
        print(f"paracell: cannot start: {error}", file=sys.stderr)
        return 1
    from paracell.kernel import early

    early.keep(native)
    from paracell.kernel.app import run

    return run(native, path, argv, collects)

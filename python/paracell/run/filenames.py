"""Whether code names anything that has to do with files: then it is watched which ones it touches (``touching``)."""

from __future__ import annotations

from types import FunctionType

from ..cell.tables import words
from .processwide import functions_of

_NAMES = words(
    """
    open Path read_text read_bytes write_text write_bytes fromfile tofile genfromtxt memmap loadtxt savetxt imread
    imwrite exists isfile isdir is_file is_dir lexists stat lstat access getsize getmtime listdir scandir glob rglob
    iglob iterdir walk connect copyfile copy2 copytree move unlink rmtree rmdir mkdir makedirs touch rename renames
    link symlink truncate File Dataset ZipFile TarFile getline parse load dump save savez savez_compressed savemat
    loadmat FileHandler
    """
)
_PREFIXES = ("read_", "load_", "save_", "to_", "write_", "dump_", "open_", "scan_", "sink_")


def reaches(compute: FunctionType) -> bool:
    """Whether the code of `compute`, or of a function of the notebook that it reaches, names any of these."""
    for names in functions_of(compute):
        found = names.attributes
        if not _NAMES.isdisjoint(found) or any(name.startswith(_PREFIXES) for name in found):
            return True
    return False

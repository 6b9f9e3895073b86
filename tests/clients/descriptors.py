"""What a process holds open."""

import os


def descriptors(pid: int) -> list[str]:
    """What each of its descriptors leads to. One that it closes meanwhile may be missing."""
    folder, found = f"/proc/{pid}/fd", []
    for number in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{number}"))
        except FileNotFoundError:
            continue
    return found

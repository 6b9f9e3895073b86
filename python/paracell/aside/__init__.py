"""``--background``: a cell that runs on a thread of its own, and which later cells have to wait for it."""

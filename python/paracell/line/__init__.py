"""The magic line: what may stand behind ``%%parallel``, and what it means where nothing stands there.

Empty, so that the kernel's start imports the marker alone."""

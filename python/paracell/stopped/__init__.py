"""Cells that an exception or an interrupt has stopped in a loop: how they go on, and how the iteration is run again."""

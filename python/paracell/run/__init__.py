"""Running a plan: regions pull the user's iterable, hand tasks to a backend and commit results in order."""

from .runtime import Callbacks, Runtime

__all__ = ["Callbacks", "Runtime"]

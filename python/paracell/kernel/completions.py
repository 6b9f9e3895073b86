"""jedi's completions, without looking at names that cannot be among them.

To complete ``os.pa``, jedi asks for every name of ``os`` whether the code that binds it can be reached, and drops those
that do not begin with ``pa`` afterwards. Here it is told the beginning before it asks. The completions are the same.
"""

from __future__ import annotations

import copy
import functools
import sys
import threading
from typing import Any

_PASSED_ON = {"values", "<listcomp>", "<genexpr>"}
"""Frames between a listing and the filter that holds the names: other filters around it."""

_prepared = False
_wanted = threading.local()


def prepare() -> None:
    """Import jedi, if there is one, and let it know early what a completion begins with. Again: nothing.

    A jedi that is made otherwise stays as it is."""
    global _prepared
    if _prepared:
        return
    _prepared = True
    try:
        from jedi.api import completion
        from jedi.inference import filters, imports
        from jedi.inference.compiled import access, value

        _tell_beginning(completion.Completion)
        listings = {
            completion.complete_trailer.__code__,
            completion.Completion._complete_global_scope.__code__,
            imports.Importer.completion_names.__code__,
        }
        _narrow_source(filters._AbstractUsedNamesFilter, listings)
        _narrow_objects(value.CompiledValueFilter, access.DirectObjectAccess, listings)
    except (ImportError, AttributeError):
        return


def _tell_beginning(completion: Any) -> None:
    """While names are gathered for a completion, `_wanted.beginning` is what they have to begin with."""
    gather = completion._complete_python

    @functools.wraps(gather)
    def _complete_python(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = getattr(_wanted, "beginning", "")
        _wanted.beginning = "" if self._fuzzy else self._like_name
        try:
            return gather(self, *args, **kwargs)
        finally:
            _wanted.beginning = before

    completion._complete_python = _complete_python


def _narrow_source(names: Any, listings: set[Any]) -> None:
    """Let a filter list only the names that are wanted, if one of `listings` (code objects) asks. Whoever else asks, to
    infer what something is, gets all of them."""
    values = names.values

    @functools.wraps(values)
    def wanted(self: Any) -> Any:
        beginning = getattr(_wanted, "beginning", "")
        if not beginning or not _asked_by(listings):
            return values(self)
        # A copy: while one name is looked at, this filter may be asked for others.
        narrow, used = copy.copy(self), self._used_names
        narrow._used_names = type(used)({name: used[name] for name in used if _begins(name, beginning)})
        return values(narrow)

    names.values = wanted


def _narrow_objects(names: Any, objects: Any, listings: set[Any]) -> None:
    """The same for the attributes of real objects, the notebook's variables among them."""
    values, infos = names.values, objects.get_dir_infos

    @functools.wraps(values)
    def wanted(self: Any) -> Any:
        beginning = getattr(_wanted, "beginning", "")
        _wanted.attributes = beginning if beginning and _asked_by(listings) else ""
        try:
            return values(self)
        finally:
            _wanted.attributes = ""

    @functools.wraps(infos)
    def get_dir_infos(self: Any) -> Any:
        # For the filter that asks first; what is inferred on its behalf needs all.
        beginning, _wanted.attributes = getattr(_wanted, "attributes", ""), ""
        if not beginning:
            return infos(self)
        attributes = {name: self.is_allowed_getattr(name) for name in self.dir() if _begins(name, beginning)}
        return self.needs_type_completions(), attributes

    names.values, objects.get_dir_infos = wanted, get_dir_infos


def _asked_by(listings: set[Any]) -> bool:
    frame = sys._getframe(2)
    while frame.f_code.co_name in _PASSED_ON and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code in listings


def _begins(name: str, beginning: str) -> bool:
    from jedi import settings

    if settings.case_insensitive_completion:
        return name.lower().startswith(beginning.lower())
    return name.startswith(beginning)

"""Reasons of comprehensions, generator expressions, ``map`` and ``filter``."""

from __future__ import annotations

import ast

from paracell.records import replace

from .. import edits
from ..case import Case
from ..freshness import UNKNOWN
from ..nodes import walk
from ..refusals import BindsInComprehension, ComputedFunction, KeptGenerator, NotBuiltin, Refusal
from .lines import shown, together

TITLES = {"genexp": "generator expression"}


def kept_generator(case: Case, kind: str) -> Refusal:
    title = TITLES.get(kind, f"{kind}()")
    detail = f"The {title} is kept, and computes only when it is asked, with the names as they are then"
    edit = edits.as_list(case)
    advice = "" if edit else "Instead: a list comprehension, or hand it to its consumer directly."
    return KeptGenerator(case.line, together(shown(case, case.node)), None, detail, edit, advice)


def not_builtin(case: Case) -> Refusal:
    name = case.node.func.id
    builtin = case.resolver.name(name) in (map, filter) and case.resolver.name(name) is not UNKNOWN
    detail = (
        f"Which items '{name}' goes over cannot be seen" if builtin else f"'{name}' is not Python's own {name}() here"
    )
    edit = edits.unpacked(case) if builtin else edits.as_list(case)
    if edit is not None and not builtin:
        edit = replace(edit, condition=f"if Python's own {name}() is meant, and a list will do")
    advice = "" if edit else "Instead: a list comprehension."
    return NotBuiltin(case.line, together(shown(case, case.node)), None, detail, edit, advice)


def computed_function(case: Case) -> Refusal:
    detail = f"The function that {case.node.func.id}() calls is itself computed"
    edit = edits.named_function(case)
    advice = "" if edit else "Instead: give the function a name first."
    return ComputedFunction(case.line, together(shown(case, case.node)), None, detail, edit, advice)


def binds(case: Case) -> Refusal:
    named = next(n for n in walk(case.node) if isinstance(n, ast.NamedExpr))
    detail = f"':=' binds '{named.target.id}' in the notebook from inside the comprehension"
    edit = edits.as_loop(case)
    advice = "" if edit else "Instead: write it as a for loop."
    return BindsInComprehension(case.line, together(shown(case, named)), named.target.id, detail, edit, advice)

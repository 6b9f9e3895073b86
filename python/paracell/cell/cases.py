"""A ``match`` as the choice of a case, which a worker makes, and the branches that both sides take by it."""

from __future__ import annotations

import ast

from .build import HIDDEN


def as_branches(s: ast.Match) -> tuple[ast.Match, ast.If]:
    """(``match`` that binds what patterns capture and the number of the case, ``if`` over the cases by that)."""
    name = f"{HIDDEN}case{s.lineno}_{s.col_offset}"
    found = [ast.match_case(c.pattern, c.guard, [_number(name, i, c)]) for i, c in enumerate(s.cases)]
    if s.cases[-1].guard is not None or not _takes_all(s.cases[-1].pattern):
        found.append(ast.match_case(ast.MatchAs(None, None), None, [_number(name, len(found), s.cases[-1])]))
        ast.copy_location(found[-1].pattern, s.subject)
    choice = ast.copy_location(ast.Match(s.subject, found), s)
    choice.end_lineno, choice.end_col_offset = s.subject.end_lineno, s.subject.end_col_offset
    branches: list[ast.stmt] = []
    for i, case in reversed(list(enumerate(s.cases))):
        test = ast.Compare(ast.Name(name, ast.Load()), [ast.Eq()], [ast.Constant(i)])
        one = ast.If(test, case.body, branches)
        for node in (one, test, test.left, *test.comparators):
            ast.copy_location(node, case.pattern)
        branches = [one]
    assert isinstance(branches[0], ast.If)
    return choice, branches[0]


def _number(name: str, number: int, case: ast.match_case) -> ast.stmt:
    target, value = ast.Name(name, ast.Store()), ast.Constant(number)
    bind = ast.Assign([target], value)
    for node in (bind, target, value):
        ast.copy_location(node, case.pattern)
    return bind


def _takes_all(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return _takes_all(pattern.patterns[-1])
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _takes_all(pattern.pattern))

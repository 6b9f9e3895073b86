"""Random bodies from a small grammar mean the same in two parts."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import compare
from tabled import PRELUDE

from paracell.backends.serial import Serial

NAMES = ["a", "b", "x", "total", "k"]
ATOMS = st.sampled_from([*NAMES, "1", "len(out)", "acc.x", "d.get(x, 0)"])


def calls(inner):
    one = st.tuples(st.sampled_from(["f", "fail", "loud", "abs"]), inner).map(lambda t: f"{t[0]}({t[1]})")
    two = st.tuples(inner, st.sampled_from(["+", "-", "*", "or", "and", "<"]), inner).map(lambda t: f"({' '.join(t)})")
    three = st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    return one | two | three


EXPRESSIONS = st.recursive(ATOMS, calls, max_leaves=4).map(lambda e: f"({e}) % 1009" if "%" not in e else e)
TARGETS = st.sampled_from(["a", "b", "total", "d[x]", "acc.x", "a, b"])


def simple():
    assign = st.tuples(TARGETS, EXPRESSIONS).map(
        lambda t: [f"{t[0]} = {t[1]}, 2" if t[0] == "a, b" else f"{t[0]} = {t[1]}"]
    )
    add = st.tuples(st.sampled_from(["a", "total", "acc.x"]), EXPRESSIONS).map(lambda t: [f"{t[0]} += {t[1]}"])
    method = st.tuples(st.sampled_from(["out.append", "seen.add", "log.append", "print", "acc.push"]), EXPRESSIONS)
    jump = st.tuples(EXPRESSIONS, st.sampled_from(["continue", "break", "raise KeyError(x)"]))
    return (
        assign
        | add
        | method.map(lambda t: [f"{t[0]}({t[1]})"])
        | jump.map(lambda t: [f"if {t[0]} == 17:", f"    {t[1]}"])
    )


def indent(lines):
    return [f"    {line}" for line in lines]


def compound(block):
    body = st.lists(block, min_size=1, max_size=3).map(lambda b: [line for lines in b for line in lines])
    return (
        st.tuples(EXPRESSIONS, body).map(lambda t: [f"if {t[0]} > 3:", *indent(t[1])])
        | st.tuples(EXPRESSIONS, body, body).map(lambda t: [f"if {t[0]} > 3:", *indent(t[1]), "else:", *indent(t[2])])
        | st.tuples(body, body).map(lambda t: ["try:", *indent(t[0]), "except ValueError as e:", *indent(t[1])])
        | st.tuples(body, body).map(lambda t: ["try:", *indent(t[0]), "finally:", "    log.append(x)"])
        | body.map(lambda b: ["for j in range(3):", *indent(b)])
    )


BODIES = st.lists(st.recursive(simple(), compound, max_leaves=6), min_size=1, max_size=4)


@settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(BODIES, st.sampled_from([1, 2, 5]), st.booleans())
def test_a_random_body_means_the_same(body, size, orelse):
    text = "\n".join(["a = b = 2", "for x in xs:", *indent([line for lines in body for line in lines])])
    if orelse:
        text += "\nelse:\n    out.append('else')"
    compare(PRELUDE, text, lambda region, job: Serial(size, 3).open(job))

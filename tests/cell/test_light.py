"""Loops that draw random numbers and do little else run as they stand, with the serial cell's numbers."""

import ast

import pytest
from oracle import prepare

from paracell import cell

SETUP = """
import random, math
import numpy as np
from random import gauss
mine, theirs = random.Random(1), np.random.default_rng(1)
array, words = np.ones(9), ["a", "b"]
def hit(r=1):
    '''Whether a point lies inside.'''
    x, y = random.random(), random.uniform(0, r)
    if x < 0:
        return False
    return math.sqrt(x * x + y ** 2) < r
def walk(n):
    for _ in range(n):
        random.random()
def deep(x):
    return hit() + x
def far(x):
    return farther(x)
def farther(x):
    return farthest(x)
def farthest(x):
    return deep(x)
@staticmethod
def decorated():
    return random.random()
def kept(a=[]):
    return random.random()
"""
LIGHT = {
    "comprehension": "out = [random.random() for _ in range(9)]",
    "condition": "out = [i for i in range(9) if random.random() < 0.5]",
    "dict": "out = {i: random.gauss(0, 1) for i in range(9)}",
    "generator": "out = sum(random.random() ** 2 + random.random() ** 2 < 1 for _ in range(9))",
    "name": "out = [gauss(0, 1) for _ in range(9)]",
    "numpy": "out = [np.random.rand() + np.random.normal(1, 2) for _ in range(9)]",
    "generators of the notebook's own": "out = [mine.random() + theirs.integers(0, 9) for _ in range(9)]",
    "choice": "out = [random.choice(words) for _ in range(9)]",
    "function": "out = sum(hit() for _ in range(9))",
    "functions": "out = [deep(i) for i in range(9)]",
    "for": "out = 0\nfor _ in range(9):\n    x = random.random()\n    if x < 0.5:\n        out += x",
    "append": "out = []\nfor w in words:\n    out.append((w, round(random.random(), 3)))",
    "subscript": "out = {}\nfor i in range(9):\n    out[i] = -random.random() if i else math.floor(i)",
}
HEAVY = {
    "no draw": "out = [math.sqrt(i) for i in range(9)]",
    "other calls": "out = [(random.random(), sorted(words)) for i in range(9)]",
    "size": "out = [np.random.rand(9).sum() for i in range(9)]",
    "size by name": "out = [np.random.normal(size=9) for i in range(9)]",
    "third": "out = [np.random.normal(0, 1, 9) for i in range(9)]",
    "size of a generator's": "out = [theirs.random(9) for i in range(9)]",
    "array": "out = [array * random.random() for i in range(9)]",
    "items": "out = [a * random.random() for a in [array, array]]",
    "numbers of any length": "out = [2 ** random.randint(1, 9) for i in range(9)]",
    "loop": "out = [walk(3) for i in range(9)]",
    "inner loop": "for i in range(9):\n    for j in range(9):\n        random.random()",
    "nested": "out = [[random.random() for j in range(9)] for i in range(9)]",
    "two generators": "out = [random.random() for j in range(9) for i in range(9)]",
    "sequence": "out = [random.sample(words, 2) for i in range(9)]",
    "too deep": "out = [far(i) for i in range(9)]",
    "decorated": "out = [decorated() for i in range(9)]",
    "default": "out = [kept() for i in range(9)]",
    "starred": "out = [random.uniform(*[0, 1]) for i in range(9)]",
    "attribute": "class P: pass\np = P()\nfor i in range(9):\n    p.x = random.random()",
}


def reasons(text):
    plan = cell.plan_tree(ast.parse(text), text, prepare(SETUP), light=True)
    return [region.refusal.detail if region.refusal else "" for region in plan.regions]


@pytest.mark.parametrize("name", LIGHT)
def test_it_runs_as_it_stands(name):
    (reason,) = reasons(LIGHT[name])
    assert "draw random numbers" in reason


@pytest.mark.parametrize("name", HEAVY)
def test_what_may_take_longer_is_none(name):
    (reason,) = reasons(HEAVY[name])
    assert "draw random numbers" not in reason

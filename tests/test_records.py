"""A record does what a dataclass does: the same class made by both is asked the same."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import ClassVar

import pytest

from paracell import records


def made(module, decorate):
    class Point:
        kind: ClassVar[str] = "point"
        x: int
        y: list[int] = module.field(default_factory=list)
        z: int | None = None
        hidden: int = module.field(default=7, repr=False, compare=False)

        def total(self):
            return self.x + sum(self.y)

    return decorate(Point)


PLAIN = made(dataclasses, dataclasses.dataclass), made(records, records.record)
FROZEN = made(dataclasses, dataclasses.dataclass(frozen=True)), made(records, records.record(frozen=True))
ITSELF = made(dataclasses, dataclasses.dataclass(eq=False)), made(records, records.record(eq=False))


def outcome(function, cls):
    try:
        return function(cls)
    except (TypeError, AttributeError) as error:
        return next(kind for kind in (TypeError, AttributeError) if isinstance(error, kind))


def assigned(one):
    one.x = 5
    return one.x


QUESTIONS = {
    "repr": lambda cls: repr(cls(1, [2])),
    "by name": lambda cls: repr(cls(y=[2], x=1)),
    "equal": lambda cls: cls(1, [2]) == cls(1, [2]),
    "equal but for what is not compared": lambda cls: cls(1, hidden=1) == cls(1, hidden=2),
    "unequal": lambda cls: cls(1) == cls(2),
    "another class": lambda cls: cls(1) == type("Other", (cls,), {})(1),
    "its own list each": lambda cls: cls(1).y is cls(1).y,
    "missing": lambda cls: cls(),
    "too many": lambda cls: cls(1, [], 3, 4, 5),
    "unknown": lambda cls: cls(1, w=2),
    "unknown in the place of a missing one": lambda cls: cls(w=2),
    "twice": lambda cls: cls(1, x=2),
    "hash": lambda cls: hash(cls(1, ())) == hash(cls(1, ())),
    "hash of a list": lambda cls: hash(cls(1, [])) and True,
    "assignment": lambda cls: assigned(cls(1)),
    "deletion": lambda cls: delattr(cls(1), "x"),
    "replace a field": lambda cls: cls(1, [2]).total(),
    "the class's defaults": lambda cls: (cls.kind, cls.z, cls.hidden, hasattr(cls, "x"), hasattr(cls, "y")),
    "match": lambda cls: cls.__match_args__,
    "copy": lambda cls: repr(copy.deepcopy(cls(1, [2]))),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("pair", [PLAIN, FROZEN, ITSELF], ids=["plain", "frozen", "itself"])
def test_a_record_answers_as_a_dataclass(pair, question):
    usual, ours = (outcome(QUESTIONS[question], cls) for cls in pair)
    assert usual == ours


def test_fields_and_replace_are_those_of_dataclasses():
    usual, ours = (cls(1, [2]) for cls in PLAIN)
    assert [one.name for one in records.fields(ours)] == [one.name for one in dataclasses.fields(usual)]
    assert repr(records.replace(ours, z=4)) == repr(dataclasses.replace(usual, z=4))
    assert records.replace(ours).y is ours.y
    with pytest.raises(TypeError):
        records.replace(ours, w=1)


@records.record(frozen=True)
class Base:
    name: str
    size: int = 1


@records.record(frozen=True)
class More(Base):
    size: int = 2
    colour: str = "red"


class Named(Base):
    """Inherits what makes it a record."""


def test_a_record_has_the_fields_of_its_base():
    assert repr(More("a")) == "More(name='a', size=2, colour='red')"
    assert More("a", 3, "blue") == More("a", colour="blue", size=3)
    assert Named("a") != Base("a")
    assert repr(Named("a")) == "Named(name='a', size=1)"


def test_a_record_travels_though_it_is_frozen():
    assert pickle.loads(pickle.dumps(More("a", 5))) == More("a", 5)


def test_a_record_in_itself_has_a_repr():
    one = PLAIN[1](1)
    one.y.append(one)
    assert "..." in repr(one)


def test_methods_that_a_class_has_stay():
    @records.record
    class Own:
        x: int

        def __repr__(self):
            return "mine"

        def __eq__(self, other):
            return True

        def __hash__(self):
            return 3

    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(1))) == ("mine", True, 3)

"""The iterator through which a trial's items come: it gives what its source gives, and asks when it is time."""

import contextlib
import gc
import time
import weakref
from itertools import chain

import pytest

from paracell._native import feed
from paracell.run.trial import lazily


class Asked:
    """What a generator was asked, and whether it was closed."""

    def __init__(self, *answers):
        self.seen, self.closed = [], False
        self._answers = iter(answers)

    def __call__(self, source):
        asks = self._asks()
        next(asks)
        self.items, self.handed = feed(iter(source), asks)
        return self.items

    def _asks(self):
        try:
            answer = 0.0
            while answer != "end":
                self.seen.append((yield answer))
                answer = next(self._answers, 0.0)
                if isinstance(answer, BaseException):
                    raise answer
        finally:
            self.closed = True


@pytest.mark.parametrize("source", [[], [3], range(1000), (x for x in "abc"), {1: 2, 3: 4}, "text"])
def test_the_items_are_those_of_the_source(source):
    want = list(source) if not hasattr(source, "__next__") else ["a", "b", "c"]
    asked = Asked(None) if len(want) > 3 else Asked()
    assert list(asked(source)) == want
    assert asked.closed and asked.handed.items == len(want)
    assert next(asked.items, "over") == "over"


def test_it_asks_before_each_item_but_the_first_while_no_time_is_to_pass():
    asked = Asked()
    assert list(asked("abcd")) == list("abcd")
    assert asked.seen == [(1, "b"), (2, "c"), (3, "d")]


def test_it_does_not_ask_again_before_the_time_has_passed_or_at_all():
    asked = Asked(60.0)
    assert len(list(asked(range(100_000)))) == 100_000 and asked.seen == [(1, 1)]
    asked = Asked(0.0, None)
    assert len(list(asked(range(100_000)))) == 100_000 and asked.seen == [(1, 1), (2, 2)]


def test_it_asks_when_the_time_has_passed():
    asked, until = Asked(0.001), time.perf_counter() + 0.002
    for x in asked(range(10**9)):
        if asked.seen[1:]:
            break
        assert x < 10**9 - 1
    assert time.perf_counter() > until - 0.002 and asked.seen[1][0] == x


def test_it_ends_without_the_item_when_the_generator_returns():
    source = iter(range(9))
    asked = Asked(0.0, "end")
    assert list(asked(source)) == [0, 1] and asked.seen[-1] == (2, 2) and asked.handed.items == 2
    assert list(source) == [3, 4, 5, 6, 7, 8] and asked.closed


def test_it_goes_on_with_another_source_behind_the_item_and_asks_no_more():
    source, other = iter(range(9)), iter([7, 8])
    asked = Asked(0.0, other)
    assert list(asked(source)) == [0, 1, 2, 7, 8] and asked.seen == [(1, 1), (2, 2)] and asked.handed.items == 5
    assert list(source) == [3, 4, 5, 6, 7, 8] and asked.closed


def test_sources_go_with_it():
    class Source:
        def __iter__(self):
            return self

        def __next__(self):
            return 1

    sources = [Source(), Source()]
    gone = [weakref.ref(source) for source in sources]
    asked = Asked(sources.pop())
    items = asked(sources.pop())
    assert [next(items) for _ in range(4)] == [1] * 4
    asked._answers = asked.items = None
    del items
    assert [one() for one in gone] == [None, None] and asked.closed


@pytest.mark.parametrize("left", ["at its end", "before", "by an error", "by the generator"])
def test_it_is_known_whether_the_source_came_to_its_end(left):
    def source():
        yield from range(5)
        if left == "by an error":
            raise LookupError

    asked = Asked("end") if left == "by the generator" else Asked()
    with contextlib.suppress(LookupError):
        for x in asked(source()):
            if left == "before" and x == 4:
                break
    assert asked.handed.ended == (left == "at its end")


def test_errors_of_the_source_and_of_the_generator_go_through():
    def source():
        yield 1
        raise LookupError("source")

    asked = Asked()
    with pytest.raises(LookupError, match="source"):
        list(asked(source()))
    assert asked.closed and asked.handed.items == 1
    asked = Asked(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        list(asked([1, 2]))
    assert asked.closed and next(asked.items, "over") == "over"


def test_a_source_that_has_come_to_its_end_is_not_asked_again():
    class Source:
        asked = 0

        def __iter__(self):
            return self

        def __next__(self):
            self.asked += 1
            raise StopIteration

    source, asked = Source(), Asked()
    items = asked(source)
    assert [next(items, 0), next(items, 0)] == [0, 0] and source.asked == 1


def test_a_loop_that_is_left_closes_the_generator_at_once_and_keeps_nothing():
    class Item:
        pass

    asked, made = Asked(0.0, 60.0), [Item() for _ in range(50)]
    last = [weakref.ref(one) for one in made]
    source = iter(made)
    del made
    items = asked(source)
    del asked.items
    for number, _ in enumerate(items):
        if number == 20:
            break
    assert not asked.closed
    del items, source, _
    assert asked.closed and asked.handed.items == 21
    asked.seen.clear()
    assert not any(one() for one in last)


def test_a_cycle_through_it_is_collected():
    class Holder:
        pass

    holder, asked = Holder(), Asked()
    holder.items = asked(x for x in [holder, holder])
    del asked.items
    gone = weakref.ref(holder)
    next(holder.items)
    del holder
    gc.collect()
    assert gone() is None and asked.closed


@pytest.mark.parametrize("last", [0, 1, 7, 200, 998, 999])
def test_values_in_runs_end_where_the_function_of_map_says_so(last):
    def some(x):
        if x == last:
            raise StopIteration
        return x

    class Here:
        settled, made = False, 0

    values = chain.from_iterable(lazily(map(some, range(1000)), Here(), True))
    assert list(values) == list(map(some, range(1000)))


@pytest.mark.parametrize("stops", [False, True])
def test_values_in_runs_are_all_values(stops):
    class Here:
        settled, made = False, 0

    assert list(chain.from_iterable(lazily(iter(range(3000)), Here(), stops))) == list(range(3000))

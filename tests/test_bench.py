"""The measures of ``make bench`` work: each is taken once, as small as can be. What they find is not looked at."""

import re
import xml.etree.ElementTree as ET

import pytest
from bench.figures import Figure, Line, Plot, Result, Scale, number
from bench.kernels import kept
from bench.measures import MEASURES
from bench.plots import draw
from bench.readme import BEGIN, END, between, write


@pytest.fixture(scope="module", autouse=True)
def kernels():
    with kept():
        yield


found: dict[str, Result] = {}


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_says_what_it_measures_and_fills_its_table(name):
    assert re.search(r"\b(milliseconds|microseconds|nanoseconds|MB|times as fast)\b", MEASURES[name].__doc__)
    found[name] = result = MEASURES[name].measure(Scale(tiny=True))
    assert result.rows and all(len(row) == len(result.header) for row in result.rows)
    assert all(cell.strip() for row in result.rows for cell in row)


def test_what_was_measured_is_written_where_it_is_read(tmp_path):
    results = {name: result for name, result in found.items() if result.plot is not None or name == "loops"}
    (tmp_path / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(results, tmp_path)
    readme, page = (tmp_path / "README.md").read_text(), (tmp_path / "docs" / "bench.md").read_text()
    assert readme.startswith(f"before\n{BEGIN}") and readme.endswith(f"{END}\nafter\n") and "old" not in readme
    for name, result in results.items():
        assert result.table() in page and MEASURES[name].TITLE in page
    named = [tmp_path / path for path in re.findall(r"!\[.*?\]\((.*?)\)", readme)]
    named += [tmp_path / "docs" / path for path in re.findall(r"!\[.*?\]\((.*?)\)", page)]
    assert len(named) >= 2
    for path in named:
        assert ET.parse(path).getroot().tag.endswith("svg")


def test_the_same_numbers_make_the_same_plot(tmp_path):
    plot = Plot("p", "title", "x", "y", [Line("paracell", [1, 10], [2, 3], [1, 2], [3, 4])], log_x=True)
    first = draw(plot, tmp_path).read_bytes()
    assert draw(plot, tmp_path).read_bytes() == first


@pytest.mark.parametrize("text", ["", BEGIN, END + BEGIN, BEGIN + END + BEGIN + END])
def test_a_text_without_the_two_marks_is_not_written(text):
    with pytest.raises(ValueError):
        between(text, "new")


def test_figures_are_medians_with_half_the_range_between_the_quartiles():
    figure = Figure.of([5, 1, 2, 4, 3])
    assert (figure.median, figure.spread, figure.percentile(0.99)) == (3, 1, 5)
    assert figure.text() == "3.00 ± 1.00" and Figure.of([1234.5]).text() == "1,234 ± 0"
    assert (number(0.01234), number(0.5, 12.3), number(0)) == ("0.0123", "0.5", "0.00")

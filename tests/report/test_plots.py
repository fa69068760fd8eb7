from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

from napari_refusion.report.content import Curve
from napari_refusion.report.plots import COLOURS, bar_plot, curve_plot, histogram_plot, stacked_plot
from napari_refusion.report.svg import as_uri, height_of, scale

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str, name: str) -> list[dict[str, str]]:
    """Return the attributes of all elements with a name; the drawing is well-formed."""
    return [element.attrib for element in ElementTree.fromstring(svg).iter(SVG + name)]


def words(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(SVG + "text")]


def test_values_beyond_a_limit_are_marked_in_its_colour() -> None:
    svg = curve_plot(Curve("overshoot", [0.0, 0.06, 0.09, 0.05], 0.05, 0.08))
    assert [dot["fill"] for dot in drawn(svg, "circle")] == [COLOURS["amber"], COLOURS["red"]]


def test_where_small_values_are_bad_those_below_are_marked() -> None:
    curve = Curve("recoverable part", [0.9, 0.5, 0.3], 0.6, 0.4)
    assert [curve.outcome(index) for index in range(3)] == ["", "amber", "red"]


def test_a_value_at_a_limit_is_on_its_good_side_and_without_limits_nothing_is_judged() -> None:
    assert Curve("overshoot", [0.05], 0.05, 0.08).outcome(0) == ""
    assert Curve("overshoot", [9.0]).outcome(0) == ""
    assert Curve("overshoot", [np.nan], 0.05, 0.08).outcome(0) == ""


def test_a_curve_has_a_gap_where_an_indicator_was_not_run() -> None:
    svg = curve_plot(Curve("step", [1, 2, np.nan, 3, 4]))
    lines = [line["points"].split() for line in drawn(svg, "polyline")]
    assert [len(points) for points in lines] == [2, 2]
    # five slices from pixel 44 to 320: 69 pixels each; values 0 to 4 from pixel 126 up to 24
    assert lines[0] == ["44.0,100.5", "113.0,75.0"]


def test_a_curve_without_values_is_an_empty_plot() -> None:
    assert drawn(curve_plot(Curve("step", [np.nan] * 3)), "polyline") == []


def test_bars_are_as_long_as_their_share() -> None:
    svg = bar_plot("Verdicts", {"usable": 3, "not usable": 1}, 4)
    long, short = (float(bar["width"]) for bar in drawn(svg, "rect")[1:])
    assert long == pytest.approx(3 * short, abs=0.2)
    assert "3 (75%)" in words(svg)


def test_the_parts_of_a_stacked_bar_add_up() -> None:
    svg = stacked_plot("Checks", {"Geometry": {"green": 3, "red": 1}, "Model": {"not run": 4}})
    bars = drawn(svg, "rect")[1:]
    assert [bar["fill"] for bar in bars] == [COLOURS["green"], COLOURS["red"], COLOURS["not run"]]
    green, red, grey = (float(bar["width"]) for bar in bars)
    assert green + red == pytest.approx(grey, abs=0.2)


def test_a_histogram_says_the_median() -> None:
    svg = histogram_plot("Seconds per slice", [1.0, 2.0, 6.0], "s")
    assert "Seconds per slice, median 2 s" in words(svg)


def test_the_median_of_a_histogram_is_no_larger_than_the_end_of_its_axis() -> None:
    written = words(histogram_plot("SSIM, sum", [1.148, 1.173, 1.173], ""))
    assert "SSIM, sum, median 1.17 " in written
    assert "1.17" in written


def test_nothing_is_a_plot_too() -> None:
    for svg in (bar_plot("a", {}), stacked_plot("b", {}), histogram_plot("c", [], "s"), curve_plot(Curve("d", []))):
        assert height_of(svg) > 0


def test_words_in_a_plot_are_escaped() -> None:
    svg = bar_plot("<a & b>", {"</text><script>": 1})
    assert "<script" not in svg
    assert "<a & b>" in words(svg)


def test_a_plot_becomes_a_data_uri() -> None:
    svg = bar_plot("a", {"b": 1})
    head, _, data = as_uri(svg).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert b64decode(data).decode() == svg


def test_a_scale_takes_ends_to_ends_and_an_empty_range_to_the_middle() -> None:
    assert scale(0, 10, 100, 0)(2.5) == 75
    assert scale(3, 3, 0, 10)(3) == 5

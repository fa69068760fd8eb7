"""The share of a source in a fused brightness."""

import pytest

from napari_refusion.numerics.weight import SMALLEST_DIFFERENCE, weight_in_words, weight_of_first


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.7, 1.0])
@pytest.mark.parametrize(("first", "second"), [(0.9, 0.2), (0.1, 0.8)])
def test_the_weight_of_a_weighted_mean_is_found_again(weight: float, first: float, second: float) -> None:
    assert weight_of_first(weight * first + (1 - weight) * second, first, second) == pytest.approx(weight)


def test_a_brightness_beyond_both_sources_is_clipped() -> None:
    assert weight_of_first(0.95, 0.8, 0.2) == 1.0
    assert weight_of_first(0.05, 0.8, 0.2) == 0.0


def test_sources_that_are_about_equally_bright_have_no_share() -> None:
    assert weight_of_first(0.5, 0.5, 0.5 + 0.99 * SMALLEST_DIFFERENCE) is None
    assert weight_of_first(0.5, 0.5, 0.5 + 1.01 * SMALLEST_DIFFERENCE) == 1.0


@pytest.mark.parametrize(
    ("fused", "first", "second", "words"),
    [
        (0.62, 0.8, 0.2, "PET 70 %, MRI 30 %: lies 70 % of the way from MRI to PET"),
        (0.2, 0.8, 0.2, "PET 0 %, MRI 100 %: lies 0 % of the way from MRI to PET"),
        (0.9, 0.8, 0.2, "none: brighter than both sources"),
        (0.1, 0.8, 0.2, "none: darker than both sources"),
        (0.5, 0.51, 0.49, "none: PET and MRI are about equally bright here"),
    ],
)
def test_the_words_say_where_the_brightness_lies_and_no_more(
    fused: float, first: float, second: float, words: str
) -> None:
    assert weight_in_words(fused, first, second, ("PET", "MRI")) == words


@pytest.mark.parametrize(("second", "told"), [(0.0999, False), (0.1, True), (0.1001, True)])
def test_sources_that_differ_by_a_tenth_of_the_range_have_a_share(second: float, told: bool) -> None:
    assert (weight_of_first(0.0, 0.0, second) is not None) == told
    assert (weight_of_first(0.0, second, 0.0) is not None) == told


@pytest.mark.parametrize(("beyond", "between"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_millionth_beyond_both_sources_is_rounding(beyond: float, between: bool) -> None:
    words = [weight_in_words(fused, 0.5, 0.0, ("PET", "MRI")) for fused in (0.5 + beyond, 0.0 - beyond)]
    assert [text.startswith("PET") for text in words] == [between, between]

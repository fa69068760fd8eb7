"""Expected sentences are written out by hand from the pattern: what to use first, then the unknown name."""

import string

import pytest

from napari_refusion.unknown_name import LISTED, unknown_name


def test_a_few_known_names_are_all_listed_in_their_order() -> None:
    expected = "Use one of ok, warn, block: there is no level 'blok'."
    assert unknown_name("level", "blok", ("ok", "warn", "block")) == expected


def test_of_many_known_names_the_most_alike_are_suggested() -> None:
    known = [*string.ascii_lowercase, "slice spacing"]
    assert unknown_name("rule", "slice spacin", known) == "Use slice spacing: there is no rule 'slice spacin'."


def test_of_many_known_names_all_are_listed_if_none_is_alike() -> None:
    sentence = unknown_name("rule", "zzzz1234", [f"name {letter}" for letter in string.ascii_lowercase[: LISTED + 1]])
    assert all(f"name {letter}" in sentence for letter in string.ascii_lowercase[: LISTED + 1])


@pytest.mark.parametrize("name", ["", " ", "'", "a\nb"])
def test_odd_names_still_make_one_line(name: str) -> None:
    assert "\n" not in unknown_name("level", name, ("ok",))

"""Two numbers with either decimal sign; a comma alone parts whole numbers, as it did before."""

import pytest

from napari_refusion.volume.two_numbers import two_numbers


@pytest.mark.parametrize(
    "typed", ["0.5,7.5", "0.5, 7.5", "0,5;7,5", "0,5 ; 7,5", "0,5 7,5", " 0,5, 7,5 ", "0.5 7.5", "0.5;7,5"]
)
def test_decimal_points_and_commas_are_taken_wherever_it_is_clear_what_parts_the_numbers(typed: str) -> None:
    assert two_numbers(typed) == (0.5, 7.5)


@pytest.mark.parametrize(
    ("typed", "expected"), [("0,5", (0, 5)), ("-160,240", (-160, 240)), ("-160 240", (-160, 240)), ("0 , 5", (0, 5))]
)
def test_a_comma_alone_parts_two_numbers(typed: str, expected: tuple[float, float]) -> None:
    assert two_numbers(typed) == expected


@pytest.mark.parametrize("typed", ["", "5", "0,5,7,5", "1 2 3", "0,5;7,5;9", "1.000,5;2", "a,b", ";", "5;"])
def test_what_is_not_two_numbers_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|float"):
        two_numbers(typed)

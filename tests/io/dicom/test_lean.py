"""Lean body mass by Janmahasatian et al. 2005."""

import pytest

from napari_refusion.io.dicom.lean import lean_factor
from napari_refusion.io.dicom.quantity import PetQuantity


@pytest.mark.parametrize(
    ("sex", "weight", "height", "kilograms"),
    # 9270 W / (6680 + 216 BMI) and 9270 W / (8780 + 244 BMI), by hand: BMI 24.69, 24.22 and 39.06
    [("M", 80, 1.80, 61.72), ("F", 62, 1.60, 39.12), ("F", 100, 1.60, 50.62)],
)
def test_suv_by_lean_body_mass_is_suv_by_weight_times_their_ratio(
    sex: str, weight: float, height: float, kilograms: float
) -> None:
    factor = lean_factor(PetQuantity(sex=sex, weight=weight, height=height))
    assert factor == pytest.approx(kilograms / weight, abs=1e-3)


def test_a_heavier_woman_has_more_lean_mass_where_james_would_have_less() -> None:
    factors = [lean_factor(PetQuantity(sex="F", weight=weight, height=1.6)) or 0 for weight in (100, 120, 140)]
    masses = [factor * weight for factor, weight in zip(factors, (100, 120, 140), strict=True)]
    assert masses == sorted(masses)


@pytest.mark.parametrize(
    "quantity",
    [
        PetQuantity(sex="M", weight=80),
        PetQuantity(sex="", weight=80, height=1.8),
        PetQuantity(sex="O", weight=80, height=1.8),
        PetQuantity(sex="M", height=1.8),
        PetQuantity(sex="M", weight=80, height=180),  # in cm
        PetQuantity(sex="M", weight=80, height=0),
        PetQuantity(sex="F", weight=12, height=0.9),  # a child
    ],
)
def test_there_is_none_without_sex_weight_and_height_of_an_adult(quantity: PetQuantity) -> None:
    assert lean_factor(quantity) is None

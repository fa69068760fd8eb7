"""Lean body mass: SUV by it (SUL) does not rise with the patient's fat as SUV by body weight does.

Janmahasatian S, Duffull SB, Ash S, et al. Quantification of lean bodyweight. Clin Pharmacokinet 2005;44:1051-65. Taken
for SUL by Tahari AK, Chien D, Azadi JR, Wahl RL. J Nucl Med 2014;55:1481-4, because James' formula of 1976 falls with
weight in obese women.
"""

from typing import Final

from napari_refusion.io.dicom.quantity import PetQuantity

COEFFICIENTS: Final = {"M": (6680.0, 216.0), "F": (8780.0, 244.0)}
"""Patient's Sex -> the two constants of kg lean mass = 9270 W / (a + b BMI)."""

HEIGHTS: Final = (1.3, 2.4)
"""m; of adults, whom the formula was made from. A number outside is a child's, or in cm or inches."""

WEIGHTS: Final = (25.0, 300.0)
"""kg; likewise."""


def lean_factor(quantity: PetQuantity) -> float | None:
    """Return what SUVbw is multiplied by to give SUVlbm: lean body mass by body weight; None where it is not known."""
    height, weight = quantity.height, quantity.weight
    if height is None or weight is None or quantity.sex not in COEFFICIENTS:
        return None
    if not (HEIGHTS[0] <= height <= HEIGHTS[1] and WEIGHTS[0] <= weight <= WEIGHTS[1]):
        return None
    constant, per_bmi = COEFFICIENTS[quantity.sex]
    return 9270 / (constant + per_bmi * weight / height**2)

"""The slices of a case to look at, with why."""

from napari_refusion.evidence.flagged_slices import flagged_slices
from napari_refusion.evidence.limits import Limits
from tests.evidence.six_slices import MISSED, examination


def test_flagged_slices_come_in_order_with_their_reasons(limits: Limits) -> None:
    overshoot, step = [0.0, 0.05, 0.0, 0.0, 0.0, 0.0], [0.0, 0.2, 0.0, 0.0, 0.05, 0.0]
    found = flagged_slices(examination(missed=(MISSED,), overshoot=overshoot, step=step), limits)
    assert list(found) == [1, 4]
    assert set(found[1]) == {
        "Overshoot 5.0 % in slice 2 of 6, S 28.0 mm, above the limit of 4.0 %.",
        "Step to the next slice 0.200 in slice 2 of 6, S 28.0 mm, above the limit of 0.100.",
    }
    assert found[4][-1] == "Uptake at R 6.0  A 18.0  S 22.0 mm in slice 5 of 6: 8 % of it shows in the fused image."


def test_a_value_that_is_written_as_its_limit_is_said_to_be_just_beyond_it(limits: Limits) -> None:
    found = flagged_slices(examination(overshoot=[0.0, 0.0402, 0.0, 0.0, 0.0, 0.0]), limits)
    assert found == {1: ("Overshoot 4.0 % in slice 2 of 6, S 28.0 mm, just above the limit of 4.0 %.",)}

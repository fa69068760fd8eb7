"""A Decimal String has 16 characters at most (PS3.5, 6.2)."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom.valuerep import DS

from napari_refusion.io.dicom.decimal_string import to_digits
from napari_refusion.io.dicom.frames import Frames, geometry_groups


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(99.99999999999997)
@example(-99.9999999999996)
@example(9.999999999999998)
def test_any_number_is_a_decimal_string_of_its_value(value: float) -> None:
    written = DS(to_digits(value), auto_format=True)
    assert len(str(written)) <= 16
    # 16 characters leave 9 digits of a negative number with a long exponent
    assert float(written) == pytest.approx(value, rel=1e-9)


def test_a_place_just_below_a_power_of_ten_is_written_in_16_characters() -> None:
    affine = np.diag([9.999999999999998, 1.0, 1.0, 1.0])
    affine[:3, 3] = 99.99999999999997, -99.9999999999996, 9.999999999999998
    measures, orientation, places = geometry_groups(Frames(np.zeros((3, 2, 2), np.float32), affine))
    numbers = [*measures[0].PixelSpacing, measures[0].SliceThickness, measures[0].SpacingBetweenSlices]
    numbers += orientation[0].ImageOrientationPatient
    for place in places:
        numbers += place[0].ImagePositionPatient
    assert [str(one) for one in numbers if len(str(one)) > 16] == []
    assert numbers[-3:] == pytest.approx([120, -100, 10], abs=1e-9)

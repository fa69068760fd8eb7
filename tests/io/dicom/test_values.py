"""The positions that highdicom computes are compared with those that the header says."""

from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.dicom.series import scan
from napari_refusion.io.dicom.stack import stack_affine
from napari_refusion.io.dicom.values import _cross_check
from napari_refusion.volume.finding import RefusedError
from tests import dicom_series as phantom


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("apart", [0.0, 0.249, 0.25, -0.25])
def test_two_ways_of_computing_a_position_may_differ_by_a_quarter_of_a_millimetre(
    tmp_path: Path, apart: float, axis: int
) -> None:
    (series,) = scan(phantom.write(tmp_path, phantom.series())).series
    theirs = stack_affine(series.slices)
    theirs[axis, 3] += apart
    _cross_check(series, np.zeros(series.shape), theirs)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("apart", [0.251, -0.251])
def test_positions_more_than_a_quarter_of_a_millimetre_apart_are_refused(
    tmp_path: Path, apart: float, axis: int
) -> None:
    (series,) = scan(phantom.write(tmp_path, phantom.series())).series
    theirs = stack_affine(series.slices)
    theirs[axis, 3] += apart
    with pytest.raises(RefusedError, match=r"differ by 0\.25 mm"):
        _cross_check(series, np.zeros(series.shape), theirs)


def test_slices_counted_from_the_other_end_are_in_the_same_places_and_mirrored_rows_are_not(tmp_path: Path) -> None:
    (series,) = scan(phantom.write(tmp_path, phantom.series())).series
    ours = stack_affine(series.slices)
    for axis, size in enumerate(series.shape):
        theirs = ours.copy()
        theirs[:3, 3] += (size - 1) * ours[:3, axis]
        theirs[:3, axis] *= -1
        if axis == 0:
            _cross_check(series, np.zeros(series.shape), theirs)
            continue
        with pytest.raises(RefusedError, match="positions differ"):
            _cross_check(series, np.zeros(series.shape), theirs)

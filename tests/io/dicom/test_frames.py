"""Frames: a volume turned by right angles only, every voxel where it was."""

from itertools import permutations, product

import numpy as np
import pytest

from napari_refusion.io.dicom.frames import frames_of
from napari_refusion.volume.affine import LPS_TO_RAS, to_ipl
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.fused_from_dicom import OBLIQUE

ORIENTATIONS = [
    (*row, *column)
    for (first, second), signs in product(permutations(np.eye(3), 2), product((1, -1), repeat=2))
    for row, column in [(signs[0] * first, signs[1] * second)]
]
"""The 24 ways in which images lie along the patient's axes."""


def stored(orientation: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return (4, 3, 2) values and their affine (slice, row, column) -> LPS mm: 4, 3 and 2 mm apart."""
    affine = np.eye(4)
    row, column = np.reshape(orientation, (2, 3))
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = 4 * np.cross(row, column), 3 * column, 2 * row
    affine[:3, 3] = (-20.0, 30.0, 7.5)
    return np.arange(24, dtype=np.float32).reshape(4, 3, 2), affine


@pytest.mark.parametrize("orientation", [*ORIENTATIONS, OBLIQUE], ids=str)
def test_a_volume_becomes_the_frames_it_was_read_from(orientation: tuple[float, ...]) -> None:
    values, affine = stored(orientation)
    data, moved, axes = to_ipl(values, LPS_TO_RAS @ affine)
    frames = frames_of(Volume(data, moved, stored_axes=axes), orientation)
    np.testing.assert_array_equal(frames.data, values)
    np.testing.assert_allclose(frames.affine, affine, atol=1e-9)
    np.testing.assert_allclose(frames.orientation, orientation, atol=1e-9)
    np.testing.assert_allclose(frames.positions[3], affine[:3, 3] + 3 * affine[:3, 0], atol=1e-9)
    assert frames.spacing == pytest.approx((4, 3, 2))


def test_the_sides_of_the_patient_are_named_from_the_directions() -> None:
    values, affine = stored(OBLIQUE)
    data, moved, _ = to_ipl(values, LPS_TO_RAS @ affine)
    # The row has 0.087 towards posterior, under 0.1; the column 0.974 posterior, 0.208 towards the feet.
    assert frames_of(Volume(data, moved), OBLIQUE).sides == ["L", "PF"]


def test_a_sheared_volume_is_refused() -> None:
    affine = np.diag([-2.0, -2.0, -2.0, 1.0])[:, [2, 1, 0, 3]]
    affine[1, 0] = 0.2
    with pytest.raises(RefusedError, match=r"5\.7 degrees off right angles"):
        frames_of(Volume(np.zeros((3, 3, 3), np.float32), affine), (1, 0, 0, 0, 1, 0))

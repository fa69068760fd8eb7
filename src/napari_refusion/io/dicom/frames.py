"""A volume as DICOM frames: in the directions of its reference's images, with its place in LPS."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from napari_refusion.io.dicom.decimal_string import to_digits
from napari_refusion.look import DICOM_SIDES, SIDES
from napari_refusion.volume.affine import GRID_TOLERANCE, LPS_TO_RAS, SKEW_TOLERANCE, Affine, farthest, skew, spacing
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

SLANT: Final = 0.1
"""Part of a direction along a patient axis, about 6 degrees, below which the axis is not named."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The frames of a volume and where they lie."""

    data: np.ndarray
    """(n, rows, columns)."""
    affine: Affine
    """(4, 4), (frame, row, column) -> LPS mm, the patient space of DICOM."""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Return the distances of frames, rows and columns in mm."""
        between_frames, between_rows, between_columns = spacing(self.affine).tolist()
        return between_frames, between_rows, between_columns

    @property
    def orientation(self) -> NDArray[np.float64]:
        """Return the directions of a row and of a column, (6,), as Image Orientation (Patient) has them."""
        _, between_rows, between_columns = self.spacing
        return np.concatenate([self.affine[:3, 2] / between_columns, self.affine[:3, 1] / between_rows])

    @property
    def sides(self) -> list[str]:
        """Return the sides that rows and columns run to, as Patient Orientation (PS3.3, C.7.6.1.1.1) has them."""
        return ["".join(_letters(direction)) for direction in self.orientation.reshape(2, 3)]

    @property
    def positions(self) -> NDArray[np.float64]:
        """Return the place of each frame's first pixel, (n, 3), as Image Position (Patient) has it."""
        steps = np.arange(len(self.data))[:, None]
        return self.affine[:3, 3] + steps * self.affine[:3, 0]


def frames_of(volume: Volume, orientation: Sequence[float]) -> Frames:
    """Return a volume's voxels as frames that lie like the images of its reference, turned by right angles only.

    Parameters
    ----------
    volume
        Without colours.
    orientation
        Image Orientation (Patient) of the reference's images, 6 cosines in LPS.

    Raises
    ------
    RefusedError
        If the axes of the volume are not at right angles, which no frames are.
    """
    if (angle := skew(volume.affine)) > SKEW_TOLERANCE:
        sentence = (
            f"The axes of the fused volume are {angle:.1f} degrees off right angles (tilted gantry), which DICOM "
            "frames cannot hold: fuse on the other source's grid, or export as NIfTI."
        )
        raise refuse("geometry", sentence, f"{angle:.1f} degrees")
    data, affine = volume.data, LPS_TO_RAS @ volume.affine
    along_row, along_column = np.reshape(orientation, (2, 3))
    order = _nearest(affine, (np.cross(along_row, along_column), along_column, along_row))
    data, affine = np.transpose(data, order), affine[:, [*order, 3]]
    for axis, wanted in ((2, along_row), (1, along_column)):
        if affine[:3, axis] @ wanted < 0:
            data, affine = _flipped(data, affine, axis)
    # Frames follow one another along the normal of the images, so that readers that sort them keep their order.
    if affine[:3, 0] @ np.cross(affine[:3, 2], affine[:3, 1]) < 0:
        data, affine = _flipped(data, affine, 0)
    return Frames(np.ascontiguousarray(data), affine)


def geometry_groups(frames: Frames) -> tuple[Any, Any, list[Any]]:
    """Return highdicom's pixel measures, plane orientation and plane position of each frame."""
    from highdicom import PixelMeasuresSequence, PlaneOrientationSequence, PlanePositionSequence

    between_frames, *in_plane = map(to_digits, frames.spacing)
    measures = PixelMeasuresSequence(in_plane, slice_thickness=between_frames, spacing_between_slices=between_frames)
    orientation = PlaneOrientationSequence("PATIENT", [to_digits(one) for one in frames.orientation])
    places = [[to_digits(one) for one in place] for place in frames.positions]
    return measures, orientation, [PlanePositionSequence("PATIENT", place) for place in places]


def check_written(dataset: Dataset, frames: Frames) -> None:
    """Refuse an object whose functional groups, rounded to 16 characters, put a voxel elsewhere than its frames do.

    Raises
    ------
    RefusedError
        Beyond `GRID_TOLERANCE`.
    """
    shared = dataset.SharedFunctionalGroupsSequence[0]
    places = [group.PlanePositionSequence[0].ImagePositionPatient for group in dataset.PerFrameFunctionalGroupsSequence]
    positions = np.array(places, dtype=np.float64)
    rows, columns = np.array(shared.PixelMeasuresSequence[0].PixelSpacing, dtype=np.float64)
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, dtype=np.float64)
    written = np.array(frames.affine)
    written[:3, 3], written[:3, 1], written[:3, 2] = positions[0], cosines[3:] * rows, cosines[:3] * columns
    shape = (1, *frames.data.shape[1:])
    apart = max(farthest(shape, written, frames.affine), float(np.abs(positions - frames.positions).max()))
    if apart > GRID_TOLERANCE:
        sentence = f"The position of the fused volume would be {apart:.3g} mm off: export it as NIfTI instead."
        raise refuse("geometry", sentence, f"{apart:.3g} mm")


def _letters(direction: np.ndarray) -> list[str]:
    """Return the letters of the patient's sides that an LPS direction points to, the nearest one first."""
    to_ipl = direction[::-1] * (-1, 1, 1)
    order = np.argsort(-np.abs(direction), kind="stable")
    letters = [SIDES[2 - axis][int(to_ipl[2 - axis] > 0)] for axis in order.tolist() if abs(direction[axis]) > SLANT]
    return [DICOM_SIDES.get(letter, letter) for letter in letters]


def _nearest(affine: Affine, directions: Sequence[np.ndarray]) -> tuple[int, ...]:
    """Return which axis of an affine goes with each direction: the first has the choice, the others the rest."""
    cosines = np.abs((affine[:3, :3] / spacing(affine)).T @ np.array(directions, dtype=np.float64).T)
    first = int(cosines[:, 0].argmax())
    orders = [order for order in permutations(range(3)) if order[0] == first]
    return max(orders, key=lambda order: cosines[order[1], 1] + cosines[order[2], 2])


def _flipped(data: np.ndarray, affine: Affine, axis: int) -> tuple[np.ndarray, Affine]:
    """Return an array turned round along an axis with the affine that keeps every voxel in its place."""
    turn = np.eye(4)
    turn[axis, axis], turn[axis, 3] = -1.0, data.shape[axis] - 1
    return np.flip(data, axis), affine @ turn

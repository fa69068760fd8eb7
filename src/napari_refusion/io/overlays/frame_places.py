"""Where the frames of a DICOM Segmentation object lie: one grid of all their planes, whatever order they come in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from napari_refusion.io.dicom.header import decimals, number, whole
from napari_refusion.io.plausible import MOST_VOXELS
from napari_refusion.volume.affine import LPS_TO_RAS, Affine, spans_space
from napari_refusion.volume.finding import Finding, blocking, refuse
from napari_refusion.volume.volume import Volume

OFF: Final = 0.05
"""Of the distance of two planes, by which a frame may lie beside the plane that it is taken for."""

SAME: Final = 1e-3
"""By which two directions of rows may differ: rounding."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FramePlaces:
    """The grid of all frames, those between them that the file leaves out as empty included."""

    shape: tuple[int, int, int]
    """Planes, rows and columns."""
    affine: Affine
    """(4, 4), (plane, row, column) -> RAS+ mm."""
    planes: tuple[int, ...]
    """Of each frame."""


def places_of(dataset: Dataset, name: str, source: Volume) -> FramePlaces:
    """Return where the frames lie.

    Raises
    ------
    RefusedError
        If a frame has no position, they lie in several directions, or no grid goes through all of them.
    """
    if "TotalPixelMatrixRows" in dataset or "ImageOrientationSlide" in dataset:
        raise refuse("content", f"Choose a segmentation of slices: {name} is of a microscope's tiled slide.", "tiled")
    positions, across, down = _said(dataset, name)
    step = _step(dataset, positions, across, down, source)
    if step is None:
        sentence = f"Export {name} again: its {len(positions)} frames lie in planes at no even distance."
        raise refuse("slice spacing", sentence, f"{len(positions)} frames")
    along = (positions - positions[0]) @ step / (step @ step)
    planes = np.rint(along).astype(int)
    first = int(planes.min())
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = step, down, across
    affine[:3, 3] = positions[0] + first * step
    count = int(planes.max()) - first + 1
    shape = count, whole(dataset, "Rows"), whole(dataset, "Columns")
    if not spans_space(affine) or np.prod(shape, dtype=float) > MOST_VOXELS:
        value = " x ".join(map(str, shape))
        raise refuse("size", f"Export {name} again: its frames span {value} voxels, which no scan has.", value)
    return FramePlaces(shape, LPS_TO_RAS @ affine, tuple((planes - first).tolist()))


def _said(dataset: Dataset, name: str) -> tuple[NDArray[np.float64], Vector, Vector]:
    """Return the place of each frame's first pixel, (n, 3), and the steps to the next column and row, LPS mm."""
    shared = next(iter(dataset.get("SharedFunctionalGroupsSequence") or []), Dataset())
    groups = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    if not groups or len(groups) != whole(dataset, "NumberOfFrames"):
        value = f"{len(groups)} of {whole(dataset, 'NumberOfFrames')} frames"
        raise refuse("position", f"Export {name} again: it says of {value} only where they lie.", value)
    positions = np.array(
        [_numbers((group, shared), "PlanePositionSequence", "ImagePositionPatient", 3, name) for group in groups]
    )
    turns = [
        _numbers((group, shared), "PlaneOrientationSequence", "ImageOrientationPatient", 6, name) for group in groups
    ]
    sizes = [_numbers((group, shared), "PixelMeasuresSequence", "PixelSpacing", 2, name) for group in groups]
    if max(np.abs(np.array(turns) - turns[0]).max(), np.abs(np.array(sizes) - sizes[0]).max()) > SAME:
        raise refuse("orientation", f"Export {name} again: its frames lie in several directions or have several sizes.")
    row, column = np.reshape(turns[0], (2, 3))
    return positions, row * sizes[0][1], column * sizes[0][0]


def _numbers(groups: tuple[Dataset, ...], sequence: str, keyword: str, count: int, name: str) -> tuple[float, ...]:
    """Return numbers of a frame's own functional groups, else of the shared ones."""
    faults: list[Finding] = []
    for group in groups:
        for item in group.get(sequence) or []:
            found = decimals(item, keyword, count, name, faults)
            if found is not None and not blocking(faults):
                return found
    raise refuse("position", f"Export {name} again: frames without {keyword}, so nothing says where they lie.", keyword)


def _step(
    dataset: Dataset, positions: NDArray[np.float64], across: Vector, down: Vector, source: Volume
) -> Vector | None:
    """Return the step from plane to plane that all frames lie on: that stated, the source's, or the smallest there is.

    Empty frames are often left out, so that neighbours in the file need not be neighbours in the patient.
    """
    normal = np.cross(across, down)
    normal = normal / np.linalg.norm(normal)
    from_first = positions - positions[0]
    heights = np.unique(np.round(from_first @ normal, 4))
    shared = next(iter(dataset.get("SharedFunctionalGroupsSequence") or []), Dataset())
    measures = next(iter(shared.get("PixelMeasuresSequence") or []), Dataset())
    stated, thick = (abs(number(measures, word) or 0.0) for word in ("SpacingBetweenSlices", "SliceThickness"))
    smallest = float(np.diff(heights).min()) if len(heights) > 1 else thick or 1.0
    candidates = [stated * normal, *_source_steps(source, across, down, stated or thick), smallest * normal]
    for step in candidates:
        if not (length := float(np.linalg.norm(step))):
            continue
        planes = np.rint(from_first @ step / length**2)
        if np.abs(from_first - np.outer(planes, step)).max() < OFF * length:
            # of many planes the rounding of one step adds up
            return planes @ from_first / (planes @ planes) if planes.any() else step
    return None


def _source_steps(source: Volume, across: Vector, down: Vector, distance: float) -> list[Vector]:
    """Return the step of the source, LPS mm, out of the planes of frames that lie like its own slices; none of others.

    Parameters
    ----------
    distance
        Of the planes, as the file states it; 0 where it does not.
    """
    steps = (LPS_TO_RAS[:3, :3] @ source.affine[:3, :3]).T
    normal = np.cross(across, down) / np.linalg.norm(np.cross(across, down))
    for index, step in enumerate(steps):
        others = [other * sign for at, other in enumerate(steps) if at != index for sign in (1, -1)]
        is_own = all(min(np.linalg.norm(one - other) for other in others) < SAME for one in (across, down))
        if is_own and (not distance or abs(abs(step @ normal) - distance) < OFF * distance):
            return [step * np.sign(step @ normal)]
    return []

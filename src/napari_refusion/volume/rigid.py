"""A rigid move: the shift and the rotation of one volume as a whole, in words, and the volume where it takes it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from napari_refusion.volume.affine import IPL_TO_RAS, Affine, to_ipl
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.position import DIRECTIONS
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class RigidMove:
    """A shift and a rotation of one volume as a whole; plain values, so that a provenance can hold it as it is."""

    moving: str
    """What the moved volume is called."""
    fixed: str
    """What the volume that it is registered to is called."""
    matrix: tuple[tuple[float, ...], ...]
    """Four rows of four, RAS+ mm: from where the files place a point of the moving volume to where it belongs."""
    millimetres: float
    """By how much the middle of the moving volume shifts."""
    degrees: float
    """Angle of the rotation, 0 to 180."""
    words: str
    """Shift and rotation for the reader: ``shifted by 10.0 mm (10.0 towards the front), rotated by 0.2 degrees``."""
    metric_before: float
    """Mutual information in nats where the files place the volumes."""
    metric_after: float
    """The same over the same voxels after the move; higher where it was computed here; both 0 where it was read."""
    frame_of_reference: str
    """DICOM Frame of Reference UID of the fixed volume, in which the moved one lies then."""
    coarse_metrics: tuple[float, ...] = ()
    """Mutual information on the coarsest resolution of the place taken, and of the best one elsewhere that other starts
    led to; the first alone where all of them led to one place, empty where nothing was searched."""
    read_from: str = ""
    """What kind of file says so (``DICOM registration``); empty where it was computed here."""
    is_from_files: bool = True
    """Whether both volumes lay where their files place them, and none was moved by hand before."""


def matrix_of(move: RigidMove | None) -> Affine:
    """Return the matrix of a move, (4, 4) RAS+ mm; the identity where nothing was moved."""
    return np.eye(4) if move is None else np.array(move.matrix)


DISPLACED: Final = ("registered", "moved")
"""Rules of findings about volumes that no longer lie where their files place them."""


def is_displaced(volume: Volume) -> bool:
    """Return whether a volume was moved since it was read."""
    return any(one.rule in DISPLACED for one in volume.findings)


def moved(volume: Volume, move: RigidMove) -> Volume:
    """Return the volume where a move takes it: the same voxels, not interpolated, and a finding that says so.

    The axes are named anew where the move turns one of them nearer to another patient axis.
    """
    data, affine, _ = to_ipl(volume.data, matrix_of(move) @ volume.affine)
    how = f"as a {move.read_from} says" if move.read_from else "by rigid registration"
    sentence = (
        f"{volume.title} was aligned to {move.fixed} {how}: {move.words}. Compare the outlines before you rely on it."
    )
    found = Finding("warn", "registered", sentence, f"{move.millimetres:.1f} mm, {move.degrees:.1f} degrees")
    return replace(
        volume,
        data=data,
        affine=affine,
        frame_of_reference=move.frame_of_reference,
        findings=(*volume.findings, found),
    )


def move_of(fixed: Volume, moving: Volume, matrix: Affine, metrics: tuple[float, float] = (0.0, 0.0)) -> RigidMove:
    """Return a matrix, (4, 4) RAS+ mm, as a move in words, and the metric before and after it."""
    middle = middle_of(moving, moving.affine)
    shift = IPL_TO_RAS[:3, :3] @ (matrix[:3, :3] @ middle + matrix[:3, 3] - middle)
    millimetres = float(np.linalg.norm(shift))
    # from the sine, whose rounding a small angle survives
    turned = matrix[:3, :3] - matrix[:3, :3].T
    sine = np.linalg.norm([turned[2, 1], turned[0, 2], turned[1, 0]])
    degrees = float(np.degrees(np.arctan2(sine, np.trace(matrix[:3, :3]) - 1)))
    parts = [
        f"{abs(length):.1f} towards the {DIRECTIONS[axis][length > 0]}"
        for axis, length in enumerate(shift.tolist())
        if abs(length) >= 0.05
    ]
    told = f" ({', '.join(parts)})" if parts else ""
    return RigidMove(
        moving=moving.title,
        fixed=fixed.title,
        matrix=tuple(tuple(row) for row in matrix.tolist()),
        millimetres=millimetres,
        degrees=degrees,
        words=f"shifted by {millimetres:.1f} mm{told}, rotated by {degrees:.1f} degrees",
        metric_before=metrics[0],
        metric_after=metrics[1],
        frame_of_reference=fixed.frame_of_reference,
        is_from_files=not (is_displaced(fixed) or is_displaced(moving)),
    )


def middle_of(volume: Volume, affine: Affine) -> np.ndarray:
    """Return where an affine, (4, 4), takes the middle of a volume's grid, (3,) mm."""
    return np.asarray((affine @ [*((np.array(volume.shape) - 1) / 2), 1.0])[:3])

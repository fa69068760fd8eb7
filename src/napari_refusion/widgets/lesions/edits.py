"""What a brush did to the lesions of a grid: from a label map before and after to volumes of interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.voi import VolumeOfInterest, voi_of

if TYPE_CHECKING:
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.volume.grid import Grid

PAINTED: Final = "painted by hand"
"""How a lesion was drawn that a brush made."""

Labels = NDArray[np.unsignedinteger[Any]]
"""(I, P, L), the number of a lesion in each voxel, 0 for none."""


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """What became of lesions."""

    changed: Mapping[int, VolumeOfInterest]
    """Number -> what it holds now."""
    erased: tuple[int, ...] = ()
    """Numbers of those of which nothing is left."""
    painted: tuple[VolumeOfInterest, ...] = ()
    """What was painted with a number that no lesion has."""


def label_map(lesions: Sequence[Lesion], grid: Grid) -> Labels:
    """Return the lesions of a grid in one array; where two share a voxel, the smaller one is seen.

    So a lesion within another one has an outline, too; of two of one size the later one is seen.
    """
    most = max((one.number for one in lesions), default=0)
    labels: Labels = np.zeros(grid.shape, np.uint8 if most < 2**8 else np.uint16)
    for one in sorted(lesions, key=lambda one: -one.voi.count):
        labels[one.voi.box][one.voi.mask] = one.number
    return labels


def edits(lesions: Sequence[Lesion], grid: Grid, before: Labels, after: Labels) -> Edits:
    """Return what a brush did.

    A voxel that two lesions share is taken from the one that was seen in it.

    Parameters
    ----------
    before, after
        As `label_map` made it, and as it is now.
    """
    there = before != after
    if not there.any():
        return Edits({})
    voxels = tuple(np.argwhere(there).T)
    gone, come = before[voxels], after[voxels]
    changed: dict[int, VolumeOfInterest] = {}
    erased: list[int] = []
    painted: list[VolumeOfInterest] = []
    known = {one.number: one for one in lesions}
    for number in sorted({*np.unique(gone).tolist(), *np.unique(come).tolist()} - {0}):
        lesion = known.get(number)
        mask = np.zeros(grid.shape, np.bool_) if lesion is None else lesion.voi.whole()
        mask[tuple(axis[gone == number] for axis in voxels)] = False
        mask[tuple(axis[come == number] for axis in voxels)] = True
        if not mask.any():
            erased += [] if lesion is None else [number]
        elif lesion is None:
            painted.append(voi_of(mask, grid.affine, PAINTED))
        else:
            changed[number] = voi_of(mask, grid.affine, lesion.voi.method)
    return Edits(changed, tuple(erased), tuple(painted))

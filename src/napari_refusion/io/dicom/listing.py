"""What a DICOM folder holds, for a list to choose from; headers only."""

from collections.abc import Sequence

import numpy as np

from napari_refusion.io.dicom.choose import is_corrected, is_made, is_scout, unique_uid, why_not
from napari_refusion.io.dicom.files import Paths
from napari_refusion.io.dicom.parts import parts_of
from napari_refusion.io.dicom.scan import scan
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.stack import slice_distance, stack_affine
from napari_refusion.io.dicom.stacks import stacks_of
from napari_refusion.io.listing import Listed
from napari_refusion.volume.affine import ipl_grid, spacing
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.modality import MODALITIES

Spacing = tuple[float, float, float]
"""mm along (I, P, L), or between slices, rows and columns."""


def list_dicom(paths: Paths) -> tuple[Listed, ...]:
    """Return every series at a path, the likely one first.

    Before others come those that can be read, those that are no localizers and not computed for display, PET that is
    corrected for attenuation, and thin slices through a large part of the body: those with the most slices.

    Raises
    ------
    RefusedError
        See `list_series`.
    """
    found = scan(paths).series
    series = [(one, parts_of(one)) for one in found]
    rows = [(_rank(one, parts), _listed(one, parts, unique_uid(one, found))) for one, parts in series]
    return tuple(row for (_, row) in sorted(rows, key=lambda item: (bool(item[1].refusal), item[0])))


def _rank(series: Series, parts: Sequence[Series]) -> tuple[bool, bool, bool, bool, int]:
    several = bool(stacks_of(series.slices))
    return is_scout(series), is_made(series), several, is_corrected(series) is False, -len(parts[0].slices)


def _listed(series: Series, parts: Sequence[Series], uid: str) -> Listed:
    shape, distances = _grid(parts[0])
    reasons = why_not(series)
    return Listed(
        series=series.number or uid,
        uid=uid,
        name=series.name,
        modality=series.modality if series.modality in MODALITIES else "",
        shape=shape,
        spacing=distances,
        corrected=is_corrected(series),
        parts=tuple(part.part for part in parts),
        refusal=reasons[0].sentence if reasons else "",
    )


def _grid(series: Series) -> tuple[tuple[int, int, int], Spacing | None]:
    """Return voxels and their distances along (I, P, L); of images whose place is not known as they are stored."""
    try:
        affine = stack_affine(series.slices)
        (planes, height, width), placed = ipl_grid(series.shape, affine)
        between, rows, columns = spacing(placed).tolist()
    # Places that do not make a stack have no affine.
    except (RefusedError, ValueError, TypeError, IndexError, ZeroDivisionError, np.linalg.LinAlgError):
        return series.shape, None
    known = slice_distance(series.slices) > 0
    return (planes, height, width), (between, rows, columns) if known else None

"""The list of lesions in the portable copy of a review: a row for each, without what was measured.

A record holds which voxels were drawn; what they hold follows from the source, and stands in the report.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from napari_refusion.io.spreadsheet import cell
from napari_refusion.lesion.extent import centroid
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.lesions import Lesions

COLUMNS: Final = ("number", "name", "site", "method", "voxels", "volume_ml", "x_mm", "y_mm", "z_mm", "key", "comment")
"""Place: of the centroid, RAS+ mm, where the file puts the source."""


def row_of(lesion: Lesion) -> Mapping[str, Any]:
    """Return what is said of a lesion, in the order of `COLUMNS`."""
    voi = lesion.voi
    place = (round(value, 1) for value in centroid(voi).tolist())
    volume = round(voi.count * abs(float(np.linalg.det(voi.grid.affine[:3, :3]))) / 1000, 3)
    words = lesion.number, lesion.title, lesion.site, voi.method, voi.count, volume
    return dict(zip(COLUMNS, (*words, *place, lesion.is_key, lesion.comment), strict=True))


def lines(lesions: Lesions) -> Iterator[str]:
    """Yield the lines of the table: no cell breaks it, and none is taken for a formula."""
    yield "\t".join(COLUMNS) + "\n"
    for lesion in lesions:
        cells = {**row_of(lesion), "key": int(lesion.is_key)}
        yield "\t".join(cell(value) if isinstance(value, str) else str(value) for value in cells.values()) + "\n"

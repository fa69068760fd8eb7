"""Pictures of lesions for a report: each in the sources and the fused image, and all of them on one projection."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from napari_refusion.fusion.colouring import Colouring
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.report.cells import fused_cell, heading_of, source_cell
from napari_refusion.report.marks import GREY, SMALL, WHITE, draw_marks, edge_letters, font
from napari_refusion.report.pictures import EDGE, as_png, drawn_cell, in_rows, square_size
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window_text import window_text

FIELD: Final = 160.0
"""mm, width and height of what is shown around a lesion; a large lesion has `AROUND` times its own size."""

AROUND: Final = 2.0

PROJECTION: Final = 640
"""Pixels, the longer side of the projection."""

_INK: Final = (0, 110, 120)
"""Of numbers on the projection's white; 5.9:1 to it."""


def middle_slice(mask: NDArray[np.bool_], axis: str) -> int:
    """Return the slice through the middle of a mask, (I, P, L): the nearest to its centroid that it is in."""
    inside = np.argwhere(mask)[:, AXES[axis]]
    return int(inside[np.abs(inside - inside.mean()).argmin()])


def lesion_panel(
    partial: PartialFusion,
    mask: NDArray[np.bool_],
    title: str,
    colouring: Colouring | None = None,
    check_failed: str = "",
) -> bytes:
    """Return source a, the fused image and source b around a lesion, outlined, in the slice through its middle.

    Parameters
    ----------
    mask
        (I, P, L) on the grid of the fusion; at least one voxel.
    title
        What the picture calls it.
    colouring, check_failed
        As in `pictures.panel`.
    """
    index = middle_slice(mask, partial.axis)
    plane = np.moveaxis(mask, AXES[partial.axis], 0)[index]
    rows, columns = (step for axis, step in enumerate(partial.study.fixed.spacing) if axis != AXES[partial.axis])
    part = around(plane, rows, columns)
    cells = [
        source_cell(partial, 0, index, colouring),
        fused_cell(partial, index, colouring),
        source_cell(partial, 1, index, colouring),
    ]
    cut = [replace(cell, rgb=cell.rgb[part], outlined=plane[part]) for cell in cells]
    letters = edge_letters(partial.axis)
    drawn = [drawn_cell(cell, rows, columns, letters, check_failed) for cell in cut]
    return as_png(in_rows(drawn, f"{title}   {heading_of(partial, index)}"))


def around(plane: NDArray[np.bool_], row_mm: float, column_mm: float) -> tuple[slice, slice]:
    """Return the part of a slice, (H, W), that is shown around what is inside of it: `FIELD` where there is room."""
    found = []
    for axis, step in ((0, row_mm), (1, column_mm)):
        there = np.flatnonzero(plane.any(axis=1 - axis))
        size, middle = plane.shape[axis], (there[0] + there[-1]) / 2
        reach = round(max(FIELD, AROUND * (there[-1] - there[0] + 1) * step) / step / 2)
        first = max(0, min(round(middle) - reach, size - 2 * reach - 1))
        found.append(slice(first, min(size, first + 2 * reach + 1)))
    return found[0], found[1]


def projection(volume: Volume, window: Window, places: Mapping[int, NDArray[np.float64]]) -> bytes:
    """Return the highest values along the patient's front and back, in inverted grey, with the lesions' numbers.

    Parameters
    ----------
    volume
        A source that shows function; its own values are projected, nothing is interpolated before.
    places
        Number of a lesion -> where it is hottest, (3,) RAS+ mm in this source.
    """
    along = AXES["coronal"]
    highest = np.where(np.isfinite(volume.grey), volume.grey, -np.inf).max(axis=along)
    grey = 1 - rescale_to_window(np.where(np.isfinite(highest), highest, window.low), window)
    row_mm, column_mm = volume.spacing[0], volume.spacing[2]
    size = square_size(grey.shape, row_mm, column_mm, PROJECTION)
    drawn = Image.new("RGB", (size[0] + 2 * EDGE, size[1] + 4 * EDGE))
    pixels = Image.fromarray(np.rint(grey * 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    drawn.paste(pixels, (EDGE, EDGE))
    pen = ImageDraw.Draw(drawn)
    for number, place in places.items():
        row, _, column = volume.grid.index_at(place).tolist()
        x = EDGE + (column + 0.5) / grey.shape[1] * size[0]
        y = EDGE + (row + 0.5) / grey.shape[0] * size[1]
        pen.ellipse((x - 7, y - 7, x + 7, y + 7), outline=WHITE, width=5)
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), outline=_INK, width=3)
        pen.text((x + 9, y - 7), str(number), _INK, font(18), anchor="lb", stroke_width=2, stroke_fill=WHITE)
    box = (EDGE, EDGE, EDGE + size[0], EDGE + size[1])
    pen.text((EDGE, box[3] + EDGE), window_text(window, volume.unit), GREY, font(SMALL), anchor="lt")
    draw_marks(pen, box, edge_letters("coronal"), grey.shape[1] * column_mm / size[0])
    return as_png(drawn)

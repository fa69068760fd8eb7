"""Pictures of slices for a report: the sources, the fused image and the evidence side by side, as a PNG.

Every image of a picture stands upright and radiological, in square millimetres, with the patient's sides at its edges
and the words that it is for research only. A picture holds pixels and nothing else: no text entries, no dates.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from napari_refusion.fusion.colouring import Colouring
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.report.cells import Cell, Evidence, evidence_cell, fused_cell, heading_of, source_cell
from napari_refusion.report.marks import (
    GREY,
    LESION,
    LINE,
    SMALL,
    WHITE,
    draw_failed,
    draw_marks,
    edge_letters,
    font,
    lines_of,
)
from napari_refusion.volume.affine import AXES

CELL: Final = 272
"""Pixels, width of one image with its edges."""

EDGE: Final = 18
"""Pixels around an image, where the letters stand."""

WIDEST: Final = 4
"""Images side by side; on paper more would be too small to read."""

_HEAD: Final = 24

_TITLE: Final = 20

_FOOT: Final = 54

_GAP: Final = 6

_BAR: Final = 9


def panel(
    partial: PartialFusion,
    index: int,
    colouring: Colouring | None = None,
    evidence: Sequence[Evidence] = (),
    check_failed: str = "",
) -> bytes:
    """Return one slice as a PNG: source a, fused, source b, and the evidence maps, in one row or in rows of three.

    Parameters
    ----------
    index
        Of the slice along the direction of the fusion.
    colouring
        Colours of the fused volume, see `fusion.colouring.choose_colouring`; None for grey. A functional source is
        drawn in the same palette.
    check_failed
        What `evidence.check_outcome.failed` says; stands in red on every image.

    Raises
    ------
    IndexError
        If there is no such slice.
    """
    count = len(partial.done)
    if not 0 <= index < count:
        raise IndexError(f"There is no slice {index + 1} of {count}.")
    cells = [
        source_cell(partial, 0, index, colouring),
        fused_cell(partial, index, colouring),
        source_cell(partial, 1, index, colouring),
    ]
    cells += [evidence_cell(one) for one in evidence]
    fixed = partial.study.fixed
    rows, columns = (size for axis, size in enumerate(fixed.spacing) if axis != AXES[partial.axis])
    letters = {} if fixed.is_photograph else edge_letters(partial.axis)
    drawn = [drawn_cell(cell, rows, columns, letters, check_failed) for cell in cells]
    return as_png(in_rows(drawn, heading_of(partial, index)))


def square_size(shape: tuple[int, int], row_mm: float, column_mm: float, box: int) -> tuple[int, int]:
    """Return width and height in pixels of a slice, (H, W), that fills a box and has square millimetres."""
    high, wide = shape[0] * row_mm, shape[1] * column_mm
    scale = box / max(high, wide)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def drawn_cell(cell: Cell, row_mm: float, column_mm: float, letters: dict[str, str], check_failed: str) -> Image.Image:
    """Return one image with its title, its marks, its text and its colour bar."""
    size = square_size(cell.rgb.shape[:2], row_mm, column_mm, CELL - 2 * EDGE)
    pixels = np.rint(np.clip(cell.rgb, 0, 1) * 255).astype(np.uint8)
    failed = lines_of(check_failed, font(SMALL), CELL - 16) if check_failed else []
    left, top = (CELL - size[0]) // 2, _TITLE + LINE * len(failed) + EDGE
    drawn = Image.new("RGB", (CELL, top + size[1] + EDGE + _FOOT))
    drawn.paste(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR), (left, top))
    if cell.outlined is not None:
        _draw_outline(drawn, cell.outlined, (left, top), size)
    pen = ImageDraw.Draw(drawn)
    pen.text((CELL / 2, _TITLE / 2), cell.title, WHITE, font(15), anchor="mm")
    if failed:
        draw_failed(pen, failed, CELL, _TITLE)
    mm_per_pixel = cell.rgb.shape[1] * column_mm / size[0]
    draw_marks(pen, (left, top, left + size[0], top + size[1]), letters, mm_per_pixel)
    foot = top + size[1] + EDGE
    pen.text((CELL / 2, foot + 12), cell.text, GREY, font(SMALL), anchor="mm")
    if cell.table is not None:
        _draw_bar(drawn, cell.table, cell.ends, foot + 22)
    return drawn


def _draw_outline(
    drawn: Image.Image, inside: NDArray[np.bool_], corner: tuple[int, int], size: tuple[int, int]
) -> None:
    """Draw a line of one pixel around what is inside, outside of it so that all of it is seen."""
    large = Image.fromarray(inside).resize(size, Image.Resampling.NEAREST)
    wider = large.convert("L").filter(ImageFilter.MaxFilter(3))
    line = Image.fromarray((np.asarray(wider) > 0) & ~np.asarray(large))
    drawn.paste(Image.new("RGB", size, LESION), corner, line)


def _draw_bar(drawn: Image.Image, colours: NDArray[np.float32], ends: tuple[str, str], top: int) -> None:
    """Draw a colour map from its lower to its upper end with the values there."""
    table = np.rint(colours * 255).astype(np.uint8)
    width = CELL - 2 * EDGE
    drawn.paste(Image.fromarray(table[None]).resize((width, _BAR), Image.Resampling.NEAREST), (EDGE, top))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((EDGE - 1, top - 1, EDGE + width, top + _BAR), outline=GREY)
    pen.text((EDGE, top + _BAR + 9), ends[0], GREY, font(SMALL), anchor="lm")
    pen.text((EDGE + width, top + _BAR + 9), ends[1], GREY, font(SMALL), anchor="rm")


def in_rows(cells: list[Image.Image], heading: str) -> Image.Image:
    """Return images side by side under a heading, in rows of three where four would not do."""
    abreast = len(cells) if len(cells) <= WIDEST else WIDEST - 1
    rows = [cells[first : first + abreast] for first in range(0, len(cells), abreast)]
    width = abreast * CELL + (abreast - 1) * _GAP
    lines = lines_of(heading, font(15), width - 16)
    top = _HEAD + 18 * (len(lines) - 1)
    drawn = Image.new("RGB", (width, top + sum(row[0].height + _GAP for row in rows)))
    ImageDraw.Draw(drawn).multiline_text((8, 5), "\n".join(lines), WHITE, font(15), spacing=3)
    for row in rows:
        for number, cell in enumerate(row):
            drawn.paste(cell, (number * (CELL + _GAP), top))
        top += row[0].height + _GAP
    return drawn


def as_png(picture: Image.Image) -> bytes:
    """Return a picture as PNG, its pixels only."""
    stream = BytesIO()
    picture.save(stream, format="PNG")
    return stream.getvalue()

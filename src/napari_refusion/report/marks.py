"""What is drawn onto a slice in a report: the patient's sides, a scale bar and the words that must not get lost."""

from functools import cache
from typing import Final

from PIL import ImageDraw, ImageFont

from napari_refusion.look import OVERLAY, RED, SIDES
from napari_refusion.notice import LOUD
from napari_refusion.volume.affine import AXES

WHITE: Final = (255, 255, 255)
GREY: Final = (200, 200, 200)
LESION: Final = (0, 255, 255)
"""Of outlines and numbers of lesions: cyan is in no colour map of uptake."""
SMALL: Final = 13
"""Pixels; smaller letters of this font run into each other."""

LINE: Final = 17
"""Pixels, height of a line of small letters."""

_LENGTHS: Final = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1)
"""Centimetres of a scale bar."""

_LONGEST: Final = 0.3
"""Scale bars are at most this share of the image's width."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def edge_letters(axis: str) -> dict[str, str]:
    """Return the letter at the left, right, top and bottom of a slice that is drawn as it is stored.

    Parameters
    ----------
    axis
        Direction of the slices, one of `volume.affine.AXES`.
    """
    rows, columns = (number for number in range(3) if number != AXES[axis])
    (top, bottom), (left, right) = SIDES[rows], SIDES[columns]
    return {"left": left, "right": right, "top": top, "bottom": bottom}


def scale_length(width_mm: float) -> float:
    """Return the length of a scale bar for an image of this width, in cm: round, and at most 30 % of the width."""
    return next((length for length in _LENGTHS if length * 10 <= _LONGEST * width_mm), _LENGTHS[-1])


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that comes with Pillow; it has Latin letters only."""
    return ImageFont.load_default(size)


def lines_of(text: str, face: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    """Return a text in lines that are at most `width` pixels wide, unless one word is wider."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def draw_marks(pen: ImageDraw.ImageDraw, box: Box, letters: dict[str, str], mm_per_pixel: float) -> None:
    """Draw letters and scale bar around an image, and the notice onto it.

    Parameters
    ----------
    box
        Where the image lies.
    letters
        Of the patient's sides, see `edge_letters`; without them (a photograph) there is no scale bar either.
    """
    left, top, right, bottom = box
    if letters:
        middle, centre = (left + right) / 2, (top + bottom) / 2
        sides = ("left", left - 9, centre), ("right", right + 9, centre), ("top", middle, top - 9)
        for side, x, y in (*sides, ("bottom", middle, bottom + 9)):
            pen.text((x, y), letters[side], OVERLAY, font(15), anchor="mm")
        _draw_scale(pen, right, bottom + 9, right - left, mm_per_pixel)
    pen.text((4, bottom - 3), LOUD, OVERLAY, font(SMALL), anchor="lb", stroke_width=2, stroke_fill=(0, 0, 0))


def draw_failed(pen: ImageDraw.ImageDraw, lines: list[str], width: int, top: int) -> None:
    """Draw a failed check, white on red, in lines across an image."""
    pen.rectangle((2, top, width - 3, top + LINE * len(lines)), fill=RED.background)
    for number, line in enumerate(lines):
        pen.text((width / 2, top + LINE * (number + 0.5)), line, WHITE, font(SMALL), anchor="mm")


def _draw_scale(pen: ImageDraw.ImageDraw, right: int, centre: int, width: int, mm_per_pixel: float) -> None:
    """Draw a bar that ends at the image's right edge, and its length under it."""
    length = scale_length(width * mm_per_pixel)
    left = right - round(length * 10 / mm_per_pixel)
    pen.line((left, centre, right, centre), WHITE, 1)
    for end in (left, right):
        pen.line((end, centre - 3, end, centre + 3), WHITE, 1)
    pen.text(((left + right) / 2, centre + 4), f"{length:g} cm", WHITE, font(SMALL), anchor="mt")

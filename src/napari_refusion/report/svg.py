"""The strokes that the plots of a report are made of, as SVG.

Drawn with attributes only, without styles, so that browsers and Qt show the same.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Final
from xml.sax.saxutils import escape

from napari_refusion.look import INK

WIDTH: Final = 330
"""Of every plot, in pixels."""

Scale = Callable[[float], float]
"""Value -> pixels."""


def scale(low: float, high: float, first: float, last: float) -> Scale:
    """Return the straight map that takes `low` to `first` and `high` to `last`; an empty range goes to the middle."""
    if high <= low:
        return lambda value: (first + last) / 2
    return lambda value: first + (float(value) - low) * (last - first) / (high - low)


def svg(title: str, height: int, parts: Sequence[str]) -> str:
    """Return a drawing with its title above it."""
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    head = f'<text x="4" y="14" font-family="sans-serif" font-size="12" font-weight="bold" fill="{INK}">'
    written = f"<title>{escape(title)}</title>{ground}{head}{escape(title)}</text>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{written}{"".join(parts)}</svg>'


def text(x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> str:
    """Return words at a place, which is their ``start``, ``middle`` or ``end``."""
    look = f'font-family="sans-serif" font-size="11" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def line(start: tuple[float, float], end: tuple[float, float], colour: str, dashes: str = "") -> str:
    """Return a straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="1"{dashed}/>'


def course(points: Sequence[tuple[float, float]], colour: str) -> str:
    """Return a line through points; a single point is a dot."""
    if len(points) == 1:
        return dot(points[0], colour, 1.5)
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def dot(place: tuple[float, float], colour: str, radius: float = 2.5) -> str:
    """Return a filled circle."""
    return f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:g}" fill="{colour}"/>'


def box(left: float, top: float, width: float, height: float, colour: str) -> str:
    """Return a filled rectangle."""
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{colour}"/>'


def as_uri(drawing: str) -> str:
    """Return a drawing as a data URI for the ``src`` of an ``img``, where nothing in it can run or load anything."""
    return "data:image/svg+xml;base64," + b64encode(drawing.encode()).decode()


def height_of(drawing: str) -> int:
    """Return the height of a drawing in pixels; all are `WIDTH` wide."""
    found = re.search(r'height="(\d+)"', drawing)
    if found is None:
        raise ValueError("This is not a drawing of `svg`.")
    return int(found[1])

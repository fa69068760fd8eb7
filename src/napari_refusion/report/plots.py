"""Small plots for reports, as SVG: curves over slices, bars, stacked bars, a histogram."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.look import CHECKS, INK
from napari_refusion.report.content import Curve
from napari_refusion.report.svg import WIDTH, box, course, dot, line, scale, svg, text

HEIGHT: Final = 150
"""Of curves and histograms, in pixels."""

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {**{colour: look.signal.background for colour, look in CHECKS.items()}, "": "#4f7896"}
)
"""Colour of a check -> as it is drawn; the empty one is for everything else."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 320, 24, 126
"""Pixels between which values are drawn."""

_ROW: Final = 20
_BAR: Final = 14
_NAMES: Final = 178
"""Pixels for the names on the left of bars."""


def curve_plot(curve: Curve) -> str:
    """Return an indicator over the slices with its limits; values beyond a limit are marked in the limit's colour."""
    values = np.asarray(curve.values, np.float64)
    limits = [limit for limit in (curve.amber, curve.red) if limit is not None]
    low, high = _range([*values[np.isfinite(values)], *limits])
    x, y = scale(1, max(len(values), 2), _LEFT, _RIGHT), scale(low, high, _BOTTOM, _TOP)
    parts = _axes((f"{low:.3g}", f"{high:.3g}"), ("1", str(len(values))), "slice")
    for colour, limit in (("amber", curve.amber), ("red", curve.red)):
        if limit is not None:
            parts.append(line((_LEFT, y(limit)), (_RIGHT, y(limit)), COLOURS[colour], "4 3"))
    for there in _without_gaps(values):
        parts.append(course([(x(index + 1), y(values[index])) for index in there], COLOURS[""]))
    beyond = ((index, curve.outcome(index)) for index in range(len(values)))
    parts += [dot((x(index + 1), y(values[index])), COLOURS[outcome]) for index, outcome in beyond if outcome]
    return svg(curve.title, HEIGHT, parts)


def bar_plot(title: str, counts: Mapping[str, float], total: float = 0) -> str:
    """Return a bar for each name, its number behind it.

    Parameters
    ----------
    counts
        Name -> 0 or more.
    total
        What a whole bar stands for; the numbers then say also how many percent that is. 0: the largest one is whole.
    """
    along = scale(0, max(total or max(counts.values(), default=0), 1), 0, WIDTH - _NAMES - 64)
    parts = []
    for row, (name, count) in enumerate(counts.items()):
        top = _TOP + row * _ROW
        share = f" ({count / total:.0%})" if total else ""
        parts += [text(_NAMES - 6, top + 11, name, "end"), box(_NAMES, top, along(count), _BAR, COLOURS[""])]
        parts.append(text(_NAMES + along(count) + 5, top + 11, f"{count:g}{share}"))
    return svg(title, _TOP + 6 + _ROW * max(len(counts), 1), parts or [text(4, _TOP + 11, "nothing yet")])


def stacked_plot(title: str, rows: Mapping[str, Mapping[str, int]]) -> str:
    """Return a bar for each name in parts of the colours of checks, with their numbers.

    Parameters
    ----------
    rows
        Name -> check, one of the keys of `COLOURS` -> how often.
    """
    most = max((sum(counts.values()) for counts in rows.values()), default=0)
    along = scale(0, max(most, 1), 0, WIDTH - _NAMES - 12)
    parts = []
    for row, (name, counts) in enumerate(rows.items()):
        top, before = _TOP + row * _ROW, 0
        parts.append(text(_NAMES - 6, top + 11, name, "end"))
        for outcome, count in ((outcome, count) for outcome, count in counts.items() if count):
            left, right = _NAMES + along(before), _NAMES + along(before + count)
            parts.append(box(left, top, right - left, _BAR, COLOURS[outcome]))
            if right - left > 7 * len(str(count)):
                parts.append(text((left + right) / 2, top + 11, str(count), "middle", CHECKS[outcome].signal.letters))
            before += count
    return svg(title, _TOP + 6 + _ROW * max(len(rows), 1), parts)


def histogram_plot(title: str, values: Sequence[float], unit: str, bins: int = 12) -> str:
    """Return how often values of 0 and more occur, with their median."""
    if not len(values):
        return svg(title, HEIGHT, [text(WIDTH / 2, HEIGHT / 2, "nothing yet", "middle")])
    counts, edges = np.histogram(values, bins, (0.0, max(*values, 1e-3)))
    x, y = scale(0, float(edges[-1]), _LEFT, _RIGHT), scale(0, float(counts.max()), _BOTTOM, _TOP)
    parts = []
    for count, (left, right) in zip(counts.tolist(), pairwise(edges.tolist()), strict=True):
        parts.append(box(x(left), y(count), x(right) - x(left) - 1, _BOTTOM - y(count), COLOURS[""]))
    parts += _axes(("0", str(counts.max())), ("0", f"{edges[-1]:.3g}"), unit)
    middle = float(np.median(values))
    parts.append(line((x(middle), _TOP), (x(middle), _BOTTOM), COLOURS["red"], "4 3"))
    return svg(f"{title}, median {middle:.3g} {unit}", HEIGHT, parts)


def _axes(vertical: tuple[str, str], horizontal: tuple[str, str], name: str) -> list[str]:
    """Return two axes with the values at their ends, and the name of the horizontal one."""
    return [
        line((_LEFT, _TOP), (_LEFT, _BOTTOM), INK),
        line((_LEFT, _BOTTOM), (_RIGHT, _BOTTOM), INK),
        text(_LEFT - 4, _BOTTOM, vertical[0], "end"),
        text(_LEFT - 4, _TOP + 9, vertical[1], "end"),
        text(_LEFT, _BOTTOM + 14, horizontal[0]),
        text(_RIGHT, _BOTTOM + 14, horizontal[1], "end"),
        text((_LEFT + _RIGHT) / 2, _BOTTOM + 14, name, "middle"),
    ]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis for values: from 0 where none is negative."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    return min(low, 0.0), high if high > min(low, 0.0) else min(low, 0.0) + 1.0


def _without_gaps(values: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return the indices of values that are there, in stretches without a gap."""
    there = np.flatnonzero(np.isfinite(values))
    stretches = np.split(there, np.flatnonzero(np.diff(there) > 1) + 1)
    return [stretch for stretch in stretches if stretch.size]

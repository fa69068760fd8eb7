"""The ways to compare two sources, one entry each: another way is one more entry of `COMPARE_MODES`.

The list of the page *Compare*, its tool tips, its slider, the order of the keys and the layers follow from the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.compare_mode import CompareMode, Rgb, Slider
from napari_refusion.fusion.comparison import Block, Comparison, displayed, functional_source
from napari_refusion.fusion.difference_mode import DIFFERENCE_MODE
from napari_refusion.numerics.compare import as_rgb, blend, checkerboard, edges_over, overlay, swipe
from napari_refusion.study.study import Study

_FEWEST_FIELDS, _MOST_FIELDS = 2, 32
"""Of a checkerboard, along the longest side of the volume."""

_DULLEST, _FINEST = 0.3, 0.006
"""Steepness from which edges are drawn, in [0, 1] per voxel, at sensitivity 0 and 1."""


def find_mode(name: str, modes: Sequence[CompareMode] | None = None) -> CompareMode:
    """Return the mode of this name, by default among `COMPARE_MODES`.

    Raises
    ------
    ValueError
        If there is none; the sentence lists the known ones.
    """
    known = {mode.name: mode for mode in (COMPARE_MODES if modes is None else modes)}
    if name not in known:
        raise ValueError(f"Choose one of these ways to compare: {', '.join(known)}; {name!r} is not known.")
    return known[name]


def field_edge(study: Study, coarseness: float) -> float:
    """Return the edge of a checkerboard's fields in mm, for a coarseness in [0, 1]."""
    longest = max(count * step for count, step in zip(study.fixed.shape, study.fixed.spacing, strict=True))
    return float(longest / (_MOST_FIELDS * (_FEWEST_FIELDS / _MOST_FIELDS) ** coarseness))


def _field_in_words(seen: Comparison) -> str:
    study = seen.partial.study
    return f"{field_edge(study, seen.amount):.3g} {'pixels' if study.fixed.is_photograph else 'mm'}"


def _blended(seen: Comparison, block: Block, share: float | NDArray[np.bool_]) -> Rgb:
    return blend(seen.colours(0, block), seen.colours(1, block), share)


def _overlay(seen: Comparison, block: Block) -> Rgb:
    """Return the functional source over the other one, transparent below the threshold and where it has no data."""
    study = seen.partial.study
    source = functional_source(study)
    opacity = np.asarray(np.float32(seen.amount) * seen.shows_function(block))
    if study.reference != "ab"[source]:  # it was resampled
        opacity = opacity * study.covered[block]
    return overlay(seen.grey(1 - source, block), seen.colours(source, block, always=True), opacity)


def _places(seen: Comparison, block: Block) -> tuple[NDArray[np.int64], ...]:
    """Return the indices of a block along each axis, broadcasting to (i, p, l)."""
    grid = seen.partial.study.a.volume.shape
    return np.ix_(*(np.arange(count)[part] for count, part in zip(grid, block, strict=True)))


def _checkerboard(seen: Comparison, block: Block) -> Rgb:
    study = seen.partial.study
    edge = field_edge(study, seen.amount)
    edges = tuple(max(1.0, edge / step) for step in study.fixed.spacing)
    return _blended(seen, block, checkerboard(_places(seen, block), edges)[..., None])


def _swipe(seen: Comparison, block: Block) -> Rgb:
    """Return the first source before a line and the second behind it; across the axis, along the slice's last one."""
    places, axis = _places(seen, block), seen.axis
    if places[axis].size == 1:
        axis = max((other for other in range(3) if places[other].size > 1), default=axis)
    return _blended(seen, block, swipe(places[axis], seen.partial.study.a.volume.shape[axis], seen.amount)[..., None])


def _edges(seen: Comparison, block: Block, lines: int) -> Rgb:
    threshold = _DULLEST * (_FINEST / _DULLEST) ** seen.amount
    return edges_over(seen.grey(lines, block), seen.grey(1 - lines, block), threshold)


_SENSITIVITY: Final = Slider("Sensitivity for edges {amount}", "only the steepest edges", "faint edges as well")


def _inverted(seen: Comparison, block: Block) -> Rgb:
    """Return the functional source in inverted grey, as PET is read on paper."""
    side = seen.partial.study.sides[functional_source(seen.partial.study)]
    return displayed(side.volume, side.window, block, "grey_inverted")


COMPARE_MODES: Final = (
    CompareMode(
        "first",
        "only {first}",
        "The first source alone",
        lambda seen, block: seen.colours(0, block),
        cell="{first} only",
    ),
    CompareMode(
        "second",
        "only {second}",
        "The second source alone",
        lambda seen, block: seen.colours(1, block),
        cell="{second} only",
    ),
    CompareMode(
        "fused",
        "only fused",
        "The fused image alone",
        lambda seen, block: as_rgb(seen.partial.fused[block]),
        is_listed=False,
        cell="Fused only",
    ),
    CompareMode(
        "inverted",
        "only {coloured}, inverted",
        "The functional source alone, in inverted grey",
        _inverted,
        colours="never",
        is_listed=False,
        cell="{coloured} inverted",
    ),
    CompareMode(
        "opacity",
        "opacity",
        "Both sources, mixed",
        lambda seen, block: _blended(seen, block, seen.amount),
        Slider("{rest} {first}, {amount} {second}", "only {first}", "only {second}"),
    ),
    CompareMode(
        "overlay",
        "overlay",
        "The functional source in colours over the other one in grey",
        _overlay,
        Slider("{coloured} over {grey}, opacity {amount}", "only {grey}", "{coloured} covers {grey}"),
        colours="always",
        is_for=lambda study: study.task.has_overlay,
        has_threshold=True,
    ),
    CompareMode(
        "checkerboard",
        "checkerboard",
        "Both sources in alternate squares",
        _checkerboard,
        Slider("Squares of {amount}", "small squares", "large squares", reading=_field_in_words),
    ),
    CompareMode(
        "swipe",
        "swipe",
        "The first source on one side of a line, the second on the other",
        _swipe,
        Slider("{first} | {second}", "only {second}", "only {first}"),
        follows_view=True,
    ),
    CompareMode(
        "edges of first",
        "edges of {first} over {second}",
        "Outlines of the first source over the second: the best view to judge alignment",
        lambda seen, block: _edges(seen, block, 0),
        _SENSITIVITY,
        colours="never",
    ),
    CompareMode(
        "edges of second",
        "edges of {second} over {first}",
        "Outlines of the second source over the first",
        lambda seen, block: _edges(seen, block, 1),
        _SENSITIVITY,
        colours="never",
    ),
    DIFFERENCE_MODE,
)
"""In the order in which they are offered."""

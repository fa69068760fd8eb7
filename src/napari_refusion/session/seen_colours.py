"""What the colours mean that are seen, in each cell of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.numerics.colour_maps import colour_table
from napari_refusion.numerics.headroom import legend_table
from napari_refusion.session.compare_state import INVERTED, SOURCES
from napari_refusion.volume.figures import in_figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.fusion.colouring import Legend
    from napari_refusion.fusion.compare_mode import CompareMode
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.session.compare_state import CompareState

ARBITRARY = "a.u."
"""What is said for a unit where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenColours:
    """Which colour stands for which value."""

    table: NDArray[np.float32]
    """(n, 3) in [0, 1], the lowest value first."""
    window: Window
    """The values at its ends, in `unit`."""
    unit: str
    threshold: float | None = None
    """Value below which nothing is seen; None where all values are."""

    @property
    def ends(self) -> tuple[str, str]:
        """The words at the lower and at the upper end."""
        return in_figures(self.window.low), f"{in_figures(self.window.high)} {self.unit}".rstrip()

    @property
    def threshold_words(self) -> str:
        """What is said of the threshold, empty for none."""
        return "" if self.threshold is None else f"≥ {in_figures(self.threshold)}"

    def hidden(self) -> float:
        """Return the part of the bar, in [0, 1], whose colours are not seen."""
        if self.threshold is None:
            return 0.0
        low, high = self.window.low, self.window.high
        return float(np.clip((self.threshold - low) / (high - low), 0.0, 1.0))


def of_result(legend: Legend | None) -> SeenColours | None:
    """Return what the colours of a fused image mean; None where they are grey, or those of a photograph."""
    if legend is None or not legend.palette:
        return None
    return SeenColours(legend_table(legend.palette), legend.window, legend.unit or ARBITRARY, legend.threshold)


def seen_colours(now: CompareState, legend: Legend | None) -> tuple[SeenColours | None, ...]:
    """Return what the colours mean in each cell of a view, one where it is not divided; None for cells in grey.

    Parameters
    ----------
    legend
        Of the fused image that is shown in colours, None where none is.
    """
    if now.partial is not None and now.is_side_by_side:
        return tuple(_of_cell(now, mode, legend) for mode in now.cells())
    mode = now.wanted()
    if mode is None:
        return (of_result(legend),)
    if mode.name in SOURCES and now.turn is None:
        return (_of_cell(now, mode, legend),)
    scale = now.scale() if now.shows_scale() else None
    if scale is None:
        return (None,)
    table = colour_table(scale.colour_map)
    return (SeenColours(table, scale.window, scale.unit or ARBITRARY, scale.threshold),)


def _of_cell(now: CompareState, mode: CompareMode, legend: Legend | None) -> SeenColours | None:
    """Return what the colours of a cell mean that shows one image alone."""
    assert now.partial is not None
    if mode.name == INVERTED:
        volume, window = now.coloured_source()
        return SeenColours(colour_table("grey_inverted"), window, volume.unit or ARBITRARY)
    if mode.name not in SOURCES:
        return of_result(legend)
    side = now.partial.study.sides[SOURCES.index(mode.name)]
    if not side.volume.is_functional or side.volume.is_rgb:
        return None
    return SeenColours(colour_table(now.colour_map), side.window, side.volume.unit or ARBITRARY)

"""The colours of a fused volume: whose they are, and what they mean."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import PALETTES, chroma, mean_chroma, uptake_chroma
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import check_name


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of a coloured result mean."""

    palette: str
    """One of `numerics.colour.PALETTES`; empty where the colours are the source's own."""
    window: Window
    """The values at the palette's ends, in `unit`."""
    unit: str
    source: str
    """Name of the source that the colours belong to."""

    def in_words(self) -> str:
        """Return what the colours mean, as ``hot_metal_blue from 0 to 7.2 SUVbw of FDG``."""
        if not self.palette:
            return f"those of {self.source}"
        unit = self.unit or "in arbitrary units"
        return f"{self.palette} from {self.window.low:.4g} to {self.window.high:.4g} {unit} of {self.source}"


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """Where the colours of a pair's fused volume come from, computed for as much of it as is asked for."""

    legend: Legend
    chroma: Callable[[Any], NDArray[np.float32]]
    """Index into (I, P, L), whatever numpy takes -> Cb and Cr of the voxels there, (..., 2) in [-0.5, 0.5]."""


def choose_colouring(study: Study, palette: str) -> Colouring | None:
    """Return the colours of a study: its own where a source has some, else a palette for uptake, else None for grey.

    Parameters
    ----------
    palette
        For a functional source, one of `numerics.colour.PALETTES`.

    Raises
    ------
    RefusedError
        For an unknown palette.
    """
    check_name("palette", palette, PALETTES)
    members = [(side.volume, side.window) for side in study.sides]
    own = [(volume, window) for volume, window in members if volume.is_rgb]
    if len(own) == 2:
        (one, window), (other, _) = own
        legend = Legend("", window, "", f"{one.name} and {other.name}")
        return Colouring(legend, lambda index: mean_chroma(chroma(one.data[index]), chroma(other.data[index])))
    if own:
        volume, window = own[0]
        return Colouring(Legend("", window, volume.unit, volume.name), lambda index: chroma(volume.data[index]))
    for volume, window in members:
        if volume.is_functional:
            return _by_uptake(volume.data, window, Legend(palette, window, volume.unit, volume.name))
    return None


def _by_uptake(data: NDArray[np.float32], window: Window, legend: Legend) -> Colouring:
    """Return the colours that a palette gives to uptake, (I, P, L) in the legend's unit."""
    return Colouring(legend, lambda index: uptake_chroma(rescale_to_window(data[index], window), legend.palette))

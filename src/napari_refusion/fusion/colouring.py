"""The colours of a fused volume: whose they are, and what they mean."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import chroma, coloured, mean_chroma
from napari_refusion.numerics.colour_maps import COLOUR_MAPS, FUSED_MAPS
from napari_refusion.numerics.headroom import own_on_brightness, uptake_on_brightness, uptake_table
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import check_name, refuse
from napari_refusion.volume.volume import Volume

BRIGHTNESS_KEPT: Final = "brightness kept/1"
"""Exactly the luminance (ITU-R BT.601) of the fused image, and of the hue what exists there: none on black and white.
What has no `Legend.method`, as records of earlier versions, was coloured so."""

HEADROOM: Final = "headroom/1"
"""The order of the fused brightness, and a hue that is seen on black and white as well: see `numerics.headroom`."""


Index: TypeAlias = Any
"""Of voxels in (I, P, L): whatever numpy takes."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of a coloured result mean."""

    palette: str
    """One of `numerics.colour_maps.FUSED_MAPS`; empty where the colours are the source's own."""
    window: Window
    """The values at the palette's ends, in `unit`."""
    unit: str
    source: str
    """Name of the source that the colours belong to."""
    method: str = BRIGHTNESS_KEPT
    """How colours and brightness were brought together: `BRIGHTNESS_KEPT` or `HEADROOM`."""
    threshold: float | None = None
    """Value in `unit` below which uptake has no colour; None where all of it has."""

    def in_words(self) -> str:
        """Return what the colours mean, as ``hot_metal_blue from 0 to 7.2 SUVbw of FDG``."""
        if not self.palette:
            return f"those of {self.source}"
        unit = self.unit or "in arbitrary units"
        words = f"{self.palette} from {self.window.low:.4g} to {self.window.high:.4g} {unit} of {self.source}"
        return words if self.threshold is None else f"{words}, no colour below {self.threshold:.4g}"


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """Where the colours of a pair's fused volume come from, computed for as much of it as is asked for."""

    legend: Legend
    paint: Callable[[NDArray[np.float32], Index], NDArray[np.float32]]
    """Fused brightness (...) in [0, 1] of the voxels at an index into (I, P, L), whatever numpy takes, and this index
    -> their colours, RGB (..., 3) in [0, 1]."""


def check_palette(palette: str) -> None:
    """Refuse a colour map that a fused image cannot be coloured with, and say why.

    Raises
    ------
    RefusedError
        Also for an unknown name.
    """
    known = COLOUR_MAPS.get(palette) if isinstance(palette, str) else None
    if known is not None and known.why_not_fused:
        others = ", ".join(FUSED_MAPS)
        sentence = f"Colour the fused image with one of {others}: not with {palette}, for {known.why_not_fused}."
        raise refuse("palette", sentence, palette)
    check_name("palette", palette, FUSED_MAPS)


def choose_colouring(study: Study, palette: str, threshold: float | None = None) -> Colouring | None:
    """Return the colours of a study: its own where a source has some, else a palette for uptake, else None for grey.

    Colours that stand for values are seen on any brightness; those of photographs give way to it.

    Parameters
    ----------
    palette
        For a functional source, one of `numerics.colour_maps.FUSED_MAPS`.
    threshold
        Value of a functional source, in its unit, below which its uptake has no colour; None for none.

    Raises
    ------
    RefusedError
        For an unknown palette.
    """
    check_palette(palette)
    members = [(side.volume, side.window) for side in study.sides]
    own = [(volume, window) for volume, window in members if volume.is_rgb]
    if len(own) == 2:
        (one, window), (other, _) = own
        legend = Legend("", window, "", f"{one.name} and {other.name}")
        return Colouring(legend, partial(_mean_of_both, one.data, other.data))
    if own:
        return _own(*own[0], is_medical=study.task.is_medical)
    for volume, window in members:
        if volume.is_functional:
            legend = Legend(palette, window, volume.unit, volume.name, HEADROOM, threshold)
            return _by_uptake(volume.data, window, legend)
    return None


def _own(volume: Volume, window: Window, *, is_medical: bool) -> Colouring:
    """Return the colours that the only coloured source has."""
    if is_medical:
        legend = Legend("", window, volume.unit, volume.name, HEADROOM)
        return Colouring(legend, partial(_own_on_any, volume.data))
    legend = Legend("", window, volume.unit, volume.name)
    return Colouring(legend, partial(_own_hue, volume.data))


def _by_uptake(data: NDArray[np.float32], window: Window, legend: Legend) -> Colouring:
    """Return the colours that a palette gives to uptake, (I, P, L) in the legend's unit."""
    uptake_table(legend.palette)  # now, so that the first slice that is drawn need not wait for it
    return Colouring(legend, partial(_uptake, data, window, legend))


# Of the module, and no functions in functions: a result can then go to another process.


def _mean_of_both(
    one: NDArray[np.float32], other: NDArray[np.float32], y: NDArray[np.float32], index: Index
) -> NDArray[np.float32]:
    """Return `Colouring.paint` of two sources in colour, (I, P, L, 3) each."""
    return coloured(y, mean_chroma(chroma(one[index]), chroma(other[index])))


def _own_on_any(data: NDArray[np.float32], y: NDArray[np.float32], index: Index) -> NDArray[np.float32]:
    """Return `Colouring.paint` of colours that stand for values, (I, P, L, 3)."""
    return own_on_brightness(y, data[index])


def _own_hue(data: NDArray[np.float32], y: NDArray[np.float32], index: Index) -> NDArray[np.float32]:
    """Return `Colouring.paint` of the colours of a photograph, (I, P, L, 3)."""
    return coloured(y, chroma(data[index]))


def _uptake(
    data: NDArray[np.float32], window: Window, legend: Legend, y: NDArray[np.float32], index: Index
) -> NDArray[np.float32]:
    """Return `Colouring.paint` of uptake, (I, P, L) in the legend's unit."""
    values = data[index]
    uptake = rescale_to_window(values, window)
    if legend.threshold is not None:
        uptake = np.where(values >= legend.threshold, uptake, np.float32(0))
    return uptake_on_brightness(y, uptake, legend.palette)

"""Colours on a fused brightness from black to white that keep their hue: CIELAB (CIE 15) of sRGB (IEC 61966-2-1).

Black and white have no hue, so a colouring that keeps every brightness loses its colours where a fused image is darkest
and brightest. Here the lightness of white is lowered to `TOP`, for all pixels alike, and that of black is raised where
there is colour, by as much as the colour needs. Of uptake

- the chroma C*ab is `STRONGEST` times the uptake, whatever the brightness, so the uptake can be read from the colour;
- the hue is the palette's;
- at the same uptake brighter stays brighter, and more uptake is never darker.

What has no colour stays grey.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour_maps import colour_table

TOP: Final = 75.0
"""L* of a fused image's white. Above it reds of the chroma that is needed do not exist in sRGB."""

STRONGEST: Final = 46.0
"""C*ab of uptake at the upper end of its window: a tenth of the window changes the colour by 4.6, which is seen. More
does not exist in all hues of `numerics.colour_maps.FUSED_MAPS` at `TOP`."""

LEGEND_BRIGHTNESS: Final = 0.6
"""The fused brightness on which a legend shows the colours."""

_LEVELS: Final = 256
"""Of uptake and of brightness in a table; between levels of brightness it is interpolated."""

_HUES: Final = 360

_HUELESS: Final = 1.0
"""C*ab up to which a palette's colour has no hue of its own."""


def lightness(y: np.ndarray) -> NDArray[np.float32]:
    """Return L* in [0, 100] of grey levels (...) in [0, 1] of sRGB."""
    from skimage.color import rgb2lab

    grey = np.linspace(0.0, 1.0, _LEVELS)
    table = rgb2lab(np.repeat(grey[:, None], 3, axis=1)[None])[0, :, 0]
    return np.interp(y, grey, table).astype(np.float32)


def uptake_ab(values: np.ndarray, palette: str) -> NDArray[np.float64]:
    """Return a* and b*, (..., 2), of uptake (...) in [0, 1] in one of `numerics.colour_maps.FUSED_MAPS`."""
    from skimage.color import rgb2lab

    ab = rgb2lab(colour_table(palette)[None].astype(np.float64))[0, :, 1:]
    strength = np.hypot(*ab.T)
    has_hue = np.flatnonzero(strength > _HUELESS)
    nearest = has_hue[np.abs(np.arange(_LEVELS)[:, None] - has_hue).argmin(axis=1)]
    hue = ab[nearest] / strength[nearest, None]
    level = np.rint(np.clip(values, 0.0, 1.0) * (_LEVELS - 1)).astype(np.int64)
    ab_of_values: NDArray[np.float64] = hue[level] * (STRONGEST * np.clip(values, 0.0, 1.0)[..., None])
    return ab_of_values


def darkest(ab: np.ndarray) -> NDArray[np.float64]:
    """Return the lowest L*, (n,), at which colours with these a* and b*, (n, 2), exist in sRGB; `TOP` for none."""
    # below this, Z would be negative
    low, high = np.maximum(116 * ab[:, 1] / 200 - 16, 0.0), np.full(len(ab), TOP)
    low = np.minimum(low + 1e-6, TOP)
    bottom = exists(np.column_stack([low, ab]))
    for _ in range(20):
        middle = (low + high) / 2
        there = exists(np.column_stack([middle, ab]))
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return np.where(bottom, np.minimum(low, high), high)


def exists(lab: np.ndarray) -> NDArray[np.bool_]:
    """Return which colours, L*, a* and b* (n, 3), sRGB has: those that come back from it."""
    from skimage.color import lab2rgb, rgb2lab

    back = rgb2lab(lab2rgb(lab[None]))[0]
    there: NDArray[np.bool_] = np.abs(back - lab).max(axis=1) < 0.05
    return there


@cache
def uptake_table(palette: str) -> NDArray[np.float32]:
    """Return the colours of uptake in a palette on any brightness, RGB (256, 256, 3) in [0, 1], read-only.

    The first axis is the uptake, the second the fused brightness, each from 0 to 1.
    """
    from skimage.color import lab2rgb

    level = np.linspace(0.0, 1.0, _LEVELS)
    ab = uptake_ab(level, palette)
    floor = np.maximum.accumulate(darkest(ab))
    lab = np.empty((_LEVELS, _LEVELS, 3))
    lab[..., 0] = _between(floor[:, None], lightness(level)[None])
    lab[..., 1:] = ab[:, None]
    table = lab2rgb(lab).astype(np.float32)
    table.setflags(write=False)
    return table


def legend_table(palette: str) -> NDArray[np.float32]:
    """Return the colours of uptake from 0 to 1 on `LEGEND_BRIGHTNESS`, (256, 3) in [0, 1]."""
    return uptake_on_brightness(np.full(_LEVELS, LEGEND_BRIGHTNESS), np.linspace(0.0, 1.0, _LEVELS), palette)


def uptake_on_brightness(y: np.ndarray, uptake: np.ndarray, palette: str) -> NDArray[np.float32]:
    """Return RGB, (..., 3) in [0, 1], of a fused brightness and an uptake, both (...) in [0, 1]."""
    table = uptake_table(palette)
    level = np.rint(np.clip(uptake, 0.0, 1.0) * (_LEVELS - 1)).astype(np.intp)
    place = np.clip(y, 0.0, 1.0).astype(np.float32) * (_LEVELS - 1)
    below = np.minimum(place.astype(np.intp), _LEVELS - 2)
    low, high = table[level, below], table[level, below + 1]
    rgb: NDArray[np.float32] = low + (place - below).astype(np.float32)[..., None] * (high - low)
    return rgb


def own_on_brightness(y: np.ndarray, rgb: np.ndarray) -> NDArray[np.float32]:
    """Return RGB, (..., 3) in [0, 1], of a fused brightness (...) in [0, 1] with hue and chroma of colours (..., 3).

    A chroma that does not exist at `TOP` is weakened to what does, whatever the brightness.
    """
    from skimage.color import lab2rgb, rgb2lab

    ab = rgb2lab(np.clip(rgb, 0.0, 1.0))[..., 1:]
    floor, room = _own_tables()
    strength = np.hypot(ab[..., 0], ab[..., 1])
    hue = np.rint(np.degrees(np.arctan2(ab[..., 1], ab[..., 0]))).astype(np.intp) % _HUES
    kept = np.minimum(strength, room[hue])
    lab = np.empty((*strength.shape, 3), np.float32)
    lab[..., 0] = _between(floor[hue, np.ceil(kept).astype(np.intp)], lightness(y))
    lab[..., 1:] = ab * np.divide(kept, strength, out=np.ones_like(strength), where=strength > 0)[..., None]
    return lab2rgb(lab).astype(np.float32)


@cache
def _own_tables() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest L* of each hue, in degrees, and chroma, in steps of 1, (360, 128); and the chroma at `TOP`."""
    chroma, hue = np.meshgrid(np.arange(128.0), np.radians(np.arange(_HUES)))
    ab = np.stack([chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1).reshape(-1, 2)
    there = exists(np.column_stack([np.full(len(ab), TOP), ab])).reshape(chroma.shape)
    floor = np.maximum.accumulate(darkest(ab).reshape(chroma.shape), axis=1)
    return floor, there.sum(axis=1) - 1.0


def _between(floor: np.ndarray, given: np.ndarray) -> NDArray[np.float64]:
    """Return the lightness shown for a lightness in [0, 100]: from `floor` for black to `TOP` for white."""
    shown: NDArray[np.float64] = floor + (TOP - floor) * given / 100
    return shown

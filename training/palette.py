"""Uptake from pseudo-colour: the palettes of the Whole Brain Atlas, inverted.

PET and SPECT of the Whole Brain Atlas are published in colours whose luminance does not rise with the uptake: in the
first palette yellow, the middle, is brighter than the red and magenta above it, so a smooth hot spot becomes a bright
ring around a dark core. Both palettes are straight lines between a few colours, which were measured in the images
(lossless ones lie within 1 level of the first palette and 3 levels of the second); a colour's place along them is the
uptake.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.volume import Volume

PALETTES: Final = {
    "blue-yellow-magenta": np.array(
        [
            (0.0, 0, 0, 0),
            (15 / 127, 0, 0, 123),
            (31 / 127, 0, 85, 255),
            (63 / 127, 255, 255, 0),
            (95 / 127, 255, 0, 0),
            (1.0, 255, 0, 255),
        ]
    ),
    "teal-purple-orange": np.array(
        [
            (0.0, 0, 0, 0),
            (0.146, 41.5, 72.5, 74.5),
            (0.359, 82.5, 0, 143.5),
            (0.569, 190, 90, 121),
            (0.807, 255, 114, 0),
            (1.0, 255, 222, 255),
        ]
    ),
}
"""Corners of the palettes, (K, 4): uptake from 0 to 1; red, green and blue from 0 to 255, straight lines in between.

The second palette is found with 92, 72 and 41 levels in the images, which agree on its corners to 0.007.
"""

GREY: Final = 25
"""Levels; an image whose red, green and blue nowhere differ by more is grey, whatever compression did to it."""

KNOWN: Final = 20.0
"""Levels; images in one of the palettes lie nearer to it on average (JPEG at most 6.2), photographs 40 or more away."""


def values(volume: Volume, path: Path, uptake: str) -> NDArray[np.float32]:
    """Return what is trained on, (I, P, L): the values of a grey volume, luminance or uptake of a coloured one.

    Parameters
    ----------
    path
        The file, to be named in an error.
    uptake
        ``luminance`` or ``palette``, see `recipe.Recipe.uptake`.

    Raises
    ------
    ValueError
        If the colours belong to no known palette.
    """
    if uptake == "luminance" or not volume.is_rgb or np.ptp(volume.data, axis=-1).max() * 255 <= GREY:
        return volume.grey
    position, distance = invert(volume.data)
    if distance > KNOWN:
        raise ValueError(
            f"{path}: its colours are of no known palette (on average {distance:.0f} of 255 levels away from the "
            f'nearest): train on its luminance (uptake = "luminance").'
        )
    return position


def invert(rgb: np.ndarray) -> tuple[NDArray[np.float32], float]:
    """Return the uptake, (...) in [0, 1], that colours (..., 3) in [0, 1] stand for, and how far they are from it.

    The palette is the one that the image as a whole is nearer to; a colour beside it counts as its nearest point.
    The distance is the mean over all colours that are not black, in levels from 0 to 255.
    """
    levels = np.round(rgb.reshape(-1, 3) * 255).astype(np.uint32)
    packed = levels[:, 0] << 16 | levels[:, 1] << 8 | levels[:, 2]
    different = np.unique(packed)  # a slice has about a hundred colours, and 65536 pixels
    index = np.searchsorted(different, packed)
    colours = np.stack([different >> 16, different >> 8 & 255, different & 255], axis=-1).astype(np.float64)
    weights = np.bincount(index) * (colours.max(axis=1) > 4)
    best, least = np.zeros(len(colours)), np.inf
    for palette in PALETTES.values():
        position, distance = nearest(colours, palette)
        mean = float((distance * weights).sum() / max(weights.sum(), 1))
        if mean < least:
            best, least = position, mean
    return best[index].reshape(rgb.shape[:-1]).astype(np.float32), least


def nearest(colours: np.ndarray, palette: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the uptake, (N), at the nearest point of a palette, (K, 4), and the distance to it, (N), in levels."""
    starts, steps = palette[:-1], np.diff(palette, axis=0)
    along = ((colours[:, None] - starts[:, 1:]) * steps[:, 1:]).sum(axis=2) / (steps[:, 1:] ** 2).sum(axis=1)
    points = starts + np.clip(along, 0.0, 1.0)[..., None] * steps
    distances = np.linalg.norm(colours[:, None] - points[..., 1:], axis=2)
    chosen = distances.argmin(axis=1), np.arange(len(colours))
    return points[chosen[1], chosen[0], 0], distances[chosen[1], chosen[0]]

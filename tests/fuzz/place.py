"""Where the voxels of a volume lie, and whether that changed."""

from dataclasses import dataclass

import numpy as np

from napari_refusion.volume.volume import Volume

TOLERANCE = 0.1
"""Millimetres at the corners."""


@dataclass(frozen=True, slots=True)
class Place:
    """Shape and affine of a volume as read, and what was noticed about it."""

    shape: tuple[int, ...]
    affine: np.ndarray
    rules: frozenset[tuple[str, str]]
    """Level and rule of every finding that is no mere confirmation; ``series`` says what else is in the folder."""


def place_of(volume: Volume) -> Place:
    """Return the place of a volume."""
    said = frozenset((one.level, one.rule) for one in volume.findings if one.level != "ok" or one.rule == "series")
    return Place(volume.shape, volume.affine, said)


def unnoticed(before: Place, after: Place) -> str:
    """Return in words how the place changed without a finding that was not there before; empty where it did not."""
    if after.rules - before.rules:
        return ""
    if after.shape != before.shape:
        return f"shape {before.shape} became {after.shape}"
    corners = np.array([[*(index * (np.array(before.shape) - 1)), 1] for index in np.ndindex(2, 2, 2)])
    moved = np.abs(corners @ (before.affine - after.affine).T).max()
    return f"a corner moved by {moved:.3g} mm" if not moved <= TOLERANCE else ""

"""A synthetic head: what each modality would measure at any place in it.

Everything is a function of the place in RAS+ millimetres (x towards the patient's right, y anterior, z superior), so
images on any grid, oblique or not, show the very same head. Origin: the middle of the brain.
"""

from typing import NamedTuple

import numpy as np

from sample_data.brain import paint_brain
from sample_data.head import cranium, paint_head, surface
from sample_data.shapes import Array, ellipsoid, fill


class Landmark(NamedTuple):
    """A ball of abnormal tissue."""

    centre: tuple[float, float, float]
    """RAS+ mm."""
    radius: float
    """mm."""


HOT_FOCUS = Landmark((27.0, 30.0, 17.0), 6.0)
"""PET and SPECT only: high uptake in the white matter of the patient's RIGHT frontal lobe."""

CALCIFICATION = Landmark((-29.0, -14.0, 27.0), 4.0)
"""CT only: chalk in the white matter of the patient's LEFT hemisphere."""

PLAQUE = Landmark((30.0, -40.0, 29.0), 4.5)
"""MRI only: a patch in the white matter of the patient's RIGHT parietal lobe."""

MODALITIES = ("T1", "T2", "CT", "PET", "SPECT")
"""The columns of `TISSUES`: T1- and T2-weighted signal (0 to 1000), HU, SUVbw (g/ml), counts."""

TISSUES: dict[str, tuple[float, float, float, float, float]] = {
    "outside": (0, 0, -1000, 0, 0),
    "skin": (420, 300, 30, 0.8, 8),
    "fat": (880, 560, -85, 0.4, 4),
    "muscle": (340, 210, 55, 0.9, 10),
    "fascia": (640, 400, -20, 0.6, 6),
    "bone": (50, 40, 1150, 0.5, 4),
    "diploe": (480, 330, 620, 0.9, 6),
    "orbit fat": (840, 540, -85, 0.4, 4),
    "eye muscle": (380, 230, 50, 1.6, 12),
    "eye wall": (420, 260, 45, 0.8, 8),
    "vitreous": (150, 930, 10, 0.4, 3),
    "lens": (400, 180, 75, 0.4, 3),
    "nerve": (600, 400, 32, 1.5, 10),
    "air": (5, 5, -1000, 0.1, 0),
    "dura": (250, 200, 60, 0.8, 8),
    "fluid": (150, 900, 8, 0.5, 5),
    "grey": (480, 540, 37, 8.0, 100),
    "white": (720, 350, 28, 3.0, 35),
    "stem": (660, 390, 29, 4.0, 45),
    "thalamus": (590, 440, 36, 8.0, 95),
    "caudate": (500, 500, 38, 9.0, 100),
    "putamen": (520, 480, 38, 9.5, 105),
    "pallidum": (620, 360, 38, 6.0, 75),
    "ventricle": (140, 930, 6, 0.4, 4),
    "hot focus": (720, 350, 28, 12.0, 180),
    "plaque": (540, 620, 28, 3.0, 35),
    "calcification": (720, 350, 420, 3.0, 35),
}
"""Tissue -> what each of `MODALITIES` measures in it, without noise and blur.

The hot focus is white matter to MRI and CT, the calcification to MRI, PET and SPECT, the plaque to all but MRI.
"""


def ball(points: Array, landmark: Landmark) -> Array:
    """Return how much of a voxel a landmark fills, (N,) in [0, 1]."""
    return fill(ellipsoid(points, landmark.centre, (landmark.radius,) * 3))


def measure(points: Array, modality: str) -> Array:
    """Return what a modality measures at points (N, 3) in RAS+ mm, (N,), in the unit of `MODALITIES`.

    Layers of tissue are laid over each other from outside to inside, each hiding by its coverage what lies below: a
    voxel at an edge gets the mixture that it holds.
    """
    column = MODALITIES.index(modality)
    vault = cranium(points)
    near = surface(points, vault) < 2.0
    inside = points[near]
    layers: dict[str, Array] = {}
    space = paint_head(inside, vault[near], layers)
    paint_brain(inside, space, layers)
    layers["hot focus"] = ball(inside, HOT_FOCUS)
    layers["plaque"] = ball(inside, PLAQUE)
    layers["calcification"] = ball(inside, CALCIFICATION)
    signal = np.full(len(inside), float(TISSUES["outside"][column]))
    for tissue, coverage in layers.items():
        signal += coverage * (TISSUES[tissue][column] - signal)
    whole = np.full(len(points), float(TISSUES["outside"][column]))
    whole[near] = signal
    return whole

"""Thermal targets: people and engines that infrared shows bright, and how much of their contrast is kept."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, find_objects, gaussian_filter, grey_opening, label

from training.tables import Row

BROAD: Final = 41
"""Pixels along the side of a square that fits into no target, but into a warm wall or a road."""

BRIGHTER: Final = 0.3
"""How much brighter than its surroundings a target is."""

SMALLEST: Final = 40
"""Pixels."""

LARGEST: Final = 2500
"""Pixels; a person of 30 x 80 pixels is a target."""

COMPACT: Final = 0.4
"""Smallest part of its bounding box that a target fills; a kerb or a cable fills less."""

GAP: Final = 2
"""Pixels around a target that belong to neither side: its edge is blurred."""

RING: Final = 7
"""Pixels around a target where its surroundings end."""

FAINT: Final = 0.1
"""Smallest contrast of a target against its ring."""

Image = NDArray[np.float64]


def target_figures(infrared: Image, fused: Image) -> Row:
    """Return the mean part of the targets' contrast that the fused image has; NaN without a target.

    Contrast is the mean in the target less that of the ring around it, of the fused image over that of infrared: 1 if
    targets stand out as in infrared, 0 if not at all.

    Parameters
    ----------
    infrared, fused
        (H, W) in [0, 1].
    """
    kept = []
    for target in find_targets(infrared):
        ring = binary_dilation(target, iterations=RING) & ~binary_dilation(target, iterations=GAP)
        if not ring.any():
            continue
        contrast = infrared[target].mean() - infrared[ring].mean()
        if contrast > FAINT:
            kept.append((fused[target].mean() - fused[ring].mean()) / contrast)
    return {"targets_kept": float(np.mean(kept)) if kept else math.nan}


def find_targets(infrared: Image) -> Iterator[NDArray[np.bool_]]:
    """Yield the masks, (H, W), of compact places that are brighter than their surroundings, by a top-hat transform.

    The surroundings are the opening by a square that fits into no target (Serra, Image Analysis and Mathematical
    Morphology, 1982).
    """
    smooth = gaussian_filter(infrared, 1.0)
    bright = smooth - grey_opening(smooth, size=(BROAD, BROAD)) > BRIGHTER
    labels, _ = label(bright)
    for index, box in enumerate(find_objects(labels), start=1):
        inside = labels[box] == index
        if SMALLEST <= inside.sum() <= LARGEST and inside.mean() >= COMPACT:
            yield labels == index

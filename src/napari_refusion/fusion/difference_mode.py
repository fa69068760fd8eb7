"""The difference of two images of one quantity, as a way to compare them."""

from __future__ import annotations

from typing import Final

import numpy as np

from napari_refusion.fusion.compare_mode import CompareMode, Rgb, Scale, Slider
from napari_refusion.fusion.comparison import Block, Comparison, source_names
from napari_refusion.numerics.difference import DIFFERENCE, signed_colours
from napari_refusion.numerics.intensity import Window

_LEAST: Final = 0.02
"""Of full colours, as a part of the window: at 0 all noise would be in full colours."""


def full_colour(seen: Comparison) -> float:
    """Return the difference from which on it is shown in full colour, in the unit of both sources."""
    span = max(window.high - window.low for window in seen.partial.study.windows)
    return max(seen.amount, _LEAST) * span


def _difference(seen: Comparison, block: Block) -> Rgb:
    """Return b minus a, in colours that are symmetric about 0."""
    study = seen.partial.study
    a, b = (side.volume.data[block] for side in study.sides)
    return signed_colours((b - a) / np.float32(full_colour(seen)), study.covered[block])


def _in_words(seen: Comparison) -> str:
    return f"{full_colour(seen):.3g} {seen.partial.study.a.volume.unit}".rstrip()


def _scale(seen: Comparison) -> Scale:
    limit = full_colour(seen)
    first, second = source_names(seen.partial)
    tip = f"{second} minus {first}; grey where only one of them has data"
    return Scale(DIFFERENCE, Window(-limit, limit), seen.partial.study.a.volume.unit, tip)


DIFFERENCE_MODE: Final = CompareMode(
    "difference",
    "difference: {second} minus {first}",
    "The values of the second source minus those of the first, in their unit: for two images of one kind",
    _difference,
    Slider(
        "Blue: {second} is lower, orange: higher; full colours from {amount}",
        "small differences in full colours",
        "only large differences",
        reading=_in_words,
    ),
    colours="never",
    is_for=lambda study: study.has_difference,
    scale=_scale,
)

"""What a way to compare two sources consists of; `compare_modes` has the table of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.comparison import Block, Comparison
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.study import Study

Rgb = NDArray[np.float32]
"""(i, p, l, 3) in [0, 1]."""


def in_percent(seen: Comparison) -> str:
    """Return the place of the slider in percent."""
    return f"{100 * seen.amount:.0f}%"


def any_pair(_study: Study) -> bool:
    """Return that a mode is for every pair."""
    return True


@dataclass(frozen=True, slots=True)
class Scale:
    """Which colour stands for which value."""

    colour_map: str
    """As `numerics.colour_maps.colour_table` takes it."""
    window: Window
    unit: str
    """Empty for arbitrary units."""
    tip: str
    """What the values are."""
    threshold: float | None = None
    """Value in `unit` below which nothing is seen of the source; None where all of it is."""


@dataclass(frozen=True, slots=True)
class Slider:
    """What a mode's slider sets."""

    meaning: str
    """What its place means, with ``{amount}``, ``{rest}`` (in percent) and the words of `comparison.words_of`."""
    low: str
    """What is seen at 0."""
    high: str
    """What is seen at 1."""
    default: float = 0.5
    """In [0, 1]."""
    reading: Callable[[Comparison], str] = in_percent
    """Returns ``{amount}``, with its unit."""


@dataclass(frozen=True, slots=True)
class CompareMode:
    """One way to make one picture of two sources."""

    name: str
    """Also the marker in the layer's metadata."""
    title: str
    """With the words of `comparison.words_of`, begins in lower case."""
    help: str
    compose: Callable[[Comparison, Block], Rgb]
    """Returns the picture of the voxels of a block."""
    slider: Slider | None = None
    colours: Literal["functional", "always", "never"] = "functional"
    """Whose colour map is seen: that of a functional source, that of source 0 if there is none, or none."""
    key: str = ""
    """The key that chooses this mode, empty for none: the modes follow each other on one key."""
    follows_view: bool = False
    """Whether the picture depends on which axis runs from left to right on the screen."""
    is_for: Callable[[Study], bool] = any_pair
    """Whether it can be made of a pair."""
    scale: Callable[[Comparison], Scale] | None = None
    """Its own colours; None where the colours are those of a source."""
    has_threshold: bool = False
    """Whether a functional source is transparent where it is low."""
    is_listed: bool = True
    """Whether it is offered; what is not is only seen side by side."""
    cell: str = ""
    """What it is called side by side, with the words of `comparison.words_apart`; empty where it never stands there."""

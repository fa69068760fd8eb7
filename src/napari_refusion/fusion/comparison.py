"""Two sources that are compared: how each is displayed, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.colour import luminance
from napari_refusion.numerics.compare import as_rgb, map_colours
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.study.study import Study
from napari_refusion.volume.volume import Volume

Block = tuple[slice, slice, slice]
"""Which voxels of (I, P, L) are asked for."""

_TRANSPARENT: Final = 0.05
"""Part of a functional source's window that is transparent in an overlay: the lowest one, which is no uptake."""

_LONGEST_NAME: Final = 18
"""Characters; more would not fit into the list of modes."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two sources with their windows, and the settings with which a `CompareMode` makes one picture of them."""

    partial: PartialFusion
    amount: float = 0.5
    """Place of the mode's slider, in [0, 1]."""
    colour_map: str = "grey"
    """Of the functional source, one of `numerics.colour_maps.COLOUR_MAPS`."""
    axis: int = 2
    """Array axis that runs from left to right on the screen."""
    threshold: float | None = None
    """Value of the functional source, in its unit, below which an overlay is transparent; None for the usual one."""

    def shows_function(self, block: Block) -> NDArray[np.bool_] | bool:
        """Return where the functional source is not transparent in an overlay, (i, p, l); True where neither is one."""
        usual = usual_threshold(self.partial.study)
        if usual is None:
            return True
        volume = self.partial.study.sides[functional_source(self.partial.study)].volume
        values = volume.data[block]
        shown: NDArray[np.bool_] = (luminance(values) if volume.is_rgb else values) >= (
            usual if self.threshold is None else self.threshold
        )
        return shown

    def grey(self, source: int, block: Block) -> NDArray[np.float32]:
        """Return source 0 or 1 in its window, (i, p, l) in [0, 1]; colours count by their luminance."""
        side = self.partial.study.sides[source]
        return grey_levels(side.volume, side.window, block)

    def colours(self, source: int, block: Block, *, always: bool = False) -> NDArray[np.float32]:
        """Return source 0 or 1 as it is displayed, (i, p, l, 3) in [0, 1].

        Parameters
        ----------
        always
            Whether the colour map is used even if neither source shows function.
        """
        study = self.partial.study
        side = study.sides[source]
        # two of one kind that are compared on one scale are seen in the same colours
        is_one_scale = study.is_comparison and study.has_difference
        has_colours = is_one_scale or source == functional_source(study)
        is_mapped = has_colours and (side.volume.is_functional or always)
        return displayed(side.volume, side.window, block, self.colour_map if is_mapped else "")


def grey_levels(volume: Volume, window: Window, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - as numpy's
    """Return the voxels at an index into (I, P, L) in a window, (...) in [0, 1]; colours count by their luminance."""
    values = volume.data[index]
    return rescale_to_window(luminance(values) if volume.is_rgb else values, window)


def displayed(
    volume: Volume,
    window: Window,
    index: Any,  # noqa: ANN401 - as numpy's
    colour_map: str = "",
) -> NDArray[np.float32]:
    """Return the voxels at an index into (I, P, L) as they are displayed, RGB (..., 3) in [0, 1].

    Parameters
    ----------
    colour_map
        One of `numerics.colour_maps.COLOUR_MAPS`, empty for all levels of grey. A volume that holds colours shows
        these.
    """
    if volume.is_rgb:
        return np.clip(volume.data[index], 0.0, 1.0).astype(np.float32, copy=False)
    grey = grey_levels(volume, window, index)
    return map_colours(grey, colour_map) if colour_map else as_rgb(grey)


def usual_threshold(study: Study) -> float | None:
    """Return the value below which a functional source is transparent unless another is chosen; None without one."""
    if study.functional is None:
        return None
    window = study.functional.window
    return window.low + _TRANSPARENT * (window.high - window.low)


def functional_source(study: Study) -> int:
    """Return which source a colour map is for: 1 where only b shows function, else 0."""
    return int(study.functional is study.b)


def source_names(partial: PartialFusion) -> tuple[str, str]:
    """Return short names of both sources, different from each other; of photographs what the task calls them."""
    if not partial.study.task.is_medical:
        return partial.study.task.sources
    names = [side.volume.name or side.volume.word for side in partial.study.sides]
    first, second = map(_shortened, names)
    if first == second and names[0] != names[1]:
        # two examinations of one kind, as before and after treatment: what they have in common tells nothing
        first, second = map(_shortened, _what_differs(*(re.split(r"[\s_]+", name) for name in names)))
    first, second = first or "first source", second or "second source"
    return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")


def words_of(partial: PartialFusion | None) -> dict[str, str]:
    """Return what titles of modes are filled in with: names of the ``first``, ``second``, ``coloured``, ``grey`` one.

    Without a partial fusion, the sources have no names yet.
    """
    names = ("first source", "second source") if partial is None else source_names(partial)
    coloured = 0 if partial is None else functional_source(partial.study)
    return {"first": names[0], "second": names[1], "coloured": names[coloured], "grey": names[1 - coloured]}


def words_apart(partial: PartialFusion) -> dict[str, str]:
    """Return names of the ``first``, the ``second`` and the ``coloured`` source that begin with what tells them apart.

    A narrow cell shows the beginning of a name only.
    """
    first, second = source_names(partial)
    names = [side.volume.name for side in partial.study.sides]
    if partial.study.task.is_medical and all(names) and names[0] != names[1]:
        words = [re.split(r"[\s_]+", name) for name in names]
        # the last word stays, also of a name that the other one only continues
        begin = next(
            (k for k, (one, other) in enumerate(zip(*words, strict=False)) if one != other), min(map(len, words)) - 1
        )
        first, second = (" ".join(one[begin:]) for one in words)
    return {"first": first, "second": second, "coloured": (first, second)[functional_source(partial.study)]}


def _what_differs(first: list[str], second: list[str]) -> tuple[str, str]:
    """Return the words of two names without those that both begin and end with, at least one of each name."""
    least = min(len(first), len(second))
    begin = next((k for k in range(least) if first[k] != second[k]), least)
    end = next((k for k in range(least - begin) if first[-1 - k] != second[-1 - k]), least - begin)
    if begin + end == least:
        begin = max(begin - 1, 0)  # one of them has nothing of its own
    return " ".join(first[begin : len(first) - end]), " ".join(second[begin : len(second) - end])


def _shortened(name: str) -> str:
    """Return a name with its middle left out where it is long: both its ends tell what it is."""
    half = (_LONGEST_NAME - 1) // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"

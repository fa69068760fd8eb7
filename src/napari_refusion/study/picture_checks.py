"""Whether two photographs are what their task takes: two exposures, two focuses, infrared with visible light."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.tasks import Task
from napari_refusion.numerics.intensity import rescale_to_window
from napari_refusion.numerics.metrics.similarity import correlation
from napari_refusion.study.study import Side, is_same_file
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.moving_parts import moved_parts
from napari_refusion.volume.registration.pictures import picture_findings
from napari_refusion.volume.volume import Volume

SAME_EXPOSURE: Final = 0.05
"""Difference of mean brightness, of 1, below which two pictures were exposed alike: at most 0.046 in 90 pairs of near
and far focus, at least 0.208 in 111 pairs of exposures."""

SAME_RATIO: Final = 1.15
"""The same as a ratio, for pictures that are nearly black: at most 1.10 in those of two focuses, at least 1.75 in
exposures."""

OTHER_EXPOSURE: Final = 0.1
"""From it on they were not."""

SAME_PICTURE: Final = 0.015
"""Root mean square difference of brightness below which two pictures are one: at least 0.026 in 90 pairs of near and
far focus; a JPEG of good quality differs from its original by less than 0.01."""

SAME_LIGHT: Final = 0.95
"""Correlation of brightness from which two pictures are of the same light: at most 0.72 in 247 pairs of infrared and
visible light, 0.95 half of the time in near and far focus."""


Picture = NDArray[np.float32]
"""(rows, columns), 0 to 1 in its window."""


def photographs(task: Task, a: Side, b: Side) -> tuple[Finding, ...]:
    """Return what is noticed about two photographs of one size, all pixels finite, in the order of their task."""
    a, b = _told_apart(task, a, b)
    found = [_scan(task, side.volume) for side in (a, b) if side.volume.modality or side.volume.shape[0] > 1]
    if a.volume.shape[0] > 1 or is_same_file(a.source, b.source):
        return tuple(found)
    one, other = (rescale_to_window(side.volume.grey[0], side.window) for side in (a, b))
    if (difference := _of_one_picture(one, other)) is not None:
        return (*found, _one_picture(a.volume, b.volume, difference))
    if task.name in _OF_TASK:
        found += _OF_TASK[task.name](a.volume, b.volume, one, other)
    laid = picture_findings(a.volume, b.volume)
    # of a picture that lies elsewhere as a whole every part does
    stood = laid[0].level == "ok" and not task.has_overlay
    return (*found, *laid, *(moved_parts(one, other, (a.volume.title, b.volume.title)) if stood else ()))


def _told_apart(task: Task, a: Side, b: Side) -> tuple[Side, Side]:
    """Return two sides whose volumes are called what the task calls them, too, where their names do not differ."""
    if a.volume.title != b.volume.title:
        return a, b
    one, other = (
        replace(side, volume=replace(side.volume, name=f"{side.volume.title} ({word})"))
        for side, word in zip((a, b), task.sources, strict=True)
    )
    return one, other


def _scan(task: Task, volume: Volume) -> Finding:
    what = f"{volume.word} by its file" if volume.modality else f"a volume of {volume.shape[0]} slices"
    sentence = (
        f"Choose the task for scans, or another picture: {volume.title} is {what}, and the weights for {task.title} "
        "were trained on photographs."
    )
    return Finding("warn", "modality", sentence, what)


def _of_one_picture(one: Picture, other: Picture) -> float | None:
    """Return the root mean square difference of what is one picture twice; None of two pictures."""
    difference = float(np.sqrt(np.mean((one - other) ** 2, dtype=np.float64)))
    spread = float(np.std(one, dtype=np.float64))
    return difference if difference < min(SAME_PICTURE, spread / 4) else None


def _one_picture(a: Volume, b: Volume, difference: float) -> Finding:
    sentence = (
        f"Choose the other picture for one of them: {a.title} and {b.title} are one and the same, their brightness "
        f"differs by {difference:.3f} of 1 only."
    )
    return Finding("warn", "same file", sentence, f"{difference:.3f}")


def _of_lights(a: Volume, b: Volume, one: Picture, other: Picture) -> list[Finding]:
    """Return what is noticed about an infrared picture and one of visible light."""
    found = []
    if a.is_rgb:
        exchanged = "" if b.is_rgb else f" If {b.title} is the infrared picture, exchange both."
        sentence = (
            f"Use the grey infrared picture if there is one: {a.title} holds colours, and what is fused is their "
            f"luminance, which may not follow the temperatures that they stand for.{exchanged}"
        )
        found.append(Finding("warn", "colours", sentence, "RGB"))
    alike = correlation(one.astype(np.float64), other.astype(np.float64))
    if alike > SAME_LIGHT:
        sentence = (
            f"Check that one of them is infrared: {a.title} and {b.title} are bright and dark in the same places "
            f"(correlation {alike:.2f}), as two pictures of the same light."
        )
        found.append(Finding("warn", "source", sentence, f"{alike:.2f}"))
    return found


def _of_focuses(a: Volume, b: Volume, one: Picture, other: Picture) -> list[Finding]:
    """Return what is noticed about two pictures of two focuses."""
    low, high = sorted(_brightness(one, other))
    if high - low <= OTHER_EXPOSURE:
        return []
    sentence = (
        f"Check that {a.title} and {b.title} differ in their focus alone: their mean brightness is {low:.2f} and "
        f"{high:.2f} of 1, as in two exposures."
    )
    return [Finding("warn", "source", sentence, f"{low:.2f} and {high:.2f}")]


def _of_exposures(a: Volume, b: Volume, one: Picture, other: Picture) -> list[Finding]:
    """Return what is noticed about an under- and an over-exposed picture."""
    under, over = _brightness(one, other)
    value = f"{under:.2f} and {over:.2f}"
    low, high = sorted((under, over))
    if high - low < SAME_EXPOSURE and high < SAME_RATIO * low:
        sentence = (
            f"Check that {a.title} and {b.title} are two exposures: their mean brightness is {under:.2f} and "
            f"{over:.2f} of 1."
        )
        return [Finding("warn", "source", sentence, value)]
    if over < under:
        sentence = (
            f"Exchange both pictures, for each is called what the other is: {a.title}, given as under-exposed, is "
            f"brighter ({under:.2f} of 1) than {b.title} ({over:.2f})."
        )
        return [Finding("warn", "source", sentence, value)]
    return []


def _brightness(one: Picture, other: Picture) -> tuple[float, float]:
    """Return the mean brightness of both."""
    first, second = (float(np.mean(picture, dtype=np.float64)) for picture in (one, other))
    return first, second


_OF_TASK: Final[Mapping[str, Callable[[Volume, Volume, Picture, Picture], list[Finding]]]] = MappingProxyType(
    {"infrared_visible": _of_lights, "multi_focus": _of_focuses, "multi_exposure": _of_exposures}
)
"""Task -> what is noticed about two pictures that are given to it."""

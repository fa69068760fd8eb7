"""Numbers of one fused slice that hint at trouble, each with what it can see and what it cannot."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.maps import FULL, SATURATED
from napari_refusion.numerics.recovery import recovered
from napari_refusion.volume.rule import Check

Slice = NDArray[np.float32]
"""(H, W)."""

FOREGROUND: Final = 0.05
"""Of a windowed source in [0, 1]; a pixel is foreground where either source is above."""

UNCHANGED: Final = 0.02
"""Of a windowed source; tissue that changes by less from slice to slice is the same tissue."""

FEWEST_PIXELS: Final = 50
"""Of the same tissue in two slices; with fewer a median says little."""

FLAT: Final = 0.1
"""Standard deviation of a windowed source over the foreground; below it no recoverable part is told.

Where a source is faint the other one outshines it in any fusion: in such slices of the head phantom either 2 to 18 % of
PET are recovered, or 57 to 71 %, all of which MRI happens to share; in its median slice 45 %. A window so wide that
all slices are below shows in their `occupied` numbers."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number. Its texts say ``source a`` and ``source b``; see `named`."""

    title: str
    """In the middle of a sentence, so without a capital."""
    sees: str
    """What it shows, one sentence."""
    misses: str
    """What it cannot show, one sentence."""
    direction: Literal["above", "below"]
    """On which side of its limits it is bad."""
    check: Check
    """What it counts for; never Geometry or Registration, which findings and the reader decide."""
    of_case: Literal["worst slice", "best slice", "count"] = "worst slice"
    """How slices add up to a case. ``best slice``: one slice by itself says nothing, only that none is better.
    ``count``: slices have no such number."""
    is_share: bool = True
    """Whether it is a share, written in percent."""

    def words(self, value: float) -> str:
        """Return a value as it is written: ``6.1 %``, ``0.061``, ``3``, or ``not run`` for NaN."""
        if np.isnan(value):
            return "not run"
        if self.of_case == "count":
            return f"{value:.0f}"
        return f"{100 * value:.1f} %" if self.is_share else f"{value:.3f}"


def _each_source() -> Iterator[tuple[str, Indicator]]:
    """Yield the indicators that both sources have."""
    for letter in ("a", "b"):
        source = f"source {letter}"
        yield (
            f"recovered_{letter}",
            Indicator(
                f"recoverable part of {source}",
                f"How much of {source} a linear function of the fused image gives back: little where the other source "
                f"drowned it.",
                "What a source shares with the other one counts even if only the other one was fused. A lesion is too "
                "small to change it, faint slices are not judged, and a shifted or mirrored source is not seen.",
                "below",
                "Intensity",
            ),
        )
        yield (
            f"residual_{letter}",
            Indicator(
                f"unrecovered brightness of {source}",
                f"The mean difference of {source} from what the network R rebuilds of it from the fused image.",
                "R can invent what it saw in training, and a shifted or mirrored source gives the same number.",
                "above",
                "Model",
                is_share=False,
            ),
        )
        yield (
            f"saturated_{letter}",
            Indicator(
                f"saturation of {source}",
                f"The share of {source} that is at the upper end of its window, where differences are lost.",
                "Values below the window are lost as well and are not counted.",
                "above",
                "Intensity",
            ),
        )
        yield (
            f"occupied_{letter}",
            Indicator(
                f"range used by {source}",
                f"How far up its window the brightest hundredth of {source} begins: near 0 for a window far too wide.",
                "A single slice says nothing, it may have nothing bright: the slice that reaches highest counts.",
                "below",
                "Intensity",
                of_case="best slice",
            ),
        )


_ALONE: Final = {
    "overshoot": Indicator(
        "overshoot",
        "The share of pixels that are clearly brighter than both sources (by more than 0.1): edges or noise made up.",
        "What is made up within the range of the two sources is not seen, and no shifted or mirrored source.",
        "above",
        "Model",
    ),
    "undershoot": Indicator(
        "undershoot",
        "The share of pixels that are darker than both sources (by more than 0.05).",
        "What is lost within the range of the two sources is not seen, and no shifted or mirrored source.",
        "above",
        "Model",
    ),
    "saturated_fused": Indicator(
        "saturation of the fused image",
        "The share of pixels that are fused to nearly full brightness (above 0.98), where differences are lost.",
        "Whether the sources differ there is not looked at.",
        "above",
        "Output",
    ),
    "step": Indicator(
        "step to the next slice",
        "By how much tissue that is the same in both sources changes its fused brightness from slice to slice.",
        "Slices that share too little such tissue are not judged, and a slow drift over many slices is not seen.",
        "above",
        "Output",
        is_share=False,
    ),
    "missed": Indicator(
        "missed uptake",
        "The number of places where uptake hardly stands out in the fused image.",
        "Uptake that is no peak of its own is not looked for, and none where no source shows function.",
        "above",
        "Output",
        of_case="count",
        is_share=False,
    ),
}

INDICATORS: Final[Mapping[str, Indicator]] = MappingProxyType(dict(_each_source()) | _ALONE)
"""Name -> indicator."""

PER_SLICE: Final = tuple(name for name, indicator in INDICATORS.items() if indicator.of_case != "count")
"""Names of the numbers that slices have."""


def named(text: str, words: tuple[str, str]) -> str:
    """Return a text of an indicator or a map in which the sources are called by these words, as ``PET`` and ``MRI``."""
    called = {"a": words[0], "b": words[1]}
    return re.sub(r"\bsource ([ab])\b", lambda found: called[found[1]], text)


def foreground(a: Slice, b: Slice) -> NDArray[np.bool_]:
    """Return where there is anything in either windowed source, same shape."""
    return np.maximum(a, b) > FOREGROUND


def slice_numbers(a: Slice, b: Slice, fused: Slice, maps: Mapping[str, Slice]) -> dict[str, float]:
    """Return the numbers of one slice by the names of `PER_SLICE`, without ``step``, over its foreground.

    Parameters
    ----------
    a, b
        (H, W) windowed sources in [0, 1].
    fused
        (H, W) in [0, 1].
    maps
        Those of `maps.examine_slice`.

    Returns
    -------
    dict
        Shares in [0, 1] and grey levels in [0, 1]. NaN where there is nothing to judge: all numbers of a slice without
        foreground, residuals without the network R, saturation of a source that has no foreground of its own, and
        the recoverable part of a source that is flat (`FLAT`) or of few pixels (`numerics.recovery`).
    """
    mask = foreground(a, b)
    if not mask.any():
        return {name: float("nan") for name in PER_SLICE if name != "step"}
    return {
        **{f"{name}_{letter}": value for letter, one in (("a", a), ("b", b)) for name, value in _of(one, fused, mask)},
        **{name: float(maps[name][mask].mean()) if name in maps else float("nan") for name in _RESIDUALS},
        "overshoot": float((fused - np.maximum(a, b) > 0.1)[mask].mean()),
        "undershoot": float((fused - np.minimum(a, b) < -0.05)[mask].mean()),
        "saturated_fused": float((fused > FULL)[mask].mean()),
    }


_RESIDUALS: Final = ("residual_a", "residual_b")


def _of(source: Slice, fused: Slice, mask: NDArray[np.bool_]) -> Iterator[tuple[str, float]]:
    """Yield the numbers of one source."""
    inside = source[mask]
    own = source[source > FOREGROUND]
    yield "recovered", recovered(source, fused, mask) if inside.std() >= FLAT else float("nan")
    yield "saturated", float((own >= SATURATED).mean()) if own.size else float("nan")
    yield "occupied", float(np.percentile(inside, 99))


def step_between(a0: Slice, b0: Slice, f0: Slice, a1: Slice, b1: Slice, f1: Slice) -> float:
    """Return by how much the fused brightness of the same tissue changes from one slice to the next.

    The absolute median change over pixels that are foreground in both slices and whose two windowed sources changed by
    less than `UNCHANGED`: a flickering fusion moves all of them alike.

    Parameters
    ----------
    a0, b0, f0, a1, b1, f1
        (H, W) in [0, 1]: sources and fused image of two neighbouring slices.

    Returns
    -------
    float
        In [0, 1]; NaN with fewer than `FEWEST_PIXELS` such pixels.
    """
    same = (np.abs(a1 - a0) < UNCHANGED) & (np.abs(b1 - b0) < UNCHANGED) & foreground(a0, b0) & foreground(a1, b1)
    if np.count_nonzero(same) < FEWEST_PIXELS:
        return float("nan")
    return float(abs(np.median((f1 - f0)[same])))

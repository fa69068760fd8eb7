"""Numbers of one fused slice that hint at trouble, each with what it can see and what it cannot."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from napari_refusion.evidence import measures
from napari_refusion.evidence.examiner import Slice
from napari_refusion.evidence.measures import FusedImages, Letter, MeasuredSlice
from napari_refusion.volume.rule import Check

Measure = Callable[[MeasuredSlice], float]
"""Shares and grey levels in [0, 1]; NaN where there is nothing to judge."""


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
    measure: Measure | None = None
    """Computes it in a slice that has foreground; None where slices have no such number."""
    of_case: Literal["worst slice", "best slice", "count"] = "worst slice"
    """How slices add up to a case. ``best slice``: one slice by itself says nothing, only that none is better.
    ``count``: it is counted in the case as a whole."""
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
    letters: tuple[Letter, Letter] = ("a", "b")
    for letter in letters:
        source = f"source {letter}"
        yield (
            f"recovered_{letter}",
            Indicator(
                f"recoverable part of {source}",
                f"How much of {source} a linear function of the fused image recovers: little where the other source "
                f"overwhelms it.",
                "What a source shares with the other one counts even if only the other one was fused. A lesion is too "
                "small to change it, faint slices are not judged, and a shifted or mirrored source is not seen.",
                "below",
                "Intensity",
                partial(measures.recoverable_part, letter),
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
                partial(measures.residual, letter),
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
                partial(measures.saturated_part, letter),
            ),
        )
        yield (
            f"occupied_{letter}",
            Indicator(
                f"range used by {source}",
                f"How far up its window the brightest 1 % of {source} starts: near 0 for a window far too wide.",
                "A single slice says nothing, as it may have nothing bright: the highest slice counts.",
                "below",
                "Intensity",
                partial(measures.occupied_range, letter),
                of_case="best slice",
            ),
        )


_ALONE: Final = {
    "overshoot": Indicator(
        "overshoot",
        "The share of pixels that are clearly brighter than both sources (by more than 0.1): invented edges or noise.",
        "What is invented within the range of the two sources is not seen, nor is a shifted or mirrored source.",
        "above",
        "Model",
        measures.overshoot,
    ),
    "undershoot": Indicator(
        "undershoot",
        "The share of pixels that are darker than both sources (by more than 0.05).",
        "What is lost within the range of the two sources is not seen, nor is a shifted or mirrored source.",
        "above",
        "Model",
        measures.undershoot,
    ),
    "saturated_fused": Indicator(
        "saturation of the fused image",
        "The share of pixels that are fused to nearly full brightness (above 0.98), where differences are lost.",
        "Whether the sources differ there is not tested.",
        "above",
        "Output",
        measures.saturated_fused,
    ),
    "step": Indicator(
        "step to the next slice",
        "How much the fused brightness of tissue that is unchanged in both sources changes from slice to slice.",
        "Slices with too little such tissue are not judged, and a slow drift over many slices is not seen.",
        "above",
        "Output",
        measures.largest_step,
        is_share=False,
    ),
    "missed": Indicator(
        "missed uptake",
        "The number of places where uptake hardly stands out in the fused image.",
        "Uptake without a peak of its own is not searched for, nor is any where no source shows function.",
        "above",
        "Output",
        of_case="count",
        is_share=False,
    ),
}

_TABLE: Final = dict(_each_source()) | _ALONE

INDICATORS: Final[Mapping[str, Indicator]] = MappingProxyType(_TABLE)
"""Name -> indicator. Another one is one entry, and stands in the trust block, on slices, in limits and reports."""


def per_slice() -> tuple[str, ...]:
    """Return the names of the indicators that slices have, in the order of the table."""
    return tuple(name for name, indicator in INDICATORS.items() if indicator.measure is not None)


def named(text: str, words: tuple[str, str]) -> str:
    """Return a text of an indicator or a map in which the sources are called by these words, as ``PET`` and ``MRI``."""
    called = {"a": words[0], "b": words[1]}
    return re.sub(r"\bsource ([ab])\b", lambda found: called[found[1]], text)


def slice_numbers(
    images: FusedImages, maps: Mapping[str, Slice], neighbours: tuple[FusedImages, ...] = ()
) -> dict[str, float]:
    """Return the numbers of one slice by the names of `per_slice`; all NaN for a slice without foreground.

    Parameters
    ----------
    maps
        Those of `maps.examine_slice`, or some of them.
    neighbours
        The slices before and after it, as far as they are known.
    """
    mask = measures.foreground(images.a, images.b)
    measured = {name: one.measure for name, one in INDICATORS.items() if one.measure is not None}
    if not mask.any():
        return dict.fromkeys(measured, float("nan"))
    one = MeasuredSlice(images, maps, mask, neighbours)
    return {name: measure(one) for name, measure in measured.items()}

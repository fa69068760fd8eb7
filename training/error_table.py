"""What was measured of planted errors as Markdown tables: how often each check warns, of errors and of good cases."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from napari_refusion.evidence.indicators import INDICATORS
from napari_refusion.evidence.limits import Limits
from training.calibrate import UNJUDGED, Measured, calibrated
from training.contrast_transfer import HIDDEN
from training.tables import markdown

_KINDS: Final = ("PT", "NM")
"""Modalities that lesions are planted in, PET and SPECT."""

ANY: Final = "any slice"
"""Column: at least one number of the slice is beyond its amber limit."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One registration self-test."""

    case: str
    error: str
    """Empty for a good case, ``mirrored`` or ``shifted``."""
    is_volume: bool
    rules: str
    """Of the warnings, with commas; empty for none."""


@dataclass(frozen=True, slots=True)
class Lesion:
    """A planted lesion, or a slice without one (`transfer` NaN)."""

    case: str
    modality: str
    transfer: float
    """What the fused image shows of it at its centre."""
    whole: float
    """What it shows of it over the whole spot, up to one standard deviation from its centre."""
    is_listed: bool
    """Whether a peak near it is on the list of missed uptake."""
    listed: int
    """Peaks on that list."""


def numbers_table(good: Sequence[Measured], planted: Sequence[Measured], is_apart: bool) -> str:
    """Return a table of the share of slices beyond the amber limit, in brackets beyond the red one, in percent.

    Limits are those of the other fold's good slices. ``occupied`` is judged once for each case, by its best slice.

    Parameters
    ----------
    is_apart
        Whether each modality has limits of its own.
    """
    names = [name for name in calibrated(good) if name != "step"]
    judged = _judged(good, [*good, *planted], is_apart)
    errors = list(dict.fromkeys(one.error for one in planted))
    groups: list[tuple[str, Callable[[Measured], bool]]] = [
        ("nothing, patients", lambda one: not one.error and not one.is_template),
        ("nothing, templates", lambda one: not one.error and one.is_template),
        *((error, lambda one, error=error: one.error == error) for error in errors),
    ]
    lines = [["planted", "slices", *names, ANY]]
    for words, belongs in groups:
        own = [(one, limits) for one, limits in judged if belongs(one)]
        cells = [_cell([_beyond(limits, name, value) for limits, value in _values(own, name)]) for name in names]
        lines.append([words, str(len(own)), *cells, _cell([_worst(one, limits, names) for one, limits in own])])
    return markdown(lines)


def _judged(good: Sequence[Measured], rows: Iterable[Measured], is_apart: bool) -> list[tuple[Measured, Limits]]:
    """Return rows with the limits from the good slices of the other fold."""
    known = {
        (fold, modality): Limits(
            "", "", calibrated([one for one in good if one.fold != fold and (not is_apart or one.modality == modality)])
        )
        for fold, modality in {(one.fold, one.modality) for one in good}
    }
    return [(one, known[one.fold, one.modality]) for one in rows]


def _values(own: Sequence[tuple[Measured, Limits]], name: str) -> list[tuple[Limits, float]]:
    """Return the values that are judged, with their limits: of each slice, or of the best slice of each case."""
    if INDICATORS[name].of_case != "best slice":
        return [(limits, one.numbers[name]) for one, limits in own]
    cases = dict.fromkeys((one.case, one.modality) for one, _ in own)
    best = []
    for case in cases:
        of_case = [(limits, one.numbers[name]) for one, limits in own if (one.case, one.modality) == case]
        best.append(max(of_case, key=lambda pair: pair[1]))
    return best


def _beyond(limits: Limits, name: str, value: float) -> int:
    """Return 0 for green or not run, 1 for amber, 2 for red."""
    return {"amber": 1, "red": 2}.get(limits.colour(name, value), 0)


def _worst(one: Measured, limits: Limits, names: Sequence[str]) -> int:
    """Return the worst colour of the numbers that judge a slice by itself."""
    single = [name for name in names if INDICATORS[name].of_case == "worst slice" and name not in UNJUDGED]
    return max(_beyond(limits, name, one.numbers[name]) for name in single)


def _cell(colours: Sequence[int]) -> str:
    """Return the share beyond amber, and in brackets beyond red, in percent."""
    if not colours:
        return ""
    amber, red = (100 * np.mean([one >= least for one in colours]) for least in (1, 2))
    return f"{amber:.0f}" + (f" ({red:.0f})" if red >= 0.5 else "")


def share(found: Sequence[bool]) -> str:
    """Return how many of how many, in percent: ``90 % of 219``."""
    return f"{100 * np.mean(found):.0f} % of {len(found)}" if found else "none"


def registration_table(tested: Sequence[Tested]) -> str:
    """Return a table of how often the registration self-test warns."""
    lines = [["planted", "single slices", "volumes"]]
    for error, words in (("", "nothing"), ("mirrored", "mirrored left to right"), ("shifted", "shifted by 8")):
        cells = [
            share([bool(one.rules) for one in tested if one.error == error and one.is_volume == is_volume])
            for is_volume in (False, True)
        ]
        lines.append([words, *cells])
    return markdown(lines)


def lesion_table(lesions: Sequence[Lesion]) -> str:
    """Return a table of how often a planted lesion is on the list of missed uptake, and how long that list is."""
    planted = [one for one in lesions if not math.isnan(one.transfer)]
    groups: list[tuple[str, Callable[[Lesion], bool]]] = [
        ("lesion hidden over the whole spot", lambda one: one.whole < HIDDEN),
        ("lesion hidden at its centre only", lambda one: one.transfer < HIDDEN <= one.whole),
        ("lesion that shows well", lambda one: one.transfer > 2 * HIDDEN),
    ]
    lines = [["planted", "PET", "SPECT"]]
    for words, belongs in groups:
        own = [[one.is_listed for one in planted if belongs(one) and one.modality == kind] for kind in _KINDS]
        lines.append([words, *map(share, own)])
    good = [[one.listed for one in lesions if math.isnan(one.transfer) and one.modality == kind] for kind in _KINDS]
    lines.append(["nothing: slices with any place listed", *(share([count > 0 for count in own]) for own in good)])
    lines.append(["nothing: places listed in a slice, mean", *(f"{np.mean(own):.2f}" for own in good)])
    return markdown(lines)

"""The slices of a case that a reader should look at, with why."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from napari_refusion.evidence.check_outcome import Colour
from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.indicators import INDICATORS, named, per_slice
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.missed_uptake import spot_in_words
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.volume.rule import Check

MEASURED: Final[Sequence[Check]] = ("Intensity", "Model", "Output")


def flagged_slices(examination: Examination, limits: Limits | None) -> dict[int, tuple[str, ...]]:
    """Return the slices to look at, first to last, with why: index -> sentences.

    Slices of the body with an amber or red number, and any slice with missed uptake. Numbers that say nothing about a
    single slice (`Indicator.of_case`) are left out, and all numbers without limits for these weights.
    """
    reasons: dict[int, list[str]] = {}
    if (judged := fitting(limits, examination)) is not None:
        for index, name, colour in beyond_limits(examination, judged):
            beyond = limit_in_words(judged, name, colour, float(examination.numbers[name][index]))
            sentence = f"{capital(number_in_slice(examination, name, index))}, {beyond}."
            reasons.setdefault(index, []).append(sentence)
    for one in examination.missed:
        place = spot_in_words(one, is_photograph=examination.partial.study.fixed.is_photograph)
        number = f"{one.index + 1} of {len(examination.body)}"  # the place has the millimetres of its slice
        sentence = f"Uptake at {place} in slice {number}: {100 * one.transfer:.0f} % of it shows in the fused image."
        reasons.setdefault(one.index, []).append(sentence)
    return {index: tuple(reasons[index]) for index in sorted(reasons)}


def beyond_limits(examination: Examination, limits: Limits) -> Iterator[tuple[int, str, Colour]]:
    """Yield each slice of the body, first to last, with each of its numbers that is beyond a limit, and its colour."""
    for index in np.flatnonzero(examination.body).tolist():
        for name in per_slice():
            colour = limits.colour(name, float(examination.numbers[name][index]))
            if INDICATORS[name].of_case == "worst slice" and colour in ("amber", "red"):
                yield index, name, colour


def fitting(limits: Limits | None, examination: Examination) -> Limits | None:
    """Return limits if they belong to the weights that fused what was examined."""
    return limits if limits and limits.weights_sha256 == examination.partial.weights_sha256 else None


def number_in_slice(examination: Examination, name: str, index: int) -> str:
    """Return an indicator's value in a slice, as ``overshoot 6.1 % in slice 41 of 96, S 10.0 mm``."""
    value = INDICATORS[name].words(float(examination.numbers[name][index]))
    return f"{named(INDICATORS[name].title, examination.words)} {value} in {_slice(examination, index)}"


def limit_in_words(limits: Limits, name: str, colour: Colour, value: float) -> str:
    """Return which limit a value is beyond, as ``above the limit of 4.0 %``; just above if both are written alike."""
    indicator, limit = INDICATORS[name], limits.limits[name]
    words = indicator.words(limit.red if colour == "red" else limit.amber)
    just = "just " if indicator.words(value) == words else ""
    return f"{just}{indicator.direction} the limit of {words}"


def _slice(examination: Examination, index: int) -> str:
    partial = examination.partial
    return slice_in_words(partial.study.fixed.grid, partial.axis, index)


def capital(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]

"""The checks that the examination decides."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.check_notices import Notice, outcome_of, warned
from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.flagged_slices import (
    MEASURED,
    beyond_limits,
    capital,
    fitting,
    limit_in_words,
    number_in_slice,
)
from napari_refusion.evidence.indicators import INDICATORS, named, per_slice
from napari_refusion.evidence.lesions_shown import NO_LESIONS, LesionsShown
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.missed_uptake import HIDDEN
from napari_refusion.in_ranges import in_ranges
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rule import Check

_LESIONS: Final = (
    f"Hidden lesions (red for any): lesions of the reader's list, on PET or SPECT, of which the fused image shows less "
    f"than {100 * HIDDEN:.0f} % of the contrast: each is levelled in the source and its slices are fused again. "
    "Lesions that were not drawn, or drawn on another source, are not judged."
)

DECIDING: Final = 0.1
"""Share of a case's slices that must be beyond a limit for its check to be. Of the good slices of patients that were
left out of the calibration 6 % were beyond an amber one, so a single slice says little: it is marked by itself."""

MOST: Final = 0.5
"""Share of a case's slices from above which warnings are no matter of single slices any more, however small each is.
Of good slices of other patients one in seventeen has a warning."""

FEWEST: Final = 10
"""Slices of the body that a case needs for that."""


def measured(
    check: Check,
    findings: Sequence[Finding],
    examination: Examination | None,
    limits: Limits | None,
    lesions: LesionsShown = NO_LESIONS,
) -> CheckOutcome:
    """Return a check that the examination decides, with the findings and the lesions that belong to it."""
    warnings = list(warned(one for one in findings if one.check == check))
    if lesions.hidden:
        warnings.insert(0, Notice("red", lesions.words, np.inf))
    pending = lesions.pending
    unknown = [f"how much is shown of lesion{'s' if len(pending) > 1 else ''} {in_ranges(pending)}"] if pending else []
    if examination is None:
        otherwise = "Not run: the volume has not been examined yet."
        return outcome_of(check, _rule(check, None, limits), warnings, otherwise, unknown)
    judged = fitting(limits, examination)
    notices = list(_numbers(check, examination, judged)) if judged else []
    if check == "Output" and examination.missed:
        count = len(examination.missed)
        notices.insert(0, Notice("amber", f"missed uptake in {count} place{'s' if count > 1 else ''}", np.inf))
    beyond = _beyond(examination, judged)
    if (most := _most_slices(check, examination, beyond)) is not None:
        notices.insert(0, most)
    if judged is None:
        passed = "Not run: there are no calibrated limits for what fused this volume."
    elif notices:
        passed = _passed(examination, beyond[check])
    else:
        passed = "Not run: there is no value to judge."
    without = _without(check, examination, judged) if judged else []
    return outcome_of(check, _rule(check, examination, judged), [*notices, *warnings], passed, [*without, *unknown])


def _numbers(check: Check, examination: Examination, limits: Limits) -> Iterator[Notice]:
    """Yield the numbers of a check that were run, as the slice that decides has them, see `_deciding`."""
    for name in _names(check):
        values = np.where(examination.body, examination.numbers[name], np.nan)
        bad = np.array([limits.severity(name, float(value)) for value in values])
        if np.isnan(bad).all():
            continue
        index = _deciding(bad) if INDICATORS[name].of_case == "worst slice" else int(np.nanargmin(bad))
        value = float(values[index])
        colour, words = limits.colour(name, value), number_in_slice(examination, name, index)
        limit = f" ({limit_in_words(limits, name, colour, value)})" if colour in ("amber", "red") else ""
        yield Notice(colour, words + limit, float(bad[index]))


def _deciding(bad: NDArray[np.float64]) -> int:
    """Return the slice of which `DECIDING` of all slices are at least as bad; the worst one of ten slices or fewer."""
    known = np.flatnonzero(~np.isnan(bad))
    worst_first = known[np.argsort(-bad[known], kind="stable")]
    return int(worst_first[int(np.ceil(DECIDING * len(known))) - 1])


def _beyond(examination: Examination, limits: Limits | None) -> dict[Check, set[int]]:
    """Return the slices of the body in which a number of a check is beyond its limit."""
    found: dict[Check, set[int]] = {one: set() for one in MEASURED}
    for index, name, _ in beyond_limits(examination, limits) if limits else ():
        found[INDICATORS[name].check].add(index)
    return found


def _passed(examination: Examination, beyond: Collection[int]) -> str:
    """Return in how many slices of the body a check passed that is green by all of them."""
    count = int(examination.body.sum())
    if not beyond:
        return f"Checks passed in {count} slices of the body."
    passed = f"Checks passed in {count - len(beyond)} of {count} slices of the body"
    return f"{passed}: each number is beyond its limit in fewer than a tenth of them."


def _most_slices(check: Check, examination: Examination, beyond: Mapping[Check, set[int]]) -> Notice | None:
    """Return that most slices of the body have a warning, for the check that most of them are of; None else."""
    missed = {one.index for one in examination.missed if examination.body[one.index]}
    warned = {one: there | missed if one == "Output" else there for one, there in beyond.items()}
    count, all_of_them = len(set().union(*warned.values())), int(examination.body.sum())
    if all_of_them < FEWEST or count <= MOST * all_of_them:
        return None
    if check != max(MEASURED, key=lambda one: len(warned[one])):
        return None
    return Notice("red", f"warnings in {count} of {all_of_them} slices of the body", np.inf)


def _without(check: Check, examination: Examination, limits: Limits) -> list[str]:
    """Return the titles of what a check was not told."""
    body = examination.body
    missing = [
        name for name in _names(check) if name not in limits.limits or np.isnan(examination.numbers[name][body]).all()
    ]
    if check == "Output" and not examination.missed_run:
        missing.append("missed")
    return [named(INDICATORS[name].title, examination.words) for name in missing]


def _rule(check: Check, examination: Examination | None, limits: Limits | None) -> str:
    """Return what a check checks, its limits, and what it cannot see."""
    words = examination.words if examination else ("source a", "source b")
    parts = []
    for name in _names(check):
        indicator, limit = INDICATORS[name], limits.limits.get(name) if limits else None
        values = (
            f" (amber {indicator.direction} {indicator.words(limit.amber)}, red {indicator.direction} "
            f"{indicator.words(limit.red)})"
            if limit
            else ""
        )
        parts.append(f"{capital(indicator.title)}{values}: {indicator.sees} Not seen: {indicator.misses}")
    if parts:
        parts.append(
            "One tenth of the slices of the body beyond a limit decides; each such slice is also marked. Where more "
            "than half of them are, or miss uptake, the check that most of these are of is red."
        )
    if check == "Output":
        parts.append(f"Missed uptake (amber for any): {INDICATORS['missed'].sees} {INDICATORS['missed'].misses}")
        parts.append(_LESIONS)
    text = named("\n".join(parts), words)
    return f"{text}\nLimits calibrated on: {limits.calibrated_on}" if limits else text


def _names(check: Check) -> list[str]:
    return [name for name in per_slice() if INDICATORS[name].check == check]

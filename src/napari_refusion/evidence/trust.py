"""The five checks of a case: what the gates, the reader and the examination found, never how good the image is.

Sentences name rules and values, not files or volumes: those may carry a patient's name, and checks are written into
records and reports. The full sentences are in the findings.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.check_outcome import CheckOutcome, Colour
from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.indicators import INDICATORS, named, per_slice
from napari_refusion.evidence.lesions_shown import NO_LESIONS, LesionsShown
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.missed_uptake import HIDDEN, spot_in_words
from napari_refusion.record.case import REGISTRATION, CaseReview
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.volume.registration.margins import HEAD, UNKNOWN
from napari_refusion.volume.rule import Check

_GEOMETRY: Final = (
    "Amber for any warning of the gates about files, slices and the common grid, red for what they refused. A header "
    "that is wrong but consistent is not seen."
)

_REGISTRATION: Final = (
    f"The reader's answer to how well the outlines match, with a self-test against mirroring, shifts, rotations and "
    f"turns. The self-test does not see shifts under {HEAD.across:g} mm in a head and {UNKNOWN.along:g} mm elsewhere, "
    "local deformation, or left and right of a symmetric head. Of PET with MRI outside the head it doubts one pair in "
    "three that were left as they were."
)

_LESIONS: Final = (
    f"Hidden lesions (red for any): lesions of the reader's list, on PET or SPECT, of which the fused image shows less "
    f"than {100 * HIDDEN:.0f} % of the contrast: each is levelled in the source and its slices are fused again. "
    "Lesions that were not drawn, or drawn on another source, are not judged."
)

DECIDING: Final = 0.1
"""Share of a case's slices that must be beyond a limit for its check to be. A fifth of the good slices of patients that
were left out of the calibration were beyond an amber one, so a single slice says little: it is marked by itself."""

MOST: Final = 0.5
"""Share of a case's slices from above which warnings are no matter of single slices any more, however small each is.
Of good slices of other patients one in seventeen has a warning."""

FEWEST: Final = 10
"""Slices of the body that a case needs for that."""

_MEASURED: Final[Sequence[Check]] = ("Intensity", "Model", "Output")

_RANKS: Final[Sequence[Colour]] = ("not run", "green", "amber", "red")

_OPENINGS: Final[dict[Colour, str]] = {"amber": "Look twice", "red": "Check failed"}
_UNREAD: Final[dict[Colour, str]] = {**_OPENINGS, "not confirmed": "Not confirmed"}


@dataclass(frozen=True, slots=True)
class _Notice:
    """One thing that a check is made of."""

    colour: Colour
    words: str
    severity: float = 0.0
    """Compares those of one colour, see `Limits.severity`."""


def check_outcomes(
    pair_findings: Iterable[Finding],
    review: CaseReview | None,
    examination: Examination | None,
    limits: Limits | None,
    lesions: LesionsShown = NO_LESIONS,
) -> tuple[CheckOutcome, ...]:
    """Return the checks of a case in the order of `rule.CHECKS`.

    Parameters
    ----------
    pair_findings
        Those of the pair, and of the plan of its fusion.
    review
        What the reader said so far; None where nobody reads the case now, so that no answer is missed.
    examination
        None before the volume was examined.
    limits
        For the weights that fused it; None where none were calibrated.
    lesions
        How much the fused image shows of the reader's own: any that it hides fails Output.
    """
    found = tuple(pair_findings)
    return (
        _geometry([one for one in found if one.check == "Geometry"]),
        _registration([one for one in found if one.check == "Registration"], review),
        _measured("Intensity", found, examination, limits),
        _measured("Model", found, examination, limits),
        _measured("Output", found, examination, limits, lesions),
    )


def flagged_slices(examination: Examination, limits: Limits | None) -> dict[int, tuple[str, ...]]:
    """Return the slices to look at, first to last, with why: index -> sentences.

    Slices of the body with an amber or red number, and any slice with missed uptake. Numbers that say nothing about a
    single slice (`Indicator.of_case`) are left out, and all numbers without limits for these weights.
    """
    reasons: dict[int, list[str]] = {}
    if (judged := _fitting(limits, examination)) is not None:
        for index, name, colour in _beyond_limits(examination, judged):
            sentence = f"{_capital(_number(examination, name, index))}, {_beyond(judged, name, colour)}."
            reasons.setdefault(index, []).append(sentence)
    for one in examination.missed:
        place = spot_in_words(one, is_photograph=examination.partial.study.fixed.is_photograph)
        number = f"{one.index + 1} of {len(examination.body)}"  # the place has the millimetres of its slice
        sentence = f"Uptake at {place} in slice {number}: {100 * one.transfer:.0f} % of it shows in the fused image."
        reasons.setdefault(one.index, []).append(sentence)
    return {index: tuple(reasons[index]) for index in sorted(reasons)}


def _beyond_limits(examination: Examination, limits: Limits) -> Iterator[tuple[int, str, Colour]]:
    """Yield each slice of the body, first to last, with each of its numbers that is beyond a limit, and its colour."""
    for index in np.flatnonzero(examination.body).tolist():
        for name in per_slice():
            colour = limits.colour(name, float(examination.numbers[name][index]))
            if INDICATORS[name].of_case == "worst slice" and colour in ("amber", "red"):
                yield index, name, colour


def _most_slices(check: Check, examination: Examination, limits: Limits | None) -> _Notice | None:
    """Return that most slices of the body have a warning, for the check that most of them are of; None else."""
    warned: dict[Check, set[int]] = {one: set() for one in _MEASURED}
    for index, name, _ in _beyond_limits(examination, limits) if limits else ():
        warned[INDICATORS[name].check].add(index)
    warned["Output"] |= {one.index for one in examination.missed if examination.body[one.index]}
    count, all_of_them = len(set().union(*warned.values())), int(examination.body.sum())
    if all_of_them < FEWEST or count <= MOST * all_of_them:
        return None
    if check != max(_MEASURED, key=lambda one: len(warned[one])):
        return None
    return _Notice("red", f"warnings in {count} of {all_of_them} slices of the body", np.inf)


def _geometry(findings: Sequence[Finding]) -> CheckOutcome:
    """Return the check of what the gates found."""
    if not findings:
        return CheckOutcome("Geometry", "not run", "", _GEOMETRY, "Not run: nothing was checked.")
    passed = f"Checks passed: {len(findings)} without a warning."
    return _lit("Geometry", _GEOMETRY, [_Notice("green", ""), *_warned(findings)], passed)


def _registration(findings: Sequence[Finding], review: CaseReview | None) -> CheckOutcome:
    """Return the check of the reader's answer and the self-test; of the latter alone where nobody reads the case."""
    answer = review.registration if review is not None else ""
    warned = {finding.rule for finding in findings if finding.level != "ok"}
    tested = any(finding.rule != "registered" for finding in findings)
    colour: Colour = "green" if answer == "aligned" and tested and not warned - {"registered"} else "amber"
    if answer == "unacceptable" or ("laterality" in warned and answer != "aligned"):
        colour = "red"
    said = f"the reader's answer is: {REGISTRATION[answer]}" if answer else "the reader has not answered yet"
    if review is None:
        colour = "not confirmed" if colour == "amber" and tested and not warned else colour
        said = "nobody has compared the outlines yet"
    if "laterality" in warned:
        test = "the self-test finds a better fit mirrored left to right"
    elif "registration" in warned:
        test = "the self-test does not find the best fit at the position in the files"
    elif "left and right" in warned:
        test = "the self-test was passed, but does not confirm left and right"
    else:
        test = "the self-test was passed" if tested else "the self-test was not run"
    moved = "; the volumes were registered before" if any(one.rule == "registered" for one in findings) else ""
    sentence = f"{_UNREAD.get(colour, 'Checks passed')}: {said}; {test}{moved}."
    return CheckOutcome("Registration", colour, REGISTRATION.get(answer, "not answered"), _REGISTRATION, sentence)


def _measured(
    check: Check,
    findings: Sequence[Finding],
    examination: Examination | None,
    limits: Limits | None,
    lesions: LesionsShown = NO_LESIONS,
) -> CheckOutcome:
    """Return a check that the examination decides, with the findings and the lesions that belong to it."""
    warnings = list(_warned(one for one in findings if one.check == check))
    if lesions.hidden:
        warnings.insert(0, _Notice("red", lesions.words, np.inf))
    unknown = [f"how much is shown of lesion {number}" for number in lesions.pending]
    if examination is None:
        otherwise = "Not run: the volume has not been examined yet."
        return _lit(check, _rule(check, None, limits), warnings, otherwise, unknown)
    judged = _fitting(limits, examination)
    notices = list(_numbers(check, examination, judged)) if judged else []
    if check == "Output" and examination.missed:
        count = len(examination.missed)
        notices.insert(0, _Notice("amber", f"missed uptake in {count} place{'s' if count > 1 else ''}", np.inf))
    if (most := _most_slices(check, examination, judged)) is not None:
        notices.insert(0, most)
    if judged is None:
        passed = "Not run: there are no calibrated limits for what fused this volume."
    elif notices:
        passed = f"Checks passed in {int(examination.body.sum())} slices of the body."
    else:
        passed = "Not run: there is no value to judge."
    without = _without(check, examination, judged) if judged else []
    return _lit(check, _rule(check, examination, judged), [*notices, *warnings], passed, [*without, *unknown])


def _numbers(check: Check, examination: Examination, limits: Limits) -> Iterator[_Notice]:
    """Yield the numbers of a check that were run, as the slice that decides has them, see `_deciding`."""
    for name in _names(check):
        values = np.where(examination.body, examination.numbers[name], np.nan)
        bad = np.array([limits.severity(name, float(value)) for value in values])
        if np.isnan(bad).all():
            continue
        index = _deciding(bad) if INDICATORS[name].of_case == "worst slice" else int(np.nanargmin(bad))
        colour, words = limits.colour(name, float(values[index])), _number(examination, name, index)
        limit = f" ({_beyond(limits, name, colour)})" if colour in ("amber", "red") else ""
        yield _Notice(colour, words + limit, float(bad[index]))


def _deciding(bad: NDArray[np.float64]) -> int:
    """Return the slice of which `DECIDING` of all slices are at least as bad; the worst one of ten slices or fewer."""
    known = np.flatnonzero(~np.isnan(bad))
    worst_first = known[np.argsort(-bad[known], kind="stable")]
    return int(worst_first[int(np.ceil(DECIDING * len(known))) - 1])


def _without(check: Check, examination: Examination, limits: Limits) -> list[str]:
    """Return the titles of what a check was not told."""
    body = examination.body
    missing = [
        name for name in _names(check) if name not in limits.limits or np.isnan(examination.numbers[name][body]).all()
    ]
    if check == "Output" and not examination.missed_run:
        missing.append("missed")
    return [named(INDICATORS[name].title, examination.words) for name in missing]


def _warned(findings: Iterable[Finding]) -> Iterator[_Notice]:
    """Yield the warnings and blocks among findings."""
    for finding in findings:
        if finding.level != "ok":
            words = f"{finding.rule} ({finding.value})" if finding.value else finding.rule
            yield _Notice("red" if finding.level == "block" else "amber", words)


def _lit(
    check: Check, rule: str, notices: Sequence[_Notice], otherwise: str, without: Sequence[str] = ()
) -> CheckOutcome:
    """Return the check in the colour of the worst notice; `otherwise` is its sentence where none is amber or red."""
    colour: Colour = max((one.colour for one in notices), key=_RANKS.index, default="not run")
    deciding = [one for one in notices if one.colour == colour]
    value = max(deciding, key=lambda one: one.severity).words if deciding else ""
    sentence = otherwise
    if colour in _OPENINGS:
        bad = sorted((one for one in notices if one.colour in _OPENINGS), key=lambda one: -_RANKS.index(one.colour))
        sentence = f"{_OPENINGS[colour]}: {', '.join(one.words for one in bad)}."
        sentence += f" {otherwise}" if otherwise.startswith("Not run") else ""
    return CheckOutcome(
        check, colour, value, rule, sentence + (f" Not judged: {', '.join(without)}." if without else "")
    )


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
        parts.append(f"{_capital(indicator.title)}{values}: {indicator.sees} Not seen: {indicator.misses}")
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


def _fitting(limits: Limits | None, examination: Examination) -> Limits | None:
    """Return limits if they belong to the weights that fused what was examined."""
    return limits if limits and limits.weights_sha256 == examination.partial.weights_sha256 else None


def _number(examination: Examination, name: str, index: int) -> str:
    """Return an indicator's value in a slice, as ``overshoot 6.1 % in slice 41 of 96, S 10.0 mm``."""
    value = INDICATORS[name].words(float(examination.numbers[name][index]))
    return f"{named(INDICATORS[name].title, examination.words)} {value} in {_slice(examination, index)}"


def _beyond(limits: Limits, name: str, colour: Colour) -> str:
    """Return which limit a value is beyond, as ``above the limit of 4.0 %``."""
    limit = limits.limits[name]
    value = limit.red if colour == "red" else limit.amber
    return f"{INDICATORS[name].direction} the limit of {INDICATORS[name].words(value)}"


def _slice(examination: Examination, index: int) -> str:
    partial = examination.partial
    return slice_in_words(partial.study.fixed.grid, partial.axis, index)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

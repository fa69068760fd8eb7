"""The five checks of a case: what the gates, the reader and the examination found, never how good the image is.

Sentences name rules and values, not files or volumes: those may carry a patient's name, and checks are written into
records and reports. The full sentences are in the findings.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from napari_refusion.evidence.check_notices import OPENINGS, Notice, outcome_of, warned
from napari_refusion.evidence.check_outcome import CheckOutcome, Colour
from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.lesions_shown import NO_LESIONS, LesionsShown
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.measured_check import measured
from napari_refusion.record.case import REGISTRATION, CaseReview
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.margins import HEAD, UNKNOWN

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

_UNREAD: Final[dict[Colour, str]] = {**OPENINGS, "not confirmed": "Not confirmed"}


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
        measured("Intensity", found, examination, limits),
        measured("Model", found, examination, limits),
        measured("Output", found, examination, limits, lesions),
    )


def _geometry(findings: Sequence[Finding]) -> CheckOutcome:
    """Return the check of what the gates found."""
    if not findings:
        return CheckOutcome("Geometry", "not run", "", _GEOMETRY, "Not run: nothing was checked.")
    passed = f"Checks passed: {len(findings)} without a warning."
    return outcome_of("Geometry", _GEOMETRY, [Notice("green", ""), *warned(findings)], passed)


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
        test = "the self-test does not find the best fit where the volumes lie"
    elif "left and right" in warned:
        test = "the self-test was passed, but does not confirm left and right"
    else:
        test = "the self-test was passed" if tested else "the self-test was not run"
    moved = "; the volumes were registered before" if any(one.rule == "registered" for one in findings) else ""
    sentence = f"{_UNREAD.get(colour, 'Checks passed')}: {said}; {test}{moved}."
    return CheckOutcome("Registration", colour, REGISTRATION.get(answer, "not answered"), _REGISTRATION, sentence)

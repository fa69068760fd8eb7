"""One of two examinations of a patient that are compared: what its lesions are measured in, and what it is moved by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.lesion.time_point import TimePoint
from napari_refusion.record.run import content_sha256
from napari_refusion.volume.affine import transformed
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.lean import in_unit, units_of
from napari_refusion.volume.origin import what_differs
from napari_refusion.volume.probe import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.measured import Measured
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A source with lesions and the anatomy beside it, where their files place them."""

    measured: Volume
    """PET, SPECT or another source: lesions are drawn on it and measured in it."""
    anatomy: Volume | None
    """CT or MRI of the same examination, by which two examinations are registered; None where there is none."""
    content: str
    """Of the measured source, see `record.run.content_sha256`."""

    def time_point(self, lesions: Sequence[Lesion], measured: Mapping[int, Measured]) -> TimePoint:
        """Return its lesions with what is measured in them; those without a measurement are left out."""
        known = tuple(one for one in lesions if one.number in measured)
        found = tuple(measured[one.number] for one in known)
        return TimePoint(self.measured.title, unit_of(self.measured), known, found)


def examination(measured: Volume, anatomy: Volume | None = None) -> Examination:
    """Return an examination; its voxels are hashed where they came from no file, which takes time."""
    return Examination(measured, anatomy, content_sha256(measured))


def in_unit_of(one: Examination, other: Examination) -> Examination:
    """Return an examination in the unit that another one is shown in, as it is where it cannot be had in that."""
    unit = other.measured.unit
    if unit == one.measured.unit or unit not in units_of(one.measured):
        return one
    return replace(one, measured=in_unit(one.measured, unit))


def why_not_compared(baseline: Examination, follow_up: Examination, reason: str = "") -> tuple[str, str]:
    """Return the rule and the sentence by which two examinations are not compared; both empty where they are.

    Parameters
    ----------
    reason
        Why those of two patients are compared all the same, as the reader typed it; empty forbids that.
    """
    one, other = baseline.measured, follow_up.measured
    first, second = f"the baseline, {one.title},", f"the follow-up, {other.title},"
    if baseline.content == follow_up.content:
        return "same file", f"Choose the other examination: {one.title} is baseline and follow-up at once."
    if one.modality != other.modality:
        here, there = (volume.word or "of no known modality" for volume in (one, other))
        return "modality", f"Choose two images of one kind: {first} is {here}, and {second} is {there}."
    if unit_of(one) != unit_of(other):
        units = f"{first} is in {unit_of(one)}, and {second} in {unit_of(other)}"
        return "unit", f"Open both examinations in one unit: {units}."
    for called, a, b in _pairs(baseline, follow_up):
        differs = what_differs(a.origin.mark, b.origin.mark)
        if differs and not reason:
            sentence = (
                f"Open two examinations of one patient: {called} belong to two patients ({differs} differs). If they "
                "are one patient's all the same, type the reason."
            )
            return "patient", sentence
    return "", ""


def noticed(baseline: Examination, follow_up: Examination, reason: str = "") -> tuple[Finding, ...]:
    """Return what to look at before a change is believed."""
    one, other = baseline.measured, follow_up.measured
    found = []
    if reason:
        sentence = f"Compared though their files name two patients, with this reason: {reason}"
        found.append(Finding("warn", "patient", sentence, "overridden"))
    if one.acquisition.study and one.acquisition.study == other.acquisition.study:
        sentence = f"Check that they are two examinations: {one.title} and {other.title} are of one study."
        found.append(Finding("warn", "study", sentence))
    if differs := sorted(set(one.acquisition.corrected) ^ set(other.acquisition.corrected)):
        words = ", ".join(differs)
        sentence = f"Compare series that were corrected alike: only one of {one.title} and {other.title} has {words}."
        found.append(Finding("warn", "values", sentence, words))
    return tuple(found)


def _pairs(baseline: Examination, follow_up: Examination) -> Iterator[tuple[str, Volume, Volume]]:
    """Yield every two images that must be of one patient, with what to call them."""
    before, after = (
        [volume for volume in (one.measured, one.anatomy) if volume is not None] for one in (baseline, follow_up)
    )
    for anatomy in before[1:]:
        yield f"the baseline's {before[0].title} and {anatomy.title}", before[0], anatomy
    for a in before:
        for b in after:
            yield f"the baseline's {a.title} and the follow-up's {b.title}", a, b


def middle_of(voi: VolumeOfInterest, move: Affine) -> NDArray[np.float64]:
    """Return the middle of a volume of interest after a move, (4, 4) RAS+ mm: (3,) RAS+ mm."""
    return transformed(move, voi.grid.point_at(voi.voxels.mean(axis=0)))

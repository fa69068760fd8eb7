"""What lay beside the series that was read: other series, files that are no images, and slices that may be its own."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from napari_refusion.io.dicom.choose import listed
from napari_refusion.io.dicom.scan import Scan
from napari_refusion.io.dicom.series import Series
from napari_refusion.volume.finding import Finding

FEW: Final = 2
"""Slices of a series that may be slices of another one under a damaged UID."""
ON_GRID: Final = 0.1
"""Part of a step by which such a slice may be off the grid of the stack that it continues."""


def beside(found: Scan, chosen: Series) -> list[Finding]:
    """Return what lay beside a series."""
    rest = [one for one in found.series if one.files != chosen.files]
    findings = check_files(found)
    strays = [one for one in rest if continues(one, chosen)]
    for one in strays:
        sentence = (
            f"{one.files[0].name} lies where {chosen.name} lacks a slice, but under another Series Instance UID: if it "
            "belongs to this series, a slice is missing; send the series again."
        )
        findings.append(Finding("warn", "missing slice", sentence, one.files[0].name))
    for one in rest:
        if goes_on(one, chosen):
            sentence = (
                f"{one.label} goes on where {chosen.name} ends, under another Series Instance UID: if both are one "
                "scan, only a part of it was read; send it again as one series."
            )
            findings.append(Finding("warn", "missing slice", sentence, f"{len(one.slices)} slices"))
    if rest:
        findings.append(Finding("ok", "series", f"Not read from the same folder: {listed(rest)}.", f"{len(rest)}"))
    return findings


def check_files(found: Scan) -> list[Finding]:
    """Return a warning for files that may be slices and could not be read, and a note of those that are no images."""
    findings = []
    for files, words in (
        (found.damaged, "damaged"),
        (found.lost, "no DICOM images any more (empty, or without their beginning)"),
        (tuple(Path(name) for name in found.missing), "listed in DICOMDIR and missing"),
    ):
        if files:
            sentence = (
                f"{len(files)} file(s) are {words}, {files[0].name} first: if they belong to this series, slices are "
                "missing at its ends; send the series again."
            )
            findings.append(Finding("warn", "DICOM files", sentence, f"{len(files)}"))
    if found.registrations:
        names = ", ".join(file.name for file in found.registrations[:3])
        sentence = f"A DICOM registration lies beside the images ({names}): nothing is moved by it without being asked."
        findings.append(Finding("ok", "DICOM files", sentence, f"{len(found.registrations)}"))
    if found.others:
        names = ", ".join(file.name for file in found.others[:3])
        sentence = f"{len(found.others)} file(s) in the folder are not DICOM images ({names}...) and were left out."
        findings.append(Finding("ok", "DICOM files", sentence, f"{len(found.others)}"))
    return findings


def continues(stray: Series, chosen: Series) -> bool:
    """Return whether the few slices of a series lie on the grid of another one, at places that it does not have."""
    steps = _steps(stray, chosen) if len(stray.slices) <= FEW else None
    return steps is not None and all(-2 <= step <= len(chosen.slices) + 1 for step in steps)


def goes_on(other: Series, chosen: Series) -> bool:
    """Return whether a series with the same name and content begins where another one ends, on its grid."""
    steps = _steps(other, chosen) if _shows(other) == _shows(chosen) and len(other.slices) > FEW else None
    if steps is None:
        return False
    last = len(chosen.slices) - 1
    return -2.5 < max(steps) < 0 or last < min(steps) < last + 2.5


def _shows(series: Series) -> tuple[Hashable, ...]:
    content = series.slices[0].content
    return series.description, content.kind, content.kernel, content.study, series.slices[0].patient


def _steps(stray: Series, chosen: Series) -> list[float] | None:
    """Return the numbers of slices on the grid of another series, None where one is off it or lies on its slices."""
    if len(chosen.slices) < 3 or stray.modality != chosen.modality:
        return None
    places = _positions(chosen)
    first = chosen.slices[0].place
    if places is None or first.orientation is None:
        return None
    normal = np.cross(first.orientation[:3], first.orientation[3:])
    along = np.sort((places - places[0]) @ normal)
    step = float(np.median(np.diff(along)))
    numbers = []
    for image in stray.slices:
        place = image.place
        same = (place.rows, place.columns, place.pixel_spacing) == (first.rows, first.columns, first.pixel_spacing)
        if not same or place.position is None or place.orientation is None or step <= 0:
            return None
        shift = np.asarray(place.position) - places[0]
        steps = shift @ normal / step
        sideways = np.linalg.norm(shift - shift @ normal * normal)
        turned = np.abs(np.subtract(place.orientation, first.orientation)).max()
        taken = np.abs(along - shift @ normal).min() < step * ON_GRID
        if taken or abs(steps - round(steps)) > ON_GRID or sideways > step * ON_GRID or turned > 1e-2:
            return None
        numbers.append(float(steps))
    return numbers


def _positions(series: Series) -> np.ndarray | None:
    positions = [image.place.position for image in series.slices]
    return None if None in positions else np.array(positions, dtype=np.float64)


def not_read(parts: Sequence[Series], chosen: Sequence[Series]) -> list[Finding]:
    """Return a note of the parts of a series that were not read, a warning where slices of them are missing."""
    rest = [one for one in parts if one not in chosen]
    broken = [one for one in rest if one.lost]
    findings = []
    if broken:
        sentence = (
            f"{broken[0].name} lacks {broken[0].lost} of the slices that the other parts of the series have and was "
            "left out; send the series again if it is needed."
        )
        findings.append(Finding("warn", "frames", sentence, f"{broken[0].lost} slices"))
    if rest:
        names = "; ".join(one.part for one in rest[:12])
        findings.append(Finding("ok", "frames", f"Not read from the same series: {names}.", f"{len(rest)}"))
    return findings

"""RT Structure Sets (PS3.3, A.19 and C.8.8.5 to C.8.8.8) in: contours filled on the slices of the source."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import text, whole
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.overlays.belonging import Said, check_belongs, listed, unknown_space
from napari_refusion.io.overlays.overlay import Colour, Overlay, Segment
from napari_refusion.io.overlays.region_contours import filled_on
from napari_refusion.io.overlays.region_findings import findings_of
from napari_refusion.io.overlays.stored_contours import contours_of
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.origin import patient_mark
from napari_refusion.volume.volume import Volume

KIND: Final = "RTSTRUCT"

_HOW: Final = {"": "", "SEMIAUTOMATIC": "semiautomatic", "AUTOMATIC": "automatic", "MANUAL": "manual"}
"""ROI Generation Algorithm (3006,0036) -> words."""


def read_structure_set(path: Path, source: Volume) -> Overlay:
    """Return the regions of an RT Structure Set; see `read.read_overlay`."""
    dataset = read_dataset(path)
    said = _said(dataset, path.name)
    findings = [*check_belongs(said, source), *unknown_space(said, source)]
    contours = _numbered(dataset, "ROIContourSequence", "ReferencedROINumber", path.name)
    regions = _numbered(dataset, "StructureSetROISequence", "ROINumber", path.name)
    segments, told, elsewhere = [], [], []
    for number, roi in regions.items():
        name = text(roi, "ROIName") or f"ROI {number}"
        here, there = source.frame_of_reference, text(roi, "ReferencedFrameOfReferenceUID")
        if here and there and here != there:
            elsewhere.append(name)
            continue
        item = contours.get(number, Dataset())
        region = filled_on(source, contours_of(item), _method(roi))
        told.append((name, region))
        if region.voi is not None:
            segments.append(Segment(number, name, region.voi, _colour(item)))
    findings += [*findings_of(path.name, source, told), *_elsewhere(path.name, elsewhere, source)]
    if not segments:
        why = " ".join(one.sentence for one in findings if one.rule == "volume of interest")
        sentence = f"Choose another file, or the series it was drawn on: {path.name} gives no region here. {why}"
        raise refuse("volume of interest", sentence.strip(), f"0 of {len(told)} regions")
    return Overlay(KIND, path.name, sha256_of(path), tuple(segments), tuple(findings))


def _numbered(dataset: Dataset, sequence: str, number: str, name: str) -> dict[int, Dataset]:
    """Return the items of a sequence by the number of their region, by which names and contours find each other.

    Raises
    ------
    RefusedError
        If two have one number: a region would get the contours of another.
    """
    found: dict[int, Dataset] = {}
    for item in dataset.get(sequence) or []:
        at = whole(item, number)
        if at in found:
            sentence = f"Export {name} again: two of its regions have the number {at}, so contours are mixed up."
            raise refuse("volume of interest", sentence, str(at))
        found[at] = item
    return found


def _elsewhere(name: str, titles: Sequence[str], source: Volume) -> Iterator[Finding]:
    """Yield a warning about the regions of a file that lie in another frame of reference."""
    if titles:
        sentence = (
            f"Open the series they were drawn on: {listed(titles)} in {name} lie in another frame of reference than "
            f"{source.title} and were left out."
        )
        yield Finding("warn", "frame of reference", sentence, f"{len(titles)} left out")


def _said(dataset: Dataset, name: str) -> Said:
    """Return patient, frames of reference and series of a structure set."""
    spaces, series = {text(dataset, "FrameOfReferenceUID")}, set()
    spaces |= {text(roi, "ReferencedFrameOfReferenceUID") for roi in dataset.get("StructureSetROISequence") or []}
    for space in dataset.get("ReferencedFrameOfReferenceSequence") or []:
        spaces.add(text(space, "FrameOfReferenceUID"))
        for study in space.get("RTReferencedStudySequence") or []:
            series |= {text(one, "SeriesInstanceUID") for one in study.get("RTReferencedSeriesSequence") or []}
    patient = patient_mark(*(text(dataset, tag) for tag in ("PatientID", "IssuerOfPatientID", "PatientBirthDate")))
    return Said(name, patient, frozenset(spaces - {""}), frozenset(series - {""}))


def _method(roi: Dataset) -> str:
    return ", ".join(word for word in (KIND, _HOW.get(text(roi, "ROIGenerationAlgorithm"), "")) if word)


def _colour(item: Dataset) -> Colour | None:
    """Return ROI Display Color (3006,002A)."""
    try:
        red, green, blue = (int(value) for value in item["ROIDisplayColor"].value)
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return None
    return (red / 255, green / 255, blue / 255) if all(0 <= one <= 255 for one in (red, green, blue)) else None

"""The headers of the DICOM series that were fused: what an exported object refers to and takes its patient from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydicom import Dataset, dcmread

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.header import Numbers, quiet, text
from napari_refusion.io.dicom.scan import series_in
from napari_refusion.io.dicom.series import Series
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.origin import Origin, patient_mark, what_differs

_IDENTITY: Final = ("PatientID", "IssuerOfPatientID", "PatientBirthDate")

AS_NIFTI: Final = "Export the fused volume as NIfTI instead."
"""What can be done where DICOM cannot be written."""


@dataclass(frozen=True, slots=True)
class ReferenceSeries:
    """The headers of a series, without pixels. They name the patient, so none of them is part of the text form."""

    headers: tuple[Dataset, ...] = field(repr=False)
    """One for each file, in the order of the slices."""
    modality: str
    """DICOM Modality."""
    orientation: Numbers = field(repr=False)
    """Image Orientation (Patient): directions of a row and of a column, 6 cosines in LPS."""
    frame_of_reference: str = field(default="", repr=False)
    """Frame of Reference UID (0020,0052); empty where the series has none."""
    factor: float = 1.0
    """Multiplies the rescaled values to give the unit that the volume was read in."""

    @property
    def study(self) -> str:
        """Return the Study Instance UID (0020,000D)."""
        return text(self.headers[0], "StudyInstanceUID")

    @property
    def series(self) -> str:
        """Return the Series Instance UID (0020,000E)."""
        return text(self.headers[0], "SeriesInstanceUID")

    @property
    def patient(self) -> str:
        """Return the Patient ID (0010,0020); empty where the series has none."""
        return text(self.headers[0], "PatientID")

    def says(self, keyword: str, value: str) -> bool:
        """Return whether an image has this value in an attribute of its top level."""
        return any(text(header, keyword) == value for header in self.headers)


def read_reference(origin: Origin) -> ReferenceSeries:
    """Return the headers of the series that a volume was read from, in the order of its slices.

    Parameters
    ----------
    origin
        Of the volume: its own files are read again, and no others.

    Raises
    ------
    RefusedError
        If the volume did not come from a DICOM series, or its files are no longer what they were.
    """
    place = origin.place
    if not origin.series_uid or place is None:
        name = place.name if place is not None else "a volume that was not opened from a file"
        raise refuse("DICOM export", f"DICOM is written from DICOM sources only, and {name} is not DICOM. {AS_NIFTI}")
    found = [one for one in series_in(origin.paths).series if one.uid == origin.series_uid]
    # Of a mean, the files of its frames are listed one frame after the other.
    if not found or set(found[0].files) != set(origin.paths):
        sentence = (
            f"The files of the series in {place.name} have been moved or changed since it was opened: open it again."
        )
        raise refuse("DICOM export", sentence)
    return _reference(found[0], origin.factor)


def _reference(series: Series, factor: float) -> ReferenceSeries:
    with quiet():
        headers = tuple(dcmread(file, stop_before_pixels=True, force=True) for file in series.files)
    place = series.slices[0].place
    return ReferenceSeries(headers, series.modality, place.orientation or (), place.frame_of_reference, factor)


def check_references(fused: Fused, references: Sequence[ReferenceSeries]) -> None:
    """Refuse series that are not those that were fused, or not of one patient.

    Parameters
    ----------
    references
        Of source a and of source b.

    Raises
    ------
    RefusedError
        See above; also for a reference without an orientation.
    """
    records = (fused.provenance.a, fused.provenance.b)
    for one, record in zip(references, records, strict=True):
        if record.modality and one.modality != record.modality:
            sentence = (
                f"The series is {one.modality or 'of no modality'}, but {record.modality} was fused: name the series "
                "in the order in which they were fused."
            )
            raise refuse("DICOM export", sentence, one.modality)
        if len(one.orientation) != 6:
            sentence = f"The {one.modality} series does not state the orientation of its images. {AS_NIFTI}"
            raise refuse("DICOM export", sentence)
    check_patient(*references)
    _check_space(fused, references)


def reference_of(fused: Fused, references: Sequence[ReferenceSeries]) -> ReferenceSeries:
    """Return the series whose grid the fused volume is on."""
    return references[0 if fused.provenance.reference == "a" else 1]


def check_patient(a: ReferenceSeries, b: ReferenceSeries) -> None:
    """Refuse series of two patients, and those of which nothing shows that they are of one."""
    issuers = {text(one.headers[0], "IssuerOfPatientID") for one in (a, b)} - {""}
    if a.patient != b.patient or len(issuers) > 1:
        if not what_differs(*(patient_mark(*(text(one.headers[0], word) for word in _IDENTITY)) for one in (a, b))):
            sentence = (
                "The two series do not write the same Patient ID (0010,0020) and issuer, though nothing says that"
            )
            raise refuse(
                "patient", f"{sentence} they are of two patients: no DICOM object can belong to both. {AS_NIFTI}"
            )
        sentence = (
            "The two series belong to different patients (Patient ID (0010,0020) differs), so no DICOM object can "
            "belong to both: check that the right examinations were fused."
        )
        raise refuse("patient", sentence)
    if not a.patient and a.study != b.study:
        sentence = (
            "Neither series has a Patient ID (0010,0020) and they are from two studies, so nothing shows that they are "
            f"of one patient. {AS_NIFTI}"
        )
        raise refuse("patient", sentence)


def _check_space(fused: Fused, references: Sequence[ReferenceSeries]) -> None:
    """Refuse where the fused volume lies in another space than the series that it is said to lie on."""
    record = fused.provenance.a if fused.provenance.reference == "a" else fused.provenance.b
    here, there = fused.volume.frame_of_reference, reference_of(fused, references).frame_of_reference
    if record.move is None and here != there:
        sentence = (
            "The series named is not the one that was fused (its frame of reference differs): choose the "
            f"{record.modality} series that was opened."
        )
        raise refuse("DICOM export", sentence)

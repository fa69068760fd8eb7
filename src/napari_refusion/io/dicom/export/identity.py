"""Whose data an exported object is: the patient and study of its source, or a pseudonym that hides them."""

import hmac
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

from pydicom import Dataset
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid
from pydicom.valuerep import DA, TM

from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.header import text
from napari_refusion.volume.finding import refuse

DIGITS: Final = 16
"""Hexadecimal digits of a pseudonym."""
SHORTEST_KEY: Final = 16
"""Bytes of a key; a shorter one could be found by trying."""
NO_DATE: Final = "19000101"
"""Written where an object must have a date and its own would tell when the patient was examined."""
NO_TIME: Final = "000000"
"""The same for a time."""

_METHOD: Final = "napari-refusion: HMAC-SHA-256 of patient and UIDs; rest left out"
"""De-identification Method (0012,0063), at most 64 characters."""
_GROUPS: Final = (0x0008, 0x0010, 0x0012, 0x0032, 0x0038, 0x0040)
"""Groups of the attributes that say whose an image is and what made it; highdicom picks from them."""
_ELSEWHERE: Final = (0x00181000, 0x00181020, 0x00200010)
"""Device Serial Number, Software Versions and Study ID, in groups that else say how an image was taken and lies."""
_REQUIRED: Final = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID")
_STUDY: Final = ("StudyDate", "StudyTime", "ReferringPhysicianName")
_MUST_HAVE: Final = ("ContentDate", "ContentTime", "PresentationCreationDate", "PresentationCreationTime")
"""Dates that may not be empty in the objects that are written."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What hides a patient. Equal keys give equal pseudonyms and UIDs, so that exports of one project fit together."""

    patient: str = field(repr=False)
    """What tells the patient apart: the Patient ID of the sources, or, where they have none, a number of the project's.
    Never written; see `word`."""
    key: bytes = field(repr=False)
    """The project's secret, at least `SHORTEST_KEY` random bytes. Who has it can find the patient again."""

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            sentence = f"The project's key has {len(self.key)} bytes: make one of at least {SHORTEST_KEY} random bytes."
            raise refuse("pseudonym", sentence, f"{len(self.key)} bytes")
        if not self.patient.strip():
            sentence = "A pseudonym needs a patient identifier, and the Patient ID is empty: give one."
            raise refuse("pseudonym", sentence)

    @property
    def word(self) -> str:
        """Return the pseudonym: the first `DIGITS` hexadecimal digits of HMAC-SHA-256 of the patient (RFC 2104)."""
        return hmac.new(self.key, self.patient.strip().encode(), sha256).hexdigest()[:DIGITS]

    def uid(self, original: str) -> str:
        """Return the UID that stands for another one, of the form ``2.25.*`` (PS3.5, B.2)."""
        digest = hmac.new(self.key, b"UID " + original.strip().encode(), sha256).digest()
        return f"2.25.{UUID(bytes=digest[:16], version=5).int}"


def mapped(uid: str, pseudonym: Pseudonym | None) -> str:
    """Return a UID of the sources as it is written."""
    return pseudonym.uid(uid) if pseudonym else uid


def check_own_pseudonym(reference: ReferenceSeries, pseudonym: Pseudonym) -> None:
    """Refuse where a pseudonym is another patient's than a series'; for objects without the series' pixels.

    Raises
    ------
    RefusedError
        See above.
    """
    if reference.patient and reference.patient != pseudonym.patient.strip():
        raise refuse(
            "pseudonym", "The pseudonym was not made from the Patient ID of the series: make it from that one."
        )


def check_pseudonym(references: Sequence[ReferenceSeries], pseudonym: Pseudonym) -> None:
    """Refuse where a pseudonym is another patient's, or where the pixels may name the patient.

    Raises
    ------
    RefusedError
        See above.
    """
    for one in references:
        check_own_pseudonym(one, pseudonym)
        if one.says("BurnedInAnnotation", "YES"):
            sentence = (
                f"The {one.modality} images are marked as having burned-in text, which may name the patient and is "
                "also in the fused pixels: a pseudonym cannot hide it. Use images without it."
            )
            raise refuse("pseudonym", sentence, "YES")


def identity(reference: ReferenceSeries, frame_of_reference: str, pseudonym: Pseudonym | None) -> Dataset:
    """Return a header to build an object from: the patient and the study, and nothing that belongs to one image.

    It poses as a single-frame image of its own, so that highdicom takes it for a source whatever the real one is.
    Private attributes are left out. The name is left empty and set by `write_identity`: highdicom would write one
    without a caret into its log.
    """
    header = Dataset() if pseudonym else _own(reference.headers[0])
    for keyword in (*_REQUIRED, *_STUDY):
        if keyword not in header:
            setattr(header, keyword, "")
    header.PatientName = ""
    if pseudonym:
        header.PatientID = pseudonym.word
    header.StudyInstanceUID = mapped(reference.study, pseudonym)
    header.SeriesInstanceUID = mapped(reference.series, pseudonym)
    header.SOPClassUID, header.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    header.FrameOfReferenceUID = frame_of_reference
    return header


def write_identity(target: Dataset, reference: ReferenceSeries, pseudonym: Pseudonym | None) -> None:
    """Complete a new object: the patient's name and how it is spelt, or the marks of a pseudonym.

    In pseudonymised objects dates and times are emptied, those that must be there become `NO_DATE` and `NO_TIME`: an
    export on the day of the examination would tell that day.
    """
    # Demanded of every series whose body part may be one of two (C.7.3.1); a volume shows both sides. Empty: unknown.
    target.Laterality = ""
    if pseudonym is None:
        for keyword in ("SpecificCharacterSet", "PatientName"):
            if keyword in reference.headers[0]:
                target[keyword] = deepcopy(reference.headers[0][keyword])
        return
    target.PatientName = pseudonym.word
    target.PatientIdentityRemoved = "YES"
    target.DeidentificationMethod = _METHOD
    _without_dates(target)


def _without_dates(holder: Dataset) -> None:
    for element in list(holder):
        if element.VR == "SQ":
            for item in element.value:
                _without_dates(item)
        elif element.VR in ("DA", "TM", "DT") and element.value:
            must = element.keyword in _MUST_HAVE
            element.value = {"DA": NO_DATE, "TM": NO_TIME}.get(element.VR, "") if must else ""


def _own(header: Dataset) -> Dataset:
    """Return a copy of what a header says about patient, study and equipment, without private attributes."""
    own = Dataset()
    tags = sorted(header.keys())
    for tag in tags:
        # An attribute that cannot be read cannot be copied either, and none of these is needed for the image.
        if tag.group in _GROUPS or tag in _ELSEWHERE:
            with suppress(ValueError, TypeError, NotImplementedError):
                own[tag] = deepcopy(header[tag])
    own.remove_private_tags()
    own.pop("SpecificCharacterSet", None)
    # highdicom parses these and stops at an invalid value; an empty one says that it is unknown.
    if text(own, "PatientSex") not in ("M", "F", "O"):
        own.PatientSex = ""
    for keyword, kind in (("PatientBirthDate", DA), ("StudyDate", DA), ("StudyTime", TM)):
        try:
            kind(text(own, keyword))
        except ValueError:
            setattr(own, keyword, "")
    return own

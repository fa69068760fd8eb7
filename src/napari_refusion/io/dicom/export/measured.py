"""What objects of lesions are made from."""

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from napari_refusion.io.dicom.export.derivation import LONG_STRING, shortened, spelt
from napari_refusion.io.dicom.export.identity import Pseudonym
from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.volume.volume import Volume

Row = tuple[str, float, str]
"""Name of a measure (see `measure_codes.MEASURES`), its value, and its unit as UCUM code, ``{SUVbw}g/ml``."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A lesion and what was measured in it."""

    lesion: Lesion
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class LesionExport:
    """What the objects of one export of lesions are made from."""

    lesions: tuple[Measured, ...]
    source: Volume
    reference: ReferenceSeries
    frame_of_reference: str
    """Frame of Reference UID as it is written."""
    pseudonym: Pseudonym | None = None

    @property
    def is_ascii(self) -> bool:
        """Whether names, sites and methods are without letters that only Unicode has."""
        words = ((one.lesion.title, one.lesion.site, one.lesion.voi.method) for one in self.lesions)
        return all(word.isascii() for one in words for word in one)

    def tracking_uid(self, lesion: Lesion) -> str:
        """Return what tells a lesion from all others: the same in every export, and at both time points of a group."""
        whole = f"{self.reference.patient} group {lesion.group}" if self.reference.patient and lesion.group else ""
        words = whole or f"{self.reference.series} lesion {lesion.number}"
        if self.pseudonym is not None:
            return self.pseudonym.uid(words)
        return f"2.25.{uuid5(NAMESPACE_OID, words).int}"


def tracking_words(lesion: Lesion) -> str:
    """Return what people call a lesion, at most 64 characters of any alphabet."""
    return shortened(spelt(lesion.title), LONG_STRING) or f"Lesion {lesion.number}"

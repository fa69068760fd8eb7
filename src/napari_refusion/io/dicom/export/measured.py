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
    mark: str = ""
    """What tells it from every other lesion, of other readers and projects as well; empty where no record has one."""


@dataclass(frozen=True, slots=True, eq=False)
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

    def tracking_uid(self, one: Measured) -> str:
        """Return what tells a lesion from all others: the same in every export, and at both time points of a group.

        Without a mark it follows from series and number, which lists of two readers both have.
        """
        lesion, patient = one.lesion, self.reference.patient
        whole = f"{patient} group {lesion.group}" if patient and lesion.group else ""
        own = f"lesion {one.mark}" if one.mark else f"{self.reference.series} lesion {lesion.number}"
        if self.pseudonym is not None:
            return self.pseudonym.uid(whole or own)
        return f"2.25.{uuid5(NAMESPACE_OID, whole or own).int}"


def tracking_words(lesion: Lesion) -> str:
    """Return what people call a lesion, at most 64 characters of any alphabet."""
    return shortened(spelt(lesion.title), LONG_STRING) or f"Lesion {lesion.number}"

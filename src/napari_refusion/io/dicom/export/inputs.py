"""What the objects of one export are made from."""

from dataclasses import dataclass

from pydicom import Dataset

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.export.identity import Pseudonym
from napari_refusion.io.dicom.export.reference import ReferenceSeries


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """What the objects of one export are made from."""

    fused: Fused
    references: tuple[ReferenceSeries, ReferenceSeries]
    """Of source a and of source b."""
    frame_of_reference: str
    """Frame of Reference UID as it is written."""
    check_failed: str = ""
    """What failed and was overridden, as ``CHECK FAILED: Registration (overridden)``; ASCII, one line."""
    pseudonym: Pseudonym | None = None
    registration: Dataset | None = None
    """The Spatial Registration object that is written beside the others; None where nothing was registered."""

    @property
    def reference(self) -> ReferenceSeries:
        """Return the series whose grid the fused volume is on, and whose study the objects belong to."""
        return self.references[0 if self.fused.provenance.reference == "a" else 1]

    @property
    def burned_in(self) -> str:
        """Return Burned In Annotation (0028,0301): a source's burned-in text is in the fused pixels, too."""
        return "YES" if any(one.says("BurnedInAnnotation", "YES") for one in self.references) else "NO"

    @property
    def recognizable(self) -> bool:
        """Return whether a face may be made out: unless both sources say that none can."""
        return not all(one.says("RecognizableVisualFeatures", "NO") for one in self.references)

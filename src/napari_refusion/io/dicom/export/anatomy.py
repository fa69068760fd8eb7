"""Which part of the body frames show: the Frame Anatomy macro (PS3.3, C.7.6.16.2.8), which a Parametric Map needs."""

from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.export.references import code
from napari_refusion.io.dicom.header import text

_REGIONS: Final = {
    "HEAD": ("69536005", "Head"),
    "BRAIN": ("12738006", "Brain"),
    "NECK": ("45048000", "Neck"),
    "HEADNECK": ("774007", "Head and Neck"),
    "SPINE": ("421060004", "Spine"),
    "CHEST": ("816094009", "Chest"),
    "ABDOMEN": ("818981001", "Abdomen"),
    "PELVIS": ("816092008", "Pelvis"),
    "CHESTABDPELVIS": ("416775004", "Chest, Abdomen and Pelvis"),
    "WHOLEBODY": ("38266002", "Entire body"),
}
"""Body Part Examined (0018,0015) -> code of SNOMED CT and its meaning (PS3.16, Annex L); unpaired parts only."""

_UNKNOWN: Final = ("123037004", "Body structure")
"""The concept above all regions: true of every image of a body."""


def frame_anatomy(reference: ReferenceSeries) -> Dataset:
    """Return the item of Frame Anatomy Sequence (0020,9071) for the images of a series."""
    value, meaning = _REGIONS.get(text(reference.headers[0], "BodyPartExamined").upper(), _UNKNOWN)
    item = Dataset()
    # of a part that there is one of; whole slices show both sides of those there are two of
    item.FrameLaterality = "U"
    item.AnatomicRegionSequence = [code(value, "SCT", meaning)]
    return item

"""From a file to the regions in it: one table of the kinds of overlays that are read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

from pydicom.uid import RTStructureSetStorage, SegmentationStorage

from napari_refusion.io.boundary import bounded, decoding
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import quiet, text
from napari_refusion.io.formats import DICOM, format_of
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.overlays import segment_frames
from napari_refusion.io.overlays.belonging import check_within
from napari_refusion.io.overlays.overlay import Overlay
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

OverlayReader: TypeAlias = Callable[[Path, Volume], Overlay]
"""Reads one file for a source, or raises `RefusedError`."""


@dataclass(frozen=True, slots=True)
class OverlayKind:
    """One kind of file with regions."""

    name: str
    """What help and findings call it."""
    sop_classes: tuple[str, ...]
    """Of DICOM objects; none for the image formats."""
    module: str
    """Imported when such a file is read, and not before."""
    function: str
    """An `OverlayReader` in it."""

    def reader(self) -> OverlayReader:
        """Return the function that reads it."""
        found: OverlayReader = getattr(import_module(self.module), self.function)
        return found


LABEL_MAP: Final = OverlayKind("label map", (), "napari_refusion.io.overlays.label_map", "read_label_map")
"""NIfTI, and whatever other format images are read from whose voxels are numbers of labels."""

KINDS: Final = (
    OverlayKind(
        "DICOM SEG",
        (SegmentationStorage, segment_frames.LABEL_MAP),
        "napari_refusion.io.overlays.segmentation",
        "read_segmentation",
    ),
    OverlayKind(
        "RTSTRUCT", (RTStructureSetStorage,), "napari_refusion.io.overlays.structure_set", "read_structure_set"
    ),
    LABEL_MAP,
)
"""In the order of help."""


@bounded
@quiet()
def read_overlay(path: GivenPath, source: Volume) -> Overlay:
    """Return the regions of a DICOM SEG, an RTSTRUCT or a label map, as they lie on a source.

    Every region keeps the grid that it was drawn on; where its voxels are voxels of the source, that is the source's
    grid. The contours of an RTSTRUCT are filled on the grid of the source.

    Raises
    ------
    RefusedError
        If it is none of these or damaged, of another patient or frame of reference, or holds no region.
    """
    path = given_path(path)
    if not path.is_file():  # a folder has no regions; reading a pipe would not end
        words = "is a folder, a pipe or a device" if path.exists() else "does not exist"
        raise refuse("file", f"Choose one file with regions, for this {words}: {path}", str(path))
    found = kind_of(path).reader()(path, source)
    return replace(found, findings=(*found.findings, *check_within(found.name, found.segments, source)))


def kind_of(path: Path) -> OverlayKind:
    """Return the kind of a file with regions.

    Raises
    ------
    RefusedError
        If it is a DICOM object of another kind.
    """
    if format_of(path) is not DICOM:
        return LABEL_MAP
    with decoding(path):
        sop_class = text(read_dataset(path, stop_before_pixels=True), "SOPClassUID")
    for kind in KINDS:
        if sop_class in kind.sop_classes:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise refuse("file", f"Choose a file with regions ({known}): {path.name} is another DICOM object.", sop_class)

"""One DICOM slice: what a header says about an image, or about one frame of a multi-frame file; no pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from napari_refusion.io.dicom.content import UNSTATED, Content
from napari_refusion.io.dicom.header import Numbers
from napari_refusion.io.dicom.quantity import PetQuantity
from napari_refusion.io.dicom.real_world import RealWorld
from napari_refusion.io.dicom.stored import NO_RESCALE, Rescale, Stored
from napari_refusion.volume.finding import Finding

SEND_AGAIN: Final = "Send the complete series again from the scanner or the archive."
"""The remedy for whatever was lost on the way."""

SCOUTS: Final = frozenset({"LOCALIZER", "SCOUT", "SURVEY"})
"""Values of Image Type of images that only plan others."""


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """Where an image lies; None where the header does not say (or not readably)."""

    position: Numbers | None
    """Image Position (Patient) (0020,0032): first pixel's centre, (x, y, z) in LPS mm."""
    orientation: Numbers | None
    """Image Orientation (Patient) (0020,0037): directions of a row and of a column, 6 cosines."""
    pixel_spacing: Numbers | None
    """Pixel Spacing (0028,0030): mm between rows, mm between columns."""
    rows: int
    columns: int
    thickness: float | None
    """Slice Thickness (0018,0050), mm."""
    spacing: float | None
    """Spacing Between Slices (0018,0088), mm; negative in some nuclear medicine files."""
    frame_of_reference: str
    """Frame of Reference UID (0020,0052)."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """How an image's pixels are stored."""

    photometric: str
    """Photometric Interpretation (0028,0004)."""
    transfer_syntax: str
    """Transfer Syntax UID (0002,0010)."""
    lossy: bool
    """Lossy Image Compression (0028,2110) is 01."""
    burned_in: bool
    """Burned In Annotation (0028,0301) is YES."""
    expected: int
    """Bytes that rows, columns, bits and frames ask for."""
    found: int | None
    """Bytes there are; None for compressed files, whose length says nothing."""
    rescaled: bool
    """Whether there are a Rescale Slope and Intercept, or a Modality LUT."""
    rescale_type: str
    """Rescale Type (0028,1054)."""
    grey_palette: bool = False
    """Whether its palette holds greys only."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One image of a series."""

    path: Path
    frame: int
    """Number of the frame in its file, from 0."""
    frames: int
    """Frames in the file; more than 1 for multi-frame files."""
    sop_instance: str
    series_uid: str
    modality: str
    description: str
    series_number: str
    instance_number: str
    image_type: tuple[str, ...]
    slices_stated: int
    """Number of Slices (0054,0081), 0 where not stated."""
    place: ImagePlane
    pixels: Pixels
    pet_quantity: PetQuantity | None
    """Of what was stored as PET, which may be SPECT."""
    content: Content = UNSTATED
    """What it shows."""
    patient: str = ""
    """See `volume.origin.patient_mark`."""
    is_own: bool = False
    """Whether this program wrote it: a fused image, and no source."""
    faults: tuple[Finding, ...] = ()
    """Numbers in the header that cannot be trusted."""
    stored: Stored | None = None
    """How the pixels of its file are stored; None for an image that was not read from one."""
    rescale: Rescale = NO_RESCALE
    """What turns its stored numbers into values."""
    spect_units: str = ""
    """Of what was stored as SPECT: what its values are in, as Units (0054,1001) of PET says it: ``BQML``."""
    real_world: tuple[RealWorld, ...] = ()
    """Of PET and SPECT: what its header says of stored numbers beside the rescale."""
    frame_numbers: tuple[tuple[str, int], ...] = ()
    """What tells a frame of a gated SPECT from others at its place, see `nuclear.frame_numbers`."""

    @property
    def is_scout(self) -> bool:
        """Whether it only planned other images."""
        return not SCOUTS.isdisjoint(self.image_type)

    @property
    def name(self) -> str:
        """What to call it in a finding: the file, and the frame where there are several."""
        return f"{self.path.name} frame {self.frame + 1}" if self.frames > 1 else self.path.name


def named(images: Sequence[Slice], one: str = "is", several: str = "are") -> str:
    """Return the names of some images, the first three and how many more, with a verb: ``a.dcm is``."""
    names = [image.name for image in images[:3]]
    more = f" and {len(images) - 3} more" if len(images) > 3 else ""
    return f"{', '.join(names)}{more} {one if len(images) == 1 else several}"

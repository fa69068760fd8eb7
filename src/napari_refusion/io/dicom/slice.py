"""One DICOM slice: what a header says about an image, or about one frame of a multi-frame file; no pixels."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import UID

from napari_refusion.io.dicom.content import UNSTATED, Content, content_of
from napari_refusion.io.dicom.header import Numbers, decimals, stored, text, whole
from napari_refusion.io.dicom.own import is_own
from napari_refusion.io.dicom.quantity import PetQuantity, pet_quantity
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import patient_mark

SEND_AGAIN: Final = "Send the complete series again from the scanner or the archive."
"""The remedy for whatever was lost on the way."""


_PATIENT: Final = ("PatientID", "IssuerOfPatientID", "PatientBirthDate")

_NOTHING: Final = Dataset()

_FRAME_TYPES: Final = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence")


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
    """Whether there is a Rescale Slope, Intercept or Modality LUT."""
    rescale_type: str
    """Rescale Type (0028,1054)."""


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
    """For PET only."""
    content: Content = UNSTATED
    """What it shows."""
    patient: str = ""
    """See `volume.origin.patient_mark`."""
    is_own: bool = False
    """Whether this program wrote it: a fused image, and no source."""
    faults: tuple[Finding, ...] = ()
    """Numbers in the header that cannot be trusted."""

    @property
    def name(self) -> str:
        """What to call it in a finding: the file, and the frame where there are several."""
        return f"{self.path.name} frame {self.frame + 1}" if self.frames > 1 else self.path.name


def named(images: Sequence[Slice], one: str = "is", several: str = "are") -> str:
    """Return the names of some images, the first three and how many more, with a verb: ``a.dcm is``."""
    names = [image.name for image in images[:3]]
    more = f" and {len(images) - 3} more" if len(images) > 3 else ""
    return f"{', '.join(names)}{more} {one if len(images) == 1 else several}"


def slices_of(path: Path, header: Dataset, after_header: BinaryIO) -> list[Slice]:
    """Return one entry per frame of a file.

    Parameters
    ----------
    header
        Its header, read until the pixels.
    after_header
        The open file, standing where the pixel data begin.
    """
    frames = max(1, whole(header, "NumberOfFrames"))
    found = _pixel_bytes(header, after_header)
    tracer = pet_quantity(header) if text(header, "Modality") == "PT" else None
    own = is_own(header)
    return [_slice(path, header, frame, frames, found, tracer, own) for frame in range(frames)]


def _slice(
    path: Path, header: Dataset, frame: int, frames: int, found: int | None, tracer: PetQuantity | None, own: bool
) -> Slice:
    faults: list[Finding] = []
    name = f"{path.name} frame {frame + 1}" if frames > 1 else path.name
    groups = _groups(header, frame)
    image_type = _image_type(header, groups)
    return Slice(
        path=path,
        frame=frame,
        frames=frames,
        sop_instance=text(header, "SOPInstanceUID"),
        series_uid=text(header, "SeriesInstanceUID"),
        modality=text(header, "Modality"),
        description=text(header, "SeriesDescription"),
        series_number=text(header, "SeriesNumber"),
        instance_number=text(header, "InstanceNumber"),
        image_type=image_type,
        slices_stated=whole(header, "NumberOfSlices"),
        place=_place(header, groups, frame, name, faults),
        pixels=_pixels(header, groups, frames, found),
        pet_quantity=tracer,
        content=content_of(groups, frame, image_type),
        patient=patient_mark(*(text(header, keyword) for keyword in _PATIENT)),
        is_own=own,
        faults=tuple(faults),
    )


def _image_type(header: Dataset, groups: Sequence[Dataset]) -> tuple[str, ...]:
    """Return Frame Type (0008,9007) of a frame that has one of its own, else Image Type (0008,0008)."""
    for macro in _FRAME_TYPES if len(groups) > 1 else ():
        if words := text(_holder(groups[:-1], macro, "FrameType"), "FrameType"):
            return tuple(words.split("\\"))
    return tuple(text(header, "ImageType").split("\\"))


def _groups(header: Dataset, frame: int) -> list[Dataset]:
    """Return the header's parts in which one frame's values are looked up, the frame's own first."""
    parts = []
    for keyword, number in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        items = header.get(keyword) or [] if stored(header, keyword) is not None else []
        if number < len(items):
            parts.append(items[number])
    if stored(header, "DetectorInformationSequence") is not None and text(header, "Modality") == "NM":
        parts += list(header.get("DetectorInformationSequence") or [])[:1]
    return [*parts, header]


def _holder(groups: Sequence[Dataset], macro: str, keyword: str) -> Dataset:
    """Return the dataset that holds an attribute: in a functional group macro, or directly."""
    for group in groups:
        nested = group.get(macro) if stored(group, macro) is not None else None
        for holder in [*(nested or [])[:1], group]:
            if stored(holder, keyword) is not None:
                found: Dataset = holder
                return found
    return _NOTHING


def _place(header: Dataset, groups: Sequence[Dataset], frame: int, name: str, faults: list[Finding]) -> ImagePlane:
    def numbers(macro: str, keyword: str, count: int) -> Numbers | None:
        return decimals(_holder(groups, macro, keyword), keyword, count, name, faults)

    position = numbers("PlanePositionSequence", "ImagePositionPatient", 3)
    orientation = numbers("PlaneOrientationSequence", "ImageOrientationPatient", 6)
    thickness = numbers("PixelMeasuresSequence", "SliceThickness", 1)
    spacing = numbers("PixelMeasuresSequence", "SpacingBetweenSlices", 1)
    if frame and "PerFrameFunctionalGroupsSequence" not in header:
        position = _stacked(header, position, orientation, spacing, frame)
    return ImagePlane(
        position=position,
        orientation=orientation,
        pixel_spacing=numbers("PixelMeasuresSequence", "PixelSpacing", 2),
        rows=whole(header, "Rows"),
        columns=whole(header, "Columns"),
        thickness=thickness[0] if thickness else None,
        spacing=spacing[0] if spacing else None,
        frame_of_reference=text(header, "FrameOfReferenceUID"),
    )


def _stacked(
    header: Dataset, first: Numbers | None, orientation: Numbers | None, spacing: Numbers | None, frame: int
) -> Numbers | None:
    """Return the position of a frame of a reconstructed SPECT, which states only the first one's.

    NM Reconstruction module (PS3.3, C.8.4.15): further slices follow Spacing Between Slices apart along the normal,
    against it where the spacing is negative. Slice Vector (0054,0080) tells which slice a frame is.
    """
    if text(header, "Modality") != "NM" or "RECON TOMO" not in text(header, "ImageType"):
        return None
    if first is None or orientation is None or spacing is None or not spacing[0]:
        return None
    vector = header.get("SliceVector")
    order = [vector] if isinstance(vector, int) else list(vector or [])
    number = order[frame] - order[0] if frame < len(order) else frame
    normal = np.cross(orientation[:3], orientation[3:])
    return tuple((np.asarray(first) + number * spacing[0] * normal).tolist())


def _pixels(header: Dataset, groups: Sequence[Dataset], frames: int, found: int | None) -> Pixels:
    macro = "PixelValueTransformationSequence"
    bits = whole(header, "Rows") * whole(header, "Columns") * frames * whole(header, "BitsAllocated")
    marks = ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence")
    meta = getattr(header, "file_meta", Dataset())
    return Pixels(
        photometric=text(header, "PhotometricInterpretation"),
        transfer_syntax=text(meta, "TransferSyntaxUID"),
        lossy=text(header, "LossyImageCompression") == "01",
        burned_in=text(header, "BurnedInAnnotation") == "YES",
        expected=(bits * max(1, whole(header, "SamplesPerPixel")) + 7) // 8,
        found=found,
        rescaled=any(mark in _holder(groups, macro, mark) for mark in marks),
        rescale_type=text(_holder(groups, macro, "RescaleType"), "RescaleType"),
    )


def _pixel_bytes(header: Dataset, file: BinaryIO) -> int | None:
    """Return how many bytes of pixels a file really has; None where they are compressed."""
    syntax = UID(text(getattr(header, "file_meta", Dataset()), "TransferSyntaxUID"))
    if syntax and (not syntax.is_transfer_syntax or syntax.is_compressed or syntax.is_deflated):
        return None
    implicit, little = header.original_encoding
    start = file.read(8 if implicit else 12)
    stated = int.from_bytes(start[4:8] if implicit else start[8:12], "little" if little else "big")
    return min(stated, max(0, os.fstat(file.fileno()).st_size - file.tell()))

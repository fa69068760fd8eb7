"""For any viewer: a fused volume as Multi-frame Grayscale Word Secondary Capture (PS3.3, A.8.4), 16 bit.

highdicom's `SCImage` holds one frame only, so the object is put together here on its base class.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.tag import Tag
from pydicom.uid import MultiFrameGrayscaleWordSecondaryCaptureImageStorage

from napari_refusion.io.dicom.export.derivation import describe, new_object
from napari_refusion.io.dicom.export.identity import write_identity
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.frames import Frames, check_written, frames_of, geometry_groups
from napari_refusion.io.dicom.header import quiet
from napari_refusion.notice import LOUD

SERIES_NUMBER: Final = 9002
WHITE: Final = 65535
"""The stored value of a fused brightness of 1."""
SMALLEST_LETTERS: Final = 10
"""Pixels; the banner's letters are a 32nd of the image's width high and never smaller than this."""
MARGIN: Final = 2
"""Pixels around the banner's lines."""

_PER_FRAME: Final = Tag("PerFrameFunctionalGroupsSequence")


def secondary_capture(export: Export) -> Dataset:
    """Return a fused volume as a secondary capture with new Series and SOP Instance UIDs.

    A stored value is the fused brightness times `WHITE`, rounded. The banner (`notice.LOUD` and a failed check)
    is in the pixels of every frame, in a band above the image, so that it hides no voxel; the position of the frames
    counts the band in. Images too narrow for a word of it are widened to the right.

    Raises
    ------
    RefusedError
        If DICOM cannot hold the geometry.
    """
    frames = _with_banner(frames_of(export.fused.volume, export.reference.orientation), export.check_failed)
    with quiet():
        dataset = new_object(
            export, MultiFrameGrayscaleWordSecondaryCaptureImageStorage, modality="OT", series_number=SERIES_NUMBER
        )
        dataset.ConversionType = "WSD"
        dataset.ImageType = ["DERIVED", "SECONDARY"]
        _add_pixels(dataset, frames)
        _add_geometry(dataset, frames, export.frame_of_reference)
        describe(dataset, export)
        write_identity(dataset, export.reference, export.pseudonym)
    check_written(dataset, frames)
    return dataset


def stored(fused: np.ndarray) -> NDArray[np.uint16]:
    """Return the stored values of fused brightness in [0, 1], any shape."""
    return np.round(np.clip(np.nan_to_num(fused.astype(np.float64)), 0.0, 1.0) * WHITE).astype(np.uint16)


def banner(words: str, columns: int) -> NDArray[np.uint16]:
    """Return the band with the banner, (rows, at least `columns`): white letters on black, as many lines as it takes.

    Parameters
    ----------
    words
        What stands below `notice.LOUD`; may be empty.
    """
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(max(SMALLEST_LETTERS, columns // 32))
    wanted = max(columns, *(int(np.ceil(font.getlength(word))) + 2 * MARGIN for word in f"{LOUD} {words}".split()))
    lines: list[str] = []
    for paragraph in (LOUD, words):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > wanted - 2 * MARGIN:
                lines.append(line)
                longer = word
            line = longer
        lines += [line] if line else []
    _, _, _, height = font.getbbox("Ag")
    step = int(np.ceil(height)) + MARGIN
    picture = Image.new("L", (wanted, len(lines) * step + MARGIN))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + number * step), line, fill=255, font=font)
    return np.asarray(picture).astype(np.uint16) * (WHITE // 255)


def _with_banner(frames: Frames, words: str) -> Frames:
    """Return frames of stored values with the band above them."""
    count, rows, columns = frames.data.shape
    band = banner(words, columns)
    data = np.zeros((count, len(band) + rows, band.shape[1]), np.uint16)
    data[:, : len(band)] = band
    data[:, len(band) :, :columns] = stored(frames.data)
    affine = frames.affine.copy()
    affine[:3, 3] -= len(band) * affine[:3, 1]
    return Frames(data, affine)


def _add_pixels(dataset: Dataset, frames: Frames) -> None:
    """Add the modules Image Pixel, SC Multi-frame Image, Multi-frame and VOI LUT."""
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = frames.data.shape
    if len(frames.data) > 1:
        dataset.FrameIncrementPointer = _PER_FRAME
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    # Required of every 16-bit secondary capture (C.8.6.3); US says that the values have no unit.
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "US"
    dataset.PresentationLUTShape = "IDENTITY"
    # From 0 to 65535 by the linear function of C.11.2.1.2.
    dataset.WindowCenter, dataset.WindowWidth = 32768, 65536
    dataset.PixelData = frames.data.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"


def _add_geometry(dataset: Dataset, frames: Frames, frame_of_reference: str) -> None:
    """Add the modules Frame of Reference and Multi-frame Functional Groups, which here know no dimension index."""
    measures, orientation, positions = geometry_groups(frames)
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = frame_of_reference, ""
    dataset.PatientOrientation = frames.sides
    shared = Dataset()
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = measures, orientation
    dataset.SharedFunctionalGroupsSequence = [shared]
    groups = [Dataset() for _ in positions]
    for group, position in zip(groups, positions, strict=True):
        group.PlanePositionSequence = position
    dataset.PerFrameFunctionalGroupsSequence = groups

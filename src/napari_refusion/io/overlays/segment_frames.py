"""The frames of a DICOM Segmentation object: which segment each one is of, and the voxels in it.

One frame is decoded at a time, and of each only the box around its voxels is kept: a file of a hundred segments of a
whole body takes no more memory than what is drawn in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    ExplicitVRBigEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from napari_refusion.io.dicom.codestream import declared_pixels
from napari_refusion.io.dicom.header import text, whole
from napari_refusion.io.dicom.stored import syntax_of
from napari_refusion.io.plausible import MOST_VOXELS
from napari_refusion.volume.finding import refuse

LABEL_MAP: Final = "1.2.840.10008.5.1.4.1.1.66.7"
"""SOP Class of Label Map Segmentation Storage, which pydicom 3.0 does not name."""

MOST_PIXELS: Final = 2**26
"""Of one frame."""

LOSSLESS: Final = (
    RLELossless,
    *(JPEGLossless, JPEGLosslessSV1, JPEGLSLossless),
    *(JPEG2000Lossless, HTJ2KLossless, HTJ2KLosslessRPCL),
)
"""Transfer syntaxes of compressed frames that are read: what loses something moves edges."""

HALF: Final = 0.5
"""Of Maximum Fractional Value (0062,000E): what is less is more outside than inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What one frame holds of one segment, at least one voxel."""

    frame: int
    """From 0, in the order of the file."""
    row: int
    """Of the first row of `mask`."""
    column: int
    mask: NDArray[np.bool_]
    """(rows, columns), the box around its voxels."""


def patches_of(dataset: Dataset, name: str, numbers: frozenset[int], *, is_label_map: bool) -> dict[int, list[Patch]]:
    """Return segment number -> what its frames hold; without the segments that hold nothing.

    Parameters
    ----------
    numbers
        The segments that the file describes.
    is_label_map
        Whether the pixels are numbers of segments, and not the voxels of one.

    Raises
    ------
    RefusedError
        If frames are missing or cannot be decoded, or hold a segment that the file does not describe.
    """
    found: dict[int, list[Patch]] = {}
    _check_size(dataset, name)
    of_frame = [] if is_label_map else _numbers(dataset, name)
    for frame, pixels in enumerate(_decoded(dataset, name)):
        held = [int(one) for one in np.unique(pixels) if one] if is_label_map else [of_frame[frame]]
        for number in held:
            mask = pixels == number if is_label_map else pixels
            if not mask.any():
                continue
            if number not in numbers:
                sentence = f"Export {name} again: it holds voxels of a segment {number} that it does not describe."
                raise refuse("volume of interest", sentence, f"segment {number}")
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
            found.setdefault(number, []).append(Patch(frame, int(rows[0]), int(columns[0]), box))
    return found


def _check_size(dataset: Dataset, name: str) -> None:
    rows, columns, frames = (whole(dataset, word) for word in ("Rows", "Columns", "NumberOfFrames"))
    written = f"{frames} frames of {rows} x {columns}"
    if min(rows, columns, frames) < 1 or rows * columns > MOST_PIXELS or rows * columns * frames > 8 * MOST_VOXELS:
        raise refuse("size", f"Export {name} again: it declares {written}, which no segmentation has.", written)


def _numbers(dataset: Dataset, name: str) -> list[int]:
    """Return the segment of each frame, by its own functional groups or the shared ones (C.8.20.3.1)."""
    shared = _number_in(next(iter(dataset.get("SharedFunctionalGroupsSequence") or []), Dataset()))
    numbers = [_number_in(group) or shared for group in dataset.get("PerFrameFunctionalGroupsSequence") or []]
    frames = whole(dataset, "NumberOfFrames")
    if len(numbers) != frames or not all(numbers):
        value = f"{sum(map(bool, numbers))} of {frames} frames"
        raise refuse("frames", f"Export {name} again: it says of {value} only which segment they are of.", value)
    return numbers


def _number_in(group: Dataset) -> int:
    items = group.get("SegmentIdentificationSequence") or []
    return whole(items[0], "ReferencedSegmentNumber") if items else 0


def _decoded(dataset: Dataset, name: str) -> Iterator[np.ndarray]:
    """Yield every frame, (rows, columns): bool, or the numbers of a label map.

    The bits of a binary segmentation run on from frame to frame: a frame need not begin with a byte (PS3.5, 8.1.1).
    """
    rows, columns, frames = (whole(dataset, word) for word in ("Rows", "Columns", "NumberOfFrames"))
    bits, fractional = whole(dataset, "BitsAllocated"), text(dataset, "SegmentationType") == "FRACTIONAL"
    least = HALF * whole(dataset, "MaximumFractionalValue") if fractional else 0.5
    if fractional and least <= 0:
        raise refuse("values", f"Export {name} again: it holds fractions and does not say of what.", "no maximum")
    size = rows * columns
    native = not syntax_of(dataset).is_encapsulated
    if bits not in (1, 8, 16) or (not native and syntax_of(dataset) not in LOSSLESS):
        value = f"{bits} bits, {syntax_of(dataset).name}"
        raise refuse("compression", f"Export {name} uncompressed: its frames ({value}) are not read.", value)
    content = _content(dataset)
    if native and len(content) * 8 < size * frames * bits:
        value = f"{len(content)} of {-(-size * frames * bits // 8)} bytes"
        raise refuse("truncated file", f"Copy {name} again: it ends before its last frame ({value}).", value)
    if not native:
        _check_declared(dataset, content, name)
    is_label_map = text(dataset, "SOPClassUID") == LABEL_MAP
    for frame in range(frames):
        pixels = _native(content, frame, size, bits) if native else _of_codec(dataset, frame)
        yield pixels.reshape(rows, columns) if is_label_map else pixels.reshape(rows, columns) >= least


def _content(dataset: Dataset) -> bytes:
    """Return the bytes of the pixels; of big endian words, those of little endian ones."""
    content: bytes = dataset.get("PixelData") or b""
    if syntax_of(dataset) == ExplicitVRBigEndian and content and dataset["PixelData"].VR == "OW":
        return np.frombuffer(content, ">u2", len(content) // 2).astype("<u2").tobytes()
    return content


def _check_declared(dataset: Dataset, content: bytes, name: str) -> None:
    """Refuse compressed frames that would be decoded to more pixels than the header has: decoders take their word."""
    rows, columns, frames = (whole(dataset, word) for word in ("Rows", "Columns", "NumberOfFrames"))
    tables = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    offsets: Any = tables if all(isinstance(table, bytes) for table in tables) else None
    for frame in generate_frames(content, number_of_frames=frames, extended_offsets=offsets):
        if (pixels := declared_pixels(frame)) > rows * columns:
            value = f"{pixels} pixels in {rows} x {columns}"
            raise refuse("size", f"Export {name} again: its compressed frames declare {value}.", value)


def _native(content: bytes, frame: int, size: int, bits: int) -> np.ndarray:
    """Return the pixels of one frame of uncompressed data, (size,)."""
    if bits == 1:
        first, last = frame * size, (frame + 1) * size
        packed = np.frombuffer(content, np.uint8, -(-last // 8) - first // 8, first // 8)
        return np.unpackbits(packed, bitorder="little")[first % 8 : first % 8 + size]
    kind = np.dtype("<u1" if bits == 8 else "<u2")
    return np.frombuffer(content, kind, size, frame * size * kind.itemsize)


def _of_codec(dataset: Dataset, frame: int) -> np.ndarray:
    """Return the pixels of one compressed frame."""
    from pydicom.pixels import pixel_array

    pixels: np.ndarray = pixel_array(dataset, index=frame)
    return pixels

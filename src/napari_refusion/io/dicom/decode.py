"""The stored numbers of an image: decoded by pydicom, and cleared of what is no pixel in their bits."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1

from napari_refusion.io.dicom.codestream import declared_bits, declared_pixels
from napari_refusion.io.dicom.contents import Source
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.stored import Stored

_JPEG: Final = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
"""Transfer syntaxes of JPEG (ITU-T T.81); of JPEG-LS, pydicom asks the frame itself."""


def decoded(content: Source, images: Sequence[Slice], stored: Stored) -> Iterator[tuple[Slice, np.ndarray]]:
    """Yield frames of a file in its order, each with its pixels (rows, columns) or, where they are colours, with RGB.

    Grey values are as they are stored, still with everything that lies in their bits; see `pixels_only`.

    Parameters
    ----------
    images
        Those of its frames that are wanted, at least one.

    Raises
    ------
    BaseException
        Whatever codecs raise on damaged data; those in Rust panic with what is no Exception. Callers stand behind
        `boundary.decoding`.
    """
    size = len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size
    if size != stored.size:
        raise ValueError("it was changed while it was read")
    if stored.start and stored.syntax.is_encapsulated != (stored.length is None):
        words = "compressed, and its pixels are not" if stored.syntax.is_encapsulated else "raw, and its pixels are not"
        raise ValueError(f"its Transfer Syntax (0002,0010) is {words}")
    pixels = _frames(content, images, stored)
    if not stored.tiles:
        yield from zip(sorted(images, key=lambda image: image.frame), pixels, strict=True)
        return
    (mosaic,) = pixels
    for image in images:
        down, right = divmod(image.frame, stored.tiles)
        rows, columns = image.place.rows, image.place.columns
        yield image, mosaic[down * rows : (down + 1) * rows, right * columns : (right + 1) * columns]


def pixels_only(numbers: np.ndarray, stored: Stored) -> np.ndarray:
    """Return numbers without the bits around those of a pixel, and with the sign of these.

    A pixel's bits end at High Bit (0028,0102); overlays and debris may lie above and below, in files of every transfer
    syntax. Pixel padding keeps all of its bits, which may not fit into those of a pixel; where pixels are shifted up,
    it is one of their numbers, and a word that looks like it is another one.

    Parameters
    ----------
    numbers
        Any shape, as the decoder gave them.
    """
    numbers = numbers.astype(numbers.dtype.newbyteorder("="), copy=False)
    size = numbers.dtype.itemsize
    above = 8 * size - 1 - stored.high_bit
    if numbers.dtype.kind == "f" or above < 0 or stored.bits_stored >= 8 * size:
        return numbers
    # Shifted up, the bits above fall off; shifted down, those below do, and a signed number draws its sign along.
    unsigned = np.left_shift(numbers.view(f"u{size}"), above)
    cleared = np.right_shift(unsigned.view(f"{'i' if stored.signed else 'u'}{size}"), 8 * size - stored.bits_stored)
    if stored.padding is None or stored.high_bit + 1 != stored.bits_stored:
        return cleared
    low, high = stored.padding
    return np.where((numbers >= low) & (numbers <= high), numbers, cleared)


def strange_bits(numbers: np.ndarray, cleared: np.ndarray, stored: Stored) -> bool:
    """Return whether bits that `pixels_only` removed held anything.

    Below those of the pixels that is anything; above them, more than a drawn-out sign. One writer draws signs out or
    does not: where both occur, or an opposite sign stands above, numbers lie beyond the bits that the header states.
    """
    if cleared is numbers or np.array_equal(numbers, cleared):
        return False
    numbers = numbers.astype(numbers.dtype.newbyteorder("="), copy=False)
    size = numbers.dtype.itemsize
    unsigned = numbers.view(f"u{size}")
    usual = (unsigned & ((1 << (stored.high_bit + 1 - stored.bits_stored)) - 1)) == 0
    if stored.high_bit + 1 < 8 * size:
        above = unsigned >> np.uint8(stored.high_bit + 1)
        drawn_out = (1 << (8 * size - 1 - stored.high_bit)) - 1
        negative = (unsigned >> np.uint8(stored.high_bit)) & 1 == 1
        drawn = (above == drawn_out) & stored.signed
        usual &= (above == 0) | (drawn & negative)
        if (drawn & negative).any():
            usual &= drawn | ~negative
    if stored.padding:
        usual |= (numbers >= stored.padding[0]) & (numbers <= stored.padding[1])
    return not bool(usual.all())


def read_header(content: Source) -> Dataset:
    """Return the data set of a file, also of one without file meta information."""
    # an open file is opened anew: a decoder is reading from where it stands
    return read_dataset(content if isinstance(content, bytes) else Path(content.name))


def _frames(content: Source, images: Sequence[Slice], stored: Stored) -> Iterator[np.ndarray]:
    """Yield the stored images that are wanted, in the order of the file."""
    decoder = get_decoder(stored.syntax)
    wanted = sorted({0 if stored.tiles else image.frame for image in images})
    # Without a choice, pydicom walks through compressed frames once instead of once for each.
    indices = wanted if len(wanted) < stored.frames else None
    options = _options(images[0], stored)
    if stored.syntax in _JPEG and stored.bits_allocated == 16 and stored.bits_stored <= 8:
        options["bits_allocated"] = _allocated_by_jpeg(content, stored)
    _check_frames(content, stored, max(wanted) + 1)
    frames = decoder.iter_array(
        _source(content, stored), indices=indices, raw=stored.samples == 1, view_only=True, **options
    )
    yield from (pixels for pixels, _ in frames)


def _allocated_by_jpeg(content: Source, stored: Stored) -> int:
    """Return the bits to which the frames of a JPEG file are decoded: 8 where they hold no more, although it has 16.

    Such files are legal (PS3.5, 8.2.1: the frame's own precision counts), and pydicom takes their bytes in pairs.
    """
    source: Any = _source(content, stored)
    frames = generate_frames(source, number_of_frames=stored.frames, extended_offsets=stored.offsets)
    return 8 if 0 < max((declared_bits(frame) for frame in frames), default=0) <= 8 else stored.bits_allocated


def _check_frames(content: Source, stored: Stored, count: int) -> None:
    """Raise ValueError where one of the first frames of a file would be decoded to more pixels than its header has."""
    if not stored.syntax.is_encapsulated:
        return
    source: Any = _source(content, stored)
    frames = generate_frames(source, number_of_frames=stored.frames, extended_offsets=stored.offsets)
    for frame in islice(frames, count):
        if (pixels := declared_pixels(frame)) > stored.rows * stored.columns:
            raise ValueError(f"its compressed data declare {pixels} pixels for {stored.rows} x {stored.columns}")


def _source(content: Source, stored: Stored) -> Source | memoryview:
    """Return the value of the pixel element, of uncompressed files without copying it; or the file standing there."""
    if not stored.start:
        value: bytes = read_header(content)[stored.keyword].value
        return value
    if not isinstance(content, bytes):
        content.seek(stored.start)
        return content
    if stored.length is None:
        return content[stored.start :]
    return memoryview(content)[stored.start : stored.start + stored.length]


def _options(image: Slice, stored: Stored) -> dict[str, Any]:
    """Return what the decoder is told, as it stood in the header."""
    options: dict[str, Any] = {
        "rows": stored.rows,
        "columns": stored.columns,
        "number_of_frames": stored.frames,
        "samples_per_pixel": stored.samples,
        "bits_allocated": stored.bits_allocated,
        "bits_stored": stored.bits_stored,
        "photometric_interpretation": image.pixels.photometric,
        "pixel_keyword": stored.keyword,
        "pixel_vr": stored.vr,
        "correct_unused_bits": False,  # `pixels_only` does that, and knows the padding and the high bit
    }
    if stored.keyword == "PixelData":
        options["pixel_representation"] = int(stored.signed)
    if stored.samples > 1:
        options["planar_configuration"] = stored.planar
    if stored.offsets:
        options["extended_offsets"] = stored.offsets
    return options

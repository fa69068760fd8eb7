"""Decoding TIFF by tifffile, and by Pillow where that decodes a compression exactly."""

import io
import logging
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.picture.colours import profile_note
from napari_refusion.io.picture.decoded import LOOKED_UP, ORIENTATION, Picture, check_size, unknown_colours
from napari_refusion.io.picture.depth import stated_by_tiff
from napari_refusion.volume.finding import refuse

_ICC_PROFILE: Final = 34675
"""TIFF tag (ICC.1, annex B)."""

_TURNED_BY_DECODER: Final = ("JPEG", "OJPEG")
"""Compressions whose decoders return RGB."""

_LUMA: Final = ((529, (0.299, 0.587, 0.114)), (532, (0, 255, 128, 255, 128, 255)))
"""Tags of the coefficients of red, green and blue in luma and of the range, each with what it is if it is missing."""

_ROUNDED_UP: Final = 16
"""Bytes by which programs round up what a strip holds."""


def _check_pages(path: Path, content: bytes) -> None:
    """Refuse a TIFF file whose pages name one another as the next in a circle, which would be read without end.

    TIFF 6.0, section 2: every page's directory ends with the place of the next; 43 in the header marks BigTIFF.
    """
    try:
        order = "<" if content[:2] == b"II" else ">"
        is_big = struct.unpack_from(f"{order}H", content, 2)[0] == 43
        counted, placed, entry, first = ("Q", "Q", 20, 8) if is_big else ("H", "I", 12, 4)
        seen: set[int] = set()
        (place,) = struct.unpack_from(order + placed, content, first)
        while place and place not in seen:
            seen.add(place)
            (entries,) = struct.unpack_from(order + counted, content, place)
            behind = place + struct.calcsize(order + counted) + entry * entries
            (place,) = struct.unpack_from(order + placed, content, behind)
    except struct.error:  # it ends before: tifffile says what is wrong with it
        return
    if place:
        raise refuse("file", f"Export it again, for it is damaged (its pages follow one another in a circle): {path}")


def decode_tiff(path: Path, content: bytes) -> Picture:
    """Return the pixels of a TIFF file of one page; raises what it stumbles over, or `RefusedError`."""
    import tifffile

    _check_pages(path, content)
    if not tifffile.logger().hasHandlers():  # it writes about damaged tags to the terminal otherwise
        tifffile.logger().addHandler(logging.NullHandler())
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        pages: list[Any] = [page for page in tiff.pages if not getattr(page, "is_reduced", False)]
        stacked = max((series.size for series in tiff.series), default=0) // max(tiff.pages.first.size, 1)
        check_size(path, tiff.pages.first.shape, max(len(pages), stacked))
        return _page(path, tiff.pages.first, content)


def _page(path: Path, page: Any, content: bytes) -> Picture:  # noqa: ANN401  tifffile's page is not typed
    """Return the pixels of a TIFF page, brighter values being brighter."""
    kind = page.photometric.name if hasattr(page.photometric, "name") else str(page.photometric)
    if kind not in ("MINISBLACK", "MINISWHITE", "RGB", "PALETTE", "YCBCR") or page.dtype is None:
        raise unknown_colours(path, kind)
    ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
    if max(ends, default=0) > len(content):
        raise ValueError(f"it ends after {len(content)} of {max(ends)} bytes")
    if page.compression == 1 and not page.is_tiled and page.bitspersample in (8, 16, 32, 64):
        _check_bytes(page)
    orientation = int(page.tags.valueof(ORIENTATION, 1))
    try:
        pixels = page.asarray()
    except ValueError:  # a compression that tifffile needs a further library for
        pixels = _tiff_by_pillow(path, page, content, kind, orientation)
    else:
        if kind == "YCBCR" and getattr(page.compression, "name", "") not in _TURNED_BY_DECODER:
            pixels = _rgb_of_luma(path, page, pixels)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if kind == "PALETTE":
        # Programs stretch 8-bit colours to the table's 16 bits by 256 or by 257; the upper byte is the colour in both.
        return Picture(np.moveaxis(page.colormap[:, pixels] >> 8, 0, -1), 255, orientation, (LOOKED_UP,))
    full = 2 ** int(page.bitspersample) - 1 if pixels.dtype.kind in "ub" and page.bitspersample <= 16 else 0
    stated, note = stated_by_tiff(page, int(pixels.max())) if full == 65535 else (full if full > 255 else None, "")
    notes, full = (note,) if note else (), stated or full
    of_profile = profile_note(page.tags.valueof(_ICC_PROFILE)) if kind == "RGB" else ()
    if kind == "MINISWHITE":
        if not full:
            raise unknown_colours(path, f"{kind} of {pixels.dtype}")
        notes = ("stores black as the highest value", *notes)
        return Picture(full - pixels.astype(np.int32), full, orientation, notes, stated is not None)
    return Picture(pixels, full, orientation, notes + of_profile, stated is not None)


def _rgb_of_luma(path: Path, page: Any, pixels: np.ndarray) -> NDArray[np.uint8]:  # noqa: ANN401  tifffile's page
    """Return the colours, (rows, columns, 3), of luma and two chromas of 8 bits, which TIFF 6.0, section 21, defines.

    Raises
    ------
    RefusedError
        For other coefficients or another range than the usual ones.
    """
    stated = [_ratios(page.tags.valueof(tag)) for tag, _ in _LUMA]
    usual = all(
        one is None or np.allclose(one, known, atol=1e-3) for one, (_, known) in zip(stated, _LUMA, strict=True)
    )
    if not usual or pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise unknown_colours(path, "YCBCR")
    luma, blue, red = (pixels[..., channel].astype(np.float64) - (0, 128, 128)[channel] for channel in range(3))
    share_of_red, share_of_green, share_of_blue = _LUMA[0][1]
    reds, blues = luma + (2 - 2 * share_of_red) * red, luma + (2 - 2 * share_of_blue) * blue
    greens = (luma - share_of_red * reds - share_of_blue * blues) / share_of_green
    return np.rint(np.clip(np.stack([reds, greens, blues], axis=-1), 0, 255)).astype(np.uint8)


def _ratios(value: Any) -> list[float] | None:  # noqa: ANN401  whatever a tag holds
    """Return the numbers of a tag of fractions, None where there is none."""
    return None if value is None else [top / (bottom or 1) for top, bottom in zip(value[::2], value[1::2], strict=True)]


def _check_bytes(page: Any) -> None:  # noqa: ANN401  tifffile's page is not typed
    """Raise ValueError where a page that is not compressed holds other bytes than its size asks for.

    tifffile fills up with zeros, or lets rows go on in the next one. The last strip may be as long as the others.
    """
    rows, held = page.imagelength, sum(page.databytecounts)
    in_strip = min(page.rowsperstrip or rows, rows)
    most = page.nbytes // rows * in_strip * -(-rows // in_strip)
    if not page.nbytes <= held <= most + _ROUNDED_UP:
        raise ValueError(f"it declares {page.nbytes} bytes of pixels and holds {held}")


def _tiff_by_pillow(path: Path, page: Any, content: bytes, kind: str, orientation: int) -> np.ndarray:  # noqa: ANN401
    """Return the pixels of a compressed TIFF page where Pillow decodes it to exactly what the page declares."""
    from PIL import Image

    # Pillow turns TIFF images by itself, and wrongly where rows become columns; it also inverts MINISWHITE.
    if orientation == 1 and kind in ("MINISBLACK", "RGB", "YCBCR"):
        with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
            pixels = np.asarray(image.convert("RGB") if kind == "YCBCR" else image)
        if pixels.dtype == page.dtype and pixels.shape == page.shape:
            return pixels
    compression = getattr(page.compression, "name", str(page.compression))
    sentence = f"Save it uncompressed or as PNG, for it has an unsupported compression ({compression}): {path}"
    raise refuse("content", sentence, compression)

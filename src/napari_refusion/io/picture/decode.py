"""Decoding PNG, JPEG and TIFF without losing bits on the way.

Pillow reads PNG and JPEG, but turns 16-bit colours into 8-bit ones without a word, and TIFF of several kinds wrongly;
those are read by SimpleITK (PNG) and tifffile (TIFF).
"""

import io
import logging
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from napari_refusion.io.boundary import decoding, no_memory, reason
from napari_refusion.io.formats import ending
from napari_refusion.io.picture.depth import stated_by_png, stated_by_tiff, without_depth
from napari_refusion.volume.finding import RefusedError, refuse

FORMATS: Final = ("PNG", "JPEG", "BMP")
"""What is read without TIFF's care; bitmaps because some data sets hold them under the name of a JPEG."""

_OF_CAMERAS: Final = "MPO"
"""What Pillow calls a JPEG with a preview, a depth map or a second view behind its image (CIPA DC-007)."""

_MOST_PIXELS: Final = 2**26
"""8192 x 8192; more is not a slice."""

_ORIENTATION: Final = 0x0112
"""EXIF and TIFF tag."""

_DEPTH, _COLOURS = 24, 25
"""Bytes of a PNG file that hold bits per colour and kind of colour."""

_ROUNDED_UP: Final = 16
"""Bytes by which programs round up what a strip holds."""

_PALETTE: Final = "uses a palette: its colours were looked up, which may not follow the values they stand for"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image file."""

    pixels: np.ndarray
    """(rows, columns) or (rows, columns, 3 or 4), as stored."""
    full: int
    """Stored value that means full brightness: 1, 255, 4095, 65535; 0 for grey values that are not brightness."""
    orientation: int
    """EXIF orientation, 1 to 8."""
    notes: tuple[str, ...] = ()
    """What was done on decoding, to follow the file's name in a sentence."""
    is_stated: bool = False
    """Whether the file says that fewer of its 16 bits are used, or that all of them are."""
    description: str = ""
    """PNG text ``Description``."""


def decode(path: Path, content: bytes) -> Picture:
    """Return the pixels of a PNG, JPEG or TIFF file.

    Parameters
    ----------
    content
        The file's bytes.

    Raises
    ------
    RefusedError
        If the file is damaged, holds several images, or colours that are neither grey nor RGB nor a palette.
    """
    from PIL import Image

    with decoding(path, _damaged):
        if ending(path) in (".tif", ".tiff"):
            _check_pages(path, content)
            return _tiff(path, content)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            further = getattr(image, "n_frames", 1) - 1 if image.format == _OF_CAMERAS else 0
            check_size(path, image.size, getattr(image, "n_frames", 1) - further)
            image.verify()  # the checksums of a PNG, which are not checked otherwise; uses the image up
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.format == "PNG" and content[_DEPTH] == 16 and content[_COLOURS] != 0:
                return _with_depth_of_png(_deep_png(path, content), content)
            picture = _by_pillow(path, image)
            if further:
                note = f"holds {further} further image(s), such as a preview: the first one was read"
                picture = replace(picture, notes=(*picture.notes, note))
            return _with_depth_of_png(picture, content) if image.format == "PNG" else picture


def _damaged(path: Path, error: BaseException) -> RefusedError:
    """Return the refusal of a picture over which its decoder stumbled."""
    if isinstance(error, MemoryError):
        return no_memory(path)
    what = reason(error)
    return refuse("file", f"Export it again, for it is damaged or not an image ({what}): {path}", what)


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


def check_size(path: Path, size: tuple[int, ...], images: int) -> None:
    """Refuse several images in a file, and more pixels than a slice has."""
    if images > 1:
        sentence = f"Export one image, or the stack as NIfTI with its geometry, for it holds {images} images: {path}"
        raise refuse("frames", sentence, f"{images} images")
    if np.prod(size, dtype=float) > _MOST_PIXELS:
        value = " x ".join(str(length) for length in size)
        raise refuse("size", f"Crop it, for it declares {value} pixels, more than a slice has: {path}", value)


def _by_pillow(path: Path, image: Any) -> Picture:  # noqa: ANN401  Pillow's image, whose classes differ by format
    """Return the pixels of a Pillow image with up to 8 bits per colour, or of 16-bit grey."""
    orientation = int(image.getexif().get(_ORIENTATION, 1))
    notes = []
    if image.mode in ("P", "PA"):
        notes.append(_PALETTE)
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        raise _unknown_colours(path, image.mode)
    pixels = np.asarray(image)
    if image.mode == "LA":
        pixels = pixels[..., [0, 0, 0, 1]]
    described = str(image.info.get("Description", ""))
    return Picture(pixels, 65535 if image.mode == "I;16" else 255, orientation, tuple(notes), description=described)


def _with_depth_of_png(picture: Picture, content: bytes) -> Picture:
    """Return a PNG picture of 16 bits with the full brightness that the file states; any other as it is."""
    stated = stated_by_png(content, int(picture.pixels[..., :3].max())) if picture.full == 65535 else None
    return picture if stated is None else replace(picture, full=stated, is_stated=True)


def _deep_png(path: Path, content: bytes) -> Picture:
    """Return the pixels of a PNG with 16 bits per colour, which Pillow would cut to 8."""
    import SimpleITK

    if content[_COLOURS] == 4:
        raise refuse(
            "content", f"Export it without transparency, for it is 16-bit grey with it: {path}", "16-bit grey and alpha"
        )
    try:
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "picture.png"
            copy.write_bytes(without_depth(content))
            pixels = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(copy), imageIO="PNGImageIO"))
    except RuntimeError as error:
        raise ValueError("its pixels cannot be decoded") from error
    return Picture(pixels, 65535, 1)


def _tiff(path: Path, content: bytes) -> Picture:
    """Return the pixels of a TIFF file of one page."""
    import tifffile

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
        raise _unknown_colours(path, kind)
    ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
    if max(ends, default=0) > len(content):
        raise ValueError(f"it ends after {len(content)} of {max(ends)} bytes")
    if page.compression == 1 and not page.is_tiled and page.bitspersample in (8, 16, 32, 64):
        _check_bytes(page)
    orientation = int(page.tags.valueof(_ORIENTATION, 1))
    try:
        pixels = page.asarray()
    except ValueError:  # a compression that tifffile needs a further library for
        pixels = _tiff_by_pillow(path, page, content, kind, orientation)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if kind == "PALETTE":
        # Programs stretch 8-bit colours to the table's 16 bits by 256 or by 257; the upper byte is the colour in both.
        return Picture(np.moveaxis(page.colormap[:, pixels] >> 8, 0, -1), 255, orientation, (_PALETTE,))
    full = 2 ** int(page.bitspersample) - 1 if pixels.dtype.kind in "ub" and page.bitspersample <= 16 else 0
    stated, note = stated_by_tiff(page, int(pixels.max())) if full == 65535 else (full if full > 255 else None, "")
    notes, full = (note,) if note else (), stated or full
    if kind == "MINISWHITE":
        if not full:
            raise _unknown_colours(path, f"{kind} of {pixels.dtype}")
        notes = ("stores black as the highest value", *notes)
        return Picture(full - pixels.astype(np.int32), full, orientation, notes, stated is not None)
    return Picture(pixels, full, orientation, notes, stated is not None)


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
            pixels = np.asarray(image)
        if pixels.dtype == page.dtype and pixels.shape == page.shape:
            return pixels
    compression = getattr(page.compression, "name", str(page.compression))
    sentence = f"Save it uncompressed or as PNG, for it has an unsupported compression ({compression}): {path}"
    raise refuse("content", sentence, compression)


def _unknown_colours(path: Path, kind: str) -> RefusedError:
    """Return the error for colours that are neither grey nor RGB."""
    return refuse(
        "content", f"Export it as grey or RGB, for it has an unsupported kind of colours ({kind}): {path}", kind
    )

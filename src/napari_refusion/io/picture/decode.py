"""Decoding PNG, JPEG and TIFF without losing bits on the way.

Pillow reads PNG and JPEG, but turns 16-bit colours into 8-bit ones without a word, and TIFF of several kinds wrongly;
those are read by SimpleITK (PNG) and tifffile (TIFF).
"""

import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from napari_refusion.io.boundary import decoding, no_memory, reason
from napari_refusion.io.formats import ending
from napari_refusion.io.picture.colours import gamma_note, profile_note
from napari_refusion.io.picture.decoded import LOOKED_UP, ORIENTATION, Picture, check_size, unknown_colours
from napari_refusion.io.picture.depth import stated_by_png, without_depth
from napari_refusion.io.picture.tiff import decode_tiff
from napari_refusion.volume.finding import RefusedError, refuse

FORMATS: Final = ("PNG", "JPEG", "BMP")
"""What is read without TIFF's care; bitmaps because some data sets hold them under the name of a JPEG."""

_OF_CAMERAS: Final = "MPO"
"""What Pillow calls a JPEG with a preview, a depth map or a second view behind its image (CIPA DC-007)."""

_DEPTH, _COLOURS = 24, 25
"""Bytes of a PNG file that hold bits per colour and kind of colour."""


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
            return decode_tiff(path, content)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            further = getattr(image, "n_frames", 1) - 1 if image.format == _OF_CAMERAS else 0
            check_size(path, image.size, getattr(image, "n_frames", 1) - further)
            image.verify()  # the checksums of a PNG, which are not checked otherwise; uses the image up
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.format == "PNG" and content[_DEPTH] == 16 and content[_COLOURS] != 0:
                deep = replace(_deep_png(path, content), orientation=_orientation(image), notes=_colour_notes(image))
                return _with_depth_of_png(deep, content)
            picture = _by_pillow(path, image)
            if further:
                note = f"holds {further} further image(s), such as a preview: the first one was read"
                picture = replace(picture, notes=(*picture.notes, note))
            return _with_depth_of_png(picture, content) if image.format == "PNG" else picture


def _orientation(image: Any) -> int:  # noqa: ANN401  Pillow's image, whose classes differ by format
    return int(image.getexif().get(ORIENTATION, 1))


def _colour_notes(image: Any) -> tuple[str, ...]:  # noqa: ANN401  Pillow's image
    """Return what is to be said of the colours of a Pillow image: of a profile where there are any."""
    of_profile = profile_note(image.info.get("icc_profile")) if image.mode not in ("1", "L", "LA", "I;16") else ()
    return of_profile + (() if "srgb" in image.info else gamma_note(image.info.get("gamma")))


def _damaged(path: Path, error: BaseException) -> RefusedError:
    """Return the refusal of a picture over which its decoder stumbled."""
    if isinstance(error, MemoryError):
        return no_memory(path)
    what = reason(error)
    return refuse("file", f"Export it again, for it is damaged or not an image ({what}): {path}", what)


def _by_pillow(path: Path, image: Any) -> Picture:  # noqa: ANN401  Pillow's image, whose classes differ by format
    """Return the pixels of a Pillow image with up to 8 bits per colour, or of 16-bit grey."""
    orientation = _orientation(image)
    notes = list(_colour_notes(image))
    if image.mode in ("P", "PA"):
        notes.append(LOOKED_UP)
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        raise unknown_colours(path, image.mode)
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
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / "picture.png"
            copy.write_bytes(without_depth(content))
            pixels = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(copy), imageIO="PNGImageIO"))
    except RuntimeError as error:
        raise ValueError("its pixels cannot be decoded") from error
    return Picture(pixels, 65535, 1)

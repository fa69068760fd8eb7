"""Sets of image pairs for evaluation: two folders of images with the same file names."""

import unicodedata
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from napari_refusion.io.picture.read import read_image
from napari_refusion.numerics.colour import luminance

PARTNERS: Final = (("CT", "MRI"), ("PET", "MRI"), ("SPECT", "MRI"), ("ir", "vi"), ("near", "far"), ("under", "over"))
"""Names of the two folders, in the order in which the network takes them."""

SMALLEST: Final = 11
"""Pixels along a side: the window of the structural similarity."""

EIGHT_BIT_MODES: Final = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
"""Pillow's modes of images with at most 8 bits for each colour."""


def find_partners(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the first and second sources below a folder, in the same order.

    Raises
    ------
    ValueError
        If the folder has none of the known pairs of sub-folders, they hold no images, or an image has no partner.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder of image pairs.")
    for first, second in PARTNERS:
        if (folder / first).is_dir() and (folder / second).is_dir():
            files_a, files_b = (_images(folder / side) for side in (first, second))
            alone = sorted(files_a.keys() ^ files_b.keys())
            if alone:
                where = ", ".join(f"{first if name in files_a else second}/{name}" for name in alone[:5])
                more = f" and {len(alone) - 5} more" if len(alone) > 5 else ""
                raise ValueError(f"{folder}: {where}{more} have no partner of the same file name; add or remove them.")
            if not files_a:
                raise ValueError(f"{folder}: {first} and {second} hold no images.")
            return [files_a[name] for name in sorted(files_a)], [files_b[name] for name in sorted(files_a)]
    raise ValueError(f"{folder}: holds none of the pairs of folders {', '.join('/'.join(p) for p in PARTNERS)}.")


def read_pair(path_a: Path, path_b: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the luminances of two images, each (H, W) in [0, 1], not rounded.

    Raises
    ------
    ValueError
        If an image cannot be read, has more than 8 bits, is too small, or the sizes differ.
    """
    a, b = read_luminance(path_a), read_luminance(path_b)
    if a.shape != b.shape:
        sizes = " and ".join(f"{width} x {height}" for height, width in (a.shape, b.shape))
        raise ValueError(f"{path_a} and {path_b} differ in size, {sizes}: resample one to the other's grid.")
    return a, b


def read_luminance(path: Path) -> NDArray[np.float64]:
    """Return the luminance of one image, (H, W) in [0, 1], upright and not rounded; transparency is ignored.

    Raises
    ------
    ValueError
        If it cannot be read, holds something else than brightness or is too small.
    """
    try:
        with Image.open(path) as image:
            is_shallow = image.mode in EIGHT_BIT_MODES
            upright = ImageOps.exif_transpose(image)
            pixels = np.asarray(upright.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow raises all of these
        raise ValueError(f"{path}: not a readable image ({error}). Copy it again.") from error
    brightness = (luminance(pixels) if pixels.ndim == 3 else pixels).astype(np.float64) / 255
    if not is_shallow:  # Pillow cuts deeper ones off
        brightness = deep_brightness(path)
    if min(brightness.shape) < SMALLEST:
        size = f"{brightness.shape[1]} x {brightness.shape[0]}"
        raise ValueError(f"{path}: {size} pixels are too few, the figures need {SMALLEST} along each side.")
    return brightness


def deep_brightness(path: Path) -> NDArray[np.float64]:
    """Return the luminance of an image of more than 8 bits, (H, W) in [0, 1], as the plugin reads it.

    Raises
    ------
    ValueError
        If it cannot be read or holds something else than brightness.
    """
    grey = read_image(path).grey[0]
    if not (grey.min() >= 0.0 and grey.max() <= 1.0):
        raise ValueError(
            f"{path}: holds values from {grey.min():g} to {grey.max():g} instead of brightness: "
            f"export it with 8 or 16 bits."
        )
    return grey.astype(np.float64)


def _images(folder: Path) -> dict[str, Path]:
    """Return the images in a folder by name, letters composed; whatever else lies there is left out."""
    suffixes = Image.registered_extensions()
    return {composed(path.name): path for path in folder.iterdir() if path.suffix.lower() in suffixes}


def composed(name: str) -> str:
    """Return a name with each letter and its marks as one, as they are typed; some systems store them apart."""
    return unicodedata.normalize("NFC", name)

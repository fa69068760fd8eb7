"""Sets of image pairs for evaluation: two folders of 8-bit images with the same file names."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
    """Return the luminance of one 8-bit image, (H, W) in [0, 1], not rounded; transparency is ignored.

    Raises
    ------
    ValueError
        If it cannot be read, has more than 8 bits or is too small.
    """
    try:
        with Image.open(path) as image:
            mode = image.mode
            pixels = np.asarray(image.convert("L" if mode in ("1", "L", "LA") else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow raises all of these
        raise ValueError(f"{path}: not a readable image ({error}). Copy it again.") from error
    if mode not in EIGHT_BIT_MODES:
        raise ValueError(f"{path}: has the pixel format {mode}; save it as grey or RGB with 8 bits.")
    if min(pixels.shape[:2]) < SMALLEST:
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise ValueError(f"{path}: {size} pixels are too few, the figures need {SMALLEST} along each side.")
    return (luminance(pixels) if pixels.ndim == 3 else pixels).astype(np.float64) / 255


def _images(folder: Path) -> dict[str, Path]:
    """Return the images in a folder by name; whatever else lies there is left out."""
    suffixes = Image.registered_extensions()
    return {path.name: path for path in folder.iterdir() if path.suffix.lower() in suffixes}

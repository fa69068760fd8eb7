"""Sets of two-dimensional pairs: brain slices with their uptake by palette, and photographs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from training.image_sets import EIGHT_BIT_MODES, find_partners
from training.pack.encoding import Codes, LeftOut, PackedImage, PlannedSet, codes, lossless, packed
from training.pack.reading import Channel, decoded
from training.palette import GREY, KNOWN, invert

BRAIN: Final = (("CT", "c37"), ("PET", "safA"), ("SPECT", "c11"))
"""First source of the brain pairs, and the patient who is held out of training."""

PHOTOGRAPHS: Final = {
    "infrared_visible": ("ivif", ("ir", "vi"), ("road_FLIR_video",)),
    "multi_focus": ("mfif", ("near", "far"), ("stand", "temple", "newspaper", "flower", "books")),
    "multi_exposure": ("meif", ("under", "over"), ("d1_G", "d3_K")),
}
"""Task -> its folder, both sources, and the scenes that are held out of training, as in the recipes."""

WORTH: Final = 0.9
"""A photograph is reduced where that leaves less than this part of its bytes."""

UPTAKE: Final = Channel("uptake", 0.0, 1.0, root=False)


def brightness(name: str) -> Channel:
    """Return a channel of brightness from 0 to 1."""
    return Channel(name, 0.0, 1.0, root=False)


def brain_sets(data: Path) -> Iterator[PlannedSet]:
    """Yield the sets of brain slices: CT with MRI, then PET and SPECT as luminance and as uptake with MRI."""
    for name, patient in BRAIN:
        folder = data / "mif/train" / f"MRI-{name}"
        first = (brightness("CT"),) if name == "CT" else (brightness("luminance"), UPTAKE)
        channels = (*first, brightness("MRI"))
        yield PlannedSet(f"brain/{name}", "medical", channels, brain_images(folder, name != "CT"), (patient,))


def brain_images(folder: Path, coloured: bool) -> Iterator[PackedImage | LeftOut]:
    """Yield brain slices, two channels each, or three where the first source is `coloured` and its uptake follows.

    Raises
    ------
    ValueError
        If a partner is missing, an image cannot be read or the sizes of a pair differ.
    """
    unknown = 0
    for first, second in zip(*find_partners(folder), strict=True):
        a, b = read_pair(first, second)
        if coloured:
            uptake = palette_uptake(first)
            unknown += uptake is None
            yield packed(first.stem, np.stack([a, a if uptake is None else uptake, b]))
        else:
            yield packed(first.stem, np.stack([a, b]))
    if unknown:
        yield LeftOut(f"{folder.name}: {unknown} images are of no known palette, their uptake is their luminance.")


def photograph_set(data: Path, task: str, longest: int) -> PlannedSet:
    """Return the set of a task's photographs; see `photographs`."""
    folder, sources, validation = PHOTOGRAPHS[task]
    images = photographs(data / folder / "train", longest)
    return PlannedSet(task, task, tuple(map(brightness, sources)), images, validation)


def photographs(folder: Path, longest: int) -> Iterator[PackedImage | LeftOut]:
    """Yield pairs of photographs: as the files that they came in, or reduced where that is smaller.

    Parameters
    ----------
    longest
        Pixels along the longer side of a reduced pair; 0 reduces nothing.

    Raises
    ------
    ValueError
        If a partner is missing, an image cannot be read or the sizes of a pair differ.
    """
    count = 0
    for paths in zip(*find_partners(folder), strict=True):
        pair = read_pair(*paths)
        whole = tuple(map(smaller_file, paths, pair))
        height, width = pair[0].shape
        reduced = packed(paths[0].stem, np.stack([_reduced(image, longest) for image in pair])) if longest else None
        if reduced and reduced.height < height and _size(reduced.files) < WORTH * _size(whole):
            count += 1
            yield reduced
        else:
            yield PackedImage(paths[0].stem, height, width, whole)
    if count:
        yield LeftOut(f"{folder.parent.name}: {count} pairs were reduced to {longest} pixels along the longer side.")


def read_pair(*paths: Path) -> tuple[Codes, Codes]:
    """Return the luminances of a pair, (H, W) each.

    Raises
    ------
    ValueError
        If an image cannot be read, has more than 8 bits, or the sizes differ.
    """
    first, second = map(read_picture, paths)
    if first.shape != second.shape:
        sizes = " and ".join(f"{width} x {height}" for height, width in (first.shape, second.shape))
        raise ValueError(f"{paths[0]} and {paths[1]} differ in size, {sizes}: resample one to the other's grid.")
    return first, second


def read_picture(path: Path) -> Codes:
    """Return the luminance of an image of 8 bits, (H, W), as `reading.decoded` will.

    Raises
    ------
    ValueError
        If it cannot be read or has more than 8 bits.
    """
    try:
        with Image.open(path) as picture:
            mode = picture.mode
        pixels = decoded(path.read_bytes())
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow raises all of these
        raise ValueError(f"{path}: not a readable image ({error}). Copy it again.") from error
    if mode not in EIGHT_BIT_MODES:
        raise ValueError(f"{path}: has the pixel format {mode}; save it as grey or RGB with 8 bits.")
    return pixels


def palette_uptake(path: Path) -> Codes | None:
    """Return the uptake that an image's colours stand for, (H, W); None where it is grey or of no known palette."""
    with Image.open(path) as picture:
        rgb = np.asarray(picture.convert("RGB"))
    if np.ptp(rgb, axis=-1).max() <= GREY:
        return None
    uptake, distance = invert(rgb / 255)
    return codes(uptake, UPTAKE) if distance <= KNOWN else None


def smaller_file(path: Path, image: Codes) -> tuple[str, bytes]:
    """Return suffix and content of the smallest file of an image: its own, if it is JPEG or PNG, or lossless WebP."""
    own = path.read_bytes()
    rival = lossless(image)
    is_own = path.suffix.lower() in (".jpg", ".jpeg", ".png") and len(own) <= len(rival[1])
    return (path.suffix.lower(), own) if is_own else rival


def _reduced(image: Codes, longest: int) -> Codes:
    """Return an image whose longer side has at most `longest` pixels, averaged over what each pixel now covers."""
    picture = Image.fromarray(image)
    scale = min(1.0, longest / max(picture.size))
    width, height = (round(scale * side) for side in picture.size)
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def _size(files: tuple[tuple[str, bytes], ...]) -> int:
    return sum(len(content) for _, content in files)

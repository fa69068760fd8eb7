"""Read a pack: sets of images that were prepared for training, without MONAI, nibabel or pydicom.

A pack is a folder. ``pack.json`` says what is in it; ``NAME.SPLIT.zip`` holds the pictures of one set, uncompressed
entries each of which is a losslessly compressed picture of 8 bits (WebP), or the file that a photograph came in (JPEG,
PNG), of which the luminance is taken; ``code`` holds the program.
"""

import hashlib
import io
import itertools
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from napari_refusion.numerics.colour import luminance

FORMAT: Final = 1
"""Number of the layout of a pack; raised whenever an older program would misread a newer pack."""

INDEX: Final = "pack.json"
"""The file that says what a pack holds; it is written last."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What the codes of one channel stand for."""

    name: str
    """``CT``, ``PET``, ``MRI``, ``uptake``, ``luminance``, ``tumour``, or the name of a folder of photographs."""
    low: float
    """Value of code 0, in HU, SUV, or 0 where the channel is brightness."""
    high: float
    """Value of code 255."""
    root: bool
    """Whether codes rise with the square root of the value, which spends them on low uptake."""

    def values(self, codes: Tensor) -> Tensor:
        """Return what codes stand for, float32, same shape: low + (high - low) c, or c squared; c = code / 255."""
        share = codes.float() / 255
        return self.low + (self.high - self.low) * (share.square() if self.root else share)


@dataclass(frozen=True, slots=True)
class PackedSet:
    """All images of one set and split."""

    name: str
    """``brain/CT``, ``body-ct``, ``infrared_visible``..."""
    task: str
    """Whose weights are trained on it: medical, infrared_visible, multi_focus or multi_exposure."""
    split: str
    """``train`` or ``validation``."""
    channels: tuple[Channel, ...]
    """In the order of the network: functional before CT before MRI, then what is known about the images."""
    pixels: Tensor
    """(C, total) uint8, all images one after another, rows first."""
    offsets: Tensor
    """(N,) int64, where each image begins."""
    heights: Tensor
    """(N,) int64."""
    widths: Tensor
    """(N,) int64."""
    names: tuple[str, ...]
    """Patient and slice, or the name of the file."""

    def image(self, index: int) -> Tensor:
        """Return one image, (C, H, W) uint8; no pixel is copied."""
        start, height, width = (int(column[index]) for column in (self.offsets, self.heights, self.widths))
        return self.pixels[:, start : start + height * width].view(len(self.channels), height, width)


def read_pack(folder: Path) -> dict[str, PackedSet]:
    """Return the sets of a pack by name and split, such as ``brain/PET:train``.

    Raises
    ------
    ValueError
        If it is no pack, one of another format, or not all of its data is there as it was written.
    """
    index = read_index(folder)
    check_data(folder, index)
    try:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return {f"{entry['name']}:{entry['split']}": _read_set(folder, entry, threads) for entry in index["sets"]}
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder / INDEX}: is damaged ({error!r}): make the pack again.") from error


def read_index(folder: Path) -> dict[str, Any]:
    """Return what ``pack.json`` says.

    Raises
    ------
    ValueError
        If it is missing, unreadable or of another format.
    """
    path = folder / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{folder}: is not a finished pack ({error}): make it with make gpu-pack.") from error
    number = index.get("format") if isinstance(index, dict) else None
    if number != FORMAT:
        raise ValueError(f"{path}: is a pack of format {number}, this program reads {FORMAT}: make the pack again.")
    return index


def check_data(folder: Path, index: dict[str, Any]) -> None:
    """Compare every data file with the index.

    Raises
    ------
    ValueError
        Naming the first file that is missing or is not the one that was written.
    """
    try:
        files = {str(entry["file"]): str(entry["sha256"]) for entry in index["sets"]}
        whole = index["sha256"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder / INDEX}: is damaged ({error!r}): make the pack again.") from error
    if content_hash(files) != whole:
        raise ValueError(f"{folder / INDEX}: names other data than was packed: make the pack again.")
    for name, written in files.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ValueError(f"{folder / name}: cannot be read ({error}): copy or make the pack again.") from error
        if found != written:
            raise ValueError(f"{folder / name}: is damaged or of another pack: copy or make the pack again.")


def content_hash(files: dict[str, str]) -> str:
    """Return one hash for all data files, given the hash of each by name."""
    return hashlib.sha256("".join(f"{name} {files[name]}\n" for name in sorted(files)).encode()).hexdigest()


def _read_set(folder: Path, entry: dict[str, Any], threads: ThreadPoolExecutor) -> PackedSet:
    """Return one set; pictures are decoded by all threads at once."""
    heights, widths = (torch.tensor(entry[column], dtype=torch.int64) for column in ("heights", "widths"))
    ends = (heights * widths).cumsum(0)
    channels = tuple(Channel(**channel) for channel in entry["channels"])
    pixels = np.empty((len(channels), int(ends[-1])), np.uint8)
    path = folder / entry["file"]
    with zipfile.ZipFile(path) as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    places = itertools.product(range(len(heights)), range(len(channels)))
    for codes, (image, channel) in zip(threads.map(decoded, contents), places, strict=True):
        if codes.shape != (heights[image], widths[image]):
            raise ValueError(
                f"{path}: {entry['names'][image]} is not of the size that was packed: make the pack again."
            )
        pixels[channel, ends[image] - codes.size : ends[image]] = codes.ravel()
    return PackedSet(
        name=entry["name"],
        task=entry["task"],
        split=entry["split"],
        channels=channels,
        pixels=torch.from_numpy(pixels),
        offsets=ends - heights * widths,
        heights=heights,
        widths=widths,
        names=tuple(entry["names"]),
    )


def decoded(content: bytes) -> NDArray[np.uint8]:
    """Return a picture as codes, (H, W): a grey one as it is, of a coloured one the rounded luminance."""
    with Image.open(io.BytesIO(content)) as picture:
        if picture.format == "WEBP":  # which knows colours only; those that are packed are grey
            ranks = np.asarray(picture.convert("RGB"))[..., 0]
            levels = picture.info.get(
                "xmp"
            )  # there where ranks among these levels were packed, see `encoding.lossless`
            return np.frombuffer(levels, np.uint8)[ranks] if levels else ranks
        if picture.mode in ("1", "L", "LA"):
            return np.asarray(picture.convert("L"))
        return np.rint(luminance(np.asarray(picture.convert("RGB")))).astype(np.uint8)

"""Values into codes of 8 bits, and codes into small files: the other direction of `reading`."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.pack.reading import Channel

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PackedImage:
    """One image as it is written."""

    name: str
    """Begins with the patient or scene."""
    height: int
    width: int
    files: tuple[tuple[str, bytes], ...]
    """Suffix and content of one file for each channel."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a pack does not hold, or not as it should be."""

    sentence: str


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """A set that is going to be written; its images are read when they are asked for."""

    name: str
    task: str
    channels: tuple[Channel, ...]
    images: Iterator[PackedImage | LeftOut]
    validation: tuple[str, ...]
    """Beginnings of the names of images that are held out of training."""


def codes(values: np.ndarray, channel: Channel) -> Codes:
    """Return the nearest codes for values in the unit of the channel, same shape; values outside its range are clipped.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    if not np.isfinite(values).all():
        missing = int(values.size - np.isfinite(values).sum())
        raise ValueError(f"{missing} values of {channel.name} are not finite (NaN or infinite): repair the file first.")
    share = np.clip((values.astype(np.float64) - channel.low) / (channel.high - channel.low), 0.0, 1.0)
    return np.rint(255 * (np.sqrt(share) if channel.root else share)).astype(np.uint8)


def lossless(image: Codes) -> tuple[str, bytes]:
    """Return suffix and content of a lossless WebP file of codes, (H, W), or of their ranks where that is less."""
    levels, ranks = np.unique(image, return_inverse=True)
    # an MRI of 78 levels is a sixth smaller as ranks 0 to 77, which lie closer together; XMP carries the levels
    files = _webp(image), _webp(ranks.reshape(image.shape).astype(np.uint8), xmp=levels.tobytes())
    return ".webp", min(files, key=len)


def _webp(image: Codes, **options: bytes) -> bytes:
    content = io.BytesIO()
    # effort 100 would save another twentieth, for 80 times as long
    Image.fromarray(image).save(content, format="WEBP", lossless=True, quality=60, method=4, **options)
    return content.getvalue()


def packed(name: str, image: Codes) -> PackedImage:
    """Return an image, (C, H, W), as it is written."""
    height, width = image.shape[1:]
    return PackedImage(name, height, width, tuple(lossless(channel) for channel in image))

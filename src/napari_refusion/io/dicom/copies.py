"""Copies of images in one series: an examination that lies twice below a folder is read once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from napari_refusion.io.boundary import decoding
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.volume.finding import RefusedError


def without_copies(slices: Sequence[Slice]) -> tuple[tuple[Slice, ...], tuple[Path, ...]]:
    """Return the images, each once, and the files that are copies of others.

    Only files whose headers say the same are opened again: a copy has the same bytes, or the same pixels under the same
    identity, as after another way of compression. What differs stays, and is refused as two images at one place.
    """
    firsts: dict[tuple[object, ...], list[Slice]] = {}
    twins: dict[Path, Path] = {}
    kept = []
    for image in slices:
        candidates = firsts.setdefault(_identity(image), [])
        known = twins.get(image.path)
        same = next((one for one in candidates if one.path == known or (known is None and _same(one, image))), None)
        if same is None:
            candidates.append(image)
            kept.append(image)
        else:
            twins[image.path] = same.path
    return tuple(kept), tuple(twins)


def _identity(image: Slice) -> tuple[object, ...]:
    """Return what copies share."""
    place = image.place
    return image.sop_instance, image.frame, image.frames, place, image.content, image.patient, image.modality


def _same(one: Slice, other: Slice) -> bool:
    if one.path == other.path:
        return False
    try:
        with decoding(one.path):
            content, others = one.path.read_bytes(), other.path.read_bytes()
            return content == others or (bool(one.sop_instance) and _same_pixels(one.path, other.path))
    except RefusedError:
        return False  # a file that cannot be decoded is no copy


def _same_pixels(one: Path, other: Path) -> bool:
    first, second = read_dataset(one), read_dataset(other)
    keys = ("RescaleSlope", "RescaleIntercept")
    scaled = [tuple(str(header.get(key, "")) for key in keys) for header in (first, second)]
    return scaled[0] == scaled[1] and np.array_equal(first.pixel_array, second.pixel_array)

"""Lists of lesions as they stand in a record: JSON that gives back the same list, mask by mask."""

import zlib
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.affine import spans_space
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.grid import Grid, Voxel

VERSION: Final = 1

_WORDS: Final = ("source", "name", "site", "comment", "group")

MOST: Final = 2**31
"""Voxels of a box or a grid; more is no list of ours, and would fill the memory."""


def to_json(lesions: Lesions) -> dict[str, Any]:
    """Return a list as plain values for a record; masks are bits, compressed, in base64."""
    return {"version": VERSION, "last": lesions.last, "lesions": [_lesion(one) for one in lesions]}


def _lesion(lesion: Lesion) -> dict[str, Any]:
    voi = lesion.voi
    words = {word: getattr(lesion, word) for word in _WORDS}
    return words | {
        "number": lesion.number,
        "is_key": lesion.is_key,
        "method": voi.method,
        "grid": list(voi.grid.shape),
        "affine": voi.grid.affine.tolist(),
        "corner": list(voi.corner),
        "box": list(voi.mask.shape),
        "mask": b64encode(zlib.compress(np.packbits(voi.mask).tobytes(), 9)).decode("ascii"),
    }


def from_json(written: Mapping[str, Any]) -> Lesions:
    """Return the list that was written.

    Raises
    ------
    RefusedError
        If it is not a list as `to_json` writes it, or of a later version.
    """
    if not isinstance(written, Mapping):
        raise refuse("review", "Restore the record from a copy: its list of lesions is damaged (no list).")
    if written.get("version") != VERSION:
        value = str(written.get("version"))
        raise refuse("review", f"Open it with a newer version of the program: lesions of version {value}.", value)
    try:
        items = tuple(_read(one) for one in written["lesions"])
        last = _whole(written["last"])
        numbers = [one.number for one in items]
        if len(set(numbers)) < len(numbers) or (numbers and not 1 <= min(numbers) <= max(numbers) <= last):
            raise ValueError(f"numbers {numbers}")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Error, zlib.error) as error:
        sentence = f"Restore the record from a copy: its list of lesions is damaged ({error})."
        raise refuse("review", sentence) from error
    return Lesions(items, last)


def _read(one: Mapping[str, Any]) -> Lesion:
    voi = VolumeOfInterest(_mask(one), _three(one["corner"]), _grid(one), _text(one["method"]))
    corner, box = np.array(voi.corner), np.array(voi.mask.shape)
    faces = [np.take(voi.mask, end, axis).any() for axis in range(3) for end in (0, -1)]
    if (corner < 0).any() or (corner + box > voi.grid.shape).any() or not all(faces):
        raise ValueError("a mask beyond its grid or its box")
    words = {word: _text(one[word]) for word in _WORDS}
    return Lesion(number=_whole(one["number"]), voi=voi, is_key=one["is_key"] is True, **words)


def _grid(one: Mapping[str, Any]) -> Grid:
    affine = np.array(one["affine"], np.float64)
    if affine.shape != (4, 4) or not spans_space(affine):
        raise ValueError("an affine that puts no voxel in its place")
    shape = _three(one["grid"])
    if shape[0] * shape[1] * shape[2] > MOST:
        raise ValueError(f"a grid of {shape} voxels")
    return Grid(shape, affine)


def _mask(one: Mapping[str, Any]) -> NDArray[np.bool_]:
    box = _three(one["box"])
    count = box[0] * box[1] * box[2]
    if not (min(box) > 0 and count <= MOST):
        raise ValueError(f"a box of {box} voxels")
    size = -(-count // 8)
    unpacked = zlib.decompressobj()
    bits = unpacked.decompress(b64decode(_text(one["mask"]), validate=True), size + 1)
    if len(bits) != size or not unpacked.eof:
        raise ValueError("a mask of another size than its box")
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=count).astype(np.bool_).reshape(box)


def _three(given: list[object]) -> Voxel:
    one, two, three = given
    return _whole(one), _whole(two), _whole(three)


def _whole(given: object) -> int:
    if type(given) is not int:
        raise TypeError(f"{given!r} is not a whole number")
    return given


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{given!r} is not a text")
    return given

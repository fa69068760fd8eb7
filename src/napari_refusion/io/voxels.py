"""From the bytes of one file to float32 voxels in (Inferior, Posterior, Left) order, plane by plane.

A plane is read, scaled by nibabel and put where it belongs, so that no second copy of a volume lies in memory; several
volumes of a file are picked or averaged on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from nibabel.orientations import aff2axcodes, apply_orientation, axcodes2ornt, inv_ornt_aff, io_orientation
from nibabel.orientations import ornt_transform as change_of_axes
from nibabel.volumeutils import apply_read_scaling, array_from_file

from napari_refusion.io.boundary import decoding, no_memory, reason
from napari_refusion.io.choice import Chosen
from napari_refusion.io.one_pass import OnePass, not_decompressed
from napari_refusion.io.plausible import cut_short
from napari_refusion.numerics.room import room
from napari_refusion.volume.affine import IPL, Affine
from napari_refusion.volume.finding import RefusedError, refuse

COLOURS: Final = 3
"""Channels of a colour."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How the voxels of an image lie in a stream of bytes, the first axis fastest."""

    shape: tuple[int, int, int]
    """Voxels along the axes in space, as stored."""
    dtype: np.dtype[Any]
    """Of one number, with its byte order."""
    offset: int = 0
    """Bytes before the first number."""
    frames: int = 1
    """How many volumes there are."""
    frames_first: bool = False
    """Whether all frames of a voxel lie beside each other; else all voxels of a frame do."""
    channels: int = 1
    """`COLOURS` where each voxel is an 8-bit colour, its channels beside each other."""
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def end(self) -> int:
        """Return how many bytes there are at least, those before the voxels included."""
        count = int(np.prod((*self.shape, self.frames, self.channels), dtype=object))
        return self.offset + count * self.dtype.itemsize


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Volumes of one file on one grid."""

    data: np.ndarray
    """(volumes, I, P, L) or (volumes, I, P, L, 3) float32, as many as were chosen; colours in [0, 1]."""
    affine: Affine
    """(4, 4), (i, p, l) -> RAS+ mm."""
    axes: tuple[str, str, str]
    """Axis codes of the file."""


def read_voxels(path: Path, stream: OnePass, stored: Stored, chosen: Sequence[Chosen], affine: Affine) -> Placed:
    """Return the chosen volumes of a file, each in (I, P, L) order.

    Parameters
    ----------
    path
        What sentences call the file.
    stream
        Its bytes, decompressed, not read beyond `stored.offset`.
    affine
        (4, 4) stored indices -> RAS+ mm.

    Raises
    ------
    RefusedError
        If the stream ends too early or is damaged, or memory does not suffice.
    """
    with decoding(path, lambda path, error: _not_loaded(path, error, stream, stored)):
        volumes = _filled(stream, stored, chosen, affine)
    first, second, third = aff2axcodes(affine)
    return Placed(volumes, affine @ inv_ornt_aff(_change(affine), stored.shape), (first, second, third))


def _filled(stream: OnePass, stored: Stored, chosen: Sequence[Chosen], affine: Affine) -> np.ndarray:
    """Return (volumes, I, P, L[, 3]) float32, filled plane by plane in the order of the stream."""
    channels = (COLOURS,) if stored.channels == COLOURS else ()
    change = _change(affine)
    shape = [0, 0, 0]
    for axis, target in enumerate(change[:, 0].astype(int)):
        shape[target] = stored.shape[axis]
    volumes = room((len(chosen), *shape, *channels))
    back = change_of_axes(axcodes2ornt(IPL), io_orientation(affine))
    as_stored = [apply_orientation(volume, back) for volume in volumes]  # views: what is put in lands in (I, P, L)
    for frame in range(1 if stored.frames_first else stored.frames):
        wanted = [one for one in range(len(chosen)) if stored.frames_first or frame in chosen[one].indices]
        for k in range(stored.shape[2]) if wanted else ():
            plane = _plane(stream, stored, frame, k)
            for one in wanted:
                _put(plane, stored, chosen[one], frame, as_stored[one][:, :, k])
    return volumes


def _change(affine: Affine) -> np.ndarray:
    """Return what nibabel does to axes as stored to make them (I, P, L), (3, 2)."""
    change: np.ndarray = change_of_axes(io_orientation(affine), axcodes2ornt(IPL))
    return change


def _plane(stream: OnePass, stored: Stored, frame: int, k: int) -> np.ndarray:
    """Return one plane, (together, i, j): all frames of it or its channels, where those lie beside each other."""
    together = stored.frames if stored.frames_first else stored.channels
    shape = (together, *stored.shape[:2])
    size = int(np.prod(shape, dtype=np.int64)) * stored.dtype.itemsize
    at = stored.offset + (frame * stored.shape[2] + k) * size
    values = array_from_file(shape, stored.dtype, stream, at, mmap=False)
    scaled: np.ndarray = apply_read_scaling(values, np.float64(stored.slope), np.float64(stored.intercept))
    return scaled


def _put(plane: np.ndarray, stored: Stored, chosen: Chosen, frame: int, target: np.ndarray) -> None:
    """Put or add a plane, (together, i, j), into its place, (i, j) or (i, j, 3), which this module has just made."""
    if stored.channels == COLOURS:
        target[...] = np.moveaxis(plane, 0, -1).astype(np.float32) / np.float32(255)
        return
    for index, weight in zip(chosen.indices, chosen.weights, strict=True):
        if not stored.frames_first and index != frame:
            continue
        values = plane[index if stored.frames_first else 0]
        if len(chosen.indices) == 1:
            target[...] = values
        else:
            target += values * weight


def _not_loaded(path: Path, error: BaseException, stream: OnePass, stored: Stored) -> RefusedError:
    """Return the error for a file whose voxels could not be read."""
    if isinstance(error, MemoryError):
        return no_memory(path)
    if broken := not_decompressed(path, stream):
        return broken
    if stream.tell() < stored.end and isinstance(error, OSError) and error.errno is None:
        return cut_short(path, stored.end, stream.tell())
    return refuse("file", f"Export it again, for it cannot be read ({reason(error)}): {path}")

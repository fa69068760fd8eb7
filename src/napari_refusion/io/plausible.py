"""What is judged alike in every format: voxels no scanner produces, values that are not an image, truncated files."""

from pathlib import Path
from typing import Final

import numpy as np

from napari_refusion.volume.affine import SKEW_TOLERANCE, Affine, skew, spacing
from napari_refusion.volume.finding import Finding, RefusedError, refuse

MOST_VOXELS: Final = 2**30
"""More than any scanner delivers; 4 GB as float32."""

MOST_COMPRESSION: Final = 1100
"""Deflate cannot compress further than about 1032 times."""

_BOMB: Final = (2**30, 500)
"""A file that declares more bytes than this and is compressed further than this is not an image."""

_PLAUSIBLE: Final = (0.05, 20.0)
"""Millimetres; voxel sizes of clinical scanners."""

_FARTHEST: Final = 10_000.0
"""Millimetres from the origin to the first voxel; a bed is 2 m long."""

_FEW: Final = 10
"""Different values; the coarsest image has more."""

_PATCHES: Final = 0.8
"""Share of neighbours, background left out, that are equal in a label map: 0.85 and more in parcellations of 30 to 200
regions, at most 0.4 in the 60 volumes that this was measured on. A single slice of a windowed CT has up to 0.96."""

_PLANES: Final = 24
"""Of a volume, that are looked at to find patches."""


def check_spacing(path: Path, affine: Affine) -> list[Finding]:
    """Return warnings about sizes and a place that no scanner makes, and about axes that are not at right angles."""
    findings = []
    sizes = " x ".join(f"{size:.4g}" for size in spacing(affine)) + " mm"
    if spacing(affine).min() < _PLAUSIBLE[0] or spacing(affine).max() > _PLAUSIBLE[1]:
        sentence = f"Check its unit of length, for no scanner produces voxels of {sizes}: {path}"
        findings.append(Finding("warn", "voxel size", sentence, sizes))
    if (away := float(np.abs(affine[:3, 3]).max())) > _FARTHEST:
        value = f"{away / 1000:.3g} m"
        sentence = (
            f"Export it again, for it puts its first voxel {value} from the origin, where no scanner reaches: {path}"
        )
        findings.append(Finding("warn", "position", sentence, value))
    tilt = skew(affine)
    if tilt > SKEW_TOLERANCE:
        sentence = (
            f"The axes are {tilt:.1f} degrees off a right angle (a tilted gantry): the tilt is kept and resampled when "
            f"it is fused, and the plain view of this file alone does not show it: {path}"
        )
        findings.append(Finding("warn", "shear", sentence, f"{tilt:.1f} degrees"))
    return findings


def check_values(path: Path, data: np.ndarray) -> list[Finding]:
    """Return warnings about voxels that are not finite and about a volume that holds very few different values."""
    broken = data.size - int(np.count_nonzero(np.isfinite(data)))
    if broken:
        value = f"{broken} of {data.size}"
        sentence = f"Non-finite voxels (NaN or Inf), {value} of them, are left out of the fusion: {path}"
        return [Finding("warn", "values", sentence, value)]
    # Every 1000th voxel shows whether counting all of them is worth the time.
    if data.ndim == 3 and np.unique(data.ravel()[:: max(1, data.size // 1000)]).size < _FEW:
        count = np.unique(np.concatenate([np.unique(plane) for plane in data])).size  # no copy of the whole volume
        if count < _FEW:
            held = f"only {count} different values" if count > 1 else "one value only"
            sentence = f"Choose the image instead, for this looks like a mask or a label map and holds {held}: {path}"
            return [Finding("warn", "values", sentence, f"{count} values")]
    if data.ndim == 3 and (share := _in_patches(data)) >= _PATCHES:
        value = f"{share:.0%} of neighbours"
        sentence = (
            f"Choose the image that it was drawn on, for it holds whole numbers in patches ({value} are equal), as a "
            f"label map does and no image: {path}"
        )
        return [Finding("warn", "values", sentence, value)]
    return []


def _in_patches(data: np.ndarray) -> float:
    """Return which share of the neighbours in rows and in columns are equal, the smaller one, background left out.

    Parameters
    ----------
    data
        (I, P, L), finite.

    Returns
    -------
        0 where there are few slices, little but background, or a value that is no whole number.
    """
    if min(data.shape) < _FEW:
        return 0.0
    inside, equal = np.zeros(2, np.int64), np.zeros(2, np.int64)
    for plane in data[:: -(-len(data) // _PLANES)]:  # one by one, for whole copies would take the memory of a volume
        if not np.array_equal(plane, np.rint(plane)):
            return 0.0
        for axis, rows in enumerate((plane, plane.T)):
            lies_inside = rows[1:] != 0
            inside[axis] += np.count_nonzero(lies_inside)
            equal[axis] += np.count_nonzero((rows[1:] == rows[:-1]) & lies_inside)
    return float((equal / inside).min()) if inside.min() >= _FEW * _FEW else 0.0


def unreadable(path: Path, error: OSError) -> RefusedError:
    """Return the error for a file that the system does not hand over."""
    sentence = (
        f"Check its name and your permission to read it, for it cannot be read ({error.strerror or error}): {path}"
    )
    return refuse("file", sentence, str(path))


def damaged(path: Path) -> RefusedError:
    """Return the error for compressed data that cannot be decompressed to their end."""
    return refuse(
        "file", f"Copy it again, for it is damaged or incomplete (its compressed data fail the check): {path}"
    )


def cut_short(path: Path, declared: int, present: int) -> RefusedError:
    """Return the error for a file that ends before its last voxel."""
    value = f"{present} of {declared} bytes"
    return refuse(
        "size", f"Copy or export it again, for it is incomplete or its header is damaged ({value}): {path}", value
    )


def check_declared(path: Path, declared: int, on_disk: int, is_packed: bool) -> None:
    """Refuse a file that declares more bytes than it can hold, or than an image would be compressed from.

    Parameters
    ----------
    declared, on_disk
        Bytes up to the last voxel, decompressed, and of the file.
    """
    if declared > on_disk * (MOST_COMPRESSION if is_packed else 1):
        raise cut_short(path, declared, on_disk)
    if declared > _BOMB[0] and declared > on_disk * _BOMB[1]:
        value = f"{declared // 2**20} MB from {on_disk // 2**20} MB"
        raise refuse("size", f"Do not use it, for it is compressed more than an image can be ({value}): {path}", value)


def surplus(path: Path, declared: int, present: int, junk: bool) -> list[Finding]:
    """Return a warning about what follows the voxels; refuse a file that ends before the last of them.

    Parameters
    ----------
    present
        Bytes, decompressed.
    junk
        Whether something else follows what was compressed.
    """
    if present < declared:
        raise cut_short(path, declared, present)
    if present == declared and not junk:
        return []
    value = f"{present - declared} bytes" if present > declared else "bytes after the compressed data"
    sentence = (
        f"Make sure it is the right file, for it continues after its last voxel ({value}), which was ignored: {path}"
    )
    return [Finding("warn", "size", sentence, value)]

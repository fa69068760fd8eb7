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

_PLAUSIBLE: Final = (0.05, 20.0)
"""Millimetres; voxel sizes of clinical scanners."""

_FEW: Final = 10
"""Different values; the coarsest image has more."""


def check_spacing(path: Path, affine: Affine) -> list[Finding]:
    """Return warnings about voxel sizes that no scanner makes and about axes that are not at right angles."""
    findings = []
    sizes = " x ".join(f"{size:.4g}" for size in spacing(affine)) + " mm"
    if spacing(affine).min() < _PLAUSIBLE[0] or spacing(affine).max() > _PLAUSIBLE[1]:
        sentence = (
            f"{path} has voxels of {sizes}, which no scanner produces: check its unit of length before you trust it."
        )
        findings.append(Finding("warn", "voxel size", sentence, sizes))
    tilt = skew(affine)
    if tilt > SKEW_TOLERANCE:
        sentence = (
            f"The axes of {path} are {tilt:.1f} degrees off a right angle (a tilted gantry): the tilt is kept and "
            "resampled when it is fused, and the plain view of this file alone does not show it."
        )
        findings.append(Finding("warn", "shear", sentence, f"{tilt:.1f} degrees"))
    return findings


def check_values(path: Path, data: np.ndarray) -> list[Finding]:
    """Return warnings about voxels that are not finite and about a volume that holds very few different values."""
    broken = data.size - int(np.count_nonzero(np.isfinite(data)))
    if broken:
        value = f"{broken} of {data.size}"
        sentence = f"{path} holds {value} non-finite voxels (NaN or Inf): they are left out of the fusion."
        return [Finding("warn", "values", sentence, value)]
    # Every 1000th voxel shows whether counting all of them is worth the time.
    if data.ndim == 3 and np.unique(data.ravel()[:: max(1, data.size // 1000)]).size < _FEW:
        count = np.unique(np.concatenate([np.unique(plane) for plane in data])).size  # no copy of the whole volume
        if count < _FEW:
            sentence = f"{path} holds only {count} different values: it looks like a mask or a label map, not an image."
            return [Finding("warn", "values", sentence, f"{count} values")]
    return []


def unreadable(path: Path, error: OSError) -> RefusedError:
    """Return the error for a file that the system does not hand over."""
    sentence = f"{path} cannot be read ({error.strerror or error}): check its name and your permission to read it."
    return refuse("file", sentence, str(path))


def damaged(path: Path) -> RefusedError:
    """Return the error for compressed data that cannot be decompressed to their end."""
    return refuse("file", f"{path} is damaged or incomplete (its compressed data fail the check): copy it again.")


def cut_short(path: Path, declared: int, present: int) -> RefusedError:
    """Return the error for a file that ends before its last voxel."""
    value = f"{present} of {declared} bytes"
    return refuse("size", f"{path} is incomplete or its header is damaged ({value}): copy or export it again.", value)


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
    sentence = f"{path} continues after its last voxel ({value}); the rest was ignored. Make sure it is the right file."
    return [Finding("warn", "size", sentence, value)]

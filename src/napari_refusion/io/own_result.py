"""Whether a file is what this program made: a fused image is no examination, and is not fused once more."""

from typing import Final

import numpy as np

from napari_refusion.io.sidecar import Sidecar
from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.finding import Finding

_RECORD: Final = ("a", "b", "weights_sha256", "axis", "notice")
"""Entries that only the record of a fusion holds together, see `fusion.provenance.Provenance`."""


def is_own(description: str, sidecar: Sidecar) -> bool:
    """Return whether a file says of itself, or the record beside it says, that it is a fused image.

    Parameters
    ----------
    description
        NIfTI ``descrip`` or PNG ``Description``.
    """
    if description.strip("\0 ").startswith(DESCRIPTION):
        return True
    content = sidecar.content or {}
    return all(key in content for key in _RECORD)


def own_result(name: str, data: np.ndarray, description: str, sidecar: Sidecar) -> tuple[Finding, ...]:
    """Return what forbids to fuse a file that is a result itself; nothing for any other.

    Layers that are saved from napari carry the same words in older versions; their values go beyond the 0 to 1 of a
    fused image.

    Parameters
    ----------
    name
        What the sentence calls the file.
    data
        (I, P, L) or (I, P, L, 3) as it was read.
    """
    if not is_own(description, sidecar):
        return ()
    low, high = np.fmin.reduce(data, axis=None), np.fmax.reduce(data, axis=None)  # NaN left out
    if data.ndim == 3 and not (low >= 0.0 and high <= 1.0):
        return ()
    sentence = f"{name} is a fused image that this program made, not an examination: choose the original of it."
    return (Finding("block", "fused image", sentence),)

"""Whether a file is what this program made: a fused image is no examination, and is not fused once more."""

from pathlib import Path
from typing import Any, Final

import nibabel
import numpy as np

from napari_refusion.io.boundary import decoding
from napari_refusion.io.formats import ending
from napari_refusion.io.sidecar import Sidecar, read_sidecar
from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.finding import Finding, RefusedError

_RECORD: Final = ("a", "b", "weights_sha256", "axis", "notice")
"""Entries that only the record of a fusion holds together, see `fusion.provenance.Provenance`."""


_COLOUR: Final = "_colour"
"""What the name of a coloured one has behind that of the grey one, whose record it shares."""


def own_result(path: Path, data: np.ndarray, description: str, sidecar: Sidecar) -> tuple[Finding, ...]:
    """Return what forbids to fuse a file that is a result itself; nothing for any other.

    Layers that are saved from napari carry the same words in older versions; their values go beyond the 0 to 1 of a
    fused image.

    Parameters
    ----------
    data
        (I, P, L) or (I, P, L, 3) as it was read.
    description
        NIfTI ``descrip`` or PNG ``Description``.
    sidecar
        What stands beside it.
    """
    if not (description.strip("\0 ").startswith(DESCRIPTION) or _is_recorded(path, sidecar)):
        return ()
    low, high = np.fmin.reduce(data, axis=None), np.fmax.reduce(data, axis=None)  # NaN left out
    if data.ndim == 3 and not (low >= 0.0 and high <= 1.0):
        return ()
    sentence = f"Choose the original: this is a fused image that this program made, not an examination: {path}"
    return (Finding("block", "fused image", sentence),)


def is_marked(path: Path) -> bool:
    """Return whether a NIfTI or PNG file says itself that this program made it; False for one that cannot be read."""
    try:
        with decoding(path):
            if ending(path) == ".png":
                from PIL import Image

                with Image.open(path) as image:
                    said = str(image.info.get("Description", ""))
            else:
                header: Any = nibabel.load(path).header
                said = bytes(header["descrip"]).decode("latin-1")
    except RefusedError:
        return False
    return said.startswith(DESCRIPTION)


def _is_recorded(path: Path, sidecar: Sidecar) -> bool:
    """Return whether the record of a fusion stands beside a file."""
    is_grey = not path.name.removesuffix(ending(path)).endswith(_COLOUR)
    return is_record(sidecar if is_grey else record_of(path))


def is_record(sidecar: Sidecar) -> bool:
    """Return whether what stands beside a file is the record of a fusion."""
    return all(key in (sidecar.content or {}) for key in _RECORD)


def record_of(path: Path) -> Sidecar:
    """Return what stands beside a fused image, grey or coloured: both share one record."""
    name = path.name.removesuffix(ending(path)).removesuffix(_COLOUR)
    return read_sidecar(path.with_name(name + ending(path)))

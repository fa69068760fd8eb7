"""How many frames a file can hold, against how many it declares: before anything is made for each of them."""

from pathlib import Path
from typing import Final

from pydicom import Dataset

from napari_refusion.io.dicom.header import element_of
from napari_refusion.io.dicom.stored import Stored
from napari_refusion.io.plausible import MOST_COMPRESSION
from napari_refusion.volume.finding import refuse

_ITEM: Final = 8
"""Bytes of the head of an item: each compressed frame has one at least (PS3.5, A.4)."""


def frames_to_list(path: Path, header: Dataset, stored: Stored, found: int | None) -> int:
    """Return the number of frames, of a file that was cut short only of those whose pixels are there.

    Such a file is refused later, by the bytes that it declares.

    Parameters
    ----------
    found
        Bytes of pixels; None where they are compressed.

    Raises
    ------
    RefusedError
        If the file describes fewer frames than it declares, or cannot hold as many compressed ones.
    """
    frames = stored.frames
    if frames == 1:
        return 1
    _check_described(path, header, frames)
    bits = stored.rows * stored.columns * stored.samples * max(1, stored.bits_allocated)
    if found is not None:
        return min(frames, max(1, 8 * found // bits))
    deflated = stored.syntax.is_deflated
    most = stored.size * MOST_COMPRESSION * 8 // bits if deflated else (stored.size - stored.start) // _ITEM
    if frames > most:
        value = f"{frames} frames in {stored.size} bytes"
        raise refuse("frames", f"Send the series again: {path.name} declares {value}, which cannot be.", value)
    return frames


def _check_described(path: Path, header: Dataset, frames: int) -> None:
    """Refuse an enhanced image that says of fewer frames where they lie than it declares (PS3.3, C.7.6.16)."""
    if element_of(header, "PerFrameFunctionalGroupsSequence") is None:
        return
    described = len(header.get("PerFrameFunctionalGroupsSequence") or [])
    if described < frames:
        words = f"Send the series again: {path.name} declares {frames} frames and describes {described} of them."
        raise refuse("frames", words, f"{described} of {frames} frames")

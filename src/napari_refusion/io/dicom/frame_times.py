"""When the frames of a dynamic series were measured, from the times and durations of their images."""

from collections.abc import Sequence
from itertools import pairwise

from napari_refusion.io.dicom.slice import Slice

Span = tuple[float, float]
"""Start and end, s after the start of the first frame."""


def frame_times(frames: Sequence[Sequence[Slice]]) -> list[Span] | None:
    """Return start and end of each frame; None where the header does not tell them, or they do not follow each other.

    A frame that states no duration ends where the next one starts, the last one after as long as the one before it.

    Parameters
    ----------
    frames
        The images of each, in their order in time.
    """
    starts = [_start(images) for images in frames]
    known = [start for start in starts if start is not None]
    if len(known) < len(starts) or any(after <= before for before, after in pairwise(known)):
        return None
    ends = [_end(images, start) for images, start in zip(frames, known, strict=True)]
    for index, end in enumerate(ends):
        if end is None:
            step = known[index + 1] - known[index] if index + 1 < len(known) else known[index] - known[index - 1]
            ends[index] = known[index] + step
    return [(start - known[0], end - known[0]) for start, end in zip(known, ends, strict=True) if end is not None]


def _start(images: Sequence[Slice]) -> float | None:
    """Return when a frame started: its first acquisition, else half its duration before the time that it is for."""
    acquired = [image.content.acquired for image in images]
    references = [image.content.reference_time for image in images]
    if None not in acquired:
        return min(moment for moment in acquired if moment is not None)
    if None in references:
        return None
    durations = [image.content.duration or 0.0 for image in images]
    return min(moment - lasted / 2 for moment, lasted in zip(references, durations, strict=True) if moment is not None)


def _end(images: Sequence[Slice], start: float) -> float | None:
    spans = [(image.content.acquired, image.content.duration) for image in images]
    if any(duration is None for _, duration in spans):
        return None
    return max((start if moment is None else moment) + lasted for moment, lasted in spans if lasted is not None)

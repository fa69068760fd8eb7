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
    acquired, referred = _acquired(frames), _referred(frames)
    known = acquired if _rises(acquired) else referred
    if not _rises(known):
        return None
    ends = [_end(images, start, known is acquired) for images, start in zip(frames, known, strict=True)]
    for index, end in enumerate(ends):
        if end is None:
            step = known[index + 1] - known[index] if index + 1 < len(known) else known[index] - known[index - 1]
            ends[index] = known[index] + step
    return [(start - known[0], end - known[0]) for start, end in zip(known, ends, strict=True) if end is not None]


def _rises(starts: Sequence[float]) -> bool:
    return len(starts) > 0 and all(after > before for before, after in pairwise(starts))


def _acquired(frames: Sequence[Sequence[Slice]]) -> list[float]:
    """Return the first acquisition of each frame; nothing where one is not stated."""
    moments = [[image.content.acquired for image in images] for images in frames]
    if any(moment is None for found in moments for moment in found):
        return []
    return [min(moment for moment in found if moment is not None) for found in moments]


def _referred(frames: Sequence[Sequence[Slice]]) -> list[float]:
    """Return the moments half a duration before those that the frames are for; nothing where one is not stated."""
    moments = [[(image.content.reference_time, image.content.duration or 0.0) for image in images] for images in frames]
    if any(moment is None for found in moments for moment, _ in found):
        return []
    return [min(moment - lasted / 2 for moment, lasted in found if moment is not None) for found in moments]


def _end(images: Sequence[Slice], start: float, is_clock: bool) -> float | None:
    """Return when a frame ended, by the clock with the last of its beds; None where its duration is not stated."""
    ends = []
    for image in images:
        if image.content.duration is None:
            return None
        moment = image.content.acquired if is_clock and image.content.acquired is not None else start
        ends.append(moment + image.content.duration)
    return max(ends)

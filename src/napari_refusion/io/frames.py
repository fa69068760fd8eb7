"""Several volumes of one file: what tells them from each other, and whether a mean of them means anything."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from napari_refusion.io.choice import Times, name_of_frame
from napari_refusion.io.sidecar import Sidecar, described_in, frame_times
from napari_refusion.volume.finding import Finding

_LONGEST_LIST: Final = 2**20
"""Bytes of a list of b-values."""


@dataclass(frozen=True, slots=True)
class Frames:
    """The volumes of a file."""

    names: tuple[str, ...] = ("",)
    """What tells each from the others; one empty text for a single volume."""
    times: Times = ()
    """See `choice.choose_volume`."""
    alike: bool = True
    """Whether all measure the same."""
    step: float | None = None
    """Seconds from one to the next where the times are made of this number alone; None where each is stated."""
    findings: tuple[Finding, ...] = ()
    files: tuple[Path, ...] = ()
    """What was read to find out, besides the image and its sidecar."""

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.names)


def frames_of(path: Path, count: int, sidecar: Sidecar, step: float | None = None, alike: bool = True) -> Frames:
    """Return the volumes of a file.

    Parameters
    ----------
    step
        Seconds from one volume to the next by the file's own header; the sidecar counts more.
    alike
        False where the header says that they are no frames in time, or their voxels are colours.
    """
    if count == 1:
        return Frames()
    echoes = sidecar.numbers("EchoTime")
    if len(echoes) == count and len(set(echoes)) > 1:
        return Frames(tuple(f"echo time {echo * 1000:g} ms" for echo in echoes), alike=False)
    table = described_in(path).with_suffix(".bval")
    values = _b_values(table)
    if len(values) == count:
        names = tuple(f"volume {number}, b-value {value:g} s/mm2" for number, value in enumerate(values))
        return Frames(names, alike=alike and len(set(values)) == 1, files=(table,))
    times, findings = frame_times(path, sidecar, count)
    by_step = step if not times and not findings else None
    if by_step:
        times = tuple((number * by_step, (number + 1) * by_step) for number in range(count))
    if not alike:
        return Frames(tuple(f"volume {number}" for number in range(count)), alike=False, findings=findings)
    known = times or (None,) * count
    names = tuple(name_of_frame(number, known[number]) for number in range(count))
    return Frames(names, times, alike, by_step, findings)


def about_step(path: Path, frames: Frames, *, is_functional: bool) -> tuple[Finding, ...]:
    """Return a warning about times of PET or SPECT that are made of one step: its frames often grow longer."""
    if not frames.step or not is_functional:
        return ()
    value = f"{frames.step:g} s"
    sentence = (
        f"Check the times of the frames, or put a sidecar with FrameTimesStart and FrameDuration beside it: its "
        f"header holds one step of {value} for all of them, while frames of a dynamic examination often grow longer: "
        f"{path}"
    )
    return (Finding("warn", "frames", sentence, value),)


def _b_values(table: Path) -> tuple[float, ...]:
    """Return the b-values, s/mm2, in the file that FSL and BIDS put beside an image; empty where there is none."""
    try:
        if not table.is_file() or table.stat().st_size > _LONGEST_LIST:
            return ()
        return tuple(float(word) for word in re.split(r"[\s,]+", table.read_text(encoding="utf-8").strip()))
    except (OSError, ValueError):
        return ()

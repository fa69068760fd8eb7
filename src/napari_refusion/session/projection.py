"""The rotating projection of a pair's PET or SPECT: what is prepared of it, and why there may be none."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import numpy as np
from psygnal import Signal

from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.projection import Projection, Turntable, projections, turntable, upright

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.runner import Running
    from napari_refusion.study.study import Side
    from napari_refusion.volume.volume import Volume

COARSE: Final = 36
"""Angles of a turn that are prepared first, as gamma cameras take them; enough to look at, 10 a second."""

FINE: Final = 3
"""Times as many angles that are prepared then: 108, at 30 a second a turn in 3.6 s."""


def angles() -> tuple[float, ...]:
    """Return the angles of half a turn in degrees, in the order in which they are prepared: the front comes first.

    The other half is the same from behind.
    """
    step = 360 / (COARSE * FINE)
    order = sorted(range(COARSE * FINE // 2), key=lambda number: (number % FINE > 0, number))
    return tuple(number * step for number in order)


def why_not(partial: PartialFusion | None) -> str:
    """Return what to do before a pair can be projected, and why; empty where it can be."""
    if partial is None:
        return "Choose PET or SPECT as one of two sources, and fuse a slice: there is no pair to project."
    if any(side.source.is_photograph for side in partial.study.sides):
        return "Open scans: pictures have no depth to be projected."
    side = partial.study.functional
    if side is None:
        names = " and ".join(partial.study.names)
        return f"Choose PET or SPECT as one of the sources: {names} show no uptake to be projected."
    if side.source.is_rgb:
        return (
            f"Open the values of {side.source.title}: these are colours, and the brightest is not the highest uptake."
        )
    if min(side.source.shape) < 2:
        size = " x ".join(map(str, side.source.shape))
        return (
            f"Open the whole series of {side.source.title}: a projection needs several slices, this has {size} voxels."
        )
    return ""


class ProjectionSession:
    """Prepares the projections of one pair after the other, from `open` to `close`."""

    changed = Signal()
    """Emitted when there is another pair, another source, another reason for none, or other colours."""
    grew = Signal()
    """Emitted when another angle is prepared."""
    recoloured = Signal()
    """Emitted when more of the pair is fused."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._runner = runner
        self._job: Running | None = None
        self._chosen = ""
        self._prepared: Side | None = None
        self.is_open = False
        self.partial: PartialFusion | None = None
        """The pair."""
        self.colouring: Colouring | None = None
        """The colours of its fused volume, where it has some."""
        self.reason = why_not(None)
        """Why nothing can be shown; empty where it can."""
        self.volume: Volume | None = None
        """What is projected: on its own grid, where registration moved it."""
        self.table: Turntable | None = None
        """The frame; None until it is known."""
        self.pictures: tuple[Projection, ...] = ()
        """Those of half a turn that are prepared."""

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the sources that can be projected: of two PET both."""
        partial = self.partial
        return () if partial is None or why_not(partial) else tuple(s for s in partial.study.sides if _is_projected(s))

    @property
    def side(self) -> Side | None:
        """Return the source that is projected, None for none."""
        return next((side for side in self.sides if side.key == self._chosen), next(iter(self.sides), None))

    def show_pair(self, partial: PartialFusion | None, colouring: Colouring | None = None) -> None:
        """Project the functional source of a pair; None where there is none. Another window is no other projection."""
        self.partial, self.colouring, self.reason = partial, colouring, why_not(partial)
        self._follow()

    def choose(self, key: str) -> None:
        """Project the source with this key."""
        self._chosen = key
        self._follow()

    def forget(self, reason: str) -> None:
        """Show nothing of this pair until it comes again: what it was projected from has changed."""
        self._drop()
        self.reason = reason
        self.changed.emit()

    def open(self) -> None:
        """Begin to prepare what is shown."""
        self.is_open = True
        self._follow()

    def close(self) -> None:
        """Stop, and give the memory back."""
        self.is_open = False
        self._drop()

    def note_slice(self, partial: PartialFusion) -> None:
        """Take note that another slice of a partial fusion is there."""
        if partial is self.partial:
            self.recoloured.emit()

    def picture_at(self, degrees: float) -> Projection | None:
        """Return the prepared projection nearest to an angle; None before the first."""
        behind = tuple(picture.from_behind() for picture in self.pictures)
        return min((*self.pictures, *behind), key=lambda one: abs(_between(one.degrees, degrees)), default=None)

    def point_at(self, projection: Projection, row: int, column: int) -> np.ndarray | None:
        """Return the place, (3,) RAS+ mm, of the voxel that a pixel shows; None where it shows none."""
        rows, columns = projection.voxels.shape
        if self.table is None or not (0 <= row < rows and 0 <= column < columns):
            return None
        voxel = projection.voxels[row, column]
        return None if voxel < 0 else self.table.places_of(voxel)

    def _follow(self) -> None:
        side = self.side
        if not (self.is_open and _is_same(side, self._prepared)):
            self._drop()
        if side is not None and self.is_open and not self.reason and self._prepared is None:
            self._prepared, self.volume = side, side.placed()
            self._job = self._runner(_rotated, (self.volume,), self._receive, self._end)
            self._job.start()
        self.changed.emit()

    def _receive(self, message: Turntable | Projection) -> None:
        if isinstance(message, Turntable):
            self.table = message
        else:
            self.pictures = (*self.pictures, message)
            self.grew.emit()

    def _end(self, end: str) -> None:
        self._job = None
        if end == "failed":
            self.forget("Failed: see the notification.")

    def _drop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.close()
        self._prepared = self.volume = self.table = None
        self.pictures = ()


def _is_projected(side: Side) -> bool:
    return side.source.is_functional and not side.source.is_rgb and min(side.source.shape) > 1


def _is_same(side: Side | None, other: Side | None) -> bool:
    """Return whether two sides have the same voxels in the same place."""
    return side is not None and other is not None and side.source is other.source and side.move == other.move


def _between(one: float, other: float) -> float:
    """Return the angle from one to another, -180 to 180 degrees."""
    return (one - other + 180) % 360 - 180


def _rotated(volume: Volume) -> Generator[Turntable | Projection, None, None]:
    """Yield the frame of a volume's projections, and these in the order of `angles`."""
    straight = upright(volume)
    table = turntable(straight)
    yield table
    yield from projections(straight, table, angles())

"""A fused volume that is being filled, and the study under it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.intensity import Window
from napari_refusion.numerics.room import room
from napari_refusion.study.study import Study
from napari_refusion.volume.affine import AXES, GRID_TOLERANCE, Affine, farthest
from napari_refusion.volume.finding import check_name

Extent = Literal["slice", "near", "volume"]
"""How much of a volume is to be fused: the current slice, also those beside it, or all of it."""

NEAR = 3
"""Slices before and after the current one that are fused ahead."""

_AND: Final = " and "
"""Between the names of engines."""


@dataclass(frozen=True, slots=True, eq=False)
class PartialFusion:
    """A study, and as much of its fused volume as there is; `put` fills its arrays."""

    study: Study
    axis: str
    """Direction of the fused slices, one of `volume.affine.AXES`."""
    fused: NDArray[np.float32] = field(repr=False)
    """(I, P, L) in [0, 1]; 0 where a slice is not there yet."""
    done: NDArray[np.bool_] = field(repr=False)
    """(n,) for the n slices along `axis`: which are there."""
    weights_sha256: str = ""
    """Identity of the engine that fuses it: the hash of its weights, see `engine.Engine.identity`."""
    made_with: set[str] = field(default_factory=set)
    """What computed the slices that are there, see `engine.Engine.made_with`; unknown of those of earlier versions."""

    @property
    def engines(self) -> str:
        """What computed the slices, in words; empty where that is not known."""
        return _AND.join(sorted(self.made_with))

    @property
    def is_complete(self) -> bool:
        """Whether all slices are there."""
        return bool(self.done.all())

    def put(self, index: int, image: NDArray[np.float32], made_with: str = "") -> None:
        """Put a fused slice, (H, W), in its place."""
        np.moveaxis(self.fused, AXES[self.axis], 0)[index] = image
        self.done[index] = True
        if made_with:
            self.made_with.add(made_with)

    def keep(self, done: NDArray[np.bool_]) -> None:
        """Take out all slices but those of a mask like `done`."""
        np.moveaxis(self.fused, AXES[self.axis], 0)[~done] = 0
        self.done[:] &= done


@dataclass(frozen=True, slots=True, eq=False)
class FinishedSlices:
    """What was fused earlier, kept in a file: of use only where it would be fused to the same again."""

    fused: NDArray[np.float32] = field(repr=False)
    """(I, P, L) in [0, 1], as `PartialFusion.fused`."""
    done: NDArray[np.bool_] = field(repr=False)
    """(n,) for the n slices along `axis`: which are there."""
    axis: str
    affine: Affine
    """(4, 4) of the grid it lies on, to RAS+ mm."""
    windows: tuple[Window, Window]
    """Of sources a and b."""
    weights_sha256: str
    made_with: tuple[str, ...] = ()
    """As `PartialFusion.made_with`."""

    def differs(self, partial: PartialFusion) -> str:
        """Return in words what a partial fusion is made of that these slices are not; empty where they belong to it."""
        grid = partial.study.grid
        if self.fused.shape != grid.shape or self.done.shape != partial.done.shape:
            return "the grid"
        if farthest(grid.shape, self.affine, grid.affine) > GRID_TOLERANCE:
            return "the place of the sources"
        pairs = {
            "the direction": (self.axis, partial.axis),
            "the windows": (self.windows, partial.study.windows),
            "the weights": (self.weights_sha256, partial.weights_sha256),
        }
        return next((words for words, (one, other) in pairs.items() if one != other), "")

    def put_into(self, partial: PartialFusion) -> None:
        """Put the slices into a partial fusion that they belong to."""
        for index in np.flatnonzero(self.done):
            partial.put(int(index), np.moveaxis(self.fused, AXES[self.axis], 0)[index])
        partial.made_with.update(self.made_with)


def engines_of(words: str) -> tuple[str, ...]:
    """Return what computed slices, one by one, of the words of `PartialFusion.engines`."""
    return tuple(words.split(_AND)) if words else ()


def new_partial(study: Study, axis: str, weights_sha256: str = "") -> PartialFusion:
    """Return what is fused of a study before its first slice."""
    done = np.zeros(study.grid.count(axis), np.bool_)
    return PartialFusion(study, axis, room(study.grid.shape), done, weights_sha256)


def find_partial(partials: Iterable[PartialFusion], wanted: PartialFusion) -> PartialFusion:
    """Return what the same pair is fused to in the same way, `wanted` itself where there is nothing yet."""
    return next((partial for partial in partials if _made_of(partial) == _made_of(wanted)), wanted)


def next_slice(done: NDArray[np.bool_], looked_at: int, extent: Extent) -> int | None:
    """Return the slice to fuse next: the missing one nearest to the current slice; None if nothing is left to do.

    Parameters
    ----------
    done
        (n,) for the n slices: which are there.
    looked_at
        Index of the slice on the screen; may lie outside 0 to n - 1.

    Raises
    ------
    RefusedError
        For an unknown extent.
    """
    check_name("partial fusion", extent, get_args(Extent), "extent")
    reach = {"slice": 0, "near": NEAR, "volume": len(done) + abs(looked_at)}[extent]
    missing = [int(index) for index in np.flatnonzero(~done) if abs(index - looked_at) <= reach]
    return min(missing, key=lambda index: (abs(index - looked_at), -index), default=None)


def _made_of(partial: PartialFusion) -> tuple[object, ...]:
    """Return what tells fusions apart; a study keeps its mask as long as only its windows change."""
    return id(partial.study.covered), partial.study.windows, partial.axis, partial.weights_sha256

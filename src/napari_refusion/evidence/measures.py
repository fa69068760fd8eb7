"""How the indicators of a fused slice are measured; their texts and limits are in `indicators`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.examiner import Slice
from napari_refusion.evidence.maps import FULL, SATURATED
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.fusion.slices import slice_sources
from napari_refusion.numerics.recovery import recovered
from napari_refusion.volume.affine import AXES

Letter = Literal["a", "b"]
"""One of the sources."""

FOREGROUND: Final = 0.05
"""Of a windowed source in [0, 1]; a pixel is foreground where either source is above."""

UNCHANGED: Final = 0.02
"""Of a windowed source; tissue that changes by less from slice to slice is the same tissue."""

FEWEST_PIXELS: Final = 50
"""Of the same tissue in two slices; with fewer a median says little."""

FLAT: Final = 0.1
"""Standard deviation of a windowed source over the foreground; below it no recoverable part is told.

Where a source is faint the other one outshines it in any fusion: in such slices of the head phantom either 2 to 18 % of
PET are recovered, or 57 to 71 %, all of which MRI happens to share; in its median slice 45 %. A window so wide that
all slices are below shows in their `occupied` numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class FusedImages:
    """One slice of both windowed sources and of what they were fused to, all (H, W) in [0, 1]."""

    a: Slice
    b: Slice
    fused: Slice


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSlice:
    """A slice with foreground, as a measure gets it."""

    images: FusedImages
    maps: Mapping[str, Slice]
    """Those of `maps.examine_slice`; kinds that were not run are missing."""
    foreground: NDArray[np.bool_]
    """(H, W), see `foreground`."""
    neighbours: tuple[FusedImages, ...]
    """The slices before and after it, one at either end of the volume; none for a slice by itself."""

    def source(self, letter: Letter) -> Slice:
        """Return one of the windowed sources."""
        return self.images.a if letter == "a" else self.images.b


def fused_images(partial: PartialFusion, index: int) -> FusedImages:
    """Return one slice of both windowed sources and of what they were fused to."""
    a, b = slice_sources(partial.study, partial.axis, index)
    fused = np.moveaxis(partial.fused, AXES[partial.axis], 0)[index]
    return FusedImages(*(np.ascontiguousarray(image) for image in (a, b, fused)))


def foreground(a: Slice, b: Slice) -> NDArray[np.bool_]:
    """Return where there is anything in either windowed source, same shape."""
    return np.maximum(a, b) > FOREGROUND


def recoverable_part(letter: Letter, one: MeasuredSlice) -> float:
    """Return what share of a source the fused image gives back, see `numerics.recovery`; NaN for a flat source."""
    source = one.source(letter)
    is_flat = source[one.foreground].std() < FLAT
    return float("nan") if is_flat else recovered(source, one.images.fused, one.foreground)


def residual(letter: Letter, one: MeasuredSlice) -> float:
    """Return the mean difference of a source from what the network R rebuilds, in [0, 1]; NaN without R."""
    name = f"residual_{letter}"
    return float(one.maps[name][one.foreground].mean()) if name in one.maps else float("nan")


def saturated_part(letter: Letter, one: MeasuredSlice) -> float:
    """Return the share of a source's own foreground at the upper end of its window; NaN where it has none."""
    source = one.source(letter)
    own = source[source > FOREGROUND]
    return float((own >= SATURATED).mean()) if own.size else float("nan")


def occupied_range(letter: Letter, one: MeasuredSlice) -> float:
    """Return the 99th percentile of a source over the foreground, in [0, 1]."""
    return float(np.percentile(one.source(letter)[one.foreground], 99))


def overshoot(one: MeasuredSlice) -> float:
    """Return the share of the foreground that is brighter than both sources by more than 0.1."""
    images = one.images
    return float((images.fused - np.maximum(images.a, images.b) > 0.1)[one.foreground].mean())


def undershoot(one: MeasuredSlice) -> float:
    """Return the share of the foreground that is darker than both sources by more than 0.05."""
    images = one.images
    return float((images.fused - np.minimum(images.a, images.b) < -0.05)[one.foreground].mean())


def saturated_fused(one: MeasuredSlice) -> float:
    """Return the share of the foreground that is fused to nearly full brightness."""
    return float((one.images.fused > FULL)[one.foreground].mean())


def largest_step(one: MeasuredSlice) -> float:
    """Return the larger of the steps to the neighbours, see `step_between`; NaN where none is judged."""
    steps = [step_between(one.images, neighbour) for neighbour in one.neighbours]
    return float(np.fmax.reduce(steps)) if steps else float("nan")


def step_between(one: FusedImages, other: FusedImages) -> float:
    """Return by how much the fused brightness of the same tissue changes from one slice to a neighbour, in [0, 1].

    The absolute median change over pixels that are foreground in both slices and whose two windowed sources changed by
    less than `UNCHANGED`: a flickering fusion moves all of them alike. NaN with fewer than `FEWEST_PIXELS` of them.
    """
    same = (np.abs(other.a - one.a) < UNCHANGED) & (np.abs(other.b - one.b) < UNCHANGED)
    same &= foreground(one.a, one.b) & foreground(other.a, other.b)
    if np.count_nonzero(same) < FEWEST_PIXELS:
        return float("nan")
    return float(abs(np.median((other.fused - one.fused)[same])))

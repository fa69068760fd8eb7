"""What goes into a fusion that runs in a worker thread, and the messages that come out of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.engines import DEFAULT_ENGINE
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import LayerImage

if TYPE_CHECKING:
    from napari_refusion.fusion.canvas import Canvas, Extent
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.provenance import Provenance
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.pair import Pair
    from napari_refusion.volume.rigid import RigidMove


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One of the two layers to be fused."""

    image: LayerImage
    modality: str = ""
    """DICOM Modality that the user chose; empty for what the layer says."""
    window: str = ""
    """As `choose_window` takes it; empty for automatic."""
    move: RigidMove | None = None
    """A registration that was accepted."""

    def shows_the_same(self, other: Source) -> bool:
        """Return whether this is the same image in the same place; quick, voxels are not compared."""
        one, two = self.image, other.image
        same = one.data is two.data and np.array_equal(one.matrix, two.matrix)
        return same and (one.name, self.modality, self.move) == (two.name, other.modality, other.move)


@dataclass(frozen=True, slots=True)
class FuseSettings:
    """What the user chose for the fusion as a whole."""

    task: str = "medical"
    weights: str = ""
    """Name of installed weights or a file; empty for those of the task."""
    engine: str = DEFAULT_ENGINE
    """One of `fusion.engines.ENGINES`."""
    axis: str = "axial"
    reference: str = ""
    """``first``, ``second``, or empty for automatic."""
    palette: str = DEFAULT_PALETTE
    device: str = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be fused, and how much of it."""

    first: Source
    second: Source
    settings: FuseSettings
    point: tuple[float, float, float]
    """Place in napari's world that the viewer is at."""
    extent: Extent = "volume"
    is_live: bool = False
    """Whether nobody pressed a button for it: a refusal is shown without raising its voice."""

    def is_same_work(self, other: Request) -> bool:
        """Return whether only place and extent differ."""
        windows = (self.first.window, self.second.window) == (other.first.window, other.second.window)
        return self.is_same_pair(other) and windows and self.settings == other.settings

    def with_axis(self, axis: str) -> Request:
        """Return the same request along another direction."""
        return replace(self, settings=replace(self.settings, axis=axis))

    def is_same_pair(self, other: Request) -> bool:
        """Return whether the same two images are put onto the same grid."""
        same = self.first.shows_the_same(other.first) and self.second.shows_the_same(other.second)
        chosen, others = self.settings, other.settings
        return same and (chosen.task, chosen.reference) == (others.task, others.reference)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a job prepared; the next one uses again what still holds."""

    request: Request
    checksums: tuple[int, int]
    """Of the voxels of both layers."""
    volumes: tuple[Volume, Volume]
    """In the order in which they were chosen, on their own grids."""
    pair: Pair
    windows: tuple[Window, Window] | None = None
    """In the order in which they were chosen; None if they could not be found."""
    engine: Engine | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done now, in words."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """The pair is good, the network is ready, slices follow."""

    kept: Kept
    canvas: Canvas
    findings: tuple[Finding, ...]
    device: str
    """In words."""
    provenance: Provenance
    colouring: Colouring | None


@dataclass(frozen=True, slots=True, eq=False)
class FusedSlice:
    """One finished slice of a canvas."""

    canvas: Canvas
    index: int
    image: NDArray[np.float32]
    """(H, W) in [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """The GPU's memory is full: what follows is fused on the CPU."""

    kept: Kept
    finding: Finding


@dataclass(frozen=True, slots=True)
class Refused:
    """It must not be fused; a blocking finding says why."""

    findings: tuple[Finding, ...]
    kept: Kept | None = None
    """What was prepared before that was clear."""


Message = Stage | Started | FusedSlice | Moved | Refused

Work = Generator[Message, int | None, None]
"""Yields messages; may be sent the index of the slice that is looked at now."""

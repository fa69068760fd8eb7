"""The fusion that a reader reviews, as whoever fused it hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.provenance import Provenance
    from napari_refusion.volume.finding import Finding
    from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedFusion:
    """A fused volume, or one that is still being filled, with its sources and how it is made."""

    canvas: Canvas
    sources: tuple[Volume, Volume]
    """In the pair's order, each on its own grid as it was opened."""
    provenance: Provenance
    findings: tuple[Finding, ...] = ()
    """What was noticed about pair, weights and files; the pair's own findings where empty."""
    colouring: Colouring | None = None
    engine: Engine | None = None
    """What fuses it; without it nothing is examined."""
    paths: tuple[Path, Path] | None = None
    """What the sources were opened from, in the pair's order; None where that is no file or folder."""

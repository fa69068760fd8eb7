"""The fusion that a reader reviews, as it is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.fusion.provenance import Provenance
    from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedFusion:
    """A fused volume, or one that is still being filled, and how it is made."""

    partial: PartialFusion
    provenance: Provenance
    findings: tuple[Finding, ...] = ()
    """What was noticed about pair, weights and files; the study's own findings where empty."""
    colouring: Colouring | None = None
    engine: Engine | None = None
    """What fuses it; without it nothing is examined."""

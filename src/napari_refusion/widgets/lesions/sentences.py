"""What the page Lesions says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.volume.probe import position_in_words
from napari_refusion.widgets.world import is_misdrawn, misdrawn_by

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.volume.volume import Volume


def stale_words(lesion: Lesion) -> str:
    """Return why a lesion does not count."""
    return (
        f"Choose the images again that {lesion.title} was drawn on, or remove it: its source was replaced, edited or "
        "moved since, so it is not measured."
    )


def oblique_words(partial: PartialFusion, volume: Volume) -> str:
    """Return that outlines are not seen where they lie on the fused image; empty where they are."""
    if volume.grid.matches(partial.study.grid) or not is_misdrawn(volume.grid):
        return ""
    return (
        f"Look at the outlines over {volume.title} alone: it is oblique, and they are drawn on its own grid, up to "
        f"{misdrawn_by(volume.grid):.0f} mm from their place on the fused image. Measurements are not touched by this."
    )


def spot_words(spot: MissedUptake) -> str:
    """Return a place of missed uptake for a menu."""
    return f"{position_in_words(np.array(spot.point))}, {100 * max(0.0, spot.transfer):.0f} % of it shows"

"""Slices that an earlier version fused: kept where this version would fuse the same, fused anew elsewhere."""

from dataclasses import replace

import numpy as np

from napari_refusion.fusion.border import MIRRORED, reaches_edges
from napari_refusion.fusion.partial import FinishedSlices, PartialFusion
from napari_refusion.fusion.slices import slice_sources


def without_outdated(finished: FinishedSlices, partial: PartialFusion, made_with: str) -> FinishedSlices:
    """Return finished slices without those that are fused to something else now.

    Versions without a border gave the network nothing beyond the edges: their slices of what reaches an edge are
    others. Those of what reaches none are what they would be now, and are said to be.

    Parameters
    ----------
    finished
        Slices that belong to `partial`, see `FinishedSlices.differs`.
    made_with
        What computes slices of this shape now, see `engine.Engine.made_with`.
    """
    if MIRRORED not in made_with or (finished.made_with and all(MIRRORED in one for one in finished.made_with)):
        return finished
    done = finished.done.copy()
    for index in np.flatnonzero(done):
        done[index] = not reaches_edges(np.stack(slice_sources(partial.study, partial.axis, int(index))))
    named = {one if MIRRORED in one else f"{one}, {MIRRORED}" for one in finished.made_with} if done.any() else ()
    return replace(finished, done=done, made_with=tuple(sorted(named)))

"""What a fusion shows and tells, as lists."""

import numpy as np

from napari_refusion.session.asked_fusion import AskedFusion


def done(session: AskedFusion) -> list[int]:
    """Return the slices that are shown."""
    assert session.partial is not None
    return np.flatnonzero(session.partial.done).tolist()


def arrivals(session: AskedFusion) -> list[int]:
    """Return the slices that will have been fused, in their order."""
    found: list[int] = []
    session.arrived.connect(lambda message: found.append(message.index))
    return found


def sentences(session: AskedFusion) -> list[str]:
    """Return what will have been said."""
    said: list[str] = []
    session.stage.connect(said.append)
    return said


def ends(session: AskedFusion) -> list[tuple[str, bool]]:
    """Return how fusions will have ended."""
    found: list[tuple[str, bool]] = []
    session.ended.connect(lambda end, was_ahead: found.append((end, was_ahead)))
    return found

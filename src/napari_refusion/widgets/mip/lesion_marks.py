"""The lesions of the reader's list as a projection marks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.widgets.mip.frames import Mark

if TYPE_CHECKING:
    from napari_refusion.session.lesions.session import LesionSession


def marks_of(session: LesionSession) -> tuple[Mark, ...]:
    """Return number and centre of each lesion that counts, where registration moved it."""
    placed = ((one.number, session.now.placed(one.number)) for one in session.now.lesions)
    return tuple(
        Mark(number, voi.grid.point_at(np.asarray(voi.voxels.mean(axis=0), dtype=np.float64)))
        for number, voi in placed
        if voi is not None
    )

"""How lesions get voxels of a source: by a click, from the regions of a file, or by a brush."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.lesion.methods import METHODS, draw
from napari_refusion.lesion.search import RADIUS
from napari_refusion.volume.finding import Finding, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.lesions import Lesions
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.lesions.source import LesionSource

BY_CLICK: Final = next(iter(METHODS))
"""What one click on uptake draws with."""

CORRECTED: Final = ", corrected by hand"
"""Behind the method of a lesion that the brush changed."""


def drawn_at(
    lesions: Lesions,
    source: LesionSource,
    point: NDArray[np.float64],
    method: str = BY_CLICK,
    amount: float | None = None,
    *,
    radius: float = RADIUS,
) -> tuple[Lesions, tuple[Finding, ...]]:
    """Return a list with a lesion that is drawn at a place, and what was noticed; see `LesionSession.add_at`.

    Raises
    ------
    RefusedError
        If nothing can be drawn there.
    """
    place = source.point(np.asarray(point, np.float64))
    drawn = draw(source.volume, place, method, amount, radius=radius)
    return lesions.added(drawn.voi, source.content), tuple(drawn.findings)


def with_regions(lesions: Lesions, source: LesionSource, overlay: Overlay, names: Sequence[str]) -> Lesions:
    """Return a list with regions of an overlay, by their names, as lesions of a source.

    Raises
    ------
    RefusedError
        If one of them lies outside of the source.
    """
    for one in (one for one in overlay.segments if one.name in names):
        method = one.voi.method or overlay.kind
        lesions = lesions.added(source.own(replace(one.voi, method=method)), source.content, one.name)
    return lesions


def corrected(lesions: Lesions, source: LesionSource | None, number: int, voi: VolumeOfInterest) -> Lesions:
    """Return a list in which a lesion has other voxels of its source, as a brush left them.

    Parameters
    ----------
    source
        What the lesion was drawn on; None where that was replaced.

    Raises
    ------
    RefusedError
        If there is no such lesion, it is stale, or the voxels lie outside of its source.
    """
    lesion = lesions.numbered(number)
    if source is None:
        sentence = f"Open the files that {lesion.title} was drawn on: its source was replaced since."
        raise refuse("volume of interest", sentence, lesion.title)
    method = lesion.voi.method.removesuffix(CORRECTED) + CORRECTED
    return lesions.replaced(replace(lesion, voi=replace(source.own(voi), method=method)))

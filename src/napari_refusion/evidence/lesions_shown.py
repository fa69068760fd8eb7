"""How much of the contrast of a reader's own lesions the fused image shows: see `lesion.shown` for the measure.

Each lesion is levelled out of the windowed source that it is drawn on, its slices are fused again with the same other
source, and what that changes is compared. Only for sources that show function: `missed_uptake.HIDDEN`, below which a
lesion counts as hidden, was calibrated on peaks of PET and SPECT.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.evidence.missed_uptake import HIDDEN
from napari_refusion.fusion.windowed_volume import WindowedVolume
from napari_refusion.lesion.held import carried
from napari_refusion.lesion.shown import Shown, levelled, shown_share
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.voi import VolumeOfInterest


@dataclass(frozen=True, slots=True, eq=False)
class AskedLesion:
    """A lesion of which is asked how much the fused image shows."""

    number: int
    voi: VolumeOfInterest
    """Where it lies in the pair: on its source's grid as registration moved it."""
    is_first: bool
    """Whether it is drawn on source a of the study, else on b."""


@dataclass(frozen=True, slots=True, eq=False)
class LesionsShown:
    """What is known of how much the fused image shows of the lesions of a list."""

    shown: Mapping[int, Shown | None] = field(default_factory=lambda: MappingProxyType({}))
    """Number of a lesion -> how much; None where it lies outside of the fused image."""
    pending: tuple[int, ...] = ()
    """Numbers of those that could be asked about and were not yet."""

    @property
    def hidden(self) -> Mapping[int, float]:
        """Return number -> share of those that the fused image hides, the least share first."""
        shares = {number: one.share for number, one in self.shown.items() if one is not None and one.share is not None}
        least = sorted(shares, key=lambda number: shares[number])
        return {number: shares[number] for number in least if shares[number] < HIDDEN}

    @property
    def words(self) -> str:
        """Return those that it hides, as ``the fused image hides 2 lesions: 3 (4 %), 1 (12 %)``; empty for none."""
        hidden = self.hidden
        told = ", ".join(f"{number} ({100 * share:.0f} %)" for number, share in hidden.items())
        return f"the fused image hides {len(hidden)} lesion{'s' if len(hidden) > 1 else ''}: {told}" if hidden else ""


NO_LESIONS: Final = LesionsShown()


def lesions_shown(
    engine: Engine, partial: PartialFusion, lesions: Sequence[AskedLesion]
) -> Generator[tuple[int, Shown | None], None, None]:
    """Yield the number of each lesion with how much of it the fused image shows; None where it lies outside of it.

    Slices that are not fused yet are fused for it, and kept nowhere.

    Parameters
    ----------
    engine
        What fused the partial fusion.
    """
    for one in lesions:
        mask = carried(one.voi, partial.study.grid.shape, partial.study.grid.affine)
        if not mask.any():
            yield one.number, None
            continue
        yield one.number, _shown(engine, partial, mask, one.is_first)


def hidden_findings(lesions: Iterable[Lesion], shown: LesionsShown) -> tuple[Finding, ...]:
    """Return a warning for each lesion that the fused image hides, the least shown first."""
    titles = {one.number: one.title for one in lesions}
    return tuple(
        Finding(
            "warn",
            "hidden lesion",
            f"Read {titles[number]} in its source: the fused image {shown.shown[number].words}.",  # type: ignore[union-attr]
            f"{100 * share:.0f} %",
        )
        for number, share in shown.hidden.items()
        if number in titles
    )


def _shown(engine: Engine, partial: PartialFusion, mask: NDArray[np.bool_], is_first: bool) -> Shown:
    """Return how much of one lesion is shown."""
    along = AXES[partial.axis]
    cut = np.moveaxis(mask, along, 0)
    there = np.flatnonzero(cut.any(axis=(1, 2)))
    part = slice(int(there[0]), int(there[-1]) + 1)
    where = [slice(None)] * 3
    where[along] = part
    sources = (WindowedVolume(side)[tuple(where)] for side in partial.study.sides)
    a, b, fused = (np.moveaxis(one, along, 0) for one in (*sources, partial.fused[tuple(where)]))
    own = a if is_first else b
    without = levelled(
        np.moveaxis(own, 0, along), np.moveaxis(cut[part], 0, along), partial.axis, partial.study.grid.affine
    )
    changed = np.moveaxis(without, along, 0)
    as_fused, as_changed = fused.copy(), fused.copy()
    for place in there.tolist():
        index = place - part.start
        pair = (changed[index], b[index]) if is_first else (a[index], changed[index])
        as_changed[index] = engine.fuse(*(np.ascontiguousarray(one) for one in pair))
        if not partial.done[place]:
            as_fused[index] = engine.fuse(*(np.ascontiguousarray(one[index]) for one in (a, b)))
    return shown_share(own, changed, as_fused, as_changed, cut[part])

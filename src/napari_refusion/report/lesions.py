"""The lesions of a review as its report shows them: a table, a picture of each, and all of them on one projection."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.lesion.held import carried
from napari_refusion.lesion.measured import in_cell, measure
from napari_refusion.lesion.measures import heading
from napari_refusion.report.lesion_pictures import lesion_panel, projection
from napari_refusion.session.lesions.files import DrawnOn, in_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.measured import Measured
    from napari_refusion.lesion.shown import Shown
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.session.review import ReviewSession

MEASURED: Final = ("maximum", "mean", "peak", "volume", "tlg", "diameter")
"""Names in `measures.MEASURES`, in the order of the table's columns."""

MOST: Final = 24
"""Lesions that are drawn, key images first; more would make a file that mail refuses."""


@dataclass(frozen=True, slots=True)
class LesionPicture:
    """One lesion, outlined in the sources and the fused image."""

    title: str
    comment: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LesionSection:
    """What a report says of lesions."""

    tables: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    """For each source that lesions are drawn on its word, and headings and lines."""
    hidden: str = ""
    """Those that the fused image hides, in words."""
    stale: tuple[str, ...] = ()
    """Titles of lesions that do not count: their source is another one now."""
    pictures: tuple[LesionPicture, ...] = ()
    left_out: int = 0
    """Lesions without a picture, see `MOST`."""
    projection: bytes = field(default=b"", repr=False)
    """See `lesion_pictures.projection`; empty where no source shows function."""


def lesion_section(session: ReviewSession) -> LesionSection:
    """Return the tables of the lesions of a review, without pictures; see `with_lesion_pictures`."""
    lesions, drawn = session.review.lesions, session.drawn()
    counted = {lesion.number for one in drawn for lesion in one.lesions}
    shown = session.lesions.shown
    return LesionSection(
        tables=tuple((one.word, _table(one, shown.shown)) for one in drawn),
        hidden=shown.words,
        stale=tuple(one.title for one in lesions if one.number not in counted),
    )


def with_lesion_pictures(
    section: LesionSection,
    session: ReviewSession,
    lesions: Sequence[Lesion],
    colouring: Colouring | None = None,
    check_failed: str = "",
) -> LesionSection:
    """Return what a report says of lesions with its pictures.

    Parameters
    ----------
    lesions
        As they were when the section was made: a reader may go on while the pictures are drawn.
    """
    partial, sources = session.partial, session.lesions.sources
    found = []
    grid = partial.study.grid
    for lesion in sorted(lesions, key=lambda one: not one.is_key):
        source = next((one for one in sources if one.holds(lesion)), None)
        mask = carried(source.placed(lesion.voi), grid.shape, grid.affine) if source is not None else None
        if mask is not None and mask.any():
            found.append((lesion, mask))
    pictures = tuple(
        LesionPicture(
            _title(lesion),
            lesion.comment,
            lesion_panel(partial, mask, f"Lesion {lesion.number}", colouring, check_failed),
        )
        for lesion, mask in found[:MOST]
    )
    return replace(
        section, pictures=pictures, left_out=len(found) - len(pictures), projection=_projection(sources, lesions)
    )


def _projection(sources: Sequence[LesionSource], lesions: Sequence[Lesion]) -> bytes:
    """Return the projection of the source that shows function, nothing where none does or no lesion is on it."""
    functional = next((one for one in sources if one.volume.is_functional and not one.volume.is_rgb), None)
    if functional is None:
        return b""
    own = {one.number: measure(functional.volume, one.voi).place for one in lesions if functional.holds(one)}
    if not own:
        return b""
    places = {number: np.array(place) for number, place in own.items() if place is not None}
    return projection(functional.volume, functional.side.window, places)


def _table(drawn: DrawnOn, shown: Mapping[int, Shown | None]) -> tuple[tuple[str, ...], ...]:
    names = [name for name in MEASURED if name in drawn.measured[0].values]
    titles = (heading(name, drawn.measured[0].unit) for name in names)
    headings = ("No.", "Lesion", "Site", "Method", *titles, "Shown (%)")
    lines = (_line(*both, names, shown) for both in zip(drawn.lesions, drawn.measured, strict=True))
    return (headings, *lines)


def _line(
    lesion: Lesion, measured: Measured, names: Sequence[str], shown: Mapping[int, Shown | None]
) -> tuple[str, ...]:
    share = in_percent(shown[lesion.number]) if lesion.number in shown else "not judged"
    cells = (in_cell(measured.values[name]) for name in names)
    return str(lesion.number), lesion.title, lesion.site, lesion.voi.method, *cells, share


def _title(lesion: Lesion) -> str:
    site = f", {lesion.site}" if lesion.site else ""
    return f"{lesion.number}. {lesion.title}{site}{', key image' if lesion.is_key else ''}"

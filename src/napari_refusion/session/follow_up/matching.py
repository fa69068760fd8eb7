"""Which lesions of a baseline and a follow-up are the same one, as far as the reader said so.

What the reader said stands in the group of the follow-up's lesion, which a review records. It names the baseline's
lesion by its voxels: with another list it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from napari_refusion.lesion.change import Change, Changes, changes
from napari_refusion.lesion.proposed_matches import ProposedMatch, proposed_matches
from napari_refusion.session.follow_up.examination import middle_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.time_point import TimePoint
    from napari_refusion.volume.affine import Affine
    from napari_refusion.volume.finding import Finding

_OF_BASELINE = "baseline lesion "


@dataclass(frozen=True, slots=True, eq=False)
class ChangeRow:
    """A line of the table of change."""

    change: Change
    proposed: ProposedMatch | None = None
    """Why two lesions stand in one line of which the reader said nothing; None where they were matched."""

    @property
    def status(self) -> str:
        """Return what is known of it, in words."""
        if self.proposed is None:
            return self.change.status
        return f"proposed, {self.proposed.millimetres:.0f} mm apart"


def group_of(lesion: Lesion) -> str:
    """Return the group that stands for a lesion of a baseline: for these voxels, and for no others."""
    voi = lesion.voi
    content = np.packbits(voi.mask).tobytes() + repr((voi.corner, voi.mask.shape, lesion.source)).encode()
    return f"{_OF_BASELINE}{lesion.number} ({crc32(content):08x})"


def is_of_baseline(group: str) -> bool:
    """Return whether a group stands for a lesion that a baseline has."""
    return group.startswith(_OF_BASELINE)


def new_since(content: str, number: int) -> str:
    """Return the group of a lesion of a follow-up that a baseline does not have.

    Parameters
    ----------
    content
        Of the baseline's measured source.
    """
    return f"lesion {number}, new since {content[:8]}"


def said_before(lesions: Sequence[Lesion], later: Sequence[Lesion], gone: frozenset[str]) -> list[Lesion]:
    """Return the lesions of a baseline, those with a group of which the reader said something.

    Parameters
    ----------
    gone
        Groups of those that are said to be gone.
    """
    groups = {one.group for one in later} | gone
    return [replace(one, group=name if (name := group_of(one)) in groups else "") for one in lesions]


def said_after(later: Sequence[Lesion], lesions: Sequence[Lesion], content: str) -> list[Lesion]:
    """Return the lesions of a follow-up, those with a group of which the reader said something about this baseline."""
    groups = {group_of(one) for one in lesions}
    return [
        one if one.group in groups or one.group == new_since(content, one.number) else replace(one, group="")
        for one in later
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What changed between two examinations; empty where they are not compared."""

    changes: Changes | None = None
    rows: tuple[ChangeRow, ...] = ()
    """A line for each lesion that counts."""
    proposed: tuple[ProposedMatch, ...] = ()
    """Lesions that lie near each other, of which the reader said nothing."""
    findings: tuple[Finding, ...] = ()
    """What to look at before a change is believed."""

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Return headings with units and a line for each lesion, those that are only proposed said to be so."""
        if self.changes is None:
            return ()
        head, *lines = self.changes.rows()
        said = zip(lines, self.rows, strict=True)
        return head, *((*line[:2], row.status, *line[3:]) for line, row in said)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPoint:
    """One of two examinations: its lesions with what was said of them, and how it is laid on the other one."""

    point: TimePoint
    move: Affine
    """(4, 4) RAS+ mm."""

    @property
    def middles(self) -> dict[int, NDArray[np.float64]]:
        """Return number -> middle of the lesions of which the reader said nothing."""
        return {one.number: middle_of(one.voi, self.move) for one in self.point.lesions if not one.group}


def compared(before: ComparedPoint, after: ComparedPoint) -> Comparison:
    """Return what changed, and a line for each lesion; two of a proposal share one that says so."""
    proposed = proposed_matches(before.middles, after.middles)
    words = {f"proposal {place}": one for place, one in enumerate(proposed)}
    of_before = {one.before: word for word, one in words.items()}
    of_after = {one.after: word for word, one in words.items()}
    found = changes(_with_groups(before.point, of_before), _with_groups(after.point, of_after))
    rows = tuple(ChangeRow(one, words.get(_group(one))) for one in found.items)
    return Comparison(found, rows, proposed, found.findings)


def _with_groups(point: TimePoint, groups: Mapping[int, str]) -> TimePoint:
    lesions = (replace(one, group=groups.get(one.number, one.group)) for one in point.lesions)
    return replace(point, lesions=tuple(lesions))


def _group(change: Change) -> str:
    return change.before.group if change.before is not None else ""

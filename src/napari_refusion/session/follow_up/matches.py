"""What a reader says about which lesions of a baseline and a follow-up are the same, gone or new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_refusion.session.follow_up.matching import group_of, new_since, said_after, said_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.session.follow_up.baseline import BaselineLesions
    from napari_refusion.session.follow_up.matching import ChangeRow
    from napari_refusion.session.lesions.session import LesionSession


class LesionMatches:
    """What was said of a lesion of the follow-up stands in its group, which a review records; see `matching`."""

    changed = Signal()
    """Emitted when something was said."""

    def __init__(self, baseline: BaselineLesions, later: LesionSession) -> None:
        self._baseline, self._later = baseline, later

    @property
    def _gone(self) -> frozenset[str]:
        """Groups of the baseline's lesions that are said to be gone."""
        return self._baseline.gone_at(self._shown)

    @property
    def _shown(self) -> str:
        """What the follow-up measures; empty for none."""
        return next((one.content for one in self._later.now.sources), "")

    def said(self, later: Sequence[Lesion]) -> tuple[list[Lesion], list[Lesion]]:
        """Return the lesions of the baseline and these of the follow-up, in groups as far as something was said."""
        before = list(self._baseline.now)
        return said_before(before, later, self._gone), said_after(later, before, self._baseline.content)

    def match(self, before: int, after: int) -> None:
        """Say that a lesion of the baseline and one of the follow-up are the same."""
        group = self._group_of(before)
        self._baseline.say_gone(self._shown, self._gone - {group})
        for one in self._later.lesions:
            if one.group == group and one.number != after:
                self._later.set_group(one.number, "")
        self._later.set_group(after, group)
        self.changed.emit()

    def say_alone(self, row: ChangeRow) -> None:
        """Say that the other examination has no such lesion: it is gone, or new; both for two that are proposed."""
        before, after = row.change.before, row.change.after
        if before is not None:
            self._baseline.say_gone(self._shown, self._gone | {self._group_of(before.number)})
        if after is not None and self._baseline.content:
            self._later.set_group(after.number, new_since(self._baseline.content, after.number))
        self.changed.emit()

    def say_nothing(self, row: ChangeRow) -> None:
        """Take back what was said about the lesions of a line."""
        before, after = row.change.before, row.change.after
        if before is not None:
            self._baseline.say_gone(self._shown, self._gone - {self._group_of(before.number)})
        if after is not None:
            self._later.set_group(after.number, "")
        self.changed.emit()

    def _group_of(self, number: int) -> str:
        return group_of(self._baseline.now.numbered(number))

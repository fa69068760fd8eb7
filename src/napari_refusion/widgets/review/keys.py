"""The keys of a review: on while one is going on, whatever part of the window has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.widgets.compare.keys import keys_beside_napari, switches_of_compare
from napari_refusion.widgets.keys import Key, key_for

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.widgets.review.form import ReviewForm
    from napari_refusion.widgets.review.judging import Judging


class ReviewKeys(QObject):
    """Qt shortcuts instead of napari's key bindings: a layer's own keys (C, 1, 2 ...) would win over the viewer's.

    A line that is being typed into keeps its letters, for Qt asks it first.
    """

    def __init__(self, owner: QWidget, keys: Sequence[Key]) -> None:
        super().__init__(owner)
        self.keys = tuple(keys)
        self._shortcuts = [self._shortcut(owner, key.key, key.press) for key in self.keys]
        self.switch(on=False)

    def switch(self, *, on: bool) -> None:
        """Let the keys work, or no longer."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(on)

    def press(self, key: str) -> None:
        """Do what a key of the list does."""
        next(one for one in self.keys if one.key == key).press()

    def _shortcut(self, owner: QWidget, key: str, press: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), owner)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda: press())
        return shortcut


def keys_of_review(
    judging: Judging, compare: CompareSession, form: ReviewForm, finish: Callable[[], object]
) -> tuple[Key, ...]:
    """Return what each key of a review does."""
    digits = tuple(
        key_for(f"reason {place + 1}", lambda chosen=place: judging.digit(chosen))  # type: ignore[misc]
        for place in range(len(REASONS))
    )
    return (
        key_for("accept", judging.accept),
        key_for("flag", lambda: judging.pend("flag")),
        key_for("reject", lambda: judging.pend("reject")),
        *digits,
        key_for("undo", judging.undo),
        key_for("redo", judging.redo),
        key_for("next warned", lambda: judging.go_on("next_flagged", "No slice has a warning.")),
        key_for("next unseen", lambda: judging.go_on("next_unseen", "All slices have a verdict.")),
        key_for("next missed", judging.go_to_missed),
        key_for("key image", lambda: judging.mark_key(compare.state.caption(compare.state.mode))),
        key_for("comment", form.comment.setFocus),
        key_for("evidence", form.next_evidence),
        *switches_of_compare(compare),
        *keys_beside_napari(compare),
        key_for("finish", finish),
    )

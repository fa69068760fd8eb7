"""The keys of a review: on while one is going on, whatever part of the window has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.widgets.compare.keys import keys_beside_napari, switches_of_compare
from napari_refusion.widgets.keys import Key, key_for

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm


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
    commands: ReviewCommands, compare: CompareSession, form: ReviewForm, finish: Callable[[], object]
) -> tuple[Key, ...]:
    """Return what each key of a review does."""
    digits = (key_for(f"reason {place + 1}", partial(commands.choose, place)) for place in range(len(REASONS)))
    return (
        key_for("accept", commands.accept),
        key_for("flag", lambda: commands.pend("flag")),
        key_for("reject", lambda: commands.pend("reject")),
        *digits,
        key_for("undo", commands.undo),
        key_for("redo", commands.redo),
        key_for("next warned", commands.go_to_flagged),
        key_for("next unseen", commands.go_to_unseen),
        key_for("next missed", commands.go_to_missed),
        key_for("key image", lambda: commands.toggle_key(compare.state.caption(compare.state.mode))),
        key_for("comment", form.focus_comment),
        key_for("evidence", form.next_map),
        *switches_of_compare(compare),
        *keys_beside_napari(compare),
        key_for("finish", finish),
    )

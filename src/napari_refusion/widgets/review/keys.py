"""The keys of a review: on while one is going on, whatever part of the window has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.widgets.keys import Key

if TYPE_CHECKING:
    from napari_refusion.widgets.compare.panel import ComparePanel
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm


class ReviewKeys(QObject):
    """Qt shortcuts instead of napari's key bindings: a layer's own keys (V, C, 1, 2 ...) would win over the viewer's.

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
    commands: ReviewCommands, compare: ComparePanel, form: ReviewForm, finish: Callable[[], object]
) -> tuple[Key, ...]:
    """Return what each key of a review does."""
    slider = compare.slider
    digits = tuple(
        Key(str(place + 1), f"answer or reason {place + 1}", partial(commands.choose, place))
        for place in range(len(REASONS))
    )
    return (
        Key("A", "accept the slice, and go to the next one", commands.accept),
        Key("S", "flag the slice, then 1 to 8 for the reasons", lambda: commands.pend("flag")),
        Key("R", "reject the slice, then 1 to 8 for the reasons", lambda: commands.pend("reject")),
        *digits,
        Key("U", "undo", commands.undo),
        Key("Shift+U", "redo", commands.redo),
        Key("N", "next slice with a warning", commands.go_to_flagged),
        Key("Shift+N", "next unseen slice", commands.go_to_unseen),
        Key("G", "next missed uptake", commands.go_to_missed),
        Key("K", "key image, or no longer one", lambda: commands.toggle_key(compare.mode.currentText())),
        Key("M", "comment on the slice", form.focus_comment),
        Key("E", "next evidence map", form.next_map),
        Key("V", "next way to compare", compare.next_mode),
        Key("Tab", "last way to compare, and back", compare.toggle_mode),
        Key("Shift+Tab", "both sources in turn, and back", compare.toggle_flicker),
        Key("[", "less opacity", lambda: slider.setValue(slider.value() - 10)),
        Key("]", "more opacity", lambda: slider.setValue(slider.value() + 10)),
        Key("Ctrl+Return", "finish the case", finish),
    )

"""The keys of a review: on while one is going on, whatever part of its window has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QApplication, QShortcut, QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.widgets.compare.keys import keys_beside_napari, switches_of_compare
from napari_refusion.widgets.keys import Key, key_for
from napari_refusion.widgets.probe.cursor_cross import find_window

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm
    from napari_refusion.widgets.review.verdict_form import VerdictForm
    from napari_refusion.widgets.review.whole_case import WholeCase


_OF_SLICES: Final = (
    *("accept", "flag", "reject", "undo", "redo", "next warned", "next unseen", "next missed"),
    *("key image", "comment", "evidence"),
)
"""Actions of `KEYS` that are about slices."""


class ReviewKeys(QObject):
    """Qt shortcuts instead of napari's key bindings: a layer's own keys (C, 1, 2 ...) would win over the viewer's.

    A line that is being typed into keeps its letters, for Qt asks it first. Docks that float are windows of their own,
    so that keys are those of the application; in front of another viewer, which shows another patient, they are off.
    """

    def __init__(self, owner: QWidget, keys: Sequence[Key]) -> None:
        super().__init__(owner)
        self.keys = tuple(keys)
        self._owner, self._is_on = owner, False
        self._shortcuts = [self._shortcut(owner, key.key, key.press) for key in self.keys]
        self.switch(on=False)
        if isinstance(application := QApplication.instance(), QApplication):
            application.focusWindowChanged.connect(self._follow_window)

    def switch(self, *, on: bool) -> None:
        """Let the keys work, or no longer."""
        self._is_on = on
        self._follow_window()

    def _follow_window(self, _window: object = None) -> None:
        """Let the keys work in front of this viewer's window alone."""
        is_here = self._is_on and self._is_in_front()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(is_here)

    def _is_in_front(self) -> bool:
        """Return whether no other viewer's window is in front; a dialog that belongs to none is no other."""
        active = QApplication.activeWindow()
        other, own = None if active is None else find_window(active), find_window(self._owner)
        return other is None or own is None or other is own

    def press(self, key: str) -> None:
        """Do what a key of the list does."""
        next(one for one in self.keys if one.key == key).press()

    def _shortcut(self, owner: QWidget, key: str, press: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), owner)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda: press())
        return shortcut


def keys_of_review(
    commands: ReviewCommands, compare: CompareSession, form: ReviewForm, case: WholeCase
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
        key_for("key image", lambda: commands.toggle_key(_compared_as(compare.state))),
        key_for("comment", form.focus_comment),
        key_for("evidence", form.next_map),
        *switches_of_compare(compare, form.show_message),
        *keys_beside_napari(compare),
        key_for("finish", case.ask_verdict),
        key_for("report", form.case.report.click),
        key_for("export", form.choose_export),
        key_for("lock", case.lock),
    )


def keys_while_lacking(compare: CompareSession, verdict: VerdictForm) -> tuple[Key, ...]:
    """Return what the keys of slices do while the verdict lacks something: they say what must be done first.

    Nothing can be typed there, and the verdict has its own keys to finish, report, export and lock. Sources are
    compared as before.
    """
    of_slices = (*_OF_SLICES, *(f"reason {place + 1}" for place in range(len(REASONS))))
    said = (key_for(action, partial(verdict.say_back, action)) for action in of_slices)
    return (*said, *switches_of_compare(compare, verdict.first.setText))


def _compared_as(state: CompareState) -> str:
    """Return the caption of a key image; empty where the fused image is seen alone, for "Off" captions nothing."""
    return "" if state.mode is None else state.caption(state.mode)

"""What a reader does to the list of lesions on its page: words, marks, removing, undoing, copying."""

from __future__ import annotations

from functools import partial as bound
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

from napari_refusion.session.lesions.files import WORDS
from napari_refusion.widgets.copied_table import copy_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.widgets.lesions.form import LesionForm
    from napari_refusion.widgets.lesions.outlines import Outlines


class ListCommands(QObject):
    """Binds the controls of the list to a session; what came of a command is said on the page."""

    def __init__(self, session: LesionSession, form: LesionForm, outlines: Outlines, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._form = form
        self._outlines = outlines
        form.remove.clicked.connect(self._remove)
        form.undo.clicked.connect(lambda: self._step(session.undo))
        form.redo.clicked.connect(lambda: self._step(session.redo))
        form.copy.clicked.connect(self._copy)
        form.table.typed.connect(self._take_words)
        form.table.key_marked.connect(lambda number, is_key: self.attempt(bound(session.mark_key, number, is_key)))
        # within the page only: on the canvas napari undoes strokes of a brush with them
        for key, act in ((QKeySequence.StandardKey.Undo, session.undo), (QKeySequence.StandardKey.Redo, session.redo)):
            shortcut = QShortcut(QKeySequence(key), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(bound(self._step, act))

    def attempt(self, act: Callable[[], object]) -> None:
        """Do what the reader asks for; what is said about it replaces what was said before."""
        self._begin()
        act()

    def _step(self, act: Callable[[], bool]) -> None:
        """Undo or redo; where there is nothing to, what was said last stays."""
        said = self._form.message.text()
        self._begin()
        if not act() and not self._form.message.text():  # else it was said why not
            self._form.say(said)

    def _begin(self) -> None:
        """Take over what was painted until now, and say no more what was said before."""
        self._outlines.take_edits()
        self._form.say("")

    def _take_words(self, name: str, number: int, text: str) -> None:
        session = self._session
        act = {"name": session.rename, "site": session.set_site, "comment": session.comment}[name]
        self.attempt(bound(act, number, text))

    def _remove(self) -> None:
        if (number := self._session.selected) is not None:
            self.attempt(bound(self._session.remove, number))

    def _copy(self) -> None:
        copy_table(self._session.rows(), WORDS)
        count = len(self._session.now.measured)
        self._form.say(f"Copied: {count} lesion{'s' if count != 1 else ''}, those that count.")

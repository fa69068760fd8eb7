"""The verdict on a case: what it is, how sure the reader is, and what else there is to say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.look import AMBER
from napari_refusion.record.case import CASE_VERDICTS
from napari_refusion.volume.rule import CHECKS
from napari_refusion.widgets.keys import KEYS, shortcut_name
from napari_refusion.widgets.number_box import NumberBox

if TYPE_CHECKING:
    from napari_refusion.record.case import CaseVerdict


_SURE: Final = 3.0
"""Confidence that is offered at first."""

_AFTERWARDS: Final = {
    "report": "write the report",
    "export": "export the fused volume",
    "lock": "lock the case",
    "next case": "open the next case",
}
"""Action of `keys.KEYS` that waits for the verdict -> what is done then."""


class VerdictForm(QWidget):
    """Opened to finish a case; closed without a verdict it leaves everything as it was."""

    given = Signal(str, float, str)
    """Emitted with verdict, confidence (0 to 4) and comment."""
    override_wanted = Signal(str)
    """Emitted with the name of a failed check: the checks themselves are not seen beside this form."""
    closed = Signal()
    """Emitted when the form is left."""

    def __init__(self) -> None:
        super().__init__()
        self.value, self.confidence, self.comment = QComboBox(), NumberBox(), QLineEdit()
        self._recorded = ""
        self.confidence.setRange(0, 4)
        self.confidence.setSingleStep(0.5)
        self.confidence.setDecimals(1)
        self.confidence.setValue(_SURE)
        self.confidence.setToolTip("0: a guess, 4: certain")
        self.comment.setMaxLength(2000)
        self.lacking, self.first = QLabel(), QLabel()
        for label in (self.lacking, self.first):
            label.setWordWrap(True)
            label.setStyleSheet(f"color: {AMBER.background};")
        self.confirm, self.later = QPushButton("Give the verdict"), QPushButton("Later")
        self.confirm.setToolTip(shortcut_name("Ctrl+Enter"))
        self.later.setToolTip("Escape: nothing is recorded")
        self.confirm.clicked.connect(self._give)
        self.later.clicked.connect(self.leave)
        self.overrides: dict[str, QPushButton] = {check: QPushButton(f"Override {check} ...") for check in CHECKS}
        failed = QHBoxLayout()
        for check, button in self.overrides.items():
            button.clicked.connect(lambda _checked=False, name=check: self.override_wanted.emit(name))
            failed.addWidget(button)
        form = QFormLayout()
        form.addRow("Verdict", self.value)
        form.addRow("Confidence, 0 to 4", self.confidence)
        form.addRow("Comment", self.comment)
        buttons = QHBoxLayout()
        buttons.addWidget(self.confirm)
        buttons.addWidget(self.later)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.lacking)
        layout.addLayout(failed)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.first)
        layout.addStretch()
        self._shortcuts = [QShortcut(QKeySequence(key), self) for key in ("Ctrl+Return", "Ctrl+Enter")]
        for shortcut in self._shortcuts:
            shortcut.activated.connect(self._give)
        QShortcut(QKeySequence("Escape"), self).activated.connect(self.leave)
        for action in ("report", "export", "lock"):  # the key of the next case is that of the worklist
            QShortcut(QKeySequence(KEYS[action][0]), self).activated.connect(partial(self.say_first, action))
        self.hide()

    def begin(self, verdict: CaseVerdict | None) -> None:
        """Offer what was said of the case that begins, None for nothing: what was said of the one before is its own."""
        self.value.clear()
        self._recorded = "" if verdict is None else verdict.value
        self.confidence.setValue(_SURE if verdict is None else verdict.confidence)
        self.comment.setText("" if verdict is None else verdict.comment)

    def ask(self, possible: Sequence[str], lacking: Sequence[str], failed: Sequence[str] = ()) -> None:
        """Open with the verdicts that are possible, or with what is lacking and the checks that failed."""
        chosen = self.value.currentData() or self._recorded
        self.value.clear()
        for value in possible:
            self.value.addItem(CASE_VERDICTS[value], value)
        self.value.setCurrentIndex(max(0, self.value.findData(chosen)))
        self.lacking.setText("\n".join(lacking))
        self.lacking.setVisible(bool(lacking))
        self.first.clear()
        for check, button in self.overrides.items():
            button.setVisible(check in failed)
        for part in (self.value, self.confidence, self.comment, self.confirm):
            part.setEnabled(bool(possible))
        self.show()
        wanted = [self.overrides[check] for check in failed]
        (self.value if possible else wanted[0] if wanted else self.later).setFocus()

    def leave(self) -> None:
        """Close without a verdict."""
        self.hide()
        self.closed.emit()

    def say_first(self, action: str) -> None:
        """Say what must be done before an action of `keys.KEYS`: what is typed here is not recorded yet."""
        gives = f"Give the verdict ({shortcut_name('Ctrl+Enter')}) or leave it (Escape) first"
        self.first.setText(f"{gives}, then {_AFTERWARDS[action]} ({shortcut_name(KEYS[action][0])}).")

    def say_back(self, action: str) -> None:
        """Say that this form must be left before an action of `keys.KEYS`, which is about a slice."""
        key, does = KEYS[action]
        self.first.setText(f"Leave this with Escape first, then {key}: {does}.")

    def _give(self) -> None:
        value = self.value.currentData()
        if self.confirm.isEnabled() and value:
            self.hide()
            self.given.emit(value, self.confidence.value(), self.comment.text().strip())
            self.closed.emit()

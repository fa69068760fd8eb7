"""The trust block: five checks, with number and rule on hover, and what failed in large letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_refusion import look
from napari_refusion.evidence.check_outcome import CheckOutcome, failed
from napari_refusion.volume.rule import CHECKS

_WORDS: Final = tuple(shown.word for colour, shown in look.CHECKS.items() if colour != "not confirmed")
"""What stands below the name of a check of a case that is read; only what nobody reads is not confirmed."""


class TrustBlock(QWidget):
    """Shows the checks; a click on one that failed asks for an override."""

    override_wanted = Signal(str)
    """Emitted with the name of a failed check that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.failed = QLabel()
        self.failed.setStyleSheet(f"{look.RED.css} font-weight: bold; padding: 3px;")
        self.failed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.failed.setWordWrap(True)
        self.buttons = {check: QToolButton() for check in CHECKS}
        row = QGridLayout()
        row.setSpacing(3)
        letters = self.fontMetrics()
        for column, (check, button) in enumerate(self.buttons.items()):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=check: self._click(name))
            row.addWidget(button, 0, column)
            row.setColumnStretch(column, max(map(letters.horizontalAdvance, (check, *_WORDS))))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.failed)
        layout.addLayout(row)
        self._outcomes: tuple[CheckOutcome, ...] = ()
        self.show_outcomes((), {})

    def show_outcomes(self, check_outcomes: Sequence[CheckOutcome], overrides: Mapping[str, str]) -> None:
        """Show the checks, and why failed checks were overridden."""
        self._outcomes = tuple(check_outcomes)
        found = {outcome.check: outcome for outcome in check_outcomes}
        for check, button in self.buttons.items():
            outcome = found.get(check)
            shown = look.CHECKS[outcome.colour if outcome else "not run"]
            button.setText(f"{check}\n{shown.word}")
            button.setStyleSheet(f"{shown.signal.css} padding: 2px; border-radius: 3px;")
            button.setToolTip(_tip(outcome, overrides.get(check, "")) if outcome else "")
        banner = failed(check_outcomes, overrides)
        self.failed.setText(banner)
        self.failed.setVisible(bool(banner))

    def _click(self, check: str) -> None:
        if any(outcome.check == check and outcome.colour == "red" for outcome in self._outcomes):
            self.override_wanted.emit(check)


def _tip(outcome: CheckOutcome, override: str) -> str:
    parts = [
        f"<b>{escape(outcome.check)}: {look.CHECKS[outcome.colour].word}</b> {escape(outcome.value)}",
        escape(outcome.sentence),
    ]
    if override:
        parts.append(f"Overridden: {escape(override)}")
    elif outcome.colour == "red":
        parts.append("Click to override it with a reason.")
    parts.append(f"<i>{escape(outcome.rule)}</i>")
    return "<p>" + "</p><p>".join(parts) + "</p>"

"""Showing findings: the level as a word on a coloured field, never as a colour alone."""

from collections.abc import Sequence
from typing import Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_refusion.volume.finding import Finding, Level

_LOOKS: Final[dict[Level, tuple[str, str, str]]] = {
    "block": ("STOP", "#a11d1d", "#ffffff"),
    "warn": ("LOOK", "#e8b923", "#000000"),
    "ok": ("ok", "#3d6e4f", "#ffffff"),
}
"""Level -> word, background, letters; the contrast of each is at least 5:1."""


class FindingsView(QScrollArea):
    """A list of findings, the severe ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(110)
        self.shown: tuple[Finding, ...] = ()
        """What is in the list."""

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Replace the list."""
        order = list(_LOOKS)
        sorted_findings = tuple(sorted(findings, key=lambda finding: order.index(finding.level)))
        if sorted_findings == self.shown:
            return
        self.shown = sorted_findings
        rows = QWidget()
        layout = QVBoxLayout(rows)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(4)
        for finding in self.shown:
            layout.addLayout(_row(finding))
        layout.addStretch()
        self.setWidget(rows)

    def text(self) -> str:
        """Return the list as text, one finding a line."""
        return "\n".join(f"{_LOOKS[finding.level][0]} {finding.sentence}" for finding in self.shown)


def _row(finding: Finding) -> QHBoxLayout:
    word, background, letters = _LOOKS[finding.level]
    level = QLabel(word)
    level.setFixedWidth(46)
    level.setAlignment(Qt.AlignmentFlag.AlignCenter)
    level.setStyleSheet(f"background: {background}; color: {letters}; border-radius: 3px; font-weight: bold;")
    sentence = QLabel(finding.sentence)
    sentence.setWordWrap(True)
    sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
    sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    sentence.setToolTip(f"{finding.rule}: {finding.value}" if finding.value else finding.rule)
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(level, alignment=Qt.AlignmentFlag.AlignTop)
    row.addWidget(sentence, stretch=1)
    return row

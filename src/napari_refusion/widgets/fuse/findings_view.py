"""Showing findings: the level as a word on a coloured field, never as a colour alone."""

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_refusion.look import LEVELS
from napari_refusion.volume.finding import Finding, severe_first


class FindingsView(QScrollArea):
    """A list of findings, the severe ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(80)  # so that a window of 720 pixels holds all of the dock, its progress bar included
        self.shown: tuple[Finding, ...] = ()
        """What is in the list."""

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Replace the list."""
        ordered = tuple(severe_first(findings))
        if ordered == self.shown:
            return
        self.shown = ordered
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
        return "\n".join(f"{LEVELS[finding.level].word} {finding.sentence}" for finding in self.shown)


def _row(finding: Finding) -> QHBoxLayout:
    look = LEVELS[finding.level]
    level = QLabel(look.word)
    level.setFixedWidth(46)
    level.setAlignment(Qt.AlignmentFlag.AlignCenter)
    level.setStyleSheet(f"{look.signal.css} border-radius: 3px; font-weight: bold;")
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

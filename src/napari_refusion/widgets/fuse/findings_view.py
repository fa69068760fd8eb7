"""Showing findings: the level as a word on a coloured field, never as a colour alone."""

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from napari_refusion.look import LEVELS
from napari_refusion.volume.finding import Finding, severe_first


class FindingsView(QScrollArea):
    """A list of findings, the severe ones first, with what can be done about some that forbid fusing."""

    changed = Signal(tuple)
    """Emitted with all findings when other ones are shown."""
    compare_wanted = Signal()
    """Emitted when the two sources are to be compared instead."""
    reason_given = Signal(str)
    """Emitted with a reason, not blank, why sources of two patients are paired all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(40)  # so that a window of 720 pixels holds all of the dock, its progress bar included
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
            if finding.level == "block" and (offer := self._offer(finding.rule)) is not None:
                layout.addWidget(offer)
        layout.addStretch()
        self.setWidget(rows)
        self.changed.emit(ordered)

    def _offer(self, rule: str) -> QWidget | None:
        """Return what can be done about a finding that forbids fusing; None for nothing here."""
        if rule == "comparison":
            compare = QPushButton("Compare them")
            compare.setToolTip("Show both side by side on the page Compare")
            compare.clicked.connect(self.compare_wanted)
            return compare
        return _ReasonRow(self.reason_given.emit) if rule == "patient" else None

    def text(self) -> str:
        """Return the list as text, one finding a line."""
        return "\n".join(f"{LEVELS[finding.level].word} {finding.sentence}" for finding in self.shown)


class _ReasonRow(QWidget):
    """A line for the reason why two patients are paired, and the button that does it."""

    def __init__(self, give: Callable[[str], None]) -> None:
        super().__init__()
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Reason, kept with the result")
        self.pair = QPushButton("Pair all the same")
        self.pair.setToolTip("Fuse images whose files name two patients; the reason stands in record and report")
        self.pair.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.pair.setEnabled(bool(text.strip())))
        self.reason.returnPressed.connect(self.pair.click)
        self.pair.clicked.connect(lambda: give(self.reason.text().strip()))
        rows = QVBoxLayout(self)  # one below the other: a reason is a sentence, and the dock is narrow
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.reason)
        rows.addWidget(self.pair)


def _row(finding: Finding) -> QHBoxLayout:
    look = LEVELS[finding.level]
    level = QLabel(look.word)
    level.setMinimumWidth(46)
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

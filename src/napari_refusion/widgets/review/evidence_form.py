"""What the examination of a fusion found: maps, numbers of the slice, and what was not run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QLabel, QProgressBar, QSizePolicy, QWidget

from napari_refusion.look import CHECKS
from napari_refusion.session.sentences import NumberRow, evidence_titles, not_examined, number_rows
from napari_refusion.widgets.review.buttons import NO_KEYS, column, show_text, wrapped_label
from napari_refusion.widgets.review.scrolled_part import ScrolledPart

if TYPE_CHECKING:
    from napari_refusion.session.review import ReviewSession

_MARKED = ("amber", "red")


class EvidenceForm(QWidget):
    """Shows evidence, or how far it is computed."""

    chosen = Signal(str)
    """Emitted with the name of an evidence map, empty for none."""

    def __init__(self) -> None:
        super().__init__()
        self.not_run, self.numbers = wrapped_label(), QLabel()
        self.maps, self.progress = QComboBox(), QProgressBar()
        self.making = wrapped_label()
        self.making.setText("This map is being made for the slice on the screen.")
        self.numbers.setWordWrap(True)
        self.numbers.setTextFormat(Qt.TextFormat.RichText)
        self.numbers.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.maps.setFocusPolicy(NO_KEYS)
        self.maps.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.maps.currentIndexChanged.connect(lambda _index: self.chosen.emit(self.maps.currentData() or ""))
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = QWidget()
        lines = column(words)
        lines.addWidget(self.numbers)
        lines.addWidget(self.not_run)
        lines.addStretch()
        layout = column(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.maps)
        layout.addWidget(self.progress)
        layout.addWidget(self.making)
        layout.addWidget(ScrolledPart(words, is_whole=True), stretch=1)
        self.not_run.hide()
        self.progress.hide()
        self.making.hide()
        self._offer({})

    def show_session(self, session: ReviewSession) -> None:
        """Show what was found about the case."""
        show_text(self.not_run, not_examined(session))
        titles = evidence_titles(session)
        if [self.maps.itemData(place) for place in range(1, self.maps.count())] != list(titles):
            self._offer(titles)

    def show_slice(self, session: ReviewSession, index: int) -> None:
        """Show the indicators of a slice, -1 for none."""
        self.numbers.setText(_table(number_rows(session, index)))

    def begin_progress(self, count: int) -> None:
        """Show how many of so many slices are examined."""
        self.progress.setRange(0, count)
        self.progress.setFormat("Evidence: %v of %m slices")
        self.progress.setValue(0)
        self.progress.show()

    def show_making(self, is_working: bool) -> None:
        """Say whether the map of the slice on the screen is still being made."""
        self.making.setVisible(is_working)

    def next_map(self) -> None:
        """Choose the next evidence map, after the last one none."""
        self.maps.setCurrentIndex((self.maps.currentIndex() + 1) % self.maps.count())

    def _offer(self, titles: dict[str, tuple[str, str]]) -> None:
        """Offer evidence maps: name -> title and what it can and cannot see; the choice stays where it can."""
        chosen = self.maps.currentData()
        self.maps.blockSignals(True)
        self.maps.clear()
        self.maps.addItem("Evidence: none (E)", "")
        for name, (title, tip) in titles.items():
            self.maps.addItem(title, name)
            self.maps.setItemData(self.maps.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.maps.setCurrentIndex(max(0, self.maps.findData(chosen)))
        self.maps.setEnabled(bool(titles))
        self.maps.blockSignals(False)


def _table(rows: Sequence[NumberRow]) -> str:
    """Return numbers as a small table, each in the colour of its limits."""
    cells = []
    for place, one in enumerate(rows):
        apart = " style='padding-left: 4px'" if place % 2 else ""
        marked = f" style='{CHECKS[one.colour].signal.css}'" if one.colour in _MARKED else ""
        words = escape(one.words).replace(" ", "&nbsp;")  # a number is not parted from its unit
        cells.append(f"<td{apart}>{escape(one.title)}&nbsp;</td><td{marked}>{words}</td>")
    lines = "".join(f"<tr>{''.join(cells[place : place + 2])}</tr>" for place in range(0, len(cells), 2))
    return f"<table cellspacing='0' cellpadding='1'>{lines}</table>" if cells else ""

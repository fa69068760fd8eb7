"""All slices of a case, what there is to say about the one on the screen, and the ways to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_refusion.session.sentences import slice_cells, slice_sentences
from napari_refusion.widgets.review.buttons import column, row, wrapped_label
from napari_refusion.widgets.review.scrolled_part import ScrolledPart
from napari_refusion.widgets.review.slice_strip import CELL, SliceStrip

if TYPE_CHECKING:
    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.buttons import SlimButton

_ROWS: Final = 4
"""Of the strip that are seen at once: 120 slices in a dock of a small window. The current slice is always seen."""

_LINES: Final = 2
"""About the slice that are seen at once, at least."""


class SlicesPage(QWidget):
    """Shows the strip of a case."""

    def __init__(self, steps: Sequence[SlimButton]) -> None:
        super().__init__()
        self.strip, self.here = SliceStrip(), wrapped_label()
        self.here.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.strip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._rows = _StripArea(self.strip)
        layout = column(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self._rows)
        layout.addLayout(row(*steps))
        words = ScrolledPart(self.here)
        words.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing())
        layout.addWidget(words, stretch=1)

    def show_review(self, reading: Reading, index: int) -> None:
        """Show all slices as they stand, and which is on the screen, -1 for none."""
        self.strip.show_cells(slice_cells(reading.session), index)

    def show_slice(self, reading: Reading, index: int) -> None:
        """Show what there is to say about the slice on the screen, -1 for none."""
        self.strip.look_at(index)
        place = self.strip.place(max(index, 0))
        self._rows.ensureVisible(place.center().x(), place.center().y(), CELL.width(), CELL.height())
        self.here.setText(slice_sentences(reading.session, index))


class _StripArea(ScrolledPart):
    """As high as the strip, up to some rows."""

    def __init__(self, strip: SliceStrip) -> None:
        super().__init__(strip)
        self.setMinimumHeight(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._strip = strip
        strip.fitted.connect(self._fit)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of the rows that are seen."""
        return QSize(0, min(self._strip.rows(self.width()), _ROWS) * CELL.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Wrap the rows anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show a bar only where the rows need one without it: Qt keeps one that it made necessary."""
        is_needed = self._strip.rows(self.width()) > _ROWS
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if is_needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.updateGeometry()

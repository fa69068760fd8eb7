"""The two faces of the Review page: where a review is kept and who reads, and the review that is going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QScrollArea, QStackedWidget, QWidget

from napari_refusion.widgets.review.start import ReviewStart

if TYPE_CHECKING:
    from napari_refusion.widgets.review.form import ReviewForm


class ReviewPages(QStackedWidget):
    """Shows either the start or the form."""

    def __init__(self, form: ReviewForm) -> None:
        super().__init__()
        self.start_page, self._scroll = ReviewStart(), QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(self._scroll.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(form)
        self._form = form
        self._wanted: QWidget = form
        # a part that was just shown has its place only after the events that are posted now
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(lambda: self._scroll.ensureWidgetVisible(self._wanted))
        self.addWidget(self.start_page)
        self.addWidget(self._scroll)

    def show_form(self) -> None:
        """Show the review."""
        self.setCurrentWidget(self._scroll)

    def show_start(self, sentence: str) -> None:
        """Show the start, with what the reader must know."""
        self.start_page.message.setText(sentence)
        self.setCurrentWidget(self.start_page)

    def show_verdict(self) -> None:
        """Bring the verdict into view."""
        self._bring_into_view(self._form.verdict)

    def show_top(self) -> None:
        """Bring into view what was done last, and the checks."""
        self._scroll.ensureVisible(0, 0)

    def show_answer(self) -> None:
        """Bring into view what is answered to the verdict, and the state of the case."""
        self._bring_into_view(self._form.note)

    def _bring_into_view(self, part: QWidget) -> None:
        self._wanted = part
        self._soon.start()

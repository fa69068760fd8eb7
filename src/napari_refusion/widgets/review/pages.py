"""The faces of the Review page: where a review is kept and who reads, the review that is going on, and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QStackedWidget, QStyle

from napari_refusion.widgets.review.scrolled_part import ScrolledPart
from napari_refusion.widgets.review.start import ReviewStart
from napari_refusion.widgets.review.verdict_form import VerdictForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_refusion.widgets.review.form import ReviewForm


class ReviewPages(QStackedWidget):
    """Shows the start, the form, or the verdict on the case."""

    def __init__(self, form: ReviewForm) -> None:
        super().__init__()
        self.start_page, self.verdict = ReviewStart(), VerdictForm()
        self._inside, self._form = form, ScrolledPart(form)
        self._verdict = ScrolledPart(self.verdict)
        for page in (self.start_page, self._form, self._verdict):
            self.addWidget(page)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a width that cuts no button of the review, with a bar to scroll it in a window that is too low."""
        hint, style = super().minimumSizeHint(), self.style()
        bar = 0 if style is None else style.pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return hint.expandedTo(QSize(self._inside.minimumSizeHint().width() + bar, 0))

    def show_form(self) -> None:
        """Show the review."""
        self.setCurrentWidget(self._form)

    def show_start(self, sentence: str) -> None:
        """Show the start, with what the reader must know."""
        self.start_page.say(sentence)
        self.setCurrentWidget(self.start_page)

    def show_waiting(self, sentence: str) -> None:
        """Show the start while the review waits for the next pair, with what the reader must know."""
        self.start_page.say(sentence, is_waiting=True)
        self.setCurrentWidget(self.start_page)

    def is_verdict_open(self) -> bool:
        """Return whether a verdict that could be given is in front, with what may have been typed."""
        return self.currentWidget() is self._verdict and self.verdict.confirm.isEnabled()

    def ask_verdict(self, possible: Sequence[str], lacking: Sequence[str], failed: Sequence[str]) -> bool:
        """Show the verdict with those that are possible, or with what is lacking; return whether it was not shown."""
        if self.currentWidget() is self._verdict:
            return False
        self.setCurrentWidget(self._verdict)
        self.verdict.ask(possible, lacking, failed)
        return True

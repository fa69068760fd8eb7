"""The edges of the sources, which a reader is shown with the question how well they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_refusion.widgets.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_refusion.session.compare import CompareSession


class AskedEdges(QObject):
    """Shows edges until the question is answered; the way to compare is the reader's own before and after."""

    def __init__(self, compare: CompareSession, parent: QObject) -> None:
        super().__init__(parent)
        self._compare = compare
        self._are_asked_for = False
        # what a case begins with and the edges, a layer of napari's, are two pauses of the window, not one
        self._soon = Turns(self)

    def show(self) -> None:
        """Show the edges at the next turn of the window, unless the reader chooses another way before."""
        self._are_asked_for = True
        self._soon.begin(self._show())

    def leave(self) -> None:
        """Take the edges away, if the question was asked with them."""
        self._soon.stop()
        if self._are_asked_for:
            self._are_asked_for = False
            self._compare.stop_asking()

    def _show(self) -> Iterator[None]:
        mode = self._compare.state.mode
        yield
        if self._are_asked_for and self._compare.state.mode is mode:
            self._compare.ask_with_edges()

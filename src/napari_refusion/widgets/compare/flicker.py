"""Flicker: both sources in turn, as often as is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState


class Flicker(QObject):
    """Tells a session when the other source's turn has come, as long as they flicker there."""

    def __init__(self, session: CompareSession, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(session.take_turn)
        session.changed.connect(self._follow)

    def set_rate(self, per_second: float) -> None:
        """Change the picture this many times in a second."""
        self._timer.setInterval(round(1000 / per_second))

    def _follow(self, _before: CompareState, now: CompareState) -> None:
        if now.turn is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

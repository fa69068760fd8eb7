"""The overlay in place of the fused image, by one button: function in colours over anatomy, as readers know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QSlider, QWidget

from napari_refusion.fusion.compare_modes import find_mode
from napari_refusion.session.compare_state import USUAL
from napari_refusion.widgets.compare.form import STEPS
from napari_refusion.widgets.compare.threshold_box import ThresholdBox

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState


class OverlayRow(QWidget):
    """Shows the overlay and back; opacity and threshold are those of the page Compare."""

    def __init__(self, session: CompareSession) -> None:
        super().__init__()
        self._session = session
        self._mode = find_mode(USUAL, session.state.modes)
        self.button = QPushButton("Overlay")
        self.button.setCheckable(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.threshold = ThresholdBox(session)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(self.slider, stretch=1)
        layout.addWidget(self.threshold)
        self.button.clicked.connect(lambda on: session.choose(USUAL if on else None))
        self.slider.valueChanged.connect(lambda value: session.set_amount(value / STEPS))
        session.changed.connect(self._follow)
        self._follow(session.state, session.state)

    def _follow(self, _before: CompareState, now: CompareState) -> None:
        is_shown = now.partial is not None and now.mode is self._mode
        is_offered = self._mode in now.offered
        for part in (self.button, self.slider):
            part.setVisible(is_offered)
        self.threshold.setVisible(is_offered and (now.partial is None or now.shown_threshold() is not None))
        self.button.setEnabled(now.partial is not None)
        self.button.setChecked(is_shown)
        self.button.setToolTip(
            "Show the fused image again" if is_shown else f"Show {now.title(self._mode)} in place of the fused image"
        )
        self.slider.setEnabled(is_shown)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(STEPS * now.amount(self._mode)))
        self.slider.setToolTip(now.meaning() if is_shown else "Opacity of the overlay")

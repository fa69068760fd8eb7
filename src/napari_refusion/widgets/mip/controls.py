"""What a reader sets on a projection: turning, the angle, and what is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QSignalBlocker, Qt, QTimer, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

_EVERY: Final = 33
"""Milliseconds between two frames: 30 a second."""

_SPEED: Final = 100.0
"""Degrees a second: a turn in 3.6 s."""


class TurnRow(QWidget):
    """Play and a slider for the angle; the picture turns as fast however slowly frames come."""

    turned = Signal(float)
    """Emitted with the angle, 0 to 360 degrees, by hand or while it turns."""

    def __init__(self) -> None:
        super().__init__()
        self.angle = 0.0
        self._then = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._go_on)
        self.play = QPushButton("Turn")
        self.play.setCheckable(True)
        self.play.setToolTip("Turn the picture, or stop it")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 359)
        self.slider.setToolTip("From where it is looked at: 0 anterior, 90 left, 180 posterior, 270 right")
        self.label = QLabel()
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance("000°"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.play)
        layout.addWidget(self.slider, stretch=1)
        layout.addWidget(self.label)
        self.play.toggled.connect(self._turn)
        self.slider.valueChanged.connect(self.turn_to)
        self._show()

    def turn_to(self, degrees: float) -> None:
        """Look from another angle."""
        self.angle = degrees % 360
        self._show()
        self.turned.emit(self.angle)

    def turn_by(self, degrees: float) -> None:
        """Look from beside."""
        self.turn_to(self.angle + degrees)

    def stop(self) -> None:
        """Turn no longer."""
        self.play.setChecked(False)

    def _turn(self, is_on: bool) -> None:
        self._then = time.monotonic()
        if is_on:
            self._timer.start()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        now = time.monotonic()
        self.turn_by((now - self._then) * _SPEED)
        self._then = now

    def _show(self) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(int(self.angle))
        self.label.setText(f"{int(self.angle)}°")


class SourceBox(QComboBox):
    """What is projected: a source, or the fused colours."""

    wanted = Signal(str)
    """Emitted with the key of what the reader chose."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip("What is shown where a source is largest on the way through the patient")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda _place: self.wanted.emit(str(self.currentData())))

    def offer(self, entries: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer entries of key and name, and mark one."""
        now = [(str(self.itemData(place)), self.itemText(place)) for place in range(self.count())]
        if now != list(entries):
            self.clear()
            for key, name in entries:
                self.addItem(name, key)
        self.setCurrentIndex(self.findData(chosen))

"""What is to be said about the fused slice on the screen, in a line in sight: the picture, and uptake that it hides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget
from superqt import QElidingLabel

from napari_refusion.look import LEVELS
from napari_refusion.volume.finding import Finding, severe_first

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake

_CHIP: Final = 46
"""Pixels of the level's word."""


class PictureLine(QWidget):
    """The worst level, the findings in short, and a button that leads to hidden uptake."""

    wanted = Signal(object)
    """Emitted with the voxel, (I, P, L), of the spot that is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._state: Finding | None = None
        self._uptake: Finding | None = None
        self._spots: tuple[MissedUptake, ...] = ()
        self._next = 0
        self.level, self.text, self.button = QLabel(), QElidingLabel(), QPushButton("Show")
        self.level.setFixedWidth(_CHIP)
        self.level.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button.setToolTip("Put uptake that the fused image hides into the middle of the view; again for the next")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.level)
        layout.addWidget(self.text, stretch=1)
        layout.addWidget(self.button)
        self.button.clicked.connect(self._lead)
        self._show()

    @property
    def spots(self) -> tuple[MissedUptake, ...]:
        """The hidden uptake of the slice, the worst first."""
        return self._spots

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show what is said about the picture among all findings; nothing without it."""
        self._state = next((one for one in findings if one.rule == "fused picture"), None)
        self._show()

    def show_uptake(self, finding: Finding | None, spots: tuple[MissedUptake, ...]) -> None:
        """Show what is said about the uptake of the slice; None while it is not known."""
        self._uptake, self._spots, self._next = finding, spots, 0
        self._show()

    def _show(self) -> None:
        said = [] if self._state is None else [one for one in (self._state, self._uptake) if one is not None]
        self.level.setVisible(bool(said))
        self.text.setVisible(bool(said))
        self.button.setVisible(bool(said and self._spots))
        if not said:
            self.setToolTip("")
            return
        worst_first = severe_first(said)
        look = LEVELS[worst_first[0].level]
        self.level.setText(look.word)
        self.level.setStyleSheet(f"{look.signal.css} border-radius: 3px; font-weight: bold;")
        self.text.setText("; ".join(one.value or "within the range of both sources" for one in worst_first))
        self.setToolTip("\n".join(one.sentence for one in worst_first))

    def _lead(self) -> None:
        if self._spots:
            spot = self._spots[self._next % len(self._spots)]
            self._next += 1
            self.wanted.emit(spot.voxel)

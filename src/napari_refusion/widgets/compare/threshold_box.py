"""The value below which a functional source is transparent in the overlay."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker

from napari_refusion.widgets.number_box import NumberBox
from napari_refusion.widgets.typed_line import end_by_enter

if TYPE_CHECKING:
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState


class ThresholdBox(NumberBox):
    """Sets the threshold of a session, in the unit of the functional source; disabled where nothing is seen of it.

    It is that of the overlay and that of the coloured fused image, which has none before one is chosen.
    """

    def __init__(self, session: CompareSession) -> None:
        super().__init__()
        self.setPrefix("≥ ")
        self.setToolTip("The functional source is transparent below this value, and has no colour in the fused image")
        self.setKeyboardTracking(False)
        end_by_enter(self)
        self.valueChanged.connect(session.set_threshold)
        session.changed.connect(self._follow)
        self._follow(session.state, session.state)

    def _follow(self, _before: CompareState, now: CompareState) -> None:
        threshold, mode = now.shown_threshold(), now.mode
        self.setEnabled(threshold is not None and (mode is None or mode.has_threshold))
        if threshold is None:
            return
        volume, window = now.coloured_source()
        with QSignalBlocker(self):
            self._fit(window)
            self.setSuffix(f" {volume.unit}" if volume.unit else "")
            has_none = mode is None and now.threshold is None
            self.setValue(window.low if has_none else threshold)

    def _fit(self, window: Window) -> None:
        """Let the arrows go through a window in a hundred steps."""
        step = (window.high - window.low) / 100
        # one figure more than a step has, except where the unit would be cut off
        self.setDecimals(max(0, (1 if step >= 1 else 0) - floor(log10(step))))
        self.setRange(window.low, window.high)
        self.setSingleStep(step)

"""How uptake is shown, by one row: its scale, its colours, and inverted grey beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QLabel, QMenu, QWidget

from napari_refusion.lesion.units import uptake_word, why_no_suv
from napari_refusion.numerics.colour_maps import COLOUR_MAPS
from napari_refusion.volume.preset import SCALES
from napari_refusion.widgets.keys import KEYS, Key, key_for
from napari_refusion.widgets.letter_grid import LetterGrid
from napari_refusion.widgets.number_box import NumberBox
from napari_refusion.widgets.review.buttons import button
from napari_refusion.widgets.typed_line import end_by_enter

if TYPE_CHECKING:
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState
    from napari_refusion.volume.volume import Volume

_BORDERS: Final = 24
"""Pixels to the left and right of a number that is typed, together."""

_HIGHEST: Final = 1000.0


class UptakeRow(QWidget):
    """Scales of PET, its colour map, and inverted grey; hidden where neither source shows function."""

    scale_wanted = Signal(str, float)
    """Emitted with the key of the functional source and the upper end of the scale from 0 that it shall have."""

    def __init__(self, session: CompareSession) -> None:
        super().__init__()
        self._session = session
        self._key = ""
        self._has_room, self._is_one_row = True, False
        self.word = QLabel("SUV 0 to")
        self.scales = {high: button(f"{high:g}", "") for high in SCALES}
        self.own = NumberBox()
        self.colours = button("Colours", "Colours of PET or SPECT: its layer and the overlay")
        self.maps = {name: QAction(one.title) for name, one in COLOUR_MAPS.items()}
        self.inverted = button("Inverted", "")
        self._lay_out()
        for high, one in self.scales.items():
            one.clicked.connect(lambda _on, high=high: self._want(high))
        self.own.valueChanged.connect(self._want)
        for name, action in self.maps.items():
            action.triggered.connect(lambda _on, name=name: session.set_colour_map(name))
        self.inverted.clicked.connect(session.toggle_inverted_beside)
        session.changed.connect(self._follow)
        self._follow(session.state, session.state)

    def keys(self) -> tuple[Key, ...]:
        """Return the key that goes through the scales."""
        return (key_for("next scale", self.next_scale),)

    def next_scale(self) -> None:
        """Show PET on the next larger scale, after the largest one on the smallest; nothing without SUV."""
        now = self._session.state
        if now.can_invert and self.own.isEnabled():
            high = now.coloured_source()[1].high
            self._want(next((one for one in SCALES if one > high + 1e-6), SCALES[0]))

    def make_room(self, *, has_room: bool, is_one_row: bool = False) -> None:
        """Be seen where there is something to show, or leave the height to a page.

        Parameters
        ----------
        is_one_row
            Leave out what stands in a second row, as in large letters colours and inverted grey do.
        """
        self._has_room, self._is_one_row = has_room, is_one_row
        self._show_rows()
        self._follow(self._session.state, self._session.state)

    def _show_rows(self) -> None:
        below = self._grid.below_first_row()
        for part in self._parts:
            part.setVisible(not (self._is_one_row and part in below))

    def _lay_out(self) -> None:
        self.own.setRange(0.1, _HIGHEST)
        self.own.setDecimals(1)
        self.own.setKeyboardTracking(False)
        end_by_enter(self.own)
        self.own.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)
        self.own.setMinimumWidth(self.fontMetrics().horizontalAdvance("100.0") + _BORDERS)
        self.inverted.setCheckable(True)
        self.inverted.setToolTip(
            f"Inverted grey beside the fused image, on the same scale ({KEYS['inverted beside'][0]})"
        )
        menu = QMenu(self.colours)
        menu.setToolTipsVisible(True)
        for name, action in self.maps.items():
            action.setCheckable(True)
            action.setToolTip(COLOUR_MAPS[name].words)
            menu.addAction(action)
        self.colours.setMenu(menu)
        for one in self.scales.values():
            one.setCheckable(True)
        self._parts = (self.word, *self.scales.values(), self.own, self.colours, self.inverted)
        self._grid = LetterGrid(self, self._parts, len(self._parts))
        self._grid.changed.connect(self._show_rows)

    def _want(self, high: float) -> None:
        self.scale_wanted.emit(self._key, float(high))
        self._show_scale(self._session.state)  # as it is shown until it is fused

    def _follow(self, _before: CompareState, now: CompareState) -> None:
        side = None if now.partial is None else now.partial.study.functional
        is_shown = side is not None and now.can_invert
        self.setVisible(is_shown and self._has_room)
        if side is None or not is_shown:
            return
        self._key = side.key
        self._show_scale(now)
        for name, action in self.maps.items():
            action.setChecked(name == now.colour_map)
        self.inverted.setChecked(now.is_side_by_side and now.is_inverted_beside)

    def _show_scale(self, now: CompareState) -> None:
        volume, window = now.coloured_source()
        why_not = why_no_suv(volume)
        self.word.setText(f"{uptake_word(volume.unit)} 0 to" if not why_not else "No SUV")
        for part in (self.word, self.own, *self.scales.values()):
            part.setEnabled(not why_not)
            part.setToolTip(why_not or _tip(volume, window))
        for high, one in self.scales.items():
            one.setChecked(not why_not and (window.low, window.high) == (0.0, high))
        with QSignalBlocker(self.own):
            self.own.setValue(min(window.high, _HIGHEST))
            if why_not:
                self.own.clear()  # the end of another scale is no number of SUV


def _tip(volume: Volume, window: Window) -> str:
    next_one = KEYS["next scale"][0]
    return (
        f"Upper end of the scale of {volume.title}, now {window.low:.4g} to {window.high:.4g} {volume.unit}: it is "
        f"fused, and every view has it ({next_one}: the next one)"
    )

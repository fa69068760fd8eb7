"""The Compare page: boxes that say to the session what is wanted, and show what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSignalBlocker, Qt
from qtpy.QtGui import QStandardItemModel
from qtpy.QtWidgets import QAbstractButton, QComboBox

from napari_refusion.widgets.compare.flicker import Flicker
from napari_refusion.widgets.compare.form import STEPS, CompareForm
from napari_refusion.widgets.compare.view import CompareView

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState


class ComparePanel(CompareForm):
    """Sets how a session compares its sources, and shows that in a viewer."""

    def __init__(self, viewer: Viewer, session: CompareSession) -> None:
        super().__init__(session)
        self._session = session
        self._flicker = Flicker(session, self)
        self.view = CompareView(viewer, session, self)
        self.mode.addItem("Off", None)
        for mode in session.state.listed:
            self.mode.addItem("", mode.name)
            self.mode.setItemData(self.mode.count() - 1, mode.help, Qt.ItemDataRole.ToolTipRole)
        self._connect()
        self.view.start()
        self._describe(session.state, session.state)

    def _connect(self) -> None:
        session = self._session
        session.changed.connect(self._describe)
        self.mode.currentIndexChanged.connect(lambda _row: session.choose(self.mode.currentData()))
        self.slider.valueChanged.connect(lambda value: session.set_amount(value / STEPS))
        self.colours.currentIndexChanged.connect(lambda _row: session.set_colour_map(self.colours.currentData()))
        self.rate.valueChanged.connect(self._flicker.set_rate)
        self._flicker.set_rate(self.rate.value())
        self.flicker.clicked.connect(session.toggle_flicker)
        self.side_by_side.clicked.connect(session.toggle_side_by_side)

    def start(self) -> None:
        """Begin to follow the viewer."""
        self.view.start()

    def stop(self) -> None:
        """Take everything back that was added to the viewer, and let go of it."""
        self.view.stop()

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when the panel is taken out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "view"):
            if self.parent() is None:
                self.stop()
            else:
                self.start()
        return bool(super().event(event))

    def _describe(self, _before: CompareState, now: CompareState) -> None:
        """Show the state in the boxes, and say what slider and colours mean for what is seen."""
        self.setEnabled(now.partial is not None)
        for row, mode in enumerate(now.listed, 1):
            self.mode.setItemText(row, now.caption(mode))
            self._allow(row, mode in now.offered)
        _choose(self.mode, None if now.mode is None else now.mode.name)
        _choose(self.colours, now.colour_map)
        _check(self.flicker, now.turn is not None)
        _check(self.side_by_side, now.is_side_by_side)
        self._describe_slider(now)
        self._describe_colours(now)

    def _describe_slider(self, now: CompareState) -> None:
        """Put the slider where it was when this mode was last chosen; hide it where there is nothing to slide."""
        for part in (self.slider, self.meaning):
            part.setVisible(now.mode is not None and now.mode.slider is not None)
        self.threshold.setVisible(now.mode is not None and now.mode.has_threshold and now.shown_threshold() is not None)
        if now.mode is not None and now.mode.slider is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(STEPS * now.amount(now.mode)))
            self.slider.setToolTip(now.slider_ends())
            self.meaning.setText(now.meaning())

    def _describe_colours(self, now: CompareState) -> None:
        """Show which colour stands for which value, where colours are seen."""
        self.bar.setVisible(now.shows_scale())
        if (scale := now.scale()) is not None:
            mode = now.wanted()
            has_own = mode is not None and mode.scale is not None
            self.colours.setEnabled(not has_own and not now.coloured_source()[0].is_rgb)
            self.bar.show_map(scale.colour_map, scale.window, scale.unit, scale.tip)

    def _allow(self, row: int, can_be_chosen: bool) -> None:
        """Let a mode be chosen, or only seen in the list."""
        model = self.mode.model()
        assert isinstance(model, QStandardItemModel)  # what Qt makes for a box that is filled by `addItem`
        if (item := model.item(row)) is not None:
            item.setEnabled(can_be_chosen)


def _choose(box: QComboBox, value: str | None) -> None:
    """Show an entry of a list without telling anybody."""
    with QSignalBlocker(box):
        box.setCurrentIndex(box.findData(value))


def _check(button: QAbstractButton, on: bool) -> None:
    with QSignalBlocker(button):
        button.setChecked(on)

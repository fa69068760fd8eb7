"""Choosing the baseline among the viewer's layers, and noticing when one of them is removed, edited or moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QObject, QTimer, Signal

from napari_refusion.session.follow_up.examination import Examination, examination
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.fuse.choice_box import choice_box, choose
from napari_refusion.widgets.layer_image import from_layer
from napari_refusion.widgets.layer_marks import shown_volume
from napari_refusion.widgets.layer_names import known_modality
from napari_refusion.widgets.layer_watch import CHANGES, LayerWatch

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

_EVENTS: Final = (*CHANGES, "set_data")
"""Of a layer, after which it may hold another image or lie in another place."""

_SOON: Final = 400
"""Milliseconds after the last of these events."""


class BaselineChoice(QObject):
    """Two lists of layers: what is measured, and the anatomy beside it."""

    chosen = Signal(object)
    """Emitted with the `Examination` that is chosen now, None for none."""
    refused = Signal(str)
    """Emitted with why a layer cannot be taken."""

    def __init__(self, viewer: Viewer, owner: QObject) -> None:
        super().__init__(owner)
        self.measured = choice_box({"": "choose the baseline ..."}, "PET, SPECT or MRI of the earlier examination")
        self.anatomy = choice_box({"": "no anatomy"}, "CT or MRI of the earlier examination, which is registered")
        for box in (self.measured, self.anatomy):
            box.setMinimumContentsLength(16)
        self._left_out: frozenset[str] = frozenset()
        self._watched: list[Image] = []
        self._taken: Examination | None = None
        self._watch = LayerWatch(viewer, self._offer)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._take)
        self.measured.activated.connect(self._choose)
        self.anatomy.activated.connect(self._take)

    def start(self) -> None:
        """Begin to follow the layers."""
        self._watch.start()

    def stop(self) -> None:
        """Let go of the viewer."""
        self._soon.stop()
        self._watch.stop()
        self._follow([])

    def leave_out(self, keys: frozenset[str]) -> None:
        """Offer no layer of the follow-up."""
        if keys != self._left_out:
            self._left_out = keys
            self._offer()

    def _offer(self) -> None:
        """Offer the layers that are there; a choice that is gone is none any more."""
        layers = [one for one in self._watch.sources() if str(one.unique_id) not in self._left_out and one.ndim == 3]
        before = self._keys()
        for box, offered in ((self.measured, layers), (self.anatomy, [one for one in layers if _is_anatomy(one)])):
            key = box.currentData()
            box.blockSignals(True)
            while box.count() > 1:
                box.removeItem(1)
            for layer in offered:
                box.addItem(layer.name, str(layer.unique_id))
            box.setCurrentIndex(max(box.findData(key), 0))
            box.blockSignals(False)
        if self._keys() != before:
            self._take()

    def _keys(self) -> tuple[str, str]:
        return str(self.measured.currentData() or ""), str(self.anatomy.currentData() or "")

    def _choose(self) -> None:
        """Take a layer, with the anatomy of its examination where that is plain."""
        layer = self._watch.find(self.measured.currentData())
        same = [] if layer is None else [one for one in self._watch.sources() if _is_beside(one, layer)]
        self.anatomy.setCurrentIndex(0)
        if len(same) == 1:
            choose(self.anatomy, str(same[0].unique_id))
        self._take()

    def _take(self) -> None:
        found = [self._watch.find(key) for key in self._keys()]
        self._follow([layer for layer in found if layer is not None])
        if found[0] is None:
            self._tell(None)
            return
        try:
            measured, *beside = [from_layer(layer) for layer in found if layer is not None]
            taken = examination(measured, next(iter(beside), None))
        except RefusedError as error:
            self._tell(None)
            self.refused.emit(str(error))
            return
        if not _is_same(taken, self._taken):
            self._tell(taken)

    def _tell(self, taken: Examination | None) -> None:
        self._taken = taken
        self.chosen.emit(taken)

    def _follow(self, layers: list[Image]) -> None:
        for layer in self._watched:
            for name in _EVENTS:
                getattr(layer.events, name).disconnect(self._later)
        for layer in layers:
            for name in _EVENTS:
                getattr(layer.events, name).connect(self._later)
        self._watched = layers

    def _later(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._soon.start()


def _is_anatomy(layer: Image) -> bool:
    return known_modality(layer) in ("CT", "MR")


def _is_beside(layer: Image, measured: Image) -> bool:
    """Return whether a layer shows the anatomy of the same examination: one study, or files of one folder."""
    one, other = shown_volume(layer), shown_volume(measured)
    if one is None or other is None or one is other or not _is_anatomy(layer):
        return False
    studies = one.acquisition.study, other.acquisition.study
    if all(studies):
        return studies[0] == studies[1]
    places = one.origin.place, other.origin.place
    return places[0] is not None and places[1] is not None and places[0].parent == places[1].parent


def _is_same(one: Examination, other: Examination | None) -> bool:
    """Return whether nothing of an examination changed since it was taken."""
    if other is None or one.content != other.content or not one.measured.grid.matches(other.measured.grid):
        return False
    a, b = one.anatomy, other.anatomy
    if a is None or b is None:
        return a is b
    return a.origin == b.origin and a.data is b.data and a.grid.matches(b.grid)

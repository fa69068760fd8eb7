"""What stands over a further plane: cross hairs, which slice it is, the sides of the patient, and what is missing.

Drawn by Qt: as overlays of napari, each of these texts would cost a compiled shader when the planes are opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent

from napari_refusion.look import OVERLAY
from napari_refusion.notice import RESEARCH_ONLY
from napari_refusion.widgets.orientation_letters import side_letters
from napari_refusion.widgets.planes.cells import cells_of
from napari_refusion.widgets.planes.cross_hair import CrossHair

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from qtpy.QtWidgets import QWidget

_MARGIN: Final = 6.0
"""Pixels between the border of a cell and what is written in it."""

_GROUND: Final = QColor(0, 0, 0, 150)
"""Behind letters, which may stand on a bright image."""

_TOP: Final = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
_BOTTOM: Final = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class PlaneWords:
    """What is written over a plane."""

    title: str = ""
    """Which slice it is; empty where no directions are known, and then there are no letters either."""
    missing: str = ""
    """What of a fused image is not there yet."""


class PlaneCover(CrossHair):
    """Cross hairs and words over the canvas of a further plane, in every cell."""

    def __init__(self, canvas: QWidget, viewer: ViewerModel, say: Callable[[], PlaneWords]) -> None:
        self._say = say
        super().__init__(canvas, viewer)

    def words(self) -> PlaneWords:
        """Return what is written."""
        return self._say()

    def letters(self) -> dict[str, str]:
        """Return the letter at each side, empty for none."""
        dims, flips = self._viewer.dims, self._viewer.scene.camera.orientation2d
        return side_letters(dims.order, flips) if self.words().title else {}

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the lines, and the words over them."""
        super().paintEvent(event)
        words, letters = self.words(), self.letters()
        painter = QPainter(self)
        painter.setPen(QColor(OVERLAY))
        inner = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        top = _write(painter, inner, words.title, _TOP).bottom()
        foot = "\n".join(filter(None, (words.missing, RESEARCH_ONLY)))
        bottom = _write(painter, inner, foot, _BOTTOM).top()
        for cell, name in cells_of(self, self._viewer):
            place = cell.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            place.setTop(max(place.top(), top))
            place.setBottom(min(place.bottom(), bottom))
            elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(place.width()))
            place.setTop(_write(painter, place, elided, _TOP).bottom())
            _write_letters(painter, place, cell.center().y(), letters)
        painter.end()


def _write(painter: QPainter, place: QRectF, text: str, how: Qt.AlignmentFlag) -> QRectF:
    """Write a text that is wrapped into a place, and return what it covers."""
    if not text:
        edge = place.bottom() if how is _BOTTOM else place.top()
        return QRectF(place.left(), edge, 0, 0)
    covered = painter.boundingRect(place, how, text)
    painter.fillRect(covered.adjusted(-2, 0, 2, 0), _GROUND)
    painter.drawText(place, how, text)
    return covered


def _write_letters(painter: QPainter, place: QRectF, middle: float, letters: dict[str, str]) -> None:
    """Write the letters at the middles of the sides of a place, those at left and right at the height `middle`."""
    usual, bold = painter.font(), painter.font()
    bold.setBold(True)
    bold.setPointSizeF(usual.pointSizeF() + 2)
    painter.setFont(bold)
    high, wide = painter.fontMetrics().height(), painter.fontMetrics().horizontalAdvance("M") + 4
    centre = place.center().x() - wide / 2
    corners = {
        "left": (place.left(), middle - high / 2),
        "right": (place.right() - wide, middle - high / 2),
        "top": (centre, place.top()),
        "bottom": (centre, place.bottom() - high),
    }
    for side, (x, y) in corners.items():
        if letters.get(side):
            box = QRectF(x, y, wide, high)
            painter.fillRect(box, _GROUND)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letters[side])
    painter.setFont(usual)

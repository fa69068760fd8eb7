"""The words beside a ring are read on any ground."""

from types import SimpleNamespace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPointF
from qtpy.QtGui import QColor, QImage, QPainter

from napari_refusion.widgets.review.ring import Ring


@pytest.mark.parametrize("ground", ["white", "black"])
def test_the_words_beside_a_ring_stand_on_a_dark_ground_over_bright_and_dark_tissue(ground: str, qtbot: QtBot) -> None:
    picture = QImage(200, 60, QImage.Format.Format_RGB32)
    picture.fill(QColor(ground))
    painter = QPainter(picture)
    Ring._write(SimpleNamespace(_words="hidden uptake"), painter, QPointF(20, 30))  # type: ignore[arg-type]
    painter.end()
    row = np.array([QColor(picture.pixel(column, 31)).lightness() for column in range(20, 80)])
    assert np.median(row) < 128

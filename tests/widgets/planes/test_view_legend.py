"""The legend that is drawn over a view, in cells of every width."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QRectF
from qtpy.QtGui import QColor, QImage, QPainter
from superqt.utils import qimage_to_array

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.seen_colours import SeenColours
from napari_refusion.widgets.planes.view_legend import _draw_bar


def drawn(cell: QRectF, seen: SeenColours) -> np.ndarray:
    """Return where something is drawn, (rows, columns), of a canvas of 300 x 500 pixels."""
    image = QImage(500, 300, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    _draw_bar(painter, cell, seen)
    painter.end()
    return np.asarray(qimage_to_array(image)[..., 0] != 255)


@pytest.mark.parametrize("high", [10.0, 3444.0])
@pytest.mark.parametrize("height", [285.0, 140.0])
@pytest.mark.parametrize("width", [62.0, 80.0, 130.0, 400.0])
def test_the_values_of_a_legend_are_whole_within_their_cell(
    width: float, height: float, high: float, qtbot: QtBot
) -> None:
    assert qtbot is not None
    grey = np.linspace(0.0, 0.5, 256)[:, None].repeat(3, axis=1)
    seen = SeenColours(grey.astype(np.float32), Window(0.0, high), "SUVbw" if high == 10 else "Bq/ml")
    where = drawn(QRectF(90, 0, width, height), seen)
    columns = np.flatnonzero(where.any(axis=0))
    assert columns.size > 0
    assert columns.min() >= 90
    assert columns.max() < 90 + width

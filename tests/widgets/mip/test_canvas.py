"""The picture of a projection: proportions, what the mouse does, and what is written."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, QPointF, Qt

from napari_refusion.numerics.intensity import Window
from napari_refusion.widgets.mip.canvas import ProjectionCanvas
from napari_refusion.widgets.mip.drawn import Drawn
from napari_refusion.widgets.mip.images import image_of_values


@pytest.fixture
def canvas(qtbot: QtBot) -> ProjectionCanvas:
    """A picture of 10 rows of 4 mm and 20 columns of 1 mm in 200 x 300 pixels: 20 x 40 mm, 7.5 pixels a mm."""
    canvas = ProjectionCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(200, 300)
    image = image_of_values(np.zeros((10, 20), np.float32), Window(0, 1), "grey_inverted")
    canvas.show_frame(Drawn(image, (4.0, 1.0), "white", ("R", "L"), "MIP 0°", (2.0, 3.0), ((7, 5.0, 6.0),)))
    canvas.show()
    return canvas


def spot(canvas: ProjectionCanvas, row: float, column: float) -> QPointF:
    assert canvas.drawn is not None
    return canvas.drawn.spot(row, column, canvas.room)


def test_the_patient_keeps_the_proportions(canvas: ProjectionCanvas) -> None:
    assert canvas.drawn is not None
    place = canvas.drawn.place(canvas.room)
    assert (place.width(), place.height()) == (150, 300)
    assert (place.left(), place.top()) == (25, 0)


def test_a_pixel_is_found_where_it_is_drawn(canvas: ProjectionCanvas) -> None:
    # 30 pixels a row and 7.5 a column; the middle of row 2 and column 3
    place, drawn = spot(canvas, 2, 3), canvas.drawn
    assert drawn is not None
    assert (place.x(), place.y()) == (25 + 3.5 * 7.5, 2.5 * 30)
    assert drawn.pixel_at(place, canvas.room) == (2, 3)
    assert drawn.pixel_at(spot(canvas, 9, 19), canvas.room) == (9, 19)
    assert drawn.pixel_at(spot(canvas, 4, -2), canvas.room) is None


def test_a_click_names_its_pixel_and_a_drag_turns(canvas: ProjectionCanvas, qtbot: QtBot) -> None:
    clicked: list[tuple[int, int]] = []
    turned: list[float] = []
    canvas.clicked.connect(lambda row, column: clicked.append((row, column)))
    canvas.dragged.connect(turned.append)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(canvas, left, pos=spot(canvas, 5, 6).toPoint())
    assert clicked == [(5, 6)]
    qtbot.mousePress(canvas, left, pos=QPoint(60, 150))
    qtbot.mouseMove(canvas, QPoint(100, 150))
    qtbot.mouseMove(canvas, QPoint(160, 150))
    qtbot.mouseRelease(canvas, left, pos=QPoint(160, 150))
    assert clicked == [(5, 6)]
    # half of the width to the right: the eye walks by a quarter turn to the other side
    assert sum(turned) == pytest.approx(-90)


def test_the_place_the_numbers_and_the_words_are_drawn_over_it(canvas: ProjectionCanvas) -> None:
    seen = canvas.grab().toImage()
    # the cross hair: along row 2 and column 3, not at the place itself
    lit = spot(canvas, 2, 15).toPoint()
    assert seen.pixelColor(lit).green() > seen.pixelColor(lit).red()
    assert seen.pixelColor(spot(canvas, 2, 3).toPoint()).name() == "#ffffff"
    mark = spot(canvas, 5, 6)
    assert seen.pixelColor(int(mark.x()), int(mark.y()) - 9).name() != "#ffffff"


def test_without_a_picture_it_says_why(canvas: ProjectionCanvas) -> None:
    canvas.show_frame(None, "Open PET again.")
    assert canvas.grab().toImage().pixelColor(2, 2).name() == "#000000"

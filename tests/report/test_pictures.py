import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.look import RED
from napari_refusion.report.cells import Evidence
from napari_refusion.report.marks import edge_letters, scale_length
from napari_refusion.report.pictures import CELL, EDGE, panel, square_size
from tests.reported import case_canvas


def picture(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


def inside(png: bytes, which: int) -> np.ndarray:
    """Return the brightness of one image of 236 x 236 pixels, without the marks around it."""
    top, left = 24 + 20 + EDGE, which * (CELL + 6) + EDGE
    return picture(png)[top : top + 236, left : left + 236].max(axis=2)


@pytest.mark.parametrize(
    ("axis", "letters"),
    [("axial", "RLAP"), ("coronal", "RLSI"), ("sagittal", "APSI")],
)
def test_letters_stand_at_the_sides_of_a_radiological_image(axis: str, letters: str) -> None:
    left, right, top, bottom = letters
    assert edge_letters(axis) == {"left": left, "right": right, "top": top, "bottom": bottom}


@pytest.mark.parametrize("axis", ["axial", "coronal"])
def test_what_lies_in_the_right_of_the_patient_is_drawn_on_the_left_of_all_three_images(axis: str) -> None:
    partial = case_canvas((12, 24, 24), axis)
    png = panel(partial, 1)
    for which in range(3):
        left, right = np.split(inside(png, which) > 240, 2, axis=1)
        assert left.sum() > 1000
        assert right.sum() == 0


def test_millimetres_are_square() -> None:
    assert square_size((10, 10), 2.0, 1.0, 100) == (50, 100)
    assert square_size((10, 40), 1.0, 0.5, 200) == (200, 100)


@pytest.mark.parametrize(("width", "length"), [(500, 10), (200, 5), (100, 2), (40, 1), (10, 0.2), (0.1, 0.1)])
def test_a_scale_bar_is_round_and_at_most_three_tenths_of_the_image(width: float, length: float) -> None:
    assert scale_length(width) == length


def test_a_picture_holds_pixels_and_nothing_else() -> None:
    png = panel(case_canvas(), 0)
    kinds, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kinds.append(png[place + 4 : place + 8])
        place += length + 12
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert Image.open(BytesIO(png)).info == {}
    assert b"CANARY" not in png


def test_a_failed_check_is_burned_into_every_image() -> None:
    partial = case_canvas()
    failed = picture(panel(partial, 0, check_failed="CHECK FAILED: Registration"))
    for which in range(3):
        columns = failed[:, which * (CELL + 6) : which * (CELL + 6) + CELL]
        assert (columns == ImageColor.getrgb(RED.background)).all(axis=2).sum() > 1000
    assert not (picture(panel(partial, 0)) == ImageColor.getrgb(RED.background)).all(axis=2).any()


def test_evidence_stands_beside_the_images_and_more_than_four_go_into_rows_of_three() -> None:
    partial = case_canvas()
    map_ = Evidence("overshoot", np.full(partial.fused.shape[1:], np.nan, np.float16), 0.0, 1.0)
    three, four, six = (picture(panel(partial, 0, evidence=(map_,) * count)) for count in (0, 1, 3))
    assert four.shape[1] == 4 * CELL + 3 * 6
    assert six.shape[1] == three.shape[1] == 3 * CELL + 2 * 6
    assert six.shape[0] > 1.8 * three.shape[0]


@pytest.mark.parametrize(("value", "colour"), [(-1.0, (89, 178, 255)), (0.0, (0, 0, 0)), (1.0, (255, 178, 51))])
def test_a_signed_map_is_blue_below_black_at_and_orange_above_zero(value: float, colour: tuple[int, ...]) -> None:
    partial = case_canvas()
    map_ = Evidence("contribution", np.full(partial.fused.shape[1:], value), -1.0, 1.0, is_signed=True)
    drawn = picture(panel(partial, 0, evidence=(map_,)))
    centre = drawn[24 + 20 + 18 + 100, 3 * (CELL + 6) + CELL // 2 + 40]
    np.testing.assert_allclose(centre, colour, atol=1)


def test_a_functional_source_and_the_fused_image_have_its_colours() -> None:
    partial = case_canvas()
    colouring = choose_colouring(partial.study, "hot_metal_blue")
    coloured, grey = picture(panel(partial, 0, colouring)), picture(panel(partial, 0))
    foot = slice(coloured.shape[0] - 40, None)  # colour bars
    for which, has_bar in enumerate((True, True, False)):
        columns = slice(which * (CELL + 6), which * (CELL + 6) + CELL)
        spread = np.ptp(coloured[foot, columns].astype(int), axis=2).max()
        assert (spread > 100) == has_bar
        assert np.ptp(grey[foot, columns].astype(int), axis=2).max() < 100


def test_a_slice_that_is_not_fused_is_shown_with_its_sources() -> None:
    partial = case_canvas()
    partial.keep(np.zeros(6, np.bool_))
    assert panel(partial, 0) != panel(case_canvas(), 0)


@pytest.mark.parametrize("index", [-1, 6])
def test_a_slice_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match="There is no slice"):
        panel(case_canvas(), index)

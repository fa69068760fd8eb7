"""Letters at the sides of the views."""

import gc
from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_refusion.notice import RESEARCH_ONLY
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.orientation_letters import (
    OrientationLetters,
    keep_letters,
    keeping_letters,
    side_letters,
)


@pytest.mark.parametrize(
    ("order", "letters"),
    [
        ((0, 1, 2), "RLAP"),
        ((1, 0, 2), "RLSI"),
        ((2, 0, 1), "APSI"),
        ((0, 2, 1), "APRL"),
        ((1, 2, 0), "SIRL"),
        ((0, 1, 2, 3), "RLAP"),  # time or channels before the three axes of the patient
        ((1, 2, 0, 3), "RL  "),
        ((0, 1), "    "),
    ],
)
def test_letters_follow_the_axes_that_are_drawn(order: tuple[int, ...], letters: str) -> None:
    sides = side_letters(order)
    assert "".join(sides[side] or " " for side in ("left", "right", "top", "bottom")) == letters


def test_letters_follow_a_view_that_is_mirrored() -> None:
    assert side_letters((0, 1, 2), ("up", "left")) == {"left": "L", "right": "R", "top": "P", "bottom": "A"}


def seen(viewer: ViewerModel) -> str:
    """Return the letters at left, right, top and bottom, a point for a side without one."""
    overlays = [viewer.canvas.overlays[f"refusion_{side}"] for side in ("left", "right", "top", "bottom")]
    assert all(overlay.visible and overlay.box == bool(overlay.text) and overlay.gridded for overlay in overlays)
    return "".join(overlay.text or "." for overlay in overlays)


def test_a_viewer_has_letters_while_all_images_have_directions(mri: Volume, pet: Volume) -> None:
    viewer = ViewerModel()
    before = set(viewer.canvas.overlays)
    letters = OrientationLetters(viewer)
    letters.start()
    letters.start()
    assert seen(viewer) == "...."
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    assert seen(viewer) == "RLAP"
    viewer.canvas.grid.enabled = True
    viewer.dims.order = (2, 0, 1)
    assert seen(viewer) == "APSI"
    viewer.dims.transpose()
    assert seen(viewer) == "SIAP"
    viewer.dims.order = (0, 1, 2)
    viewer.scene.camera.orientation2d = ("down", "left")
    assert seen(viewer) == "LRAP"
    viewer.scene.camera.orientation2d = ("down", "right")
    viewer.dims.ndisplay = 3
    assert seen(viewer) == "...."
    viewer.dims.ndisplay = 2
    assert seen(viewer) == "RLAP"
    data, properties, _ = to_layer_data(replace(mri, is_photograph=True), "photograph")
    viewer.add_image(data, **properties)
    assert seen(viewer) == "...."
    viewer.layers.remove("photograph")
    assert seen(viewer) == "RLAP"
    viewer.add_image(np.zeros((4, 8, 8)), name="of unknown orientation")
    assert seen(viewer) == "...."
    notice = viewer.canvas.overlays["refusion_notice"]
    assert (notice.text, notice.visible) == (RESEARCH_ONLY, True)
    letters.stop()
    letters.stop()
    assert set(viewer.canvas.overlays) == before
    viewer.dims.order = (1, 0, 2)
    assert set(viewer.canvas.overlays) == before


def test_the_plane_and_its_place_stand_where_no_name_of_a_layer_does(mri: Volume) -> None:
    viewer = ViewerModel()
    letters = OrientationLetters(viewer)
    letters.start()
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    viewer.dims.point = viewer.layers[0].data_to_world((2, 5, 7))
    overlay = viewer.canvas.overlays["refusion_plane"]
    # voxel (2, 5, 7) lies at S 30 - 4 * 2
    assert (overlay.text, overlay.position) == ("Axial slice 3 of 6, S 22.0 mm", "top_left")
    viewer.canvas.grid.enabled = True
    notice = viewer.canvas.overlays["refusion_notice"]
    # one below the other: beside each other napari cuts them off in a narrow canvas
    assert (overlay.text, notice.text) == ("", f"Axial slice 3 of 6, S 22.0 mm\n{RESEARCH_ONLY}")
    viewer.canvas.grid.enabled = False
    assert (overlay.text, notice.text) == ("Axial slice 3 of 6, S 22.0 mm", RESEARCH_ONLY)
    letters.stop()


@pytest.mark.usefixtures("unfrozen")
def test_letters_are_kept_once_and_without_anybody_who_keeps_them(mri: Volume) -> None:
    viewer = ViewerModel()
    keep_letters(viewer)
    keep_letters(viewer)
    gc.collect()
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    assert seen(viewer) == "RLAP"
    assert viewer.canvas.overlays["refusion_notice"].text == RESEARCH_ONLY


def test_letters_that_are_made_in_steps_are_written_with_the_last_one_and_by_one_hand(mri: Volume) -> None:
    viewer = ViewerModel()
    data, properties, _ = to_layer_data(mri)
    viewer.add_image(data, **properties)
    steps = keeping_letters(viewer)
    for _ in steps:
        keep_letters(viewer)  # another dock opens meanwhile
        ours = [overlay for name, overlay in viewer.canvas.overlays.items() if name.startswith("refusion_")]
        assert not any(overlay.text.strip() or overlay.box for overlay in ours)
    assert seen(viewer) == "RLAP"
    assert viewer.canvas.overlays["refusion_notice"].text == RESEARCH_ONLY


def test_whose_slices_are_counted_stands_in_a_line_that_a_narrow_view_holds_and_meets_no_letter(mri: Volume) -> None:
    viewer = ViewerModel()
    letters = OrientationLetters(viewer)  # napari holds no owner of a method
    letters.start()
    affine = mri.affine.copy()
    affine[:3, 0] *= 2
    thick = replace(mri, data=np.ascontiguousarray(mri.data[::2]), affine=affine)
    long = "sub-0042_ses-20261127_trc-fluorodeoxyglucose_desc-preproc_pet"
    for volume in (replace(thick, name=long), mri):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    overlays = viewer.canvas.overlays
    first, second = overlays["refusion_plane"].text.split("\n")
    assert first.startswith("Axial slice ")
    assert second == "of sub-0042_ses-20…esc-preproc_pet"
    assert overlays["refusion_top_free"].text.count("\n") == 1
    viewer.layers.pop()
    assert "\n" not in overlays["refusion_plane"].text + overlays["refusion_top_free"].text


def test_that_a_slice_is_oblique_stands_in_a_line_that_a_narrow_view_holds_and_meets_no_letter(mri: Volume) -> None:
    viewer = ViewerModel()
    letters = OrientationLetters(viewer)
    letters.start()
    cosine, sine = np.cos(0.3), np.sin(0.3)
    about_left = np.array([[1, 0, 0, 0], [0, cosine, -sine, 0], [0, sine, cosine, 0], [0, 0, 0, 1]])
    data, properties, _ = to_layer_data(replace(mri, affine=about_left @ mri.affine))
    viewer.add_image(data, **properties)
    first, second = viewer.canvas.overlays["refusion_plane"].text.split("\n")
    assert first.startswith("Axial slice ")
    assert second == "in its middle (oblique)"
    assert viewer.canvas.overlays["refusion_top_free"].text.count("\n") == 1

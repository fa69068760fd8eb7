"""Planes as radiologists hang them."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.orientation_letters import OrientationLetters
from napari_refusion.widgets.planes.hanging import PLANES, is_upright, left_side, order_of, show_plane, shown_plane
from napari_refusion.widgets.preferences import remember

UPRIGHT = {"axial": "RLAP", "coronal": "RLSI", "sagittal": "APSI"}
"""Plane -> letters at left, right, top, bottom, as in every radiological atlas; anterior to the left in sagittal."""


def viewer_of(volume: Volume) -> ViewerModel:
    viewer = ViewerModel()
    data, properties, _ = to_layer_data(volume)
    viewer.add_image(data, **properties)
    return viewer


def letters_of(viewer: ViewerModel) -> str:
    letters = OrientationLetters(viewer)
    letters.start()
    text = "".join(viewer.canvas.overlays[f"refusion_{side}"].text for side in ("left", "right", "top", "bottom"))
    letters.stop()
    return text


@pytest.mark.parametrize("plane", list(PLANES))
def test_a_plane_hangs_upright_with_the_patients_right_on_the_left(mri: Volume, plane: str) -> None:
    viewer = viewer_of(mri)
    viewer.dims.ndisplay = 3
    show_plane(viewer, plane)
    assert viewer.dims.ndisplay == 2
    assert letters_of(viewer) == UPRIGHT[plane]
    assert shown_plane(viewer.dims.order) == plane


@pytest.mark.parametrize("plane", list(PLANES))
@pytest.mark.parametrize("sagittal", ["anterior left", "anterior right"])
def test_the_side_that_words_call_the_left_one_has_its_letter_there(mri: Volume, plane: str, sagittal: str) -> None:
    remember("display", sagittal=sagittal)
    viewer = viewer_of(mri)
    show_plane(viewer, plane)
    called = {"the patient's right": "R", "anterior": "A", "posterior": "P"}
    assert letters_of(viewer)[0] == called[left_side(plane)]


@pytest.mark.parametrize("plane", list(PLANES))
def test_a_marker_is_where_the_patient_has_it(mri: Volume, plane: str) -> None:
    """One voxel near head, front and right: up or near it, and on the left, whichever plane shows it."""
    data = np.zeros_like(mri.data)
    data[1, 2, 3] = 1000.0
    viewer = viewer_of(mri.with_data(data, "marker"))
    viewer.dims.point = viewer.layers[0].data_to_world((1, 2, 3))
    show_plane(viewer, plane)
    # napari draws the first of the displayed axes downwards and the second to the right
    drawn = np.transpose(data, viewer.dims.order)[(1, 2, 3)[viewer.dims.order[0]]]
    row, column = np.argwhere(drawn)[0]
    assert row < drawn.shape[0] / 2
    assert column < drawn.shape[1] / 2


def test_who_prefers_it_has_anterior_on_the_right_in_sagittal_planes_alone(mri: Volume) -> None:
    remember("display", sagittal="anterior right")
    viewer = viewer_of(mri)
    show_plane(viewer, "sagittal")
    assert letters_of(viewer) == "PASI"
    show_plane(viewer, "coronal")
    assert letters_of(viewer) == "RLSI"


def test_axes_before_the_three_of_the_patient_stay_where_they_are() -> None:
    assert order_of("coronal", 4) == (0, 2, 1, 3)
    assert shown_plane((0, 2, 1, 3)) == "coronal"


def test_a_rolled_view_is_known_by_its_plane_and_is_not_upright() -> None:
    assert shown_plane((2, 1, 0)) == "sagittal"
    assert not is_upright((2, 1, 0))
    assert is_upright((2, 0, 1))
    assert shown_plane((0, 1)) is None


def test_a_picture_of_two_axes_is_left_as_it_is() -> None:
    viewer = ViewerModel()
    viewer.add_image(np.zeros((4, 5)))
    show_plane(viewer, "coronal")
    assert viewer.dims.order == (0, 1)

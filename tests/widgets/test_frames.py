"""Several volumes as the data of one layer: no copies, the answers of a numpy array, and the frame that is drawn."""

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import FrameStack, frame_at, frame_stack, frame_words
from napari_refusion.widgets.layer_image import look_at
from napari_refusion.widgets.layer_marks import shown_volume
from napari_refusion.widgets.layer_volume import to_volume
from napari_refusion.widgets.opening.frames_layer import to_frames_data
from tests.small_pair import oblique
from tests.widgets.opening.listed import frames


@pytest.fixture
def stack() -> FrameStack:
    return frame_stack(frames(3))


@pytest.fixture
def viewer(stack: FrameStack) -> ViewerModel:
    model = ViewerModel()
    data, properties, _ = to_frames_data(stack, "dynamic")
    model.add_image(data, **properties)
    return model


def at(viewer: ViewerModel, frame: float) -> tuple[float, ...]:
    return (frame, *viewer.dims.point[1:])


KEYS = [
    np.s_[1],
    np.s_[-1],
    np.s_[1, 2],
    np.s_[2, 3, :, 5],
    np.s_[:, 3, 4, 5],
    np.s_[1:, :, 4],
    np.s_[::-1],
    np.s_[..., 3],
    np.s_[np.array([0, 2])],
    np.s_[3:],
    np.s_[np.int64(1), ..., 2],
    np.s_[:],
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_stack_answers_as_one_array_of_four_dimensions(stack: FrameStack, key: object) -> None:
    whole = np.asarray(stack)
    assert whole.shape == stack.shape == (3, 6, 24, 32)
    assert np.array_equal(stack[key], whole[key])


def test_a_frame_is_the_array_of_its_volume_and_not_a_copy(stack: FrameStack) -> None:
    for index, volume in enumerate(stack.volumes):
        assert np.shares_memory(stack[index], volume.data)
        assert np.shares_memory(stack[index, 2], volume.data)


def test_an_index_outside_is_an_error_as_of_an_array(stack: FrameStack) -> None:
    with pytest.raises(IndexError):
        stack[3]


@pytest.mark.parametrize("change", [{"affine": oblique(5.0)}, {"data": np.zeros((6, 24, 30), np.float32)}])
def test_volumes_on_different_grids_are_no_stack(change: dict) -> None:
    first, second = frames(2)
    with pytest.raises(ValueError, match="one grid"):
        frame_stack([first, replace(second, **change)])


def test_no_volumes_are_no_stack() -> None:
    with pytest.raises(ValueError, match="one grid"):
        frame_stack([])


@pytest.mark.parametrize(("place", "frame"), [(0, 0), (2, 2), (1.4, 1), (3, None), (-1, None)])
def test_the_frame_is_the_one_that_napari_draws(viewer: ViewerModel, place: float, frame: int | None) -> None:
    assert frame_at(viewer.layers[0], at(viewer, place)) == frame


def test_looking_at_a_layer_takes_the_frame_that_is_shown_with_its_name_place_and_origin(viewer: ViewerModel) -> None:
    volumes = viewer.layers[0].data.volumes
    for index in (0, 2):
        image = look_at(viewer.layers[0], at(viewer, index))
        volume = image.to_volume("")
        assert volume is volumes[index]
        assert image.name == f"dynamic, frame {index}, {index:02d}:00 to {index + 1:02d}:00"


def test_two_frames_of_a_layer_are_two_images(viewer: ViewerModel) -> None:
    first, again, other = (look_at(viewer.layers[0], at(viewer, index)) for index in (0, 0, 1))
    assert first.shows_the_same(again)
    assert not first.shows_the_same(other)


def test_where_a_layer_has_no_frame_it_says_which_it_has(viewer: ViewerModel) -> None:
    with pytest.raises(RefusedError, match=r"has 3 \(0 to 2\)"):
        look_at(viewer.layers[0], at(viewer, 5))
    with pytest.raises(RefusedError, match="one of the 3 volumes in dynamic, or their mean"):
        look_at(viewer.layers[0])


def test_a_layer_of_five_dimensions_must_be_split() -> None:
    with pytest.raises(RefusedError, match="5 dimensions"):
        look_at(Image(np.zeros((2, 3, 4, 5, 6), np.float32)), (0,) * 5)


def test_a_frame_lies_where_its_volume_lies_also_an_oblique_one() -> None:
    tilted = frames(2, affine=oblique(20.0))
    model = ViewerModel()
    data, properties, _ = to_frames_data(frame_stack(tilted))
    layer = model.add_image(data, **properties)
    volume = to_volume(look_at(layer, (1, 0, 0, 0)))
    assert volume is tilted[1]
    assert shown_volume(layer) is tilted[0]


def test_a_layer_that_was_moved_is_fused_where_it_is_now(viewer: ViewerModel) -> None:
    layer = viewer.layers[0]
    layer.translate = layer.translate + np.array([0, 0, 0, 5.0])
    volume = to_volume(look_at(layer, at(viewer, 1)))
    assert [finding.rule for finding in volume.findings] == ["moved"]
    assert np.allclose(volume.affine[:3, 3] - layer.data.volumes[1].affine[:3, 3], (-5, 0, 0))


def test_frames_whose_voxels_were_changed_no_longer_name_their_file(viewer: ViewerModel) -> None:
    layer = viewer.layers[0]
    layer.data = np.asarray(layer.data) * 2
    volume = to_volume(look_at(layer, at(viewer, 1)))
    assert [finding.rule for finding in volume.findings] == ["voxels"]
    assert volume.origin.sha256 == ""


def test_a_layer_with_fewer_frames_than_it_was_opened_with_is_as_one_from_elsewhere(viewer: ViewerModel) -> None:
    layer = viewer.layers[0]
    layer.data = np.asarray(layer.data)[1:]
    assert look_at(layer, at(viewer, 1)).volume is None


@pytest.mark.parametrize("shape", [(3, 4, 5, 6), (2, 4, 5, 6)])
def test_of_a_4d_layer_from_elsewhere_the_shown_volume_is_taken(shape: tuple[int, ...]) -> None:
    data = np.random.default_rng(0).random(shape, np.float32)
    layer = Image(data, name="T1w", scale=(1, 4, 2, 1))
    volume = to_volume(look_at(layer, (1, 0, 0, 0)))
    assert np.array_equal(volume.data, data[1])
    assert volume.spacing == pytest.approx((4, 2, 1))
    assert volume.name == "T1w, frame 1"
    assert volume.modality == "MR"
    again, other = look_at(layer, (1, 0, 0, 0)), look_at(layer, (0, 0, 0, 0))
    assert look_at(layer, (1, 0, 0, 0)).shows_the_same(again)
    assert not other.shows_the_same(again)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("frame 1, 01:00 to 02:00", "frame 1 of 24 (from 0), 01:00 to 02:00"),
        ("frame 1", "frame 1 of 24 (from 0)"),
        ("volume 1", "volume 1 of 24 (from 0)"),
        ("volume 1, b-value 800 s/mm2", "volume 1 of 24 (from 0), b-value 800 s/mm2"),
        ("", "frame 1 of 24 (from 0)"),
        ("b-value 800 s/mm2", "b-value 800 s/mm2, at 1 of 24 (from 0)"),
        ("frame 2, 02:00 to 03:00", "frame 2, 02:00 to 03:00, at 1 of 24 (from 0)"),
    ],
)
def test_a_frame_is_said_in_words(pet: Volume, part: str, words: str) -> None:
    assert frame_words(replace(pet, acquisition=Acquisition(part=part)), 1, 24) == words

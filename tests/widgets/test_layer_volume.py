"""From a layer back to the volume in it."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_image import from_layer, look_at
from tests.widgets.made import IPL_AFFINE, layer_of, oblique


@pytest.mark.parametrize("affine", [IPL_AFFINE, oblique(20.0)], ids=["straight", "oblique"])
def test_a_volume_comes_back_from_its_layer_exactly_as_it_was(pet: Volume, affine: np.ndarray) -> None:
    volume = replace(pet, affine=affine, frame_of_reference="1.2.3", stored_axes=("R", "A", "S"))
    assert from_layer(layer_of(volume)) is volume


def test_a_colour_volume_comes_back_too(mri: Volume) -> None:
    rgb = replace(mri, data=np.random.default_rng(0).random((6, 24, 32, 3), dtype=np.float32))
    again = from_layer(layer_of(rgb))
    assert np.array_equal(again.data, rgb.data)
    assert np.array_equal(again.affine, rgb.affine)
    others = [one.name for one in fields(Volume) if one.name not in ("data", "affine")]
    assert [getattr(again, name) for name in others] == [getattr(rgb, name) for name in others]


def test_a_layer_that_was_moved_is_fused_where_it_is_now(mri: Volume) -> None:
    layer = layer_of(replace(mri, affine=oblique(20.0)))
    layer.translate = np.add(layer.translate, (0.0, 0.0, 5.0))  # 5 mm to the patient's left
    moved = from_layer(layer)
    expected = oblique(20.0)
    expected[0, 3] -= 5.0
    assert moved.affine == pytest.approx(expected)
    assert [finding.rule for finding in moved.findings] == ["moved"]
    assert moved.findings[0].value == "5.0 mm"


def test_changed_voxels_no_longer_carry_the_hash_of_their_file(mri: Volume) -> None:
    layer = layer_of(mri)
    layer.data = layer.data + 1.0
    changed = from_layer(layer)
    assert changed.origin == Origin()
    assert changed.findings[0].level == "warn"


def test_a_layer_from_elsewhere_is_taken_as_it_is_seen_and_says_so() -> None:
    layer = Image(np.zeros((3, 4, 5)), name="my T1w", scale=(3.0, 2.0, 1.0), translate=(7.0, 0.0, 0.0), units="mm")
    volume = from_layer(layer)
    assert volume.affine == pytest.approx(
        np.array([[0, 0, -1, 0], [0, -2, 0, 0], [-3, 0, 0, -7], [0, 0, 0, 1]], dtype=np.float64)
    )
    assert volume.modality == "MR"
    assert "orientation" in [finding.rule for finding in volume.findings if finding.level == "warn"]


def test_a_rotated_layer_from_elsewhere_keeps_its_rotation() -> None:
    turn = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    layer = Image(np.zeros((3, 4, 5)), name="ct", scale=(3.0, 2.0, 1.0), rotate=turn, units="mm")
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([3.0, 2.0, 1.0])
    assert from_layer(layer).affine == pytest.approx(IPL_TO_RAS @ matrix)


def test_a_mirrored_layer_from_elsewhere_is_turned_into_our_order_in_the_same_place() -> None:
    data = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    volume = from_layer(Image(data, name="ct", scale=(1, 1, -1), units="mm"))
    assert np.array_equal(volume.data, data[:, :, ::-1])
    assert volume.affine[0, 3] == pytest.approx(4.0)


def test_micrometres_become_millimetres() -> None:
    layer = Image(np.zeros((3, 4, 5)), name="ct", scale=(500, 250, 250), units="um")
    assert from_layer(layer).spacing == pytest.approx((0.5, 0.25, 0.25))


def test_a_2d_picture_is_a_volume_of_one_slice_with_brightness_from_0_to_1() -> None:
    volume = from_layer(Image(np.full((4, 5), 255, np.uint8), name="photo"))
    assert volume.shape == (1, 4, 5)
    assert volume.is_photograph
    assert volume.data.max() == 1.0


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.tif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_picture_that_napari_shows_lying_on_its_side_is_said(tmp_path: Path, name: str, orientation: int) -> None:
    """EXIF 2.3, tag 0x0112; napari's readers show a picture as it is stored."""
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    PIL.Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(tmp_path / name, exif=exif)
    (layer,) = ViewerModel().open(str(tmp_path / name), plugin="napari")
    volume = from_layer(layer)
    assert volume.shape == (1, 4, 5)
    said = [finding for finding in volume.findings if finding.rule == "orientation"]
    assert [(finding.level, finding.value) for finding in said] == [("warn", "EXIF 6")] * (orientation == 6)


def test_a_picture_whose_file_is_gone_or_is_another_is_taken_as_it_is_seen(tmp_path: Path) -> None:
    PIL.Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(tmp_path / "photo.png")
    (layer,) = ViewerModel().open(str(tmp_path / "photo.png"), plugin="napari")
    (tmp_path / "photo.png").write_bytes(b"no picture")
    assert not from_layer(layer).findings
    (tmp_path / "photo.png").unlink()
    assert not from_layer(layer).findings


@pytest.mark.parametrize(("brightest", "is_marked"), [(4095, True), (65535, False)])
def test_deep_colours_of_few_bits_are_marked(brightest: int, is_marked: bool) -> None:
    layer = Image(np.full((4, 5, 3), brightest, np.uint16), rgb=True)
    assert from_layer(layer).is_depth_unknown == is_marked


def test_more_than_four_dimensions_and_a_frame_that_nobody_chose_are_refused() -> None:
    with pytest.raises(RefusedError, match="5 dimensions"):
        from_layer(Image(np.zeros((2, 2, 3, 4, 5))))
    with pytest.raises(RefusedError, match="one of the 2 volumes"):
        from_layer(Image(np.zeros((2, 3, 4, 5))))


def test_a_renamed_layer_of_a_volume_shows_the_same_and_one_from_elsewhere_does_not(mri: Volume) -> None:
    layer = layer_of(mri)
    before = look_at(layer)
    layer.name = "MRI of today"
    assert look_at(layer).shows_the_same(before)
    stranger = Image(mri.data)
    before = look_at(stranger)
    stranger.name = "another"
    assert not look_at(stranger).shows_the_same(before)

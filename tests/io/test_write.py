"""Results are written whole or not at all, and read back by others as they were."""

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.io.nifti.write import save_labels
from napari_refusion.io.write import write_nifti, write_png, write_volume
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import RAS_2_3_4, save, voxels, world_values

IPL_AFFINE = np.array([[0, 0, -2, 8], [0, -3, 0, 15], [-4, 0, 0, 54], [0, 0, 0, 1]], dtype=np.float64)
"""Head to foot, front to back, right to left; 4 x 3 x 2 mm."""


def volume(**changes: object) -> Volume:
    data = np.random.default_rng(3).random((7, 6, 5), dtype=np.float32)
    return replace(Volume(data, IPL_AFFINE, stored_axes=("R", "A", "S")), **changes)  # type: ignore[arg-type]


def slice_of(plane: np.ndarray) -> Volume:
    return Volume(plane[np.newaxis].astype(np.float32), IPL_AFFINE)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "A.NII.GZ"])
def test_a_written_volume_is_read_by_nibabel_with_every_voxel_in_its_place(tmp_path: Path, name: str) -> None:
    write_nifti(volume(), tmp_path / name)
    image = nibabel.load(tmp_path / name)
    assert image.get_data_dtype() == np.float32
    assert nibabel.aff2axcodes(image.affine) == ("R", "A", "S")
    assert world_values(np.asarray(image.dataobj), image.affine) == world_values(volume().data, IPL_AFFINE)


def test_all_48_stored_orders_come_back(tmp_path: Path) -> None:
    for axes, flips in product(permutations(("RL", "AP", "SI")), product((0, 1), repeat=3)):
        codes = tuple(pair[flip] for pair, flip in zip(axes, flips, strict=True))
        write_nifti(volume(stored_axes=codes), tmp_path / "a.nii", overwrite=True)
        image = nibabel.load(tmp_path / "a.nii")
        assert nibabel.aff2axcodes(image.affine) == codes
        assert world_values(np.asarray(image.dataobj), image.affine) == world_values(volume().data, IPL_AFFINE)


def test_both_forms_are_equal_and_the_header_says_what_it_is(tmp_path: Path) -> None:
    write_nifti(volume(), tmp_path / "a.nii")
    header = nibabel.load(tmp_path / "a.nii").header
    assert (int(header["qform_code"]), int(header["sform_code"])) == (2, 2)
    assert np.allclose(header.get_qform(), header.get_sform(), atol=1e-5)
    assert header.get_xyzt_units()[0] == "mm"
    assert bytes(header["descrip"]).rstrip(b"\0") == b"ReFusion RESEARCH ONLY"
    assert np.allclose(header.get_zooms(), (2, 3, 4))


def test_simpleitk_sees_the_same_places_as_nibabel(tmp_path: Path) -> None:
    write_nifti(volume(), tmp_path / "a.nii.gz")
    image = SimpleITK.ReadImage(str(tmp_path / "a.nii.gz"))
    lps = image.TransformIndexToPhysicalPoint((1, 2, 3))
    ras = nibabel.load(tmp_path / "a.nii.gz").affine @ [1, 2, 3, 1]
    assert np.allclose(np.multiply(lps, (-1, -1, 1)), ras[:3], atol=1e-4)


def test_a_sheared_grid_gets_an_sform_only_and_comes_back_exactly(tmp_path: Path) -> None:
    sheared = IPL_AFFINE.copy()
    sheared[1, 0] = 1.3
    write_nifti(volume(affine=sheared), tmp_path / "a.nii")
    header = nibabel.load(tmp_path / "a.nii").header
    assert (int(header["qform_code"]), int(header["sform_code"])) == (0, 2)
    assert np.allclose(read_nifti(tmp_path / "a.nii").affine, sheared, atol=1e-5)


def test_an_oblique_grid_has_equal_forms(tmp_path: Path) -> None:
    turned = IPL_AFFINE.copy()
    turned[:3, :3] = nibabel.eulerangles.euler2mat(0.3, 0.2, -0.4) @ turned[:3, :3]
    write_nifti(volume(affine=turned), tmp_path / "a.nii")
    assert int(nibabel.load(tmp_path / "a.nii").header["qform_code"]) == 2
    assert np.allclose(read_nifti(tmp_path / "a.nii").affine, turned, atol=1e-4)


def test_what_is_read_and_written_is_the_same_file_content(tmp_path: Path) -> None:
    original = save(tmp_path / "in.nii", voxels(dtype="float32"), qform=2, sform=2)
    write_nifti(read_nifti(original), tmp_path / "out.nii")
    one, other = nibabel.load(original), nibabel.load(tmp_path / "out.nii")
    assert np.array_equal(np.asarray(one.dataobj), np.asarray(other.dataobj))
    assert np.array_equal(one.affine, other.affine)


def test_colours_are_written_as_rgb24_and_come_back(tmp_path: Path) -> None:
    colours = np.random.default_rng(4).integers(0, 256, (7, 6, 5, 3)).astype(np.float32) / np.float32(255)
    write_nifti(volume(data=colours), tmp_path / "a.nii.gz")
    assert nibabel.load(tmp_path / "a.nii.gz").get_data_dtype().names == ("R", "G", "B")
    assert np.array_equal(read_nifti(tmp_path / "a.nii.gz").data, colours)


def test_a_long_description_is_cut_to_the_field(tmp_path: Path) -> None:
    write_nifti(volume(), tmp_path / "a.nii", description="ä" + "x" * 200)
    header = nibabel.load(tmp_path / "a.nii").header
    assert bytes(header["descrip"]).rstrip(b"\0") == b"?" + b"x" * 78


@pytest.mark.parametrize(
    ("read", "written"),
    [(1, 2), (2, 2), (3, 3), (4, 4), (5, 5)],
    ids=["scanner", "aligned", "Talairach", "MNI", "other"],
)
def test_what_was_made_of_a_template_says_that_it_lies_in_it(tmp_path: Path, read: int, written: int) -> None:
    source = read_nifti(save(tmp_path / "in.nii", voxels(dtype="float32"), qform=read, sform=read))
    write_nifti(source.with_data(source.data / 2), tmp_path / "half.nii")
    save_labels((source.data > 0).astype(np.int32), source, tmp_path / "labels.nii", "told")
    for name in ("half.nii", "labels.nii"):
        header = nibabel.load(tmp_path / name).header
        assert (int(header["qform_code"]), int(header["sform_code"])) == (written, written)


def test_more_voxels_along_an_axis_than_nifti_counts_are_refused(tmp_path: Path) -> None:
    long = volume(data=np.zeros((1, 1, 32768), dtype=np.float32))
    with pytest.raises(RefusedError, match="32767"):
        write_nifti(long, tmp_path / "a.nii")


# --- PNG ------------------------------------------------------------------------------------------------------------


def test_a_slice_becomes_an_8_bit_png_as_it_is_seen(tmp_path: Path) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(8, 32)
    write_png(slice_of(levels / 255), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), levels)
        assert image.text == {"Description": "ReFusion RESEARCH ONLY"}


def test_a_colour_slice_becomes_an_rgb_png(tmp_path: Path) -> None:
    colours = np.random.default_rng(5).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    write_png(slice_of(colours / 255), tmp_path / "a.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), colours)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_slice_along_any_axis_can_be_written(tmp_path: Path, axis: int) -> None:
    plane = np.random.default_rng(6).integers(0, 256, (4, 5), dtype=np.uint8)
    data = np.expand_dims(plane, axis).astype(np.float32) / 255
    write_png(Volume(data, IPL_AFFINE), tmp_path / "a.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), plane)


def test_a_png_holds_one_slice(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"nii\.gz.*7 slices"):
        write_png(volume(), tmp_path / "a.png")


@pytest.mark.parametrize("value", [-0.01, 1.01, 200.0, np.nan, np.inf])
def test_values_that_are_no_brightness_are_refused_and_not_stretched(tmp_path: Path, value: float) -> None:
    with pytest.raises(RefusedError, match=f"{value:g}"):
        write_png(slice_of(np.array([[0.5, value]])), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


# --- JSON and suffixes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.jpg", "a.nrrd", "a", "a.gz", "a.nii.zip", "a.hdr"])
def test_other_suffixes_are_refused_with_those_that_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError, match=r"\.nii\.gz.*\.png"):
        write_volume(volume(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.png"])
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str) -> None:
    write_volume(slice_of(np.full((3, 4), 0.5)), tmp_path / name)
    first = (tmp_path / name).read_bytes()[:4]
    assert first == {"a.nii": b"\x5c\x01\0\0", "a.png": b"\x89PNG"}.get(name, first)
    assert first[:2] == b"\x1f\x8b" or name != "a.nii.gz"


# --- whole or not at all --------------------------------------------------------------------------------------------


def test_the_world_of_the_test_volume_is_what_it_says() -> None:
    assert nibabel.aff2axcodes(IPL_AFFINE) == ("I", "P", "L")
    assert nibabel.aff2axcodes(RAS_2_3_4) == ("R", "A", "S")

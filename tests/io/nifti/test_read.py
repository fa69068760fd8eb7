"""The 25 NIfTI mutants of the clinical study, and what a conforming file must become."""

import gzip
import hashlib
import time
from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import RAS_2_3_4, SHAPE, cut, flip_bit, patch, plain, save, voxels, world_values, write


def warnings_of(volume: Volume) -> list[str]:
    return [finding.rule for finding in volume.findings if finding.level == "warn"]


def refusal(path: Path, *words: str) -> str:
    """The sentence with which a file is refused: it names the file, and holds the words."""
    with pytest.raises(RefusedError) as caught:
        read_nifti(path)
    sentence = str(caught.value)
    assert path.name in sentence
    for word in words:
        assert word in sentence
    return sentence


@pytest.fixture
def nii(tmp_path: Path) -> Path:
    return tmp_path / "head.nii"


@pytest.fixture
def gz(tmp_path: Path) -> Path:
    return tmp_path / "head.nii.gz"


# --- what a good file becomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head.nii", "head.nii.gz", "HEAD.NII.GZ", "head.img", "head.hdr"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "uint16", "float32", "float64"])
def test_every_voxel_keeps_its_value_and_its_place(tmp_path: Path, name: str, dtype: str) -> None:
    pair = name[-3:] in ("img", "hdr")
    kind = nibabel.Nifti1Pair if pair else nibabel.Nifti1Image
    path = save(tmp_path / name, voxels(dtype=dtype), kind=kind)
    volume = read_nifti(path)
    assert volume.data.dtype == np.float32
    assert volume.data.flags["C_CONTIGUOUS"]
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)
    assert nibabel.aff2axcodes(volume.affine) == ("I", "P", "L")
    assert volume.stored_axes == ("R", "A", "S")
    assert volume.name == path.name.split(".")[0]
    assert volume.findings == ()


def test_nifti_2_is_read_like_nifti_1(nii: Path) -> None:
    volume = read_nifti(save(nii, kind=nibabel.Nifti2Image))
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)


def test_the_hash_is_that_of_the_file_on_the_disk(gz: Path, tmp_path: Path) -> None:
    assert read_nifti(save(gz)).origin.sha256 == hashlib.sha256(gz.read_bytes()).hexdigest()
    save(tmp_path / "a.img", kind=nibabel.Nifti1Pair)
    both = (tmp_path / "a.hdr").read_bytes() + (tmp_path / "a.img").read_bytes()
    assert read_nifti(tmp_path / "a.hdr").origin.sha256 == hashlib.sha256(both).hexdigest()
    assert read_nifti(tmp_path / "a.img").origin.sha256 == hashlib.sha256(both).hexdigest()


def test_all_48_ways_of_storing_a_volume_give_bit_identical_data_and_affine(tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    expected = None
    for order, flips in product(permutations(range(3)), product((1, -1), repeat=3)):
        stored = nibabel.Nifti1Image(data, RAS_2_3_4).as_reoriented(np.column_stack([order, flips]))
        path = save(tmp_path / "one.nii", np.asarray(stored.dataobj), stored.affine)
        volume = read_nifti(path)
        assert volume.stored_axes == nibabel.aff2axcodes(stored.affine)
        expected = expected or volume
        assert np.array_equal(volume.data, expected.data)
        assert np.array_equal(volume.affine, expected.affine)
    assert expected is not None
    assert world_values(expected.data, expected.affine) == world_values(data, RAS_2_3_4)


def test_an_oblique_grid_keeps_its_affine_to_a_micrometre(nii: Path) -> None:
    turn = nibabel.eulerangles.euler2mat(0.2, -0.3, 0.1)
    affine = RAS_2_3_4.copy()
    affine[:3, :3] = turn @ affine[:3, :3]
    volume = read_nifti(save(nii, affine=affine))
    corner = np.array([0, 0, 0, 1])
    last = np.array([*np.subtract(volume.data.shape, 1), 1])
    stored = {tuple(np.round(affine @ [*i, 1], 3)) for i in product(*((0, size - 1) for size in SHAPE))}
    assert {tuple(np.round(volume.affine @ corner, 3)), tuple(np.round(volume.affine @ last, 3))} < stored
    assert warnings_of(volume) == []


def test_modality_comes_from_the_name_and_the_users_choice_wins(tmp_path: Path) -> None:
    path = save(tmp_path / "sub-01_T1w.nii")
    assert read_nifti(path).modality == "MR"
    assert read_nifti(path, "PT").modality == "PT"


# --- the 25 mutants -------------------------------------------------------------------------------------------------


def test_01_a_truncated_file_is_refused_with_the_bytes_it_has(nii: Path) -> None:
    full = save(nii).stat().st_size
    cut(nii, 10)
    refusal(nii, f"{full - 10} of {full} bytes", "Copy")


def test_02_a_truncated_compressed_file_is_refused(gz: Path) -> None:
    cut(save(gz), 20)
    refusal(gz, "damaged or incomplete", "Copy")


def test_02_a_compressed_file_without_only_its_checksum_is_refused(gz: Path) -> None:
    cut(save(gz), 8)
    refusal(gz, "damaged or incomplete")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_03_a_flipped_bit_in_a_compressed_file_is_refused(gz: Path, share: float) -> None:
    data = np.random.default_rng(1).integers(0, 999, (20, 20, 20)).astype(np.int16)
    save(gz, data)
    flip_bit(gz, int(gz.stat().st_size * share))
    refusal(gz, "damaged or incomplete", "Copy")


def test_04_a_flipped_bit_in_a_plain_file_cannot_be_seen_but_changes_the_hash(nii: Path) -> None:
    before = read_nifti(save(nii))
    after = read_nifti(flip_bit(nii, 400))
    assert after.origin.sha256 != before.origin.sha256


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_05_and_06_voxels_that_are_no_number_are_kept_and_counted(nii: Path, value: float) -> None:
    data = voxels(dtype="float32")
    data[1, 2, 3] = data[4, 4, 4] = value
    volume = read_nifti(save(nii, data))
    assert np.count_nonzero(~np.isfinite(volume.data)) == 2
    assert [finding.value for finding in volume.findings] == ["2 of 210"]


def test_07_a_qform_that_mirrors_the_sform_is_refused(nii: Path) -> None:
    mirrored = np.diag([-1.0, 1, 1, 1]) @ RAS_2_3_4
    refusal(save(nii, qform_affine=mirrored), "mirror images", "fslorient")


def test_07_a_qform_0_2_mm_off_the_sform_is_refused_and_0_05_mm_passes(nii: Path) -> None:
    shifted = RAS_2_3_4.copy()
    shifted[1, 3] += 0.2
    refusal(save(nii, qform_affine=shifted), "0.2 mm")
    shifted[1, 3] -= 0.15
    assert read_nifti(save(nii, qform_affine=shifted)).affine[1, 3] == RAS_2_3_4[1, 3] + 5 * 3


def test_08_without_codes_the_orientation_is_unknown(nii: Path) -> None:
    refusal(patch(save(nii), qform_code=0, sform_code=0), "orientation unknown", "Export")


@pytest.mark.parametrize(("qform", "sform"), [(1, 0), (0, 1)])
def test_08_one_of_the_two_forms_is_enough(nii: Path, qform: int, sform: int) -> None:
    volume = read_nifti(save(nii, qform=qform, sform=sform))
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)


def test_09_a_sheared_sform_is_kept_exactly_and_warned_of(nii: Path) -> None:
    sheared = RAS_2_3_4.copy()
    sheared[1, 2] = 4 * np.tan(np.radians(18))
    volume = read_nifti(save(nii, affine=sheared, qform=0))
    assert world_values(volume.data, volume.affine) == world_values(voxels(), sheared.astype(np.float32))
    (finding,) = [finding for finding in volume.findings if finding.rule == "shear"]
    assert finding.value == "18.0 degrees"


def test_09_the_sform_wins_where_monai_would_take_a_qform_of_code_0(nii: Path) -> None:
    # pixdim fits the qform (code 0, identity) and not the sform: MONAI then replaces the sform by it.
    affine = np.diag([-2.0, -2.0, 2.0, 1.0])
    save(nii, affine=affine, qform=0)
    patch(nii, pixdim1=1.0, pixdim3=1.0)
    patch(nii, pixdim0=1.0)
    volume = read_nifti(nii)
    assert world_values(volume.data, volume.affine) == world_values(voxels(), affine)
    assert "voxel size" in warnings_of(volume)


def test_10_a_singular_grid_is_refused(nii: Path) -> None:
    patch(save(nii, qform=0), srow_z3=0.0)
    refusal(nii, "one plane", "Export")


def test_11_metres_and_micrometres_become_millimetres(nii: Path) -> None:
    in_metres = RAS_2_3_4 * np.array([[1e-3], [1e-3], [1e-3], [1]])
    volume = read_nifti(save(nii, affine=in_metres, units="meter"))
    assert volume.spacing == pytest.approx((4, 3, 2))
    assert warnings_of(volume) == ["unit of length"]
    in_micrometres = RAS_2_3_4 * np.array([[1e3], [1e3], [1e3], [1]])
    assert read_nifti(save(nii, affine=in_micrometres, units="micron")).spacing == pytest.approx((4, 3, 2))


def test_11_voxels_of_two_metres_are_warned_of(nii: Path) -> None:
    volume = read_nifti(save(nii, units="meter"))
    assert volume.spacing == (4000, 3000, 2000)
    assert warnings_of(volume) == ["unit of length", "voxel size", "position"]


def test_11_an_unnamed_unit_is_taken_as_millimetres_and_noted(nii: Path) -> None:
    volume = read_nifti(save(nii, units="unknown"))
    assert [(finding.level, finding.rule) for finding in volume.findings] == [("ok", "unit of length")]


@pytest.mark.parametrize("value", [0.0, -2.0, float("nan")])
def test_12_voxel_sizes_that_are_not_positive_are_refused_where_the_place_is_made_of_them(
    nii: Path, value: float
) -> None:
    refusal(patch(save(nii, sform=0), pixdim1=value), f"{value:g} x 3 x 4", "Export")


def test_13_a_slope_of_0_means_no_scaling(nii: Path) -> None:
    volume = read_nifti(patch(save(nii), scl_slope=0.0))
    assert np.sort(volume.data.ravel()).tolist() == voxels().ravel().tolist()


@pytest.mark.parametrize("slope", [float("inf"), float("-inf")])
def test_13b_an_infinite_slope_is_a_factor_that_was_lost(nii: Path, slope: float) -> None:
    volume = read_nifti(patch(save(nii), scl_slope=slope))
    assert np.sort(volume.data.ravel()).tolist() == voxels().ravel().tolist()
    (found,) = (finding for finding in volume.findings if finding.level == "warn")
    assert (found.rule, found.value) == ("values", f"scl_slope {slope:g}")
    # nibabel itself writes NaN where nothing is scaled
    assert not warnings_of(read_nifti(patch(save(nii), scl_slope=float("nan"))))


def test_14_slope_and_intercept_are_applied(nii: Path) -> None:
    volume = read_nifti(save(nii, slope=(2.0, -1024.0)))
    assert np.sort(volume.data.ravel()).tolist() == (voxels().ravel() * 2.0 - 1024).tolist()


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_15_rgb24_becomes_colours_between_0_and_1(tmp_path: Path, name: str) -> None:
    raw = np.random.default_rng(2).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    stored = raw.view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    volume = read_nifti(save(tmp_path / name, stored))
    assert volume.is_rgb
    for channel in range(3):
        expected = world_values(raw[..., channel] / np.float32(255), RAS_2_3_4)
        assert world_values(volume.data[..., channel], volume.affine) == expected
    assert warnings_of(volume) == ["content"]


def test_16_several_frames_are_refused_with_how_many_and_what_to_do(nii: Path) -> None:
    refusal(save(nii, voxels((*SHAPE, 12))), "12 frames", "--volume-a", "volume=")


def test_two_volumes_of_one_file_are_two_images_by_name_and_identity(nii: Path) -> None:
    stored = voxels((*SHAPE, 3))
    path = save(nii, stored)
    first, last = read_nifti(path, volume=0), read_nifti(path, volume=2)
    assert world_values(last.data, last.affine) == world_values(stored[..., 2], RAS_2_3_4)
    assert (first.name, last.name) == ("head, frame 0", "head, frame 2")
    assert first.origin.sha256 != last.origin.sha256
    assert last.origin == read_nifti(path, volume=2).origin


def test_the_only_volume_of_a_file_keeps_its_name_and_the_hash_of_the_file(nii: Path) -> None:
    path = save(nii, voxels())
    chosen = read_nifti(path, volume=0)
    assert chosen.name == "head"
    assert chosen.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_16_several_values_per_voxel_are_refused(nii: Path) -> None:
    refusal(save(nii, voxels((*SHAPE, 1, 3))), "several values per voxel", "5 x 6 x 7 x 1 x 3")


@pytest.mark.parametrize("ones", [(1,), (1, 1, 1)])
def test_17_further_sizes_of_one_are_dropped(nii: Path, ones: tuple[int, ...]) -> None:
    volume = read_nifti(save(nii, voxels((*SHAPE, *ones))))
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)


def test_18_a_flat_image_is_a_volume_of_one_slice(nii: Path) -> None:
    volume = read_nifti(save(nii, voxels((5, 6))))
    assert volume.shape == (1, 6, 5)
    assert world_values(volume.data, volume.affine) == world_values(voxels((5, 6, 1)), RAS_2_3_4)


@pytest.mark.parametrize("dtype", [">i2", ">f4", ">f8"])
def test_19_big_endian_files_give_native_numbers(nii: Path, dtype: str) -> None:
    header = nibabel.Nifti1Header(endianness=">")
    image = nibabel.Nifti1Image(voxels(dtype=dtype), RAS_2_3_4, header)
    image.set_data_dtype(dtype)
    image.header.set_xyzt_units("mm")
    image.set_qform(RAS_2_3_4, 1)
    image.to_filename(nii)
    assert plain(nii)[:4] == b"\0\0\x01\x5c"
    volume = read_nifti(nii)
    assert volume.data.dtype.isnative
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)


def test_20_complex_numbers_are_refused(nii: Path) -> None:
    refusal(save(nii, voxels(dtype="complex64")), "complex", "magnitude")


@pytest.mark.parametrize("field", ["dim1", "dim2", "dim3"])
@pytest.mark.parametrize("size", [-7, 0])
def test_21_sizes_that_are_not_positive_are_refused(nii: Path, field: str, size: int) -> None:
    refusal(patch(save(nii), **{field: size}), str(size), "damaged")


@pytest.mark.parametrize("axes", [-1, 0, 8])
def test_21_a_wrong_number_of_axes_is_refused(nii: Path, axes: int) -> None:
    refusal(patch(save(nii), dim0=axes), f"{axes} axes")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_22_a_header_of_30000_cubed_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = patch(save(tmp_path / name), dim1=30000, dim2=30000, dim3=30000)
    start = time.perf_counter()
    refusal(path, "30000 x 30000 x 30000")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_22_a_header_of_1000_cubed_over_a_small_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = patch(save(tmp_path / name), dim1=1000, dim2=1000, dim3=1000)
    start = time.perf_counter()
    refusal(path, "incomplete", "bytes")
    assert time.perf_counter() - start < 1


def test_23_a_compressed_file_named_nii_is_refused(nii: Path, gz: Path) -> None:
    nii.write_bytes(save(gz).read_bytes())
    refusal(nii, "is compressed", "Rename")


def test_24_a_plain_file_named_gz_is_refused(nii: Path, gz: Path) -> None:
    gz.write_bytes(save(nii).read_bytes())
    refusal(gz, "not compressed", "Rename")


@pytest.mark.parametrize("junk", [b"junk after the end", b"\x1f\x8b but no gzip"])
def test_25_bytes_after_the_compressed_data_are_warned_of_or_refused(gz: Path, junk: bytes) -> None:
    data = voxels((9, 9, 9))  # nibabel looks at the first kilobyte before it reads, so the junk must lie beyond
    gz.write_bytes(save(gz, data).read_bytes() + junk)
    if junk.startswith(b"\x1f\x8b"):
        refusal(gz, "damaged")
    else:
        volume = read_nifti(gz)
        assert world_values(volume.data, volume.affine) == world_values(data, RAS_2_3_4)
        assert warnings_of(volume) == ["size"]


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_25_bytes_after_the_last_voxel_are_warned_of(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name)
    write(path, plain(path) + bytes(99))
    volume = read_nifti(path)
    assert warnings_of(volume) == ["size"]
    assert volume.findings[0].value == "99 bytes"


def test_a_file_compressed_in_several_parts_is_read_whole(gz: Path) -> None:
    content = plain(save(gz))
    gz.write_bytes(b"".join(gzip.compress(content[at : at + 100]) for at in range(0, len(content), 100)))
    volume = read_nifti(gz)
    assert world_values(volume.data, volume.affine) == world_values(voxels(), RAS_2_3_4)
    assert volume.findings == ()

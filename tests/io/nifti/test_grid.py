"""Every combination of qform and sform: the one that is meant is taken, said, or the file is refused.

nibabel is the reference for the place, as dcm2niix takes the sform wherever its code is not 0.
"""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import RAS_2_3_4, patch, save, voxels, world_values

MOVED = RAS_2_3_4.copy()
MOVED[:3, 3] += (4, -3, 6)
TURNED = RAS_2_3_4.copy()
TURNED[:3, :3] = nibabel.eulerangles.euler2mat(0.1, 0.2, -0.1) @ RAS_2_3_4[:3, :3]
SCALED = RAS_2_3_4 @ np.diag([1.04, 1.03, 0.98, 1])
MIRRORED = np.diag([-1.0, 1, 1, 1]) @ RAS_2_3_4


def warned(volume: Volume) -> list[str]:
    return [finding.rule for finding in volume.findings if finding.level == "warn"]


def lies_at(volume: Volume, affine: np.ndarray) -> bool:
    return world_values(volume.data, volume.affine) == world_values(voxels(), np.float32(affine).astype(np.float64))


@pytest.mark.parametrize("sform", [2, 3, 4, 5])
@pytest.mark.parametrize("moved", [MOVED, TURNED, SCALED], ids=["moved", "turned", "scaled"])
def test_a_sform_of_another_space_is_taken_and_said_with_codes_and_distance(
    tmp_path: Path, sform: int, moved: np.ndarray
) -> None:
    path = save(tmp_path / "a.nii", affine=moved, sform=sform, qform=1, qform_affine=RAS_2_3_4)
    volume = read_nifti(path)
    assert lies_at(volume, nibabel.load(path).affine)
    (finding,) = [one for one in volume.findings if one.rule == "qform and sform"]
    assert f"sform {sform} (" in finding.sentence
    assert "qform 1 (scanner)" in finding.sentence
    assert finding.value.endswith(" mm")


@pytest.mark.parametrize(("qform", "sform"), [(1, 1), (2, 2), (4, 4), (2, 1), (4, 1)])
def test_forms_of_one_space_that_differ_are_refused(tmp_path: Path, qform: int, sform: int) -> None:
    path = save(tmp_path / "a.nii", affine=MOVED, sform=sform, qform=qform, qform_affine=RAS_2_3_4)
    with pytest.raises(RefusedError, match=r"two different positions.*7\.8 mm apart"):
        read_nifti(path)


def test_a_code_that_the_standard_does_not_know_decides_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", affine=MOVED, sform=2, qform=1, qform_affine=RAS_2_3_4)
    with pytest.raises(RefusedError, match=r"sform 7 \(unknown\)"):
        read_nifti(patch(path, sform_code=7))


@pytest.mark.parametrize("sform", [1, 2, 3, 4, 5])
def test_mirrored_forms_are_refused_whatever_their_codes(tmp_path: Path, sform: int) -> None:
    with pytest.raises(RefusedError, match="mirror images"):
        read_nifti(save(tmp_path / "a.nii", affine=MIRRORED, sform=sform, qform=1, qform_affine=RAS_2_3_4))


@pytest.mark.parametrize(("qform", "sform"), [(2, 1), (1, 4), (5, 3)])
def test_forms_that_agree_need_no_word_whatever_their_codes(tmp_path: Path, qform: int, sform: int) -> None:
    volume = read_nifti(save(tmp_path / "a.nii", qform=qform, sform=sform))
    assert lies_at(volume, RAS_2_3_4)
    assert warned(volume) == []


@pytest.mark.parametrize("fields", [{"pixdim1": -2.0}, {"pixdim1": -2.0, "pixdim3": -4.0}, {"pixdim3": 0.0}])
@pytest.mark.parametrize("qform", [0, 1])
def test_sizes_that_are_none_are_said_where_a_sform_is_whole(
    tmp_path: Path, fields: dict[str, float], qform: int
) -> None:
    volume = read_nifti(patch(save(tmp_path / "a.nii", qform=qform, sform=2), **fields))
    assert lies_at(volume, RAS_2_3_4)
    assert "voxel size" in warned(volume)


@pytest.mark.parametrize("fields", [{"quatern_b": 7.0}, {"quatern_b": float("nan")}, {"pixdim1": 0.0}])
def test_a_damaged_qform_is_left_out_beside_a_sform(tmp_path: Path, fields: dict[str, float]) -> None:
    volume = read_nifti(patch(save(tmp_path / "a.nii"), **fields))
    assert lies_at(volume, RAS_2_3_4)
    assert "qform and sform" in warned(volume)


@pytest.mark.parametrize("fields", [{"srow_z3": float("inf")}, {"srow_z3": 0.0}, {"srow_z3": float("nan")}])
def test_a_damaged_sform_is_left_out_beside_a_qform_of_the_same_space(tmp_path: Path, fields: dict[str, float]) -> None:
    volume = read_nifti(patch(save(tmp_path / "a.nii"), **fields))
    assert lies_at(volume, RAS_2_3_4)
    assert warned(volume) == ["qform and sform"]


@pytest.mark.parametrize("code", [2, 4])
def test_a_damaged_sform_of_another_space_is_refused_for_that_place_is_lost(tmp_path: Path, code: int) -> None:
    with pytest.raises(RefusedError, match="its sform is damaged"):
        read_nifti(patch(save(tmp_path / "a.nii", sform=code), srow_z3=0.0))


@pytest.mark.parametrize(("pixdim0", "sign"), [(3.0, 1), (-4.0, -1), (0.5, 1)])
def test_the_sign_of_pixdim_0_tells_left_from_right_and_an_odd_one_is_said(
    tmp_path: Path, pixdim0: float, sign: int
) -> None:
    path = save(tmp_path / "a.nii", sform=0)
    expected = nibabel.load(patch(path, pixdim0=float(sign))).affine
    volume = read_nifti(patch(path, pixdim0=pixdim0))
    assert lies_at(volume, expected)
    assert warned(volume) == ["orientation"]


@pytest.mark.parametrize(
    ("name", "qform", "sform", "space"),
    [
        ("a.nii", 1, 1, "scanner"),
        ("a.nii", 1, 0, "scanner"),
        ("a.nii", 1, 4, "MNI 152"),
        ("a.nii", 0, 3, "Talairach"),
        ("a.nii", 5, 0, "other template"),
        ("a.nii", 2, 2, ""),
        ("sub-1_space-MNI152NLin6Asym_T1w.nii", 1, 1, "MNI 152"),
        ("sub-1_space-T1w_pet.nii", 1, 1, "scanner"),
    ],
)
def test_the_space_that_a_file_speaks_of_is_kept(tmp_path: Path, name: str, qform: int, sform: int, space: str) -> None:
    assert read_nifti(save(tmp_path / name, qform=qform, sform=sform)).acquisition.space == space

"""Several volumes of one NIfTI file: one by its number, the mean, the sum, a span of time, or all of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.nifti.read import list_nifti, read_nifti, read_nifti_volumes
from napari_refusion.volume.finding import RefusedError
from tests.nifti_files import RAS_2_3_4, SHAPE, patch, save, voxels, world_values

STORED = voxels((*SHAPE, 3), "float32")
TIMES = {"Modality": "PT", "Units": "Bq/mL", "FrameTimesStart": [0, 60, 180], "FrameDuration": [60, 120, 300]}


@pytest.fixture(params=["dyn_pet.nii", "dyn_pet.nii.gz"])
def dynamic(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "dyn_pet.json").write_text(json.dumps(TIMES))
    return save(tmp_path / request.param, STORED)


def test_a_mean_weighs_each_frame_by_its_duration(dynamic: Path) -> None:
    volume = read_nifti(dynamic, volume="mean")
    expected = (STORED * np.array([60, 120, 300]) / 480).sum(axis=-1).astype(np.float32)
    ours = world_values(volume.data, volume.affine)
    theirs = world_values(expected, RAS_2_3_4)
    assert ours.keys() == theirs.keys()
    assert all(ours[place] == pytest.approx(theirs[place], rel=1e-6) for place in ours)
    assert (volume.unit, volume.acquisition.part) == ("Bq/ml", "mean of 3 frames, 00:00 to 08:00")
    assert volume.acquisition.time == (0, 480)


def test_a_sum_has_no_unit_and_says_so(dynamic: Path) -> None:
    volume = read_nifti(dynamic, volume="sum")
    assert world_values(volume.data, volume.affine) == world_values(STORED.sum(axis=-1), RAS_2_3_4)
    assert volume.unit == ""
    assert [finding.value for finding in volume.findings if finding.level == "warn"] == ["sum"]


def test_a_span_of_time_is_the_mean_of_its_frames(dynamic: Path) -> None:
    volume = read_nifti(dynamic, volume="01:00-08:00")
    expected = (STORED[..., 1] * 120 + STORED[..., 2] * 300) / 420
    assert np.allclose(np.sort(volume.data.ravel()), np.sort(expected.ravel()), rtol=1e-6)
    assert volume.name == "dyn_pet, mean of frames 1 to 2, 01:00 to 08:00"


def test_every_choice_is_another_image(dynamic: Path) -> None:
    choices = (0, 1, "mean", "sum", "00:00-03:00")
    assert len({read_nifti(dynamic, volume=choice).origin.sha256 for choice in choices}) == len(choices)


def test_all_volumes_come_with_their_times(dynamic: Path) -> None:
    volumes = read_nifti_volumes(dynamic)
    assert [volume.acquisition.time for volume in volumes] == [(0, 60), (60, 180), (180, 480)]
    assert volumes[1].name == "dyn_pet, frame 1, 01:00 to 03:00"
    for index, volume in enumerate(volumes):
        assert world_values(volume.data, volume.affine) == world_values(STORED[..., index], RAS_2_3_4)
        assert volume.origin == read_nifti(dynamic, volume=index).origin


def test_a_list_names_the_frames(dynamic: Path) -> None:
    (listed,) = list_nifti(dynamic)
    assert listed.parts[2] == "frame 2, 03:00 to 08:00"
    assert (listed.modality, listed.shape) == ("PT", (7, 6, 5))


@pytest.mark.parametrize(("code", "step"), [(8, 2.0), (16, 2000.0), (24, 2e6)])
def test_a_header_knows_its_time_step_in_its_unit(tmp_path: Path, code: int, step: float) -> None:
    path = save(tmp_path / "a_bold.nii", STORED)
    content = bytearray(patch(path, xyzt_units=2 + code).read_bytes())
    content[92:96] = np.float32(step).tobytes()
    path.write_bytes(bytes(content))
    assert [volume.acquisition.time for volume in read_nifti_volumes(path)] == [(0, 2), (2, 4), (4, 6)]


def test_volumes_that_are_not_frames_in_time_are_not_called_frames(tmp_path: Path) -> None:
    colours = np.zeros((*SHAPE, 2, 3), np.uint8).view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    spectrum = patch(save(tmp_path / "spectrum.nii", STORED), xyzt_units=2 + 32)
    for path in (spectrum, save(tmp_path / "colours.nii", colours)):
        (listed,) = list_nifti(path)
        assert listed.parts[:2] == ("volume 0", "volume 1")


@pytest.mark.parametrize(
    ("name", "sidecar", "warned"),
    [
        ("a_pet.nii", {}, True),
        ("a_spect.nii", {}, True),
        ("a_bold.nii", {}, False),
        ("a_pet.nii", TIMES, False),
    ],
)
def test_times_of_uptake_that_are_made_of_one_step_are_doubted(
    tmp_path: Path, name: str, sidecar: dict[str, object], warned: bool
) -> None:
    (tmp_path / name).with_suffix(".json").write_text(json.dumps(sidecar))
    path = patch(save(tmp_path / name, STORED), xyzt_units=2 + 8)
    for choice in ("mean", 1):
        found = [one for one in read_nifti(path, volume=choice).findings if one.rule == "frames"]
        assert [one.level for one in found] == ["warn"] * warned
        assert not warned or "1 s" in found[0].sentence


def test_a_spectrum_has_no_mean(tmp_path: Path) -> None:
    path = patch(save(tmp_path / "a.nii", STORED), xyzt_units=2 + 32)
    with pytest.raises(RefusedError, match="means nothing"):
        read_nifti(path, volume="mean")


def test_colours_have_no_mean(tmp_path: Path) -> None:
    raw = np.zeros((*SHAPE, 2, 3), np.uint8).view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    path = save(tmp_path / "a.nii", raw)
    with pytest.raises(RefusedError, match="means nothing"):
        read_nifti(path, volume="mean")
    assert read_nifti(path, volume=1).is_rgb

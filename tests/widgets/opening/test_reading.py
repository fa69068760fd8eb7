"""What paths offer, and the layers of what is taken of it."""

from pathlib import Path

import numpy as np
import pytest

from napari_refusion.widgets.opening import reading
from napari_refusion.widgets.opening.offer import ALL, MEAN, Offer
from tests.widgets.opening.disk import FOLDER, Disk, names
from tests.widgets.opening.listed import CT, DUAL_ECHO, DYNAMIC, ECHOES, frames


def test_loose_dicom_files_are_opened_together_and_folders_and_other_files_alone(disk: Disk, tmp_path: Path) -> None:
    slices = tuple(tmp_path / f"{index}.dcm" for index in range(3))
    folder, other = tmp_path / "series", tmp_path / "a.nii"
    folder.mkdir()
    for path in (*slices, other):
        path.touch()
    for where in (slices, folder, other):
        disk.lists[where] = [CT]  # type: ignore[index]
    reading.list_offers([slices[0], folder, *slices[1:], other])
    assert disk.asked == [("list", slices), ("list", folder), ("list", other)]


@pytest.mark.parametrize("name", ["DICOMDIR", "study.zip"])
def test_a_dicomdir_and_a_zip_are_opened_alone(disk: Disk, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK")
    disk.lists[path] = [CT]
    assert [offer.where for offer in reading.list_offers([path])[0]] == [(path,)]


@pytest.mark.parametrize(
    ("taken", "wanted"),
    [
        ((ALL,), ["PET dynamic, 3 frames"]),
        ((MEAN, 1), ["PET dynamic, mean of 3 frames", "dynamic, frame 1, 01:00 to 02:00"]),
        ((0, 2), ["dynamic, frame 0, 00:00 to 01:00", "dynamic, frame 2, 02:00 to 03:00"]),
        (
            (MEAN, ALL, 0),
            ["PET dynamic, mean of 3 frames", "PET dynamic, 3 frames", "dynamic, frame 0, 00:00 to 01:00"],
        ),
    ],
)
def test_of_frames_what_is_chosen_is_opened(disk: Disk, taken: tuple, wanted: list[str]) -> None:
    assert names(reading.layers_of(Offer((FOLDER,), DYNAMIC), taken)) == wanted


@pytest.mark.parametrize("taken", [MEAN, 2])
def test_of_one_volume_alone_no_other_is_kept_in_memory(disk: Disk, taken: str | int) -> None:
    reading.layers_of(Offer((FOLDER,), DYNAMIC), (taken,))
    assert disk.asked == [("volume", FOLDER, "1.2.5", taken)]


def test_echoes_become_layers_of_their_own_and_none_of_them_twice(disk: Disk) -> None:
    wanted = [f"PD and T2, {part}" for part in ECHOES]
    assert names(reading.layers_of(Offer((FOLDER,), DUAL_ECHO), (ALL, 1))) == wanted
    assert names(reading.layers_of(Offer((FOLDER,), DUAL_ECHO), (ALL,))) == wanted


def test_the_mean_of_chosen_frames_has_the_voxels_of_all(disk: Disk) -> None:
    (mean, _) = reading.layers_of(Offer((FOLDER,), DYNAMIC), (MEAN, 1))
    assert mean[0] == pytest.approx(np.mean([one.data for one in frames(3)], axis=0), rel=1e-6)

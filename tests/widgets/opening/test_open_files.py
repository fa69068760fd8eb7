"""Folders, archives and 4-D files opened as napari opens them, down to the voxels."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from napari import Viewer
from pydicom import Dataset
from qtpy.QtWidgets import QWidget

from napari_refusion.io.open import open_volume
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.contributions import get_reader
from napari_refusion.widgets.frames import FRAMES
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.opening import door
from napari_refusion.widgets.opening.chooser import Chooser
from napari_refusion.widgets.opening.frame_text import NAME
from tests.dicom_series import series, stored_values, write

MINUTE = 60_000
"""ms."""


def dynamic(count: int = 3) -> list[Dataset]:
    """Return the images of a dynamic PET of one series: frame n lasts n + 1 minutes, and its voxels are n + 1 fold."""
    images = series("PT")
    uid, frames = images[0].SeriesInstanceUID, []
    start = 0
    for index in range(count):
        for k, image in enumerate(series("PT")):
            image.SeriesInstanceUID, image.FrameOfReferenceUID = uid, images[0].FrameOfReferenceUID
            image.SeriesType, image.NumberOfTimeSlices = ["DYNAMIC", "IMAGE"], count
            image.ActualFrameDuration = (index + 1) * MINUTE
            image.FrameReferenceTime = start + (index + 1) * MINUTE / 2
            minute = start // MINUTE
            image.AcquisitionTime, image.AcquisitionNumber = f"12{minute:02d}00", index + 1
            image.ImageIndex = index * len(images) + k + 1
            image.PixelData = (stored_values(k) * (index + 1)).astype(np.uint16).tobytes()
            frames.append(image)
        start += (index + 1) * MINUTE
    return frames


def dual_echo() -> list[Dataset]:
    first, second = series("MR"), series("MR")
    for number, (images, time) in enumerate(((first, 20.0), (second, 90.0)), 1):
        for image in images:
            image.SeriesInstanceUID, image.FrameOfReferenceUID = (
                first[0].SeriesInstanceUID,
                first[0].FrameOfReferenceUID,
            )
            image.EchoTime, image.EchoNumbers = time, number
    return [*first, *second]


def corrected_and_not(folder: Path) -> Path:
    for number, corrected in ((1, ["NORM", "DECY"]), (2, ["ATTN", "DECY"])):
        images = series("PT", number)
        for image in images:
            image.CorrectedImage, image.SeriesDescription = corrected, "AC" if "ATTN" in corrected else "NAC"
        write(folder / str(number), images)
    return folder


def bids_pet(folder: Path, count: int = 3, *, with_times: bool = True) -> Path:
    data = np.stack([np.arange(6 * 5 * 4, dtype=np.float32).reshape(6, 5, 4) * (n + 1) for n in range(count)], -1)
    image = nibabel.Nifti1Image(data, np.diag([2.0, 2.0, 3.0, 1.0]))
    image.set_qform(image.affine, 1)
    path = folder / "sub-01_pet.nii.gz"
    nibabel.save(image, path)
    if with_times:
        starts = [60 * n for n in range(count)]
        sidecar = {"Units": "Bq/mL", "FrameTimesStart": starts, "FrameDuration": [60] * count}
        (folder / "sub-01_pet.json").write_text(json.dumps(sidecar))
    return path


def opened(path: Path) -> list:
    reader = get_reader(str(path))
    assert reader is not None
    return reader(str(path))


def names(layers: list) -> list[str]:
    return [properties["name"] for _, properties, _ in layers]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    for module in ("contributions", "opening.door"):
        for function in ("show_warning", "show_info"):
            monkeypatch.setattr(f"napari_refusion.widgets.{module}.{function}", shown.append)
    return shown


def test_a_dynamic_dicom_series_becomes_its_mean_and_one_4d_layer_with_the_times(tmp_path: Path) -> None:
    mean, frames = opened(rewritten(tmp_path))
    assert mean[0].ndim == 3
    assert frames[0].shape == (3, *mean[0].shape)
    stack = frames[1]["metadata"][KEY][FRAMES]
    assert [one.acquisition.time for one in stack.volumes] == [(0.0, 60.0), (60.0, 180.0), (180.0, 360.0)]
    assert frames[0][2] == pytest.approx(3 * frames[0][0])
    # (1 x 1 + 2 x 2 + 3 x 3) / 6 minutes
    assert mean[0] == pytest.approx(frames[0][0] * 14 / 6, rel=1e-5)


def rewritten(folder: Path) -> Path:
    """Return a folder with all frames of one dynamic series; `write` would give two images one name."""
    images = dynamic()
    for index in range(3):
        write(folder / f"{index}", images[8 * index : 8 * index + 8])
    return folder


def test_echoes_become_two_named_layers(tmp_path: Path) -> None:
    images = dual_echo()
    write(tmp_path / "a", images[:8])
    write(tmp_path / "b", images[8:])
    layers = opened(tmp_path)
    assert len(layers) == 2
    assert [any(f"{time}" in name for time in ("20", "90")) for name in names(layers)] == [True, True]


def test_without_a_window_both_series_open_the_corrected_one_first(tmp_path: Path) -> None:
    layers = opened(corrected_and_not(tmp_path))
    assert ["no AC" in name for name in names(layers)] == [False, True]


def test_the_chooser_lists_a_real_folder_and_opens_the_corrected_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    def answer(offers: list, _window: object) -> list:
        return Chooser(offers).chosen()

    monkeypatch.setattr(door, "visible_window", QWidget)
    monkeypatch.setattr(door, "ask", answer)
    layers = opened(corrected_and_not(tmp_path))
    assert len(layers) == 1
    assert "NAC" not in names(layers)[0]


def test_an_archive_with_two_series_opens_as_its_folder(tmp_path: Path) -> None:
    folder = corrected_and_not(tmp_path / "study")
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
    assert names(opened(archive)) == names(opened(folder))


def test_a_damaged_series_is_told_beside_the_one_that_opens(tmp_path: Path, silent: list[str]) -> None:
    folder = corrected_and_not(tmp_path)
    for path in (folder / "1").iterdir():
        path.write_bytes(path.read_bytes()[:-20])
    assert len(opened(folder)) == 1
    assert silent


@pytest.mark.parametrize("with_times", [True, False])
def test_a_4d_nifti_becomes_its_mean_and_one_4d_layer(tmp_path: Path, with_times: bool) -> None:
    mean, frames = opened(bids_pet(tmp_path, with_times=with_times))
    assert frames[0].shape == (3, *mean[0].shape)
    assert mean[0] == pytest.approx(frames[0][1], rel=1e-5)
    stack = frames[1]["metadata"][KEY][FRAMES]
    assert stack.volumes[1].acquisition.time == ((60.0, 120.0) if with_times else None)


@pytest.mark.parametrize("with_times", [True, False])
def test_the_mean_of_a_nifti_that_a_window_makes_is_the_one_of_the_command_line(
    tmp_path: Path, with_times: bool
) -> None:
    path = bids_pet(tmp_path, with_times=with_times)
    _same_volume(opened(path)[0], open_volume(path, volume="mean"))


def test_the_mean_of_a_dicom_series_that_a_window_makes_is_the_one_of_the_command_line(tmp_path: Path) -> None:
    folder = rewritten(tmp_path)
    _same_volume(opened(folder)[0], open_volume(folder, volume="mean"))


def test_frames_of_which_one_lacks_slices_have_no_mean_and_say_so(tmp_path: Path, silent: list[str]) -> None:
    folder = rewritten(tmp_path)
    for path in sorted((folder / "1").iterdir())[3:5]:
        path.unlink()
    (frames,) = opened(folder)
    assert frames[0].shape[0] == 2
    assert frames[1].get("visible", True)
    assert any("missing" in sentence for sentence in silent)


def test_a_frame_of_a_nifti_in_a_window_is_the_one_of_the_command_line(tmp_path: Path) -> None:
    path = bids_pet(tmp_path)
    stack = opened(path)[1][1]["metadata"][KEY][FRAMES]
    for index, one in enumerate(stack.volumes):
        assert one.origin.sha256 == open_volume(path, volume=index).origin.sha256


def _same_volume(layer: tuple, volume: Volume) -> None:
    """Check that a layer holds a volume: reviews of both are reviews of one case."""
    shown = layer[1]["metadata"][KEY]["volume"]
    assert shown.origin.sha256 == volume.origin.sha256
    assert shown.acquisition == volume.acquisition
    assert shown.data == pytest.approx(volume.data, rel=1e-6)


def test_a_volume_of_a_4d_nifti_is_named_once(tmp_path: Path) -> None:
    frames = opened(bids_pet(tmp_path))[1][1]["metadata"][KEY][FRAMES]
    assert frames.volumes[1].name == "sub-01_pet, frame 1, 01:00 to 02:00"
    (tmp_path / "sub-01_pet.bval").write_text("0 800 1000")
    (tmp_path / "sub-01_pet.json").unlink()
    assert names(opened(tmp_path / "sub-01_pet.nii.gz"))[1] == "sub-01_pet, volume 1, b-value 800 s/mm2"


def test_in_a_viewer_the_frame_is_said(tmp_path: Path, make_napari_viewer: Callable[..., Viewer]) -> None:
    viewer = make_napari_viewer()
    viewer.open(str(bids_pet(tmp_path)), plugin="napari-refusion")
    assert viewer.dims.ndim == 4
    viewer.layers[1].visible = True
    viewer.dims.set_current_step(0, 2)
    assert viewer.canvas.overlays[NAME].text == "frame 2 of 3 (from 0), 02:00 to 03:00"


def test_in_a_viewer_escape_adds_no_layer(
    tmp_path: Path, make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, silent: list[str]
) -> None:
    monkeypatch.setattr(door, "visible_window", QWidget)
    monkeypatch.setattr(door, "ask", lambda _offers, _window: None)
    viewer = make_napari_viewer()
    assert viewer.open(str(corrected_and_not(tmp_path)), plugin="napari-refusion") == []
    assert len(viewer.layers) == 0
    assert silent == [door.NOTHING_CHOSEN]

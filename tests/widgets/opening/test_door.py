"""What napari opens: a question where there is a window and a choice, everything where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_refusion.io.listing import Listed
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.opening import door
from napari_refusion.widgets.opening.offer import ALL, MEAN, Choice, Offer
from tests.small_pair import small_mri, small_pet
from tests.widgets.opening.listed import (
    CORRECTED,
    CT,
    DUAL_ECHO,
    DYNAMIC,
    ECHOES,
    SCOUT,
    UNCORRECTED,
    echoes,
    frames,
    listed,
)

FOLDER = Path("study")


@dataclass
class Disk:
    """What the readers find, and what they were asked for."""

    lists: dict[Path, Sequence[Listed] | RefusedError] = field(default_factory=dict)
    volumes: dict[str, Sequence[Volume] | RefusedError] = field(default_factory=dict)
    """By UID, or by the name of the file."""
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def list_path(self, where: Path) -> tuple[Listed, ...]:
        self.asked.append(("list", where))
        return tuple(self._give(self.lists[where]))

    def open_volumes(self, where: Path, modality: str | None = None, series: str | None = None) -> tuple[Volume, ...]:
        self.asked.append(("volumes", where, series))
        return tuple(self._give(self.volumes[series or str(where)]))

    def open_volume(
        self, where: Path, modality: str | None = None, series: str | None = None, volume: int | str | None = None
    ) -> Volume:
        self.asked.append(("volume", where, series, volume))
        found = self._give(self.volumes[series or str(where)])
        return found[volume if isinstance(volume, int) else 0]

    @staticmethod
    def _give(found: Any) -> Any:  # noqa: ANN401 - lists of two kinds
        if isinstance(found, RefusedError):
            raise found
        return found


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr("napari_refusion.io.listing.list_path", made.list_path, raising=False)
    monkeypatch.setattr("napari_refusion.io.open.open_volumes", made.open_volumes, raising=False)
    monkeypatch.setattr("napari_refusion.io.open.open_volume", made.open_volume)
    made.volumes = {
        "1.2.2": [replace(small_mri(), modality="CT", name="CT")],
        "1.2.3": [replace(small_pet(), name="AC")],
        "1.2.4": [replace(small_pet(), name="NAC")],
        "1.2.5": frames(3),
        "1.2.6": echoes(),
    }
    return made


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(door, "show_warning", shown.append)
    monkeypatch.setattr(door, "show_info", shown.append)
    return shown


@pytest.fixture
def answer(
    monkeypatch: pytest.MonkeyPatch, qapp: object
) -> Callable[[Callable[[Sequence[Offer]], list[Choice] | None]], None]:
    """A window is there, and its user answers like this."""

    def set_answer(choose: Callable[[Sequence[Offer]], list[Choice] | None]) -> None:
        monkeypatch.setattr(door, "visible_window", QWidget)
        monkeypatch.setattr(door, "ask", lambda offers, _window: choose(offers))

    return set_answer


def names(layers: list) -> list[str]:
    return [properties["name"] for _, properties, _ in layers]


def test_without_a_window_every_usable_series_becomes_a_layer_the_likely_first(disk: Disk, said: list[str]) -> None:
    disk.lists[FOLDER] = [CORRECTED, CT, UNCORRECTED]
    assert names(door.open_layers([FOLDER])) == ["AC", "CT", "NAC"]
    assert said == []


def test_an_error_of_one_series_is_shown_beside_those_that_open(disk: Disk, said: list[str]) -> None:
    disk.lists[FOLDER] = [CORRECTED, CT, SCOUT]
    disk.volumes["1.2.3"] = refuse("pixels", "Export series 3 again: it cannot be decoded.")
    assert names(door.open_layers([FOLDER])) == ["CT"]
    assert said == ["Export series 3 again: it cannot be decoded.", SCOUT.refusal]


def test_where_nothing_can_be_opened_that_is_the_error(disk: Disk, said: list[str]) -> None:
    disk.lists[FOLDER] = [SCOUT]
    with pytest.raises(RefusedError, match="a scout is a projection"):
        door.open_layers([FOLDER])
    disk.lists[FOLDER] = refuse("file", "There is no such folder.")
    with pytest.raises(RefusedError, match="no such folder"):
        door.open_layers([FOLDER])
    disk.lists[FOLDER] = []
    with pytest.raises(RefusedError, match="no image"):
        door.open_layers([FOLDER])


def test_with_a_window_what_the_user_chooses_is_opened_and_nothing_else_is_read(
    disk: Disk, said: list[str], answer: Callable
) -> None:
    disk.lists[FOLDER] = [CORRECTED, CT, UNCORRECTED, SCOUT]
    answer(lambda offers: [(offers[2], (ALL,))])
    assert names(door.open_layers([FOLDER])) == ["NAC"]
    assert disk.asked == [("list", FOLDER), ("volume", FOLDER, "1.2.4", None)]
    assert said == []  # the dialog has said what cannot be opened


def test_escape_opens_nothing_and_says_so(disk: Disk, said: list[str], answer: Callable) -> None:
    disk.lists[FOLDER] = [CORRECTED, CT]
    answer(lambda _offers: None)
    assert door.open_layers([FOLDER]) == [(None,)]
    assert said == [door.NOTHING_CHOSEN]


def test_a_single_volume_is_opened_without_a_question(disk: Disk, said: list[str], answer: Callable) -> None:
    def fail(_offers: Sequence[Offer]) -> None:
        raise AssertionError("asked")

    answer(fail)
    disk.lists[FOLDER] = [CT, SCOUT]
    assert names(door.open_layers([FOLDER])) == ["CT"]
    assert said == [SCOUT.refusal]


def test_files_that_were_chosen_one_by_one_are_all_opened(disk: Disk, answer: Callable, tmp_path: Path) -> None:
    answer(lambda offers: [(offers[0], (ALL,))])
    paths = [tmp_path / "a.nii", tmp_path / "b.nii"]
    for path, volume in zip(paths, (small_mri(), small_pet()), strict=True):
        path.touch()
        disk.lists[path] = [listed("", path.stem, volume.modality)]
        disk.volumes[str(path)] = [volume]
    assert names(door.open_layers(paths)) == ["T1w", "pet"]


def test_loose_dicom_files_are_opened_together_and_folders_and_other_files_alone(disk: Disk, tmp_path: Path) -> None:
    slices = tuple(tmp_path / f"{index}.dcm" for index in range(3))
    folder, other = tmp_path / "series", tmp_path / "a.nii"
    folder.mkdir()
    for path in (*slices, other):
        path.touch()
    for where in (slices, folder, other):
        disk.lists[where] = [CT]  # type: ignore[index]
    door.list_offers([slices[0], folder, *slices[1:], other])
    assert disk.asked == [("list", slices), ("list", folder), ("list", other)]


@pytest.mark.parametrize("name", ["DICOMDIR", "study.zip"])
def test_a_dicomdir_and_a_zip_are_opened_alone(disk: Disk, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK")
    disk.lists[path] = [CT]
    assert [offer.where for offer in door.list_offers([path])[0]] == [(path,)]


def test_a_dynamic_series_becomes_its_mean_and_one_layer_of_all_frames(disk: Disk) -> None:
    disk.lists[FOLDER] = [DYNAMIC]
    layers = door.open_layers([FOLDER])
    assert names(layers) == ["PET dynamic, mean of 3 frames", "PET dynamic, 3 frames"]
    assert disk.asked == [("list", FOLDER), ("volumes", FOLDER, "1.2.5")]
    for data, properties, _ in layers:
        Image(data, **properties)


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
    assert names(door.layers_of(Offer((FOLDER,), DYNAMIC), taken)) == wanted


@pytest.mark.parametrize("taken", [MEAN, 2])
def test_of_one_volume_alone_no_other_is_kept_in_memory(disk: Disk, taken: str | int) -> None:
    door.layers_of(Offer((FOLDER,), DYNAMIC), (taken,))
    assert disk.asked == [("volume", FOLDER, "1.2.5", taken)]


def test_echoes_become_layers_of_their_own_and_none_of_them_twice(disk: Disk) -> None:
    wanted = [f"PD and T2, {part}" for part in ECHOES]
    assert names(door.layers_of(Offer((FOLDER,), DUAL_ECHO), (ALL, 1))) == wanted
    assert names(door.layers_of(Offer((FOLDER,), DUAL_ECHO), (ALL,))) == wanted


def test_a_warning_that_all_frames_share_is_shown_once(disk: Disk, said: list[str]) -> None:
    noticed = Finding("warn", "unit", "The unit is not known.")
    disk.volumes["1.2.5"] = frames(3, findings=(noticed,))
    disk.lists[FOLDER] = [DYNAMIC]
    door.open_layers([FOLDER])
    assert said == [noticed.sentence]


def test_a_window_that_nobody_sees_is_none(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    assert door.visible_window() is None


def test_the_mean_of_chosen_frames_has_the_voxels_of_all(disk: Disk) -> None:
    (mean, _) = door.layers_of(Offer((FOLDER,), DYNAMIC), (MEAN, 1))
    assert mean[0] == pytest.approx(np.mean([one.data for one in frames(3)], axis=0), rel=1e-6)

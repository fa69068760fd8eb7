"""What napari opens: a question where there is a window and a choice, everything where there is none."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.widgets.opening import door
from napari_refusion.widgets.opening.offer import ALL, Choice, Offer
from tests.small_pair import small_mri, small_pet
from tests.widgets.opening.disk import FOLDER, Disk, names
from tests.widgets.opening.listed import (
    CORRECTED,
    CT,
    DYNAMIC,
    SCOUT,
    UNCORRECTED,
    frames,
    listed,
)


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


def test_a_dynamic_series_becomes_its_mean_and_one_layer_of_all_frames(disk: Disk) -> None:
    disk.lists[FOLDER] = [DYNAMIC]
    layers = door.open_layers([FOLDER])
    assert names(layers) == ["PET dynamic, mean of 3 frames", "PET dynamic, 3 frames"]
    assert disk.asked == [("list", FOLDER), ("volumes", FOLDER, "1.2.5")]
    for data, properties, _ in layers:
        Image(data, **properties)


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

"""Files that were marked in napari's dialog come one by one: slices of one series become one layer all the same."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Layer
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QMainWindow

from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.opening import door
from napari_refusion.widgets.opening.one_by_one import OneByOne
from tests.dicom_series import series, write
from tests.widgets.opening.test_open_files import dual_echo

Open = Callable[[Path], None]


@pytest.fixture
def viewer(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[ViewerModel]:
    window, model = QMainWindow(), ViewerModel()
    qtbot.addWidget(window)
    monkeypatch.setattr(door, "visible_window", lambda: window)
    monkeypatch.setattr(door, "current_viewer", lambda: model)
    yield model
    assert window.findChild(OneByOne) is not None


@pytest.fixture
def said() -> list[str]:
    return []


def hand_over(viewer: ViewerModel, files: list[Path], said: list[str]) -> None:
    """Open files as napari does: one at a time, with the layers of each added before the next."""
    for file in files:
        for layer in door.open_layers([file], said.append, said.append):
            if layer[0] is not None:
                viewer.add_layer(Layer.create(*layer))


def test_marked_slices_of_a_series_become_one_volume_without_a_word_about_single_images(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path, series("MR", 3))
    files = sorted(tmp_path.iterdir())
    hand_over(viewer, files, said)
    assert len(viewer.layers) == 1
    qtbot.waitUntil(lambda: viewer.layers[0].data.shape[0] == len(files))
    assert len(viewer.layers) == 1
    assert not [one for one in said if "single image" in one]


def test_slices_become_one_volume_however_long_each_takes(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    write(tmp_path, series("MR", 3))
    files = sorted(tmp_path.iterdir())
    for file in files[:4]:
        hand_over(viewer, [file], said)
        time.sleep(0.5)  # nothing is drawn meanwhile
        qapp.processEvents()  # as napari's bar of progress does between two files
    hand_over(viewer, files[4:], said)
    qtbot.waitUntil(lambda: viewer.layers[0].data.shape[0] == len(files))
    assert len(viewer.layers) == 1
    assert said == []


def test_marked_slices_of_two_series_become_two_volumes(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path / "a", series("MR", 3))
    write(tmp_path / "b", series("CT", 4))
    files = [file for pair in zip(*(sorted((tmp_path / one).iterdir()) for one in "ab"), strict=True) for file in pair]
    hand_over(viewer, files, said)
    qtbot.waitUntil(lambda: [layer.data.shape[0] for layer in viewer.layers] == [len(files) // 2] * 2)


def test_the_viewer_goes_to_the_middle_of_what_was_opened_into_nothing(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path / "a", series("MR", 3))
    files = sorted((tmp_path / "a").iterdir())
    hand_over(viewer, files, said)
    qtbot.waitUntil(lambda: viewer.layers[0].data.shape[0] == len(files))
    low, high = viewer.layers[0].extent.world[:, 0]
    assert viewer.dims.point[0] == pytest.approx((low + high) / 2, abs=viewer.layers[0].scale[0])


def test_the_viewer_stays_where_it_is_when_more_is_opened(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    viewer.add_image(np.zeros((20, 4, 4)), scale=(3, 1, 1))
    viewer.dims.point = (3.0, 0.0, 0.0)
    write(tmp_path, series("MR", 3))
    files = sorted(tmp_path.iterdir())
    hand_over(viewer, files, said)
    qtbot.waitUntil(lambda: viewer.layers[-1].data.shape[0] == len(files))
    assert viewer.dims.point[0] == 3.0


def test_what_was_fused_of_a_first_slice_goes_with_it(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path, series("MR", 3))
    files = sorted(tmp_path.iterdir())
    hand_over(viewer, files[:1], said)
    mark = {"pair": [str(viewer.layers[0].unique_id), "another"], "kind": "grey"}
    viewer.add_image(np.zeros((1, 4, 4)), name="Fused", metadata={KEY: {"fusion": mark}})
    other = viewer.add_image(np.zeros((1, 4, 4)), name="Fused", metadata={KEY: {"fusion": mark | {"pair": ["a", "b"]}}})
    hand_over(viewer, files[1:], said)
    qtbot.waitUntil(lambda: viewer.layers[-1].data.shape[0] == len(files))
    assert list(viewer.layers[:-1]) == [other]


@pytest.mark.parametrize("is_taken", [True, False])
def test_marked_slices_of_several_echoes_are_chosen_from_or_not_opened(
    viewer: ViewerModel,
    said: list[str],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    is_taken: bool,
) -> None:
    monkeypatch.setattr(door, "ask", lambda offers, _window: door.everything(offers) if is_taken else None)
    images = dual_echo()
    for k, folder in enumerate("ab"):
        write(tmp_path / folder, images[8 * k : 8 * k + 8])
    hand_over(viewer, sorted(path for path in tmp_path.rglob("*") if path.is_file()), said)
    qtbot.waitUntil(lambda: [layer.data.shape[0] for layer in viewer.layers] == ([8, 8] if is_taken else []))
    assert is_taken or said == [door.NOTHING_CHOSEN]


def test_a_slice_that_came_alone_stays_and_is_warned_of(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path, series("MR", 3))
    hand_over(viewer, sorted(tmp_path.iterdir())[:1], said)
    assert said == []
    qtbot.waitUntil(lambda: any("single image" in one for one in said))
    assert [layer.data.shape[0] for layer in viewer.layers] == [1]


def test_slices_that_are_no_volume_together_leave_the_first_with_the_reason(
    viewer: ViewerModel, said: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    write(tmp_path, series("MR", 3))
    files = sorted(tmp_path.iterdir())
    lacking = files[: len(files) // 2] + files[len(files) // 2 + 1 :]
    hand_over(viewer, lacking, said)
    qtbot.waitUntil(lambda: any("missing" in one for one in said))
    assert [layer.data.shape[0] for layer in viewer.layers] == [1]

"""What is dropped on the canvas of a viewer with the Fuse widget."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from napari import Viewer
from napari.components import ViewerModel
from napari.settings import get_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.io.sample import sample_folder
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.planes.further_canvas import FurtherCanvas
from napari_refusion.widgets.probe.cursor_cross import find_canvas, find_window
from napari_refusion.widgets.worklist.panel import WorklistPanel


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What napari would have asked about."""
    paths: list[str] = []
    monkeypatch.setattr("napari._qt.qt_viewer.handle_gui_reading", lambda given, *_, **__: paths.extend(given))
    return paths


NO_KEY = Qt.KeyboardModifier.NoModifier


def takers(widget: FuseWidget) -> list[QWidget]:
    """Return everything around the canvas that takes what is dropped: also what lies over it while nothing is open."""
    canvas = find_canvas(widget)
    assert canvas is not None
    found, taker = [one for one in canvas.findChildren(QWidget) if one.acceptDrops()], canvas
    while not taker.acceptDrops():
        taker = taker.parentWidget()
    return [*found, taker]


def drop(taker: QWidget, paths: Sequence[Path], held: Qt.KeyboardModifier = NO_KEY) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, action, button = QPointF(9, 9), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(taker, QDragEnterEvent(place.toPoint(), action, mime, button, held))  # else Qt drops nothing
    QApplication.sendEvent(taker, QDropEvent(place, action, mime, button, held))


def test_scans_are_opened_in_their_place_without_a_question(
    widget: FuseWidget, asked: list[str], mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    files = [tmp_path / "T1w.nii.gz", tmp_path / "pet.nii"]
    for volume, path in zip((mri, pet), files, strict=True):
        write_nifti(volume, path)
    layers, all_takers = widget._viewer.layers, takers(widget)
    assert len(all_takers) > 1
    for taker in all_takers:
        layers.clear()
        drop(taker, files)
        qtbot.waitUntil(lambda: len(layers) == 2, timeout=30_000)
        assert {layer.source.reader_plugin for layer in layers} == {"napari-refusion"}
    layers.clear()
    drop(all_takers[0], [sample_folder() / "mri_ct" / "ct_dicom"])
    qtbot.waitUntil(lambda: len(layers) == 1, timeout=60_000)
    assert not asked


def test_the_whole_window_takes_what_is_dropped(
    widget: FuseWidget, asked: list[str], mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    layers = widget._viewer.layers
    window = find_window(widget)
    assert window is not None
    files, text = [tmp_path / "T1w.nii.gz", tmp_path / "pet.nii"], tmp_path / "notes.csv"
    for volume, path in zip((mri, pet), files, strict=True):
        write_nifti(volume, path)
    text.write_text("no scan")
    drop(window, files)
    qtbot.waitUntil(lambda: len(layers) >= 2, timeout=30_000)
    drop(window, [*files, text])
    assert asked == [*map(str, files), str(text)]


def test_a_line_of_text_leaves_files_to_the_window(widget: FuseWidget, asked: list[str], tmp_path: Path) -> None:
    line, said = widget.planes.place, QMimeData()
    line.setEnabled(True)
    drop(line, [tmp_path])
    assert (line.text(), asked) == ("", [str(tmp_path)])
    said.setText("R 1 A 2 S 3")
    event = QDragEnterEvent(QPoint(1, 1), Qt.DropAction.CopyAction, said, Qt.MouseButton.LeftButton, NO_KEY)
    QApplication.sendEvent(line, event)
    assert event.isAccepted()


def test_a_further_canvas_leaves_to_the_window_what_is_dropped(qtbot: QtBot) -> None:
    canvas = FurtherCanvas(ViewerModel())
    qtbot.addWidget(canvas)
    assert not [one for one in (canvas, *canvas.findChildren(QWidget)) if one.acceptDrops()]


def test_what_another_reader_may_be_wanted_for_is_left_to_napari(
    widget: FuseWidget, asked: list[str], mri: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    scan, text = tmp_path / "T1w.nii.gz", tmp_path / "notes.csv"
    write_nifti(mri, scan)
    text.write_text("no scan")
    taker = takers(widget)[0]
    drop(taker, [scan], Qt.KeyboardModifier.AltModifier)
    drop(taker, [scan, text])
    get_settings().plugins.extension2reader = {"*.gz": "napari"}
    drop(taker, [scan])
    qtbot.wait(100)
    assert asked.count(str(scan)) == 3
    assert not widget._viewer.layers


def test_a_scan_that_is_refused_is_a_sentence(
    widget: FuseWidget, asked: list[str], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("napari_refusion.widgets.opening.dropped.show_warning", said.append)
    (tmp_path / "cut.nii").write_bytes(b"nothing of the kind")
    drop(takers(widget)[0], [tmp_path / "cut.nii"])
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert "cut.nii" in said[0]
    assert not asked


def test_a_scan_that_is_gone_when_it_is_opened_is_a_sentence(
    widget: FuseWidget, asked: list[str], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("napari_refusion.widgets.opening.dropped.show_warning", said.append)
    drop(takers(widget)[0], [tmp_path / "gone.nii.gz"])
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert said == [f"Drop it again once its drive is connected: there is no file {tmp_path / 'gone.nii.gz'}."]
    assert not asked


def test_a_closed_widget_takes_nothing(widget: FuseWidget, asked: list[str], mri: Volume, tmp_path: Path) -> None:
    write_nifti(mri, tmp_path / "T1w.nii")
    taker, window = takers(widget)[0], widget._viewer.window
    window.remove_dock_widget(widget)
    drop(taker, [tmp_path / "T1w.nii"])
    assert asked == [str(tmp_path / "T1w.nii")]


@pytest.mark.parametrize("name", ["cases.tsv", "cases.csv", "cases.json"])
def test_a_manifest_goes_into_the_worklist_wherever_it_is_dropped(
    widget: FuseWidget, asked: list[str], tmp_path: Path, qtbot: QtBot, name: str
) -> None:
    manifest = tmp_path / name
    row = {"case_id": "001", "a_path": "pet.nii", "b_path": "t1.nii"}
    parted = ";" if name.endswith("csv") else "\t"
    table = f"{parted.join(row)}\n{parted.join(row.values())}\n"
    manifest.write_text(json.dumps([row]) if name.endswith("json") else table)
    drop(takers(widget)[-1], [manifest])
    window = find_window(widget)
    assert window is not None
    qtbot.waitUntil(lambda: bool(window.findChildren(WorklistPanel)), timeout=10_000)
    [worklist] = window.findChildren(WorklistPanel)
    assert worklist.cases.text() == str(manifest)
    assert "Choose the cases, a folder for the project" in worklist.message.text()
    assert not asked


def test_a_manifest_that_is_opened_from_the_menu_goes_into_the_worklist(
    viewer: Viewer, tmp_path: Path, qtbot: QtBot
) -> None:
    manifest = tmp_path / "cases.tsv"
    manifest.write_text("case_id\ta_path\tb_path\n1\ta.nii\tb.nii\n")
    (sidecar := tmp_path / "pet.json").write_text('{"Modality": "PT"}')
    with pytest.raises(RefusedError, match=r"Open the image that it belongs to.*pet\.json"):
        viewer.open(str(sidecar), plugin="napari-refusion")
    assert viewer.open(str(manifest), plugin="napari-refusion") == []
    qtbot.waitUntil(lambda: bool(viewer.window._qt_window.findChildren(WorklistPanel)), timeout=10_000)

"""The Fuse widget in a viewer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QComboBox, QLabel

from napari_refusion.fusion import slices as fusion_slices
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse_widget import NOTICE, FuseWidget
from napari_refusion.widgets.layers import KEY, from_layer, to_layer_data
from napari_refusion.widgets.worker import Job


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer()


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, pet: Volume, weights: Path) -> FuseWidget:
    add(viewer, mri)
    add(viewer, pet)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.form.add_weights(weights)
    return widget


def add(viewer: Viewer, volume: Volume) -> Image:
    data, properties, _ = to_layer_data(volume)
    return viewer.add_image(data, **properties)


def wait_for_end(widget: FuseWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: widget.fuse_volume.isEnabled(), timeout=60_000)


def names(viewer: Viewer) -> list[str]:
    return [layer.name for layer in viewer.layers]


def texts(box: QComboBox) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


def test_the_choosers_follow_the_layer_list(viewer: Viewer, mri: Volume, pet: Volume) -> None:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    assert texts(widget.first.layer) == []
    assert not widget.fuse_volume.isEnabled()
    layer = add(viewer, mri)
    viewer.add_labels(np.zeros((3, 4, 5), int))
    add(viewer, pet)
    assert texts(widget.second.layer) == ["T1w", "pet"]
    assert (widget.first.layer.currentText(), widget.second.layer.currentText()) == ("T1w", "pet")
    assert widget.first.modality.itemText(0) == "auto (MRI)"
    assert widget.second.modality.itemText(0) == "auto (PET)"
    assert widget.fuse_volume.isEnabled()
    layer.name = "T1 of Tuesday"
    assert widget.first.layer.currentText() == "T1 of Tuesday"
    viewer.layers.remove(layer)
    assert texts(widget.first.layer) == ["pet"]
    assert not widget.fuse_volume.isEnabled()


def test_a_slice_and_the_volume_are_fused_in_place_and_not_piled_up(
    viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    viewer.dims.point = (-22.0, 0.0, 0.0)  # slice 2 of the MRI, see test_layers
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    one = viewer.layers["T1w + pet fused (slice)"]
    assert one.data_to_world((0, 0, 0)) == pytest.approx(viewer.layers["T1w"].data_to_world((2, 0, 0)))
    for _ in range(2):
        widget.fuse(is_slice=False)
        wait_for_end(widget, qtbot)
    fused = viewer.layers["T1w + pet fused"]
    assert names(viewer) == [
        "T1w", "pet", "T1w + pet fused (slice)", "T1w + pet fused (slice), coloured", "T1w + pet fused",
        "T1w + pet fused, coloured",
    ]  # fmt: skip
    assert tuple(fused.contrast_limits) == (0.0, 1.0)
    assert fused.units == viewer.layers["T1w"].units
    assert np.array_equal(from_layer(fused).affine, mri.affine)
    assert np.array_equal(fused.data[2], one.data[0])
    assert fused.metadata[KEY]["provenance"]["weights"] == "untrained.safetensors"
    assert viewer.layers["T1w + pet fused, coloured"].metadata[KEY]["legend"]["unit"] == "Bq/ml"
    assert "CPU" in widget.status.text()
    assert widget.legend.high.text().endswith("Bq/ml")
    assert "ok" in widget.findings.text()
    assert all(layer.visible for layer in viewer.layers)
    assert texts(widget.first.layer) == ["T1w", "pet"]


def test_cancelling_keeps_the_finished_slices_under_an_honest_name(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Event()

    def slowly(*_: object) -> Iterator[tuple[int, np.ndarray]]:
        for index in range(6):
            if index == 2:
                cancelled.wait(60)
            yield index, np.full((24, 32), 0.5, np.float32)

    monkeypatch.setattr(fusion_slices, "fuse_slices", slowly)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.progress.value() == 2, timeout=60_000)
    assert not widget.fuse_slice.isEnabled()
    widget.cancel.click()
    cancelled.set()
    wait_for_end(widget, qtbot)
    partial = viewer.layers[-1]
    done = int(partial.name.split("partial ")[1].split(" of ")[0])
    assert partial.name == f"T1w + pet fused, partial {done} of 6 slices"
    assert 2 <= done < 6
    assert np.all(partial.data[:done] == 0.5)
    assert not partial.data[done:].any()
    assert widget.status.text() == "Cancelled"


def test_a_block_stops_and_its_sentence_is_shown(
    viewer: Viewer, widget: FuseWidget, pet: Volume, qtbot: QtBot, notes: list[str]
) -> None:
    away = pet.affine.copy()
    away[0, 3] += 1000.0
    far = add(viewer, replace(pet, affine=away, name="far"))
    widget.second.layer.setCurrentText("far")
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    assert names(viewer) == ["T1w", "pet", far.name]
    assert notes
    assert f"STOP {notes[0]}" in widget.findings.text()
    widget.first.layer.setCurrentText("far")
    widget.fuse(is_slice=False)
    assert "choose two different ones" in widget.findings.text()


def test_closing_the_dock_stops_the_job_and_lets_go_of_the_viewer(
    viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    widget.fuse(is_slice=False)
    viewer.window.remove_dock_widget(widget)
    assert widget.fuse_volume.isEnabled()
    add(viewer, replace(mri, name="later"))
    assert "later" not in texts(widget.first.layer)


def test_an_error_in_a_job_is_reported_and_ends_it(
    viewer: Viewer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[BaseException] = []
    monkeypatch.setattr(
        "napari_refusion.widgets.worker.notification_manager.receive_error", lambda *error: shown.append(error[1])
    )

    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    job = Job(viewer.window._qt_window, broken)
    ends: list[str] = []
    job.ended.connect(ends.append)
    job.start()
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    assert ends == ["failed"]
    assert "mat1" in str(shown[0])


def test_it_says_that_it_is_for_research_and_fits_into_a_dock(widget: FuseWidget) -> None:
    assert NOTICE in [label.text() for label in widget.findChildren(QLabel)]
    assert widget.minimumWidth() == 320
    assert widget.minimumSizeHint().width() <= 350

"""The Register page: its buttons, its sentences and its preview; what they do is tested in tests/session."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from napari.components import ViewerModel
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.registration import optimiser
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_marks import KEY, is_result
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.register.panel import PREVIEW, RegistrationPanel
from tests.shifted_pair import shifted_pair


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = SimpleITK.ProcessObject.GetGlobalDefaultNumberOfThreads()
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


@pytest.fixture
def volumes() -> tuple[Volume, Volume]:
    return shifted_pair()


@pytest.fixture
def partial(volumes: tuple[Volume, Volume]) -> PartialFusion:
    return new_partial(pair(*volumes, windows=(Window(3.0, 8.0), Window(0.0, 1000.0))), "axial")


@pytest.fixture
def layers_of() -> ViewerModel:
    """Layers without a window."""
    return ViewerModel()


@pytest.fixture
def panel(
    layers_of: ViewerModel, volumes: tuple[Volume, Volume], partial: PartialFusion, qtbot: QtBot
) -> Iterator[RegistrationPanel]:
    for volume in reversed(volumes):
        data, properties, _ = to_layer_data(volume)
        layers_of.add_image(data, **properties)
    panel = RegistrationPanel(layers_of)
    qtbot.addWidget(panel)
    panel.session.show_pair(partial)
    yield panel
    panel.session.close()


def previews(viewer: ViewerModel) -> list[Image]:
    return [layer for layer in viewer.layers if layer.metadata.get(KEY, {}).get("compare") == PREVIEW]


def enabled(panel: RegistrationPanel) -> set[str]:
    buttons = (panel.register, panel.from_file, panel.cancel, panel.accept, panel.discard, panel.undo)
    return {button.text() for button in buttons if button.isEnabled()}


def test_the_page_shows_the_self_test_the_proposal_and_what_can_be_done(
    layers_of: ViewerModel, panel: RegistrationPanel, volumes: tuple[Volume, Volume], qtbot: QtBot
) -> None:
    assert "LOOK pet shifted by" in panel.findings.text()
    assert "<b>pet</b> will be aligned to <b>T1w</b>" in panel.roles.text()
    assert enabled(panel) == {"Register", "From file"}

    panel.register.click()
    assert enabled(panel) == {"Cancel"}
    qtbot.waitUntil(lambda: not panel.cancel.isEnabled(), timeout=60_000)

    assert enabled(panel) == {"Register", "From file", "Accept", "Discard"}
    assert {step.level for step in panel.plot.steps} == {0, 1, 2}
    assert not panel.plot.grab().isNull()
    assert "towards the feet" in panel.status.text()
    (preview,) = previews(layers_of)
    assert is_result(preview)  # no source to fuse
    assert preview.data.shape == (32, 32, 32, 3)
    assert preview.data_to_world((0, 0, 0)) == pytest.approx(layers_of.layers["T1w"].data_to_world((0, 0, 0)))
    assert layers_of.layers[-1] is preview
    assert [np.array_equal(layers_of.layers[v.name].data, v.data) for v in volumes] == [True, True]

    panel.accept.click()
    assert previews(layers_of) == []
    assert enabled(panel) == {"Undo"}
    panel.undo.click()
    assert enabled(panel) == {"Register", "From file"}
    assert "at its position in the file" in panel.status.text()


def test_cancelling_ends_the_thread_of_the_optimiser(
    panel: RegistrationPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimiser, "ITERATIONS", 100_000)
    monkeypatch.setattr(optimiser, "SHORTEST_STEP", 0.0)
    monkeypatch.setattr(optimiser, "RELAXATION", 0.999)
    threads = {thread.ident for thread in threading.enumerate()}
    panel.register.click()
    qtbot.waitUntil(lambda: len(panel.plot.steps) > 2, timeout=60_000)
    panel.cancel.click()
    assert panel.status.text() == "Stopping ..."
    qtbot.waitUntil(lambda: panel.register.isEnabled(), timeout=10_000)
    assert panel.status.text() == "Stopped: nothing was moved."
    qtbot.waitUntil(
        lambda: not [t for t in threading.enumerate() if t.ident not in threads and "ThreadPool" in t.name],
        timeout=10_000,
    )


def test_registrations_beside_the_images_are_listed_and_named(
    panel: RegistrationPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [action.text() for action in panel.files.actions()] == ["Choose a file ..."]
    read: list[Path] = []
    monkeypatch.setattr(panel.session, "read", read.append)
    panel.session.beside = (tmp_path / "reg.dcm",)
    panel.session.changed.emit()
    assert "reg.dcm lies beside the images" in panel.roles.text()
    assert [action.text() for action in panel.files.actions()] == ["reg.dcm", "Choose a file ..."]
    panel.files.actions()[0].trigger()
    assert read == [tmp_path / "reg.dcm"]


@pytest.mark.parametrize("chosen", ["", "reg.dcm"])
def test_a_registration_can_be_chosen_from_anywhere(
    panel: RegistrationPanel, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setattr("qtpy.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (chosen, ""))
    read: list[Path] = []
    monkeypatch.setattr(panel.session, "read", read.append)
    panel.files.actions()[-1].trigger()
    assert read == ([Path(chosen)] if chosen else [])


def test_without_a_pair_the_page_says_what_to_do_first(
    layers_of: ViewerModel, panel: RegistrationPanel, partial: PartialFusion
) -> None:
    panel.session.show_pair(replace(partial))
    panel.session.show_pair(None)
    assert enabled(panel) == set()
    assert panel.findings.text() == ""
    assert panel.roles.text() == "Choose two volumes and fuse a slice first."
    assert previews(layers_of) == []


@pytest.mark.parametrize("height", [280, 490, 900])
def test_all_that_is_said_of_a_proposal_can_be_read_in_a_low_window(panel: RegistrationPanel, height: int) -> None:
    panel.resize(338, height)
    panel.show()
    panel.status.setText("check on several slices that the edges follow, then accept or discard. " * 12)
    QApplication.processEvents()
    assert panel.status.height() >= panel.status.heightForWidth(panel.status.width())
    assert panel.status.width() <= 338

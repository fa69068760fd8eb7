"""The panel that registers a pair, in a viewer."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from napari import Viewer
from napari.layers import Image
from pytestqt.qtbot import QtBot

from napari_refusion.fusion.canvas import Canvas, empty_canvas
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume import rigid
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.rigid import RegistrationStep, RigidMove
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import KEY, is_result, to_layer_data
from napari_refusion.widgets.register import panel as registration_panel
from napari_refusion.widgets.register.panel import PREVIEW, RegistrationPanel

SHIFT = 12.0
"""mm by which the PET lies too far to the head."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = SimpleITK.ProcessObject.GetGlobalDefaultNumberOfThreads()
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


def lopsided(place: float) -> np.ndarray:
    """A formula on a grid of 4 mm about the origin, its inferior axis shifted by `place` mm: two balls of two sizes."""
    i, p, l = np.meshgrid(*(4.0 * (np.arange(32) - 15.5) for _ in range(3)), indexing="ij")  # noqa: E741
    balls = np.exp(-((i - place) ** 2 + p**2 + (l * 1.3) ** 2) / 1800)
    return (balls + 0.8 * np.exp(-((i - place - 15) ** 2 + (p - 20) ** 2 + (l + 18) ** 2) / 200)).astype(np.float32)


@pytest.fixture
def volumes() -> tuple[Volume, Volume]:
    """PET and MRI of one formula, the PET with its content 12 mm too far to the head: index 0 runs to the feet."""
    affine = np.array([[0, 0, -4.0, 62], [0, -4, 0, 62], [-4, 0, 0, 62], [0, 0, 0, 1]])
    pet = Volume(3 + 5 * lopsided(-SHIFT), affine, "PT", "SUVbw", name="pet", origin=Origin(sha256="2" * 64))
    return pet, Volume(1000 * lopsided(0.0) ** 0.7, affine, "MR", name="T1w", origin=Origin(sha256="1" * 64))


@pytest.fixture
def canvas(volumes: tuple[Volume, Volume]) -> Canvas:
    return empty_canvas(pair_volumes(*volumes), (Window(3.0, 8.0), Window(0.0, 1000.0)), "axial")


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer()


@pytest.fixture
def panel(viewer: Viewer, volumes: tuple[Volume, Volume], canvas: Canvas) -> RegistrationPanel:
    for volume in reversed(volumes):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    panel = RegistrationPanel(viewer)
    viewer.window.add_dock_widget(panel)
    panel.show_canvas(canvas, volumes)
    return panel


def previews(viewer: Viewer) -> list[Image]:
    return [layer for layer in viewer.layers if layer.metadata.get(KEY, {}).get("compare") == PREVIEW]


def enabled(panel: RegistrationPanel) -> set[str]:
    buttons = (panel.register, panel.cancel, panel.accept, panel.discard, panel.undo)
    return {button.text() for button in buttons if button.isEnabled()}


def register(panel: RegistrationPanel, qtbot: QtBot) -> None:
    panel.register.click()
    assert enabled(panel) == {"Cancel"}
    qtbot.waitUntil(lambda: not panel.cancel.isEnabled(), timeout=60_000)


def test_a_move_is_proposed_shown_accepted_and_undone(
    viewer: Viewer, panel: RegistrationPanel, canvas: Canvas, volumes: tuple[Volume, Volume], qtbot: QtBot
) -> None:
    accepted: list[RigidMove] = []
    undone: list[bool] = []
    panel.accepted.connect(accepted.append)
    panel.undone.connect(lambda: undone.append(True))
    # the self-test looks 8 mm and 16 mm away
    assert "LOOK pet shifted by" in panel.findings.text()
    assert "NMI" in panel.findings.text()
    assert "<b>pet</b> is laid on <b>T1w</b>" in panel.roles.text()
    assert enabled(panel) == {"Register"}

    register(panel, qtbot)

    assert accepted == []
    assert enabled(panel) == {"Register", "Accept", "Discard"}
    assert {step.level for step in panel.plot.steps} == {0, 1, 2}
    assert not panel.plot.grab().isNull()
    assert "towards the feet" in panel.status.text()
    (preview,) = previews(viewer)
    assert is_result(preview)  # no source to fuse
    assert preview.data.shape == (32, 32, 32, 3)
    assert preview.data_to_world((0, 0, 0, 0)[:3]) == pytest.approx(viewer.layers["T1w"].data_to_world((0, 0, 0)))
    assert str(viewer.layers[-1].unique_id) == str(preview.unique_id)
    assert [np.array_equal(viewer.layers[v.name].data, v.data) for v in volumes] == [True, True]

    panel.accept.click()

    (move,) = accepted
    assert np.array(move.matrix) @ [0, 0, 0, 1] == pytest.approx([0, 0, -SHIFT, 1], abs=1.0)
    assert previews(viewer) == []
    assert enabled(panel) == {"Undo"}
    # the owner of the panel fuses anew and shows the same sources again
    panel.show_canvas(replace(canvas), volumes)
    assert enabled(panel) == {"Undo"}

    panel.undo.click()

    assert undone == [True]
    assert enabled(panel) == {"Register"}
    assert "where its file places it" in panel.status.text()


def test_cancelling_moves_nothing_and_stops_the_optimiser_within_a_second(
    viewer: Viewer, panel: RegistrationPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rigid, "ITERATIONS", 100_000)
    monkeypatch.setattr(rigid, "SHORTEST_STEP", 0.0)
    monkeypatch.setattr(rigid, "RELAXATION", 0.999)
    threads = {thread.ident for thread in threading.enumerate()}
    panel.register.click()
    qtbot.waitUntil(lambda: len(panel.plot.steps) > 2, timeout=60_000)
    panel.cancel.click()
    qtbot.waitUntil(lambda: panel.register.isEnabled(), timeout=1_000)
    assert panel.status.text() == "Stopped: nothing was moved."
    assert enabled(panel) == {"Register"}
    assert previews(viewer) == []
    qtbot.waitUntil(
        lambda: not [t for t in threading.enumerate() if t.ident not in threads and "ThreadPool" in t.name],
        timeout=1_000,
    )


def test_a_refusal_is_a_sentence_and_a_proposal_can_be_discarded_or_outdated(
    viewer: Viewer, panel: RegistrationPanel, canvas: Canvas, volumes: tuple[Volume, Volume], qtbot: QtBot
) -> None:
    pet, mri = volumes
    flat = replace(pet, data=pet.data[:1])
    panel.show_canvas(canvas, (flat, mri))
    register(panel, qtbot)
    assert "pet has 1 x 32 x 32 voxels" in panel.status.text()
    assert enabled(panel) == {"Register"}

    panel.show_canvas(canvas, volumes)
    register(panel, qtbot)
    panel.discard.click()
    assert previews(viewer) == []
    assert enabled(panel) == {"Register"}
    assert panel.status.text() == "Discarded: nothing was moved."

    register(panel, qtbot)
    assert len(previews(viewer)) == 1
    panel.show_canvas(None, None)
    assert previews(viewer) == []
    assert enabled(panel) == set()
    assert "Choose two volumes" in panel.roles.text()


def test_the_source_that_is_not_the_reference_moves(
    viewer: Viewer,
    panel: RegistrationPanel,
    canvas: Canvas,
    volumes: tuple[Volume, Volume],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_pet = empty_canvas(pair_volumes(*volumes, reference="first"), canvas.windows, "axial")
    panel.show_canvas(on_pet, volumes)
    assert "<b>T1w</b> is laid on <b>pet</b>" in panel.roles.text()
    given: list[str] = []

    def only_note(fixed: Volume, moving: Volume, _stopped: threading.Event) -> Iterator[RegistrationStep]:
        given.extend((fixed.name, moving.name))
        yield RegistrationStep(0, 0.5)

    monkeypatch.setattr(registration_panel, "register_rigidly", only_note)
    list(registration_panel.propose(on_pet, *panel._roles(on_pet, volumes), threading.Event()))
    assert given == ["pet", "T1w"]


def test_a_finding_that_all_is_well_is_shown_with_its_number(
    panel: RegistrationPanel, canvas: Canvas, volumes: tuple[Volume, Volume]
) -> None:
    finding = Finding("ok", "registration", "pet fits T1w best where the files place it.", "NMI 1.106")
    other = Finding("warn", "grid", "Something else.")
    panel.show_canvas(replace(canvas, pair=replace(canvas.pair, findings=(finding, other))), volumes)
    assert panel.findings.text() == "ok pet fits T1w best where the files place it. NMI 1.106."

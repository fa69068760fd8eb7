"""What a reader may do between two layers of a session that opens."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QMessageBox

from napari_refusion.record.project_settings import SETTINGS
from napari_refusion.session.saved.record import RECORD
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data

Made = tuple[Viewer, FuseWidget]


@pytest.fixture
def made(make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, mri: Volume, pet: Volume) -> Made:
    """A viewer with a pair, whose layers may be closed without a question."""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    choose(widget.page.form.weights, "maximum")
    return viewer, widget


@pytest.fixture
def session(made: Made, tmp_path: Path, qtbot: QtBot) -> Path:
    """That pair, saved."""
    with qtbot.waitSignal(made[1].sessions.saved, timeout=60_000):
        made[1].sessions.save_to(tmp_path / "session")
    return tmp_path / "session"


def reviewed(session: Path) -> None:
    """Let a session say that a review was open, of a project that is beside it."""
    (session.parent / "project").mkdir()
    (session.parent / "project" / SETTINGS).write_text("{}")
    record = session / RECORD
    place = {"folder": str(session.parent), "beside": "..", "names": ["project"]}
    saved = json.loads(record.read_text()) | {"review": {"place": place, "reader": "anna", "case_id": "case-1"}}
    record.write_text(json.dumps(saved))


def do_between(viewer: Viewer, act: Callable[[], object]) -> None:
    """Do something in the first turn of the window after the next layer came."""

    def begin(_event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        viewer.layers.events.inserted.disconnect(begin)
        QTimer.singleShot(0, act)

    viewer.layers.events.inserted.connect(begin)


def test_a_layer_removed_on_the_way_costs_the_pair_and_no_other_session_comes_in_between(
    made: Made, session: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, widget = made
    shown: dict[str, list[str]] = {"warning": [], "info": []}
    for kind, said in shown.items():
        monkeypatch.setattr(f"napari_refusion.widgets.sessions.desk.show_{kind}", said.append)
    names = [layer.name for layer in viewer.layers]
    record = (session / RECORD).read_text()
    reviewed(session)

    def disturb() -> None:
        viewer.layers.remove(names[0])
        widget.sessions.open_from(session)
        widget.page.live.setChecked(True)

    do_between(viewer, disturb)
    with qtbot.waitSignal(widget.sessions.opened, timeout=60_000):
        widget.sessions.open_from(session)
    assert [layer.name for layer in viewer.layers] == names[1:]
    assert shown["info"] == ["Wait until the session is saved or open."]
    again = ["Open the session again", "Begin the review again on the page Review once its pair is shown"]
    assert [sentence.split(":")[0] for sentence in shown["warning"]] == again
    # it waits for no other pair, which would be taken into the project of this one
    assert widget.panels.review.reading is widget.panels.review.opened.awaited is None
    assert widget.session.is_live  # as the reader wants it now, not as it was when the session began to open
    (session / RECORD).write_text(record)
    with qtbot.waitSignal(widget.sessions.opened, timeout=60_000):
        widget.sessions.open_from(session)
    assert [layer.name for layer in viewer.layers] == names
    qtbot.waitUntil(lambda: widget.session.partial is not None, timeout=20_000)  # without another move of the reader's


def test_a_review_whose_pair_is_not_shown_waits_for_no_other_one(made: Made, session: Path, qtbot: QtBot) -> None:
    _, widget = made
    reviewed(session)
    record = session / RECORD
    record.write_text(json.dumps(json.loads(record.read_text()) | {"pair": None}))
    with qtbot.waitSignal(widget.sessions.opened, timeout=60_000):
        widget.sessions.open_from(session)
    assert widget.panels.review.reading is widget.panels.review.opened.awaited is None


def test_closing_the_dock_ends_the_opening_and_closing_the_window_breaks_nothing(
    made: Made, session: Path, qtbot: QtBot
) -> None:
    viewer, widget = made
    dock = widget.parentWidget()
    do_between(viewer, lambda: viewer.window.remove_dock_widget(dock))
    with qtbot.waitSignal(viewer.layers.events.inserted, timeout=60_000):
        widget.sessions.open_from(session)
    qtbot.waitUntil(lambda: widget.parent() is None)
    qtbot.wait(100)
    assert len(viewer.layers) == 1
    viewer.window.add_dock_widget(widget)
    assert widget.status.text().startswith("Open the session again")
    do_between(viewer, viewer.close)
    closed: list[bool] = []
    widget.destroyed.connect(lambda: closed.append(True))
    with qtbot.waitSignal(viewer.layers.events.inserted, timeout=60_000):
        widget.sessions.open_from(session)
    qtbot.wait(300)
    assert closed

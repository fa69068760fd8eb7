"""A case of 96 slices reviewed by keys alone: left in the middle, opened in another window, undone, finished."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from napari_refusion.record.project import open_project
from napari_refusion.record.store import Store
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.review.panel import ReviewPanel
from tests.widgets.made import IPL_AFFINE, blob
from tests.widgets.review.test_panel import begin, open_pair, press

SLICES = 96
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(
    make_napari_viewer: Callable[..., Viewer], weights: Path, tmp_path: Path, qtbot: QtBot
) -> Callable[[], ReviewPanel]:
    """What opens the case in a new window."""
    mri = Volume(blob((SLICES, 16, 16), 1), IPL_AFFINE, "MR", name="T1w", origin=Origin(sha256="1" * 64))
    pet = Volume(blob((SLICES, 16, 16), 2), IPL_AFFINE, "PT", "Bq/ml", name="pet", origin=Origin(sha256="2" * 64))

    def open_case() -> ReviewPanel:
        widget = open_pair(make_napari_viewer(show=True), mri, pet, weights, qtbot)
        return begin(widget, tmp_path / "project", qtbot)

    return open_case


def count(panel: ReviewPanel, state: str) -> int:
    assert panel.session is not None
    return sum(one.state == state for one in panel.session.review.slices.values())


def test_a_case_of_96_slices_is_reviewed_by_keys_in_two_windows(
    opened: Callable[[], ReviewPanel], tmp_path: Path, qtbot: QtBot
) -> None:
    panel = opened()
    press(qtbot, panel, Qt.Key.Key_1)
    panel.watch.go_to(0)
    for index in range(50):
        if index % 10 == 3:
            press(qtbot, panel, Qt.Key.Key_S)
            press(qtbot, panel, Qt.Key.Key_2)
            press(qtbot, panel, Qt.Key.Key_N, SHIFT)
        elif index % 25 == 7:
            press(qtbot, panel, Qt.Key.Key_R)
            press(qtbot, panel, Qt.Key.Key_3)
            press(qtbot, panel, Qt.Key.Key_N, SHIFT)
        else:
            press(qtbot, panel, Qt.Key.Key_A)
    assert (count(panel, "accept"), count(panel, "flag"), count(panel, "reject")) == (43, 5, 2)
    panel.end()

    again = opened()
    session = again.session
    assert session is not None
    assert (count(again, "accept"), count(again, "flag"), count(again, "reject")) == (43, 5, 2)
    for _ in range(4):
        press(qtbot, again, Qt.Key.Key_U)
    assert count(again, "accept") + count(again, "flag") + count(again, "reject") == 46
    press(qtbot, again, Qt.Key.Key_N, SHIFT)
    for _ in range(SLICES - 46):
        press(qtbot, again, Qt.Key.Key_A)
    assert count(again, "accept") + count(again, "flag") + count(again, "reject") == SLICES
    for index in range(SLICES):
        session.look(index, 1.0)  # this test reads faster than LOOK
    press(qtbot, again, Qt.Key.Key_Return, CONTROL)
    assert again.form.verdict.lacking.text() == ""
    press(qtbot, again, Qt.Key.Key_Return, CONTROL)
    assert session.review.verdict is not None
    with qtbot.waitSignal(again.output.written, timeout=60_000):
        again.form.report.click()
    again.end()

    project = open_project(tmp_path / "project", create=False)
    assert {path.suffix for path in project.reports.iterdir()} == {".html", ".pdf"}
    [mirror] = project.exports.rglob("*_review.json")
    assert len(json.loads(mirror.read_text())["slices"]) == SLICES
    with Store.open(project.folder, "R1", read_only=True) as store:
        assert store.findings == ()
        kinds = [event.kind for event in store.all_events()]
    assert kinds.count("undo") == 4
    assert "export" in kinds

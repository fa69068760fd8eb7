"""A worklist of ten cases in a window of a small laptop, worked with the keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from napari_refusion.io.write import write_nifti
from napari_refusion.record.project import change_project, open_project
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.source_row import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.review.panel import ReviewPanel
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.widgets.cut import cut, hidden, small
from tests.widgets.made import IPL_AFFINE, blob

CASES, SLICES = 10, 3

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_ALT = CONTROL | Qt.KeyboardModifier.AltModifier


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Ten folders with a PET and an MRI each."""
    folder = tmp_path / "cases"
    for number in range(CASES):
        place = folder / f"case{number + 1:02d}"
        place.mkdir(parents=True)
        for name, seed in (("pet", 10 * number), ("T1w", 10 * number + 1)):
            write_nifti(Volume(blob((SLICES, 24, 32), seed), IPL_AFFINE), place / f"{name}.nii.gz")
    return folder


@pytest.fixture
def window(make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> QMainWindow:
    """The window of a viewer, 1280 x 720 pixels, in front, with the worklist."""
    # to look at a slice takes no time here
    monkeypatch.setattr("napari_refusion.widgets.review.slice_watch.LOOK", 0.02)
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer(show=True)
    found = viewer.window._qt_window
    assert isinstance(found, QMainWindow)
    found.setGeometry(0, 0, 1280, 720)
    viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    found.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=10_000)
    return found


@pytest.fixture
def worklist(window: QMainWindow, cases: Path, tmp_path: Path) -> WorklistPanel:
    """The worklist with the lines filled in, of a project that wants no least time."""
    change_project(open_project(tmp_path / "project"), minimum_seconds=0)
    (made,) = window.findChildren(WorklistPanel)
    made.cases.setText(str(cases))
    made.folder.setText(str(tmp_path / "project"))
    made.reader.setText("R1")
    made.reader.setFocus()
    return made


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    target = QApplication.focusWidget()
    assert isinstance(target, QWidget)
    qtbot.keyClick(target, key, modifier)


def fuse_widgets(window: QMainWindow) -> list[FuseWidget]:
    return window.findChildren(FuseWidget)


def open_next(window: QMainWindow, worklist: WorklistPanel, qtbot: QtBot) -> ReviewPanel:
    """Press the key for the next case, and wait until it is fused and examined."""
    before = worklist.current
    press(qtbot, Qt.Key.Key_N, CONTROL_ALT)
    qtbot.waitUntil(lambda: worklist.current != before, timeout=60_000)
    (widget,) = fuse_widgets(window)
    review = widget.panels.review
    qtbot.waitUntil(lambda: review.session is not None and review.session.examination is not None, timeout=60_000)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    return review


def read_case(review: ReviewPanel, qtbot: QtBot) -> None:
    """Answer, accept every slice, and give the verdict."""
    session = review.session
    assert session is not None
    press(qtbot, Qt.Key.Key_1)
    assert session.review.registration == "aligned"
    press(qtbot, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    for _ in range(SLICES):
        index = review.watch.index()
        qtbot.wait(60)
        press(qtbot, Qt.Key.Key_A)
        assert session.review.slice(index).verdict == "accept"
        assert review.form.note.text().startswith(f"Stored: Slice {index + 1} of {SLICES}")
    press(qtbot, Qt.Key.Key_Return, CONTROL)
    assert review.pages.verdict.lacking.text() == ""
    assert review.pages.verdict.isVisible()
    press(qtbot, Qt.Key.Key_Return, CONTROL)
    assert session.review.verdict is not None
    assert review.form.note.text().startswith("The verdict is recorded")


def test_ten_cases_are_read_with_the_keyboard_alone_in_the_order_that_is_shown(
    window: QMainWindow, worklist: WorklistPanel, qtbot: QtBot
) -> None:
    press(qtbot, Qt.Key.Key_Return)
    assert worklist.listed is not None
    shown = [case.label for case in worklist.listed.cases]
    assert len(shown) == CASES
    choose(worklist._window.fuse_widget().page.form.weights, "maximum")
    opened = []
    for _ in range(CASES):
        review = open_next(window, worklist, qtbot)
        opened.append(worklist.current)
        assert (window.width(), window.height()) == (1280, 720)
        assert review.isVisible()
        read_case(review, qtbot)
    assert opened == shown
    assert len(fuse_widgets(window)) == 1
    press(qtbot, Qt.Key.Key_N, CONTROL_ALT)
    assert worklist.message.text() == "All cases are read."
    assert {worklist.listed.status(case) for case in worklist.listed.cases} == {"read"}


def test_a_worklist_beside_a_fuse_widget_that_was_there_first_opens_into_it(
    window: QMainWindow, worklist: WorklistPanel, qtbot: QtBot
) -> None:
    viewer = worklist._window._viewer
    _, first = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(first.page.form.weights, "maximum")
    worklist.reader.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    for _ in range(2):
        open_next(window, worklist, qtbot)
    assert fuse_widgets(window) == [first]
    docks = {dock.objectName(): dock for dock in window.findChildren(QDockWidget)}
    own, other = docks["Worklist (napari-refusion)"], docks["Fuse (napari-refusion)"]
    assert window.tabifiedDockWidgets(own) == [other]
    assert worklist.visibleRegion().isEmpty()  # behind
    assert not first.visibleRegion().isEmpty()
    assert (window.width(), window.height()) == (1280, 720)


def test_all_of_the_worklist_is_seen_and_nothing_cut_with_times_and_without(
    window: QMainWindow, worklist: WorklistPanel, qtbot: QtBot
) -> None:
    press(qtbot, Qt.Key.Key_Return)
    for on in (False, True):
        worklist.times.setChecked(on)
        qtbot.wait(60)
        assert hidden(worklist, window) == []
        assert cut(worklist) == []
        assert small(worklist) == []


def test_times_are_shown_to_who_wants_them_and_remembered(worklist: WorklistPanel, qtbot: QtBot) -> None:
    press(qtbot, Qt.Key.Key_Return)
    header = worklist.table.horizontalHeader()
    assert header is not None

    def titles() -> list[str]:
        shown = [place for place in range(worklist.table.columnCount()) if not worklist.table.isColumnHidden(place)]
        items = [worklist.table.horizontalHeaderItem(place) for place in shown]
        return [item.text() for item in items if item is not None]

    assert "Time" not in titles()
    worklist.times.click()
    assert {"Time", "Slices/min"} <= {*titles()}
    assert get_plugin_settings("napari-refusion").review.times

"""A worklist of ten cases in a window of a small laptop, worked with the keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

from napari_refusion.io.write import write_nifti
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.docks import dock_of
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.review.panel import ReviewPanel
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.widgets.laid_out import hidden, small, texts_cut
from tests.widgets.made import IPL_AFFINE, blob

CASES, SLICES, SCREEN = 10, 3, (1280, 720)

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
def viewer(make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Viewer:
    """A viewer of 1280 x 720 pixels, in front."""
    # a look at a slice is recorded in tenths of a second
    monkeypatch.setattr("napari_refusion.widgets.review.slice_watch.LOOK", 0.1)
    get_plugin_settings("napari-refusion").fusion.live = False
    made = make_napari_viewer(show=True)
    made.window._qt_window.setGeometry(0, 0, *SCREEN)
    made.window._qt_window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=10_000)
    return made


def open_worklist(viewer: Viewer, folder: Path) -> WorklistPanel:
    """Return the worklist with the lines filled in, of a project that wants no least time."""
    change_project(open_project(folder / "project"), minimum_seconds=0)
    _, made = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    made.cases.setText(str(folder / "cases"))
    made.folder.setText(str(folder / "project"))
    made.reader.setText("R1")
    made.reader.setFocus()
    return made


@pytest.fixture
def worklist(viewer: Viewer, cases: Path) -> WorklistPanel:
    return open_worklist(viewer, cases.parent)


def window_of(viewer: Viewer) -> QMainWindow:
    found = viewer.window._qt_window
    assert isinstance(found, QMainWindow)
    return found


def size_of(viewer: Viewer) -> tuple[int, int]:
    """Return width and height of the window in pixels."""
    return window_of(viewer).width(), window_of(viewer).height()


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    target = QApplication.focusWidget()
    assert isinstance(target, QWidget)
    qtbot.keyClick(target, key, modifier)


def fuse_widgets(viewer: Viewer) -> list[FuseWidget]:
    return window_of(viewer).findChildren(FuseWidget)


def open_next(viewer: Viewer, worklist: WorklistPanel, qtbot: QtBot) -> ReviewPanel:
    """Press the key for the next case, and wait until it is fused and examined."""
    before = worklist.current
    press(qtbot, Qt.Key.Key_N, CONTROL_ALT)
    qtbot.waitUntil(lambda: worklist.current != before, timeout=60_000)
    (widget,) = fuse_widgets(viewer)
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
        qtbot.wait(200)
        press(qtbot, Qt.Key.Key_A)
        assert session.review.slice(index).verdict == "accept"
        assert review.form.note.text().startswith(f"Stored: Slice {index + 1} of {SLICES}")
    press(qtbot, Qt.Key.Key_Return, CONTROL)
    assert review.pages.verdict.lacking.text() == ""
    assert review.pages.verdict.isVisible()
    press(qtbot, Qt.Key.Key_Return, CONTROL)
    assert session.review.verdict is not None
    assert review.form.note.text().startswith("The verdict is recorded")


@pytest.mark.slow
def test_ten_cases_are_read_with_the_keyboard_alone_in_the_order_that_is_shown(
    viewer: Viewer, worklist: WorklistPanel, qtbot: QtBot
) -> None:
    press(qtbot, Qt.Key.Key_Return)
    assert worklist.listed is not None
    shown = [case.label for case in worklist.listed.cases]
    assert len(shown) == CASES
    choose(worklist._window.fuse_widget().page.form.weights, "maximum")
    opened = []
    for _ in range(CASES):
        review = open_next(viewer, worklist, qtbot)
        opened.append(worklist.current)
        assert size_of(viewer) == SCREEN
        assert review.isVisible()
        read_case(review, qtbot)
    assert opened == shown
    assert len(fuse_widgets(viewer)) == 1
    press(qtbot, Qt.Key.Key_N, CONTROL_ALT)
    assert worklist.message.text() == "All cases are read."
    assert worklist.message.visibleRegion().boundingRect() == worklist.message.rect()  # in front of the review
    assert {worklist.listed.status(case) for case in worklist.listed.cases} == {"read"}


@pytest.mark.parametrize("is_fuse_first", [True, False])
def test_a_worklist_opens_into_the_fuse_widget_that_is_there_and_lies_on_it(
    viewer: Viewer, cases: Path, qtbot: QtBot, is_fuse_first: bool
) -> None:
    if is_fuse_first:
        viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
        worklist = open_worklist(viewer, cases.parent)
    else:
        worklist = open_worklist(viewer, cases.parent)
        viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    _, fuse = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    own, other = dock_of(worklist), dock_of(fuse)
    assert own is not None
    qtbot.wait(60)
    assert size_of(viewer) == SCREEN
    assert window_of(viewer).tabifiedDockWidgets(own) == [other]
    own.raise_()
    choose(fuse.page.form.weights, "maximum")
    worklist.reader.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    for _ in range(2):
        open_next(viewer, worklist, qtbot)
    assert fuse_widgets(viewer) == [fuse]
    assert size_of(viewer) == SCREEN
    assert worklist.visibleRegion().isEmpty()  # behind
    assert not fuse.visibleRegion().isEmpty()


def test_all_of_the_worklist_is_seen_and_nothing_cut_with_times_and_without(
    viewer: Viewer, worklist: WorklistPanel, qtbot: QtBot
) -> None:
    press(qtbot, Qt.Key.Key_Return)
    for on in (False, True):
        worklist.times.setChecked(on)
        qtbot.wait(60)
        assert hidden(worklist, window_of(viewer)) == []
        assert texts_cut(worklist) == []
        assert small(worklist) == []
        bar = worklist.table.horizontalScrollBar()
        assert bar is not None
        assert bar.maximum() == 0  # all columns


def test_a_worklist_that_is_opened_is_ready_for_what_is_to_be_typed(viewer: Viewer, qtbot: QtBot) -> None:
    _, made = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is made.cases)


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
    assert {"Time", "per min"} <= {*titles()}
    assert get_plugin_settings("napari-refusion").review.times

"""A window answers while something is read for it, and can stop waiting."""

import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QMainWindow, QProgressDialog, QPushButton

from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.widgets.opening import meanwhile as module
from napari_refusion.widgets.opening.meanwhile import StoppedError, is_waiting, meanwhile

LONG = 30.0
"""Seconds after which a test that hangs goes on."""


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Lets work in a thread end, at the end of the test at the latest."""
    event = threading.Event()
    yield event
    event.set()


def test_the_window_lives_while_another_thread_works(window: QMainWindow, released: threading.Event) -> None:
    def work(word: str) -> tuple[str, bool, bool]:
        answered = released.wait(LONG)
        return word, answered, threading.current_thread() is threading.main_thread()

    QTimer.singleShot(0, released.set)
    assert meanwhile(window, "Reading ...", work, "given") == ("given", True, False)
    assert not is_waiting(window)


def test_enter_which_answered_the_question_before_does_not_stop_it(
    window: QMainWindow, released: threading.Event, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 0)
    seen: list[bool] = []

    def press() -> None:
        (sign,) = window.findChildren(QProgressDialog)
        seen.append(sign.isVisible())
        qtbot.keyClick(sign.findChild(QPushButton), Qt.Key.Key_Return)
        qtbot.keyClick(sign, Qt.Key.Key_Return)
        released.set()

    QTimer.singleShot(200, press)
    assert meanwhile(window, "Reading ...", released.wait, LONG) is True
    assert seen == [True]


def test_the_sign_is_gone_as_soon_as_nothing_is_waited_for(
    window: QMainWindow, released: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 0)
    seen: list[QProgressDialog] = []

    def look() -> None:
        seen.extend(sign for sign in window.findChildren(QProgressDialog) if sign.isVisible())
        released.set()

    QTimer.singleShot(200, look)
    meanwhile(window, "Reading ...", released.wait, LONG)
    assert len(seen) == 1
    assert not seen[0].isVisible()  # without the loop of an application, which would delete it


def shown_later(window: QMainWindow) -> list[QProgressDialog]:
    """Return the signs that are to be seen after the time after which one is shown, in a script that only draws."""
    time.sleep(0.2)
    QApplication.processEvents()
    return [sign for sign in window.findChildren(QProgressDialog) if sign.isVisible()]


def test_no_sign_comes_after_what_was_quick(window: QMainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 100)
    meanwhile(window, "Reading ...", int)
    assert shown_later(window) == []


def test_qt_shows_no_sign_by_itself_after_its_own_four_seconds(window: QMainWindow) -> None:
    meanwhile(window, "Looking into ...", int)  # a question follows, whose own loop deletes nothing of before
    (sign,) = window.findChildren(QProgressDialog)
    assert not any(timer.isActive() for timer in sign.findChildren(QTimer))


def test_no_sign_comes_after_the_window_was_closed(
    window: QMainWindow, released: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 100)
    QTimer.singleShot(0, window.close)
    with pytest.raises(StoppedError):
        meanwhile(window, "Reading ...", released.wait, LONG)
    assert shown_later(window) == []


def test_the_sign_is_gone_as_soon_as_the_work_has_failed(
    window: QMainWindow, released: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 0)

    def work() -> None:
        released.wait(LONG)
        raise refuse("file", "Choose another file: this one is cut.")

    QTimer.singleShot(200, released.set)
    with pytest.raises(RefusedError):
        meanwhile(window, "Reading ...", work)
    assert not [sign for sign in window.findChildren(QProgressDialog) if sign.isVisible()]


def test_what_the_work_raises_is_raised_where_it_is_waited_for(window: QMainWindow) -> None:
    def work() -> None:
        raise refuse("file", "Choose another file: this one is cut.")

    with pytest.raises(RefusedError, match="this one is cut"):
        meanwhile(window, "Reading ...", work)


def test_without_a_window_the_work_is_done_at_once_in_the_same_thread() -> None:
    assert meanwhile(None, "Reading ...", threading.current_thread) is threading.current_thread()


def test_cancel_stops_waiting(
    window: QMainWindow, released: threading.Event, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(module, "SIGN_AFTER", 0)

    def cancel() -> None:
        sign = window.findChild(QProgressDialog)
        if sign is None or not sign.isVisible():
            QTimer.singleShot(10, cancel)
            return
        assert is_waiting(window)
        assert sign.labelText() == "Reading sub-01.nii ..."
        sign.findChild(QPushButton).click()

    QTimer.singleShot(0, cancel)
    with pytest.raises(StoppedError):
        meanwhile(window, "Reading sub-01.nii ...", released.wait, LONG)
    qtbot.waitUntil(lambda: window.findChild(QProgressDialog) is None)


def test_a_window_that_is_closed_waits_no_longer(window: QMainWindow, released: threading.Event) -> None:
    QTimer.singleShot(0, window.close)
    with pytest.raises(StoppedError):
        meanwhile(window, "Reading ...", released.wait, LONG)

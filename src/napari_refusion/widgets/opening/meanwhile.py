"""Waiting for what a worker thread does, in a window that goes on to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from qtpy.QtCore import QEvent, QEventLoop, QObject, QTimer
from qtpy.QtWidgets import QProgressDialog, QPushButton, QWidget

from napari_refusion.widgets.worker import Job

Found = TypeVar("Found")

SIGN_AFTER: Final = 500
"""Milliseconds after which it is said that something is being done."""


class StoppedError(Exception):
    """The user did not want to wait any longer, or closed the window."""


def meanwhile(window: QWidget | None, words: str, work: Callable[..., Found], *given: object) -> Found:
    """Return what ``work(*given)`` returns, computed in a worker thread while a window draws and answers.

    What has begun in the thread ends by itself after the user has stopped waiting.

    Parameters
    ----------
    window
        None where nobody sees one: then it is computed at once, in this thread.
    words
        What is being done, shown with a button to stop waiting.

    Raises
    ------
    StoppedError
        If the user stopped it.
    Exception
        What `work` raises.
    """
    if window is None:
        return work(*given)
    found: list[Any] = []
    loop, job = QEventLoop(), Job(window, _outcome, work, *given)
    job.message.connect(found.append)
    job.ended.connect(lambda _end: loop.quit())
    sign, late = _sign(window, words, job)
    closing = _Closing(window, job, late)
    job.start()
    loop.exec()
    if closing.is_closed:
        raise StoppedError  # whatever came just before: there is no window any more
    closing.setParent(None)
    late.stop()  # or it would still come, after what was quick
    sign.blockSignals(True)  # to be closed is no wish to stop
    sign.close()  # at once: it is deleted only by a loop of Qt's own, which a script that draws need not have
    sign.deleteLater()
    if not found:
        raise StoppedError
    result, error = found[0]
    if error is not None:
        raise error
    return result


def is_waiting(window: QObject | None) -> bool:
    """Return whether something is being waited for in a window."""
    return window is not None and window.findChild(_Closing) is not None


class _Closing(QObject):
    """Stops a job when its window is closed, and the sign that would come for it."""

    def __init__(self, window: QWidget, job: Job, late: QTimer) -> None:
        super().__init__(window)
        self._job, self._late, self.is_closed = job, late, False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Let everything through."""
        # not its closing, which somebody may take back; one that is made small is hidden by the desktop
        if event is not None and event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.is_closed = True
            self._late.stop()
            self._job.close()
        return super().eventFilter(watched, event)


def _sign(window: QWidget, words: str, job: Job) -> tuple[QProgressDialog, QTimer]:
    """Return what says what is being done, with a button to stop waiting, and what shows it after a while.

    The window stays usable.
    """
    sign = QProgressDialog(words, "Cancel", 0, 0, window)
    sign.setWindowTitle("ReFusion")
    for cancel in sign.findChildren(QPushButton):
        cancel.setAutoDefault(False)  # Enter answers the question before it; pressed twice, it would stop the reading
    sign.reset()  # else Qt shows it 4 seconds from now, over a question that is asked meanwhile, when all is read
    sign.setAutoReset(False)
    sign.canceled.connect(job.close)
    late = QTimer(sign)
    late.setSingleShot(True)
    late.timeout.connect(sign.show)
    late.start(SIGN_AFTER)
    return sign, late


def _outcome(work: Callable[..., Found], *given: object) -> Iterator[tuple[Found | None, BaseException | None]]:
    """Yield what is returned or raised: an error belongs to who waits for it."""
    try:
        yield work(*given), None
    except Exception as error:
        yield None, error

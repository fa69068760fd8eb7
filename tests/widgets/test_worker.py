"""A job leaves the window the first turn, and ends as its generator does."""

import os
import sys
import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QObject

from napari_refusion.widgets.worker import BEHIND, Job, in_worker


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows a niceness of single threads")
def test_a_job_steps_back_behind_the_window_and_not_further_with_every_job(qtbot: QtBot) -> None:
    owner = QObject()
    found: list[int] = []

    def work() -> Iterator[int]:
        yield os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    for _ in range(2):
        job = Job(owner, work)
        job.message.connect(found.append)
        with qtbot.waitSignal(job.ended, timeout=10_000):
            job.start()
    window = os.getpriority(os.PRIO_PROCESS, os.getpid())
    assert found == [min(window + BEHIND, 19)] * 2


def test_an_error_in_a_job_is_reported_and_ends_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[BaseException] = []
    monkeypatch.setattr(
        "napari_refusion.widgets.worker.notification_manager.receive_error", lambda *error: shown.append(error[1])
    )

    def broken() -> Generator[int, object, None]:
        yield 1
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    found: list[object] = []
    owner = QObject()
    in_worker(owner)(broken, (), found.append, found.append).start()
    qtbot.waitUntil(lambda: "failed" in found, timeout=10_000)
    assert found == [1, "failed"]
    assert "mat1" in str(shown[0])


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_job_without_a_viewer_disconnects_nothing_that_is_not_connected(qtbot: QtBot) -> None:
    def work() -> Generator[int, object, None]:
        yield 1

    owner, found = QObject(), list[object]()
    job = Job(owner, work)
    job.message.connect(found.append)
    with qtbot.waitSignal(job.ended, timeout=10_000):
        job.start()
    assert found == [1]

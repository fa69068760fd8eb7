"""Looking for hidden uptake while the reader rests at a slice."""

from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QObject

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.widgets.fuse.uptake_watch import UptakeWatch
from tests.evidence.test_examination import examiner, fused

WAIT = 60_000
"""Milliseconds."""


class Told:
    """What was found, in its order."""

    def __init__(self, watch: UptakeWatch) -> None:
        self.all: list[tuple[str, int]] = []
        watch.found.connect(lambda finding, spots: self.all.append((finding.level if finding else "", len(spots))))


@pytest.fixture
def session() -> Any:  # noqa: ANN401 - what the watch asks of a session
    """A session that shows a volume whose uptake was dropped."""
    dropping = examiner(0.0, 1.0)
    partial: PartialFusion = fused(dropping)
    started = SimpleNamespace(partial=partial, kept=SimpleNamespace(engine=dropping.engine))
    return SimpleNamespace(partial=partial, shown=SimpleNamespace(started=started), request=None)


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:
    return QObject()


def test_a_slice_is_looked_at_after_a_rest_and_known_from_then_on(
    session: Any,  # noqa: ANN401
    parent: QObject,
    qtbot: QtBot,
) -> None:
    watch = UptakeWatch(session, parent)
    told = Told(watch)
    watch.look_at(3)
    assert told.all == [("", 0)]
    qtbot.waitUntil(lambda: told.all == [("", 0), ("warn", 1)], timeout=WAIT)
    watch.look_at(3)
    assert len(told.all) == 2
    watch.look_at(None)
    assert told.all[2:] == [("", 0)]


def test_what_is_being_fused_comes_first(
    session: Any,  # noqa: ANN401
    parent: QObject,
    qtbot: QtBot,
) -> None:
    session.request = "another slice"
    watch = UptakeWatch(session, parent)
    told = Told(watch)
    watch.look_at(3)
    qtbot.wait(1200)  # more than twice as long as it rests
    assert told.all == [("", 0)]
    session.request = None
    qtbot.waitUntil(lambda: told.all[1:] == [("warn", 1)], timeout=WAIT)


def test_a_slice_that_was_left_is_not_told(
    session: Any,  # noqa: ANN401
    parent: QObject,
    qtbot: QtBot,
) -> None:
    watch = UptakeWatch(session, parent)
    told = Told(watch)
    watch.look_at(3)
    watch.look_at(6)  # empty
    qtbot.wait(2500)
    assert ("warn", 1) not in told.all

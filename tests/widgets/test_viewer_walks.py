"""Random actions in a real viewer: no traceback, and nothing is said of layers that are gone or not chosen."""

import re
import sys
from collections.abc import Callable, Iterator
from random import Random
from types import TracebackType

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from napari.utils.notifications import Notification, NotificationSeverity, notification_manager
from pytestqt.qtbot import QtBot

from tests.recorded import IS_THOROUGH
from tests.widgets.reader import ACTIONS, Reader

WALKS = 100 if IS_THOROUGH else 4


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Tracebacks in slots, and errors that napari would show."""
    found: list[str] = []

    def note(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        found.append(f"{kind.__name__}: {error}")

    def hear(notification: Notification) -> None:
        if notification.severity >= NotificationSeverity.ERROR:
            found.append(notification.message)

    monkeypatch.setattr(sys, "excepthook", note)
    notification_manager.notification_ready.connect(hear)
    yield found
    notification_manager.notification_ready.disconnect(hear)


def said(reader: Reader) -> dict[str, str]:
    """Everything that is said of a pair on the pages Fuse and Register."""
    widget = reader.widget
    register = widget.panels.register
    return {
        "findings": " ".join(one.sentence for one in widget.findings.shown),
        "registration": f"{register.status.text()} {register.roles.text()}",
        "self-test": " ".join(one.sentence for one in register.findings.shown),
    }


def check(reader: Reader, faults: list[str], done: list[str]) -> None:
    """Hold what is said against the layers that are chosen."""
    assert faults == [], done
    viewer = reader.viewer
    opened = any(name in viewer.canvas.overlays for name in ("refusion_notice",))
    assert opened == reader.was_opened, done
    if not reader.was_opened or not reader.is_docked:
        return
    widget = reader.widget
    chosen = widget.statements.keys
    there = {str(layer.unique_id) for layer in viewer.layers}
    assert chosen <= there, done
    ours = (reader.names_of(layer) for layer in viewer.layers if str(layer.unique_id) in chosen)
    names: set[str] = set().union(*ours)
    for place, words in said(reader).items():
        assert set(re.findall(r"scan\d{3}x", words)) <= names, f"{place}: {words}; {names}; {done}"
    if len(chosen) < 2:
        assert not widget.legend.isVisible(), done
    request = widget.session.request
    if request is not None and len(chosen) == 2:
        assert frozenset(request.keys) == chosen, done


def walk(reader: Reader, faults: list[str], seed: int) -> None:
    random = Random(seed)
    reader.begin(random)
    done: list[str] = []
    for _ in range(random.randrange(8, 16)):
        done.append(random.choice(ACTIONS))
        getattr(reader, done[-1])()
        reader.pause()
        check(reader, faults, [str(seed), *done])


@pytest.mark.slow
@pytest.mark.usefixtures("unfrozen")
@pytest.mark.parametrize("part", range(4))
def test_whatever_a_reader_does_in_a_viewer_nothing_fails_and_nothing_untrue_is_said(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, faults: list[str], part: int
) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    reader = Reader(make_napari_viewer(), qtbot)
    check(reader, faults, ["nothing is open"])
    for seed in range(part * WALKS // 4, (part + 1) * WALKS // 4):
        walk(reader, faults, seed)
    # the window closes in the middle of work
    reader.begin(Random(part))
    reader.fuse_volume()

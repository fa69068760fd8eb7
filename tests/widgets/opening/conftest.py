"""A viewer that is shown, with the Fuse widget, and a disk in place of the readers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.fuse.widget import FuseWidget
from tests.small_pair import small_mri, small_pet
from tests.widgets.opening.disk import Disk
from tests.widgets.opening.listed import echoes, frames


@pytest.fixture
def widget(make_napari_viewer: Callable[..., Viewer], qtbot: QtBot) -> FuseWidget:
    """The Fuse widget of a viewer on the screen; Live is off."""
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer(show=True)
    _, made = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    qtbot.waitUntil(lambda: made.isVisible(), timeout=10_000)
    return made


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """What the readers find, by UID."""
    made = Disk()
    monkeypatch.setattr("napari_refusion.io.listing.list_path", made.list_path, raising=False)
    monkeypatch.setattr("napari_refusion.io.open.open_volumes", made.open_volumes, raising=False)
    monkeypatch.setattr("napari_refusion.io.open.open_volume", made.open_volume)
    made.volumes = {
        "1.2.2": [replace(small_mri(), modality="CT", name="CT")],
        "1.2.3": [replace(small_pet(), name="AC")],
        "1.2.4": [replace(small_pet(), name="NAC")],
        "1.2.5": frames(3),
        "1.2.6": echoes(),
    }
    return made

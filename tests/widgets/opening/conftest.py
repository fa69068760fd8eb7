"""A viewer that is shown, with the Fuse widget."""

from collections.abc import Callable

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.fuse.widget import FuseWidget


@pytest.fixture
def widget(make_napari_viewer: Callable[..., Viewer], qtbot: QtBot) -> FuseWidget:
    """The Fuse widget of a viewer on the screen; Live is off."""
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer(show=True)
    _, made = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    qtbot.waitUntil(lambda: made.isVisible(), timeout=10_000)
    return made

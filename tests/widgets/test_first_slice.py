"""From an empty window to the first fused slice through napari's own menu: four clicks, one for each menu."""

from collections.abc import Callable

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QMenu

from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_marks import KEY

CLICKS = 4

SAMPLES = {
    "Head phantom: PET and MRI": "medical",
    "Street by night: infrared and visible": "infrared_visible",
    "Cup and shelf: near and far focus": "multi_focus",
    "Room with a window: under- and over-exposed": "multi_exposure",
}
"""Title of a sample -> the task that it is of."""


def click_through(viewer: Viewer, *titles: str) -> int:
    """Click on these entries, each in the menu that the one before opened; return how many clicks that were."""
    clicks = 0
    actions = viewer.window._qt_window.menuBar().actions()
    for title in titles:
        (action,) = [one for one in actions if one.text().replace("&", "").startswith(title)]
        clicks += 1
        menu = action.menu()
        if not isinstance(menu, QMenu):
            action.trigger()
            break
        menu.aboutToShow.emit()
        actions = menu.actions()
    return clicks


def fused(viewer: Viewer) -> bool:
    """Return whether a slice of a result is there."""
    partials = [layer.metadata[KEY]["partial"] for layer in viewer.layers if "fusion" in layer.metadata.get(KEY, {})]
    return any(partial.done.any() for partial in partials)


@pytest.mark.parametrize(("title", "task"), SAMPLES.items())
def test_four_clicks_lead_to_the_first_fused_slice(
    make_napari_viewer: Callable[..., Viewer], title: str, task: str, qapp: QApplication, qtbot: QtBot
) -> None:
    if qapp.platformName() in ("offscreen", "minimal"):
        pytest.skip("needs a display")
    assert get_plugin_settings("napari-refusion").fusion.live
    viewer = make_napari_viewer(show=True)
    assert click_through(viewer, "File", "Open Sample", "napari-refusion", title) <= CLICKS
    qtbot.waitUntil(lambda: fused(viewer), timeout=60_000)
    (widget,) = viewer.window._qt_window.findChildren(FuseWidget)
    assert widget.page.form.task.currentData() == task
    widget.close_job()
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)

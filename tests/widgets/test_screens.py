"""Every page within a window of a laptop's and a desk's screen, with usual and with large letters."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings, get_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.evidence.measures import FusedImages
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.evidence.picture_state import picture_state
from napari_refusion.evidence.slice_uptake import SliceUptake, uptake_finding
from napari_refusion.look import RED
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from tests.widgets.laid_out import faults, tabs_that_are_cut

SCREENS = {"laptop": (1280, 720), "desk": (1920, 1080)}

LONG_NAME = "sub-0042_ses-20261127_trc-fluorodeoxyglucose_rec-acdyn_desc-preproc_pet"

DECORATION = 28
"""Pixels that a window manager takes for the title."""


AROUND_DOCK = 109
"""Pixels of a window above and below the dock's content in such letters: menu, title and status bar."""

LARGE_DOCK = 500
"""Pixels that the dock may be wide in letters of one and a half times the size."""


@pytest.fixture
def letters(request: pytest.FixtureRequest) -> Iterator[float]:
    """Letters larger by a factor, by Qt and by napari's own preference."""
    scale: float = request.param
    application, appearance = QApplication.instance(), get_settings().appearance
    usual, size = application.font(), appearance.font_size
    large = application.font()
    large.setPointSizeF(usual.pointSizeF() * scale)
    application.setFont(large)
    appearance.font_size = round(size * scale)
    yield scale
    application.setFont(usual)
    appearance.font_size = size


@pytest.fixture
def widget(
    make_napari_viewer: Callable[..., Viewer], letters: float, mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot
) -> Iterator[FuseWidget]:
    """The Fuse widget beside a pair that is fused, in a window that is shown."""
    settings = get_plugin_settings("napari-refusion")
    settings.fusion.live = False
    settings.review.folder, settings.review.reader = str(tmp_path / "project"), "R1"
    viewer = make_napari_viewer(show=True)
    for volume in (mri, replace(pet, name=LONG_NAME)):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    yield widget
    widget.panels.review.end()


def resize(window: QWidget, width: int, height: int, qtbot: QtBot) -> None:
    """Give a window this size, as far as it goes: how far is known when its docks were laid out."""
    for _ in range(3):
        window.resize(width, height)
        qtbot.wait(60)


def say_all_of_picture(widget: FuseWidget) -> None:
    """Let the line about the fused slice say everything that it can."""
    one, many = (np.full((8, 8), value, np.float32) for value in (0.5, 0.501))
    fused = np.full((8, 8), 0.5, np.float32)
    fused[0], fused[1], fused[2] = 1.0, 0.7, 0.3
    state = picture_state(FusedImages(one, many, fused), None, "")
    assert state is not None
    assert state.value == "12.5 % white, 25.0 % above, 12.5 % below"
    spot = MissedUptake(3, (3, 4, 5), (0.0, 0.0, 0.0), 0.5, 0.1)
    hidden = uptake_finding(SliceUptake(12, (spot,) * 12), widget.partial.study)
    widget.findings.show_findings([state])
    widget.page.picture.show_uptake(hidden, (spot,) * 12)


def filling(widget: FuseWidget) -> QWidget:
    """The page Fuse while a volume is being filled, with every kind of window."""
    widget.page.allow(ready=True, filling=True)
    widget.page.begin_progress(3, 91)
    return widget


def typed(widget: FuseWidget) -> QWidget:
    choose(widget.page.first.window_choice, "custom")
    return widget


def comparing(widget: FuseWidget) -> QWidget:
    widget.panels.setCurrentWidget(widget.panels.compare)
    widget.panels.comparing.choose("swipe")
    return widget


def probing(widget: FuseWidget) -> QWidget:
    widget.panels.setCurrentWidget(widget.panels.probe)
    return widget


def listing_lesions(widget: FuseWidget) -> QWidget:
    """The page Lesions with a lesion and everything that it may say."""
    panel = widget.panels.lesions
    widget.panels.setCurrentWidget(panel)
    if not len(panel.session.lesions):
        panel.session.add_at(panel.session.now.sources[0].volume.grid.point_at(np.array([3.0, 12.0, 16.0])))
    panel.form.say("Click on uptake in any plane; Escape ends it.")
    panel.form.show_hidden("The fused image hides 1 of 1: 1. Look at the sources there.", RED)
    return widget


def registering(widget: FuseWidget) -> QWidget:
    widget.panels.setCurrentWidget(widget.panels.register)
    return widget


def starting_review(widget: FuseWidget) -> QWidget:
    widget.panels.review.end()
    widget.panels.setCurrentWidget(widget.panels.review)
    return widget


def reviewing(tab: int, widget: FuseWidget) -> QWidget:
    """A review that is going on, on one of its tabs, before and after the registration is answered."""
    review = widget.panels.review
    widget.panels.setCurrentWidget(review)
    if review.session is None:
        review.begin(Path(get_plugin_settings("napari-refusion").review.folder), "R1")
    assert review.reading is not None
    if tab and not review.session.review.registration:
        review.reading.answer("aligned")
    review.form.tabs.setCurrentIndex(tab)
    return widget


def giving_verdict(widget: FuseWidget) -> QWidget:
    reviewing(1, widget)
    widget.panels.review.keys.press("Ctrl+Return")
    return widget


def worklist_of(widget: FuseWidget) -> QWidget:
    """The worklist, which lies as a tab on the Fuse widget."""
    _, worklist = widget._viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    worklist.parentWidget().raise_()
    return worklist


PAGES: dict[str, Callable[[FuseWidget], QWidget]] = {
    "fuse": lambda widget: widget,
    "fuse, filling": filling,
    "fuse, typed window": typed,
    "compare": comparing,
    "probe": probing,
    "lesions": listing_lesions,
    "register": registering,
    "review, start": starting_review,
    **{f"review, tab {tab + 1}": partial(reviewing, tab) for tab in range(4)},
    "review, verdict": giving_verdict,
    "worklist": worklist_of,
}
"""Page -> opens it, and returns what is looked at."""


@pytest.mark.slow
@pytest.mark.parametrize("letters", [1.0, 1.5], indirect=True)
def test_every_control_of_every_page_is_inside_and_no_text_is_cut(
    widget: FuseWidget, letters: float, qtbot: QtBot
) -> None:
    window = widget.window()
    found: list[str] = []
    free = widget.page.first.layer, widget.page.second.layer, widget.panels.compare.mode
    free = *free, widget.panels.lesions.form.method.source
    say_all_of_picture(widget)
    for screen, (width, height) in SCREENS.items():
        resize(window, width, height - DECORATION, qtbot)
        for name, open_page in PAGES.items():
            widget.parentWidget().raise_()
            widget.panels.review.pages.verdict.leave()
            widget.panels.setCurrentIndex(0)
            widget.page.allow(ready=True, filling=False)
            page = open_page(widget)
            resize(window, width, height - DECORATION, qtbot)
            where = f"{screen}, {name}"
            said = widget.page.picture.text
            if letters == 1 and said.isVisible() and said.fontMetrics().horizontalAdvance(said.text()) > said.width():
                found.append(f"{where}: {said.text()!r} in {said.width()} px")
            # in large letters napari's own controls and slider take more than is left of a laptop's width
            others = 0 if letters == 1 else window.minimumSizeHint().width() - widget.minimumSizeHint().width()
            room = max(width, others + LARGE_DOCK)
            # nor does the column of layers leave a laptop's height to them: what counts there is the dock
            tall = window.height() if letters == 1 else widget.minimumSizeHint().height() + AROUND_DOCK
            if window.width() > room or tall > height - DECORATION:
                found.append(f"{where}: the window is {window.width()} x {window.height()}")
            found += [f"{where}: {fault}" for fault in (*faults(page, free), *tabs_that_are_cut(widget.panels))]
    assert found == [], "\n".join(found)

"""A review is begun where it was left, goes on with another fusion, and is left with everything that was said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_refusion.record.chain_end import ChainEnd
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.review.panel import ReviewPanel
from tests.widgets.review.test_panel import begin, open_pair, press, reading_of, states


@pytest.fixture
def widget(
    make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume, weights: Path, qtbot: QtBot
) -> FuseWidget:
    return open_pair(make_napari_viewer(show=True), mri, pet, weights, qtbot)


@pytest.fixture
def panel(widget: FuseWidget, tmp_path: Path, qtbot: QtBot) -> ReviewPanel:
    return begin(widget, tmp_path / "project", qtbot)


def test_a_review_goes_on_where_it_was_left_and_undo_reaches_back_across_windows(
    widget: FuseWidget, panel: ReviewPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    reading_of(panel).answer("aligned")
    panel.watch.go_to(3)
    qtbot.waitUntil(lambda: states(panel)[3] == "seen", timeout=5_000)
    panel.keys.press("R")
    panel.keys.press("3")
    panel.end()
    panel.watch.go_to(0)
    again = begin(widget, tmp_path / "project", qtbot)
    assert again.watch.index() == 3
    assert again.session is not None
    assert again.session.review.slice(3).reasons == ("invented",)
    again.keys.press("U")
    assert states(again)[3] == "seen"


def test_another_window_makes_old_verdicts_stale_and_the_old_window_brings_them_back(
    widget: FuseWidget, panel: ReviewPanel, qtbot: QtBot
) -> None:
    reading_of(panel).answer("aligned")
    panel.watch.go_to(2)
    panel.keys.press("A")
    old = panel.session
    assert old is not None
    assert "accepted" in panel.form.note.text()
    choose(widget.page.second.window_choice, "custom")
    widget.page.second.custom.setText("0,50")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: panel.session is not None and panel.session.run != old.run, timeout=60_000)
    assert panel.form.note.text() == ""  # that was said of the other fusion
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert panel.session is not None
    assert states(panel)[2] in ("unseen", "seen")
    assert 2 in panel.session.journal.stale
    assert "not counted here" in panel.form.case.title.text()
    widget.undo()
    qtbot.waitUntil(lambda: panel.session is not None and panel.session.run == old.run, timeout=60_000)
    assert states(panel)[2] == "accept"
    assert 2 not in panel.session.journal.stale


def test_what_is_not_on_the_disk_at_the_end_is_kept_where_the_reader_says(
    panel: ReviewPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: Store) -> None:
        raise refuse("output", "The disk is full.")

    elsewhere = tmp_path / "kept.sqlite"
    with monkeypatch.context() as disk:
        disk.setattr(ChainEnd, "write", full)
        panel.keys.press("1")
        assert "disk is full" in panel.form.note.text()
        disk.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(elsewhere), ""))
        panel.end()
    assert "saved in" in panel.pages.start_page.message.text()
    assert elsewhere.exists()


def test_a_wrong_reader_name_is_a_sentence(widget: FuseWidget, tmp_path: Path) -> None:
    panel = widget.panels.review
    panel.begin(tmp_path / "project", "../R1")
    assert panel.session is None
    assert "letters" in panel.pages.start_page.message.text()


def test_a_window_that_is_dragged_does_not_open_the_review_again_for_the_same_fusion(
    widget: FuseWidget, panel: ReviewPanel
) -> None:
    session = panel.session
    widget.page.form.coloured.toggle()  # shows the same fusion anew
    assert panel.session is session


def test_the_verdict_on_a_case_gives_way_when_another_pair_is_fused_behind_it(
    widget: FuseWidget, panel: ReviewPanel, pet: Volume, qtbot: QtBot
) -> None:
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert panel.pages.verdict.isVisible()
    first = reading_of(panel).session.run.case_id
    other = Volume(np.ascontiguousarray(pet.data[:, ::-1]), pet.affine, modality="PT", name="another")
    data, properties, _ = to_layer_data(other)
    layer = widget._viewer.add_image(data, **properties)
    row = next(one for one in (widget.page.first, widget.page.second) if one.layer.currentText() == pet.name)
    choose(row.layer, str(layer.unique_id))
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: reading_of(panel).session.run.case_id != first, timeout=60_000)
    assert not panel.pages.verdict.isVisible()

"""The worklist in a viewer: two cases, one after the other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QDockWidget, QLineEdit

from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.cohort.worklist import list_cases, shuffled
from napari_refusion.io.write import write_nifti
from napari_refusion.record.project_folder import change_project
from napari_refusion.session.review import ReviewSession
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.small_pair import small_mri, small_pet
from tests.widgets.made import IPL_AFFINE, blob

VERDICT = {"value": "usable", "confidence": 3, "comment": "", "seconds": 20.0, "lights": {}}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Two folders with a PET and an MRI each."""
    folder = tmp_path / "cases"
    for number in (1, 2):
        place = folder / f"case{number}"
        place.mkdir(parents=True)
        for name, seed in (("pet", 10 * number), ("T1w", 10 * number + 1)):
            write_nifti(Volume(blob((6, 24, 32), seed), IPL_AFFINE), place / f"{name}.nii.gz")
    return folder


@pytest.fixture
def panel(make_napari_viewer: Callable[..., Viewer], cases: Path, tmp_path: Path) -> WorklistPanel:
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer()
    _, made = viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist")
    made.cases.setText(str(cases))
    made.folder.setText(str(tmp_path / "project"))
    made.reader.setText("R1")
    made.refresh()
    return made


def column(panel: WorklistPanel, place: int) -> list[str]:
    items = [panel.table.item(row, place) for row in range(panel.table.rowCount())]
    return [item.text() for item in items if item is not None]


def test_the_cases_of_a_folder_are_listed_as_new(panel: WorklistPanel) -> None:
    assert sorted(column(panel, 0)) == ["case1", "case2"]
    assert column(panel, 1) == ["PET + MRI"] * 2
    assert column(panel, 2) == ["new", "new"]


def test_the_cases_stand_in_the_order_in_which_they_are_opened(panel: WorklistPanel) -> None:
    for reader in ("R1", "R2", "R3", "R4", "R5", "R6"):
        panel.reader.setText(reader)
        panel.refresh()
        assert panel.listed is not None
        found = list_cases(Path(panel.cases.text())).cases
        assert column(panel, 0) == [case.label for case in shuffled(found, panel.listed.project.seed, reader)]


def test_no_heading_sorts_the_list_for_what_is_shown_is_what_open_next_does(panel: WorklistPanel, qtbot: QtBot) -> None:
    before, header = column(panel, 0), panel.table.horizontalHeader()
    assert header is not None
    panel.table.show()
    for place in range(panel.table.columnCount()):
        spot = QPoint(header.sectionViewportPosition(place) + 3, 3)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        assert column(panel, 0) == before
    following = panel._following()
    assert following is not None
    assert following.label == before[0]
    bold = [row for row in range(2) if (item := panel.table.item(row, 0)) is not None and item.font().bold()]
    assert bold == [0]


def test_cases_are_opened_one_after_the_other_and_each_is_reviewed_by_itself(
    panel: WorklistPanel, qtbot: QtBot
) -> None:
    assert panel.listed is not None
    viewer, seen = panel._window._viewer, list[str]()
    widget = panel._window.fuse_widget()
    review = widget.panels.review
    for _ in range(2):
        panel.open_next()
        qtbot.waitUntil(lambda: review.session is not None and review.session.run.case_id not in seen, timeout=120_000)
        qtbot.waitUntil(lambda: widget.is_idle, timeout=15_000)
        session = review.session
        assert session is not None
        seen.append(session.run.case_id)
        assert panel.message.text() == f"{panel.current} is open."
        assert panel.current == panel.listed.cases[len(seen) - 1].label
        review.keys.press("1")
        assert sum(layer.name.startswith(("pet", "T1w")) for layer in viewer.layers) == 2
        assert session.review.registration == "aligned"
    assert len(set(seen)) == 2
    review.end()
    panel.refresh()
    assert column(panel, 2) == ["in review", "in review"]


def test_while_a_case_is_fused_the_review_begins_by_itself_and_nothing_is_asked_for_that_is_done_already(
    panel: WorklistPanel, qtbot: QtBot
) -> None:
    review, steps = panel._window.fuse_widget().panels.review, list[str]()
    start = review.pages.start_page

    def note_step() -> None:
        assert review.reading is not None
        review.reading.answer("aligned")
        steps.append(review.form.step.text())

    review.volume_wanted.connect(note_step)
    panel.open_next()
    qtbot.waitUntil(lambda: bool(panel.current), timeout=60_000)
    assert review.session is None
    assert not start.start.isEnabled()
    assert start.message.text().startswith("This review begins by itself")
    qtbot.waitUntil(lambda: bool(steps), timeout=60_000)
    assert steps == ["The other slices are being fused; those that are there can be judged."]
    qtbot.waitUntil(lambda: panel._window.fuse_widget().is_idle, timeout=60_000)
    assert review.form.step.text() == ""
    review.end()
    assert start.start.isEnabled()


def test_the_fuse_widget_opens_as_a_tab_for_both_are_too_high_for_a_small_screen(panel: WorklistPanel) -> None:
    window = panel._window._viewer.window._qt_window
    dock = window.findChild(QDockWidget, "Worklist (napari-refusion)")
    assert window.tabifiedDockWidgets(dock) == []
    panel._window.fuse_widget()
    assert [one.objectName() for one in window.tabifiedDockWidgets(dock)] == ["Fuse (napari-refusion)"]


def test_the_list_is_narrowed_to_what_is_still_to_read(panel: WorklistPanel) -> None:
    panel.filter.setCurrentText("discordant")
    assert panel.table.rowCount() == 0
    panel.filter.setCurrentText("still to read")
    assert panel.table.rowCount() == 2


def test_the_summary_is_a_page_and_a_table(panel: WorklistPanel, tmp_path: Path) -> None:
    panel.write_summary()
    written = {path.suffix for path in (tmp_path / "project" / "reports").iterdir()}
    assert written == {".html", ".tsv"}


def test_the_summary_is_reached_and_written_without_a_mouse(panel: WorklistPanel, tmp_path: Path, qtbot: QtBot) -> None:
    window = panel.window()
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    panel.reader.setFocus()
    for _ in range(4):  # List, Open, Open next, Summary
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert window.focusWidget() is panel.summary
    qtbot.keyClick(panel.summary, Qt.Key.Key_Space)
    assert list((tmp_path / "project" / "reports").glob("*.html"))


def test_a_damaged_source_is_a_sentence(panel: WorklistPanel, cases: Path, qtbot: QtBot) -> None:
    for path in cases.rglob("*.nii.gz"):
        path.write_bytes(path.read_bytes()[:200])
    panel.open_next()
    qtbot.waitUntil(lambda: "Opening" not in panel.message.text(), timeout=15_000)
    assert panel.message.text().startswith("case")


def test_a_case_that_is_refused_says_why_in_sight_and_takes_no_letters_in_a_line(
    panel: WorklistPanel, cases: Path, qtbot: QtBot
) -> None:
    away = IPL_AFFINE.copy()
    away[0, 3] += 500  # mm to the right: nothing of both overlaps
    for case in ("case1", "case2"):
        write_nifti(Volume(blob((6, 24, 32), 5), away), cases / case / "pet.nii.gz", overwrite=True)
    panel.open_next()
    widget = panel._window.fuse_widget()
    qtbot.waitUntil(lambda: any(one.level == "block" for one in widget.findings.shown), timeout=60_000)
    assert widget.panels.currentWidget() is widget.page
    assert panel.message.text() == f"{panel.current} is open. It is not fused: the page Fuse says why."
    assert panel.listed is not None
    assert [panel.listed.status(one) for one in panel.listed.cases] == ["not fused", "new"]
    following = panel._following()
    assert following == panel.listed.cases[1]
    focused = panel._window._viewer.window._qt_window.focusWidget()
    assert focused is not None
    assert not isinstance(focused, QLineEdit)


def asked(panel: WorklistPanel, qtbot: QtBot) -> str:
    """Press *Open next*; return what is said in the end."""
    panel.open_next()
    qtbot.waitUntil(lambda: "Opening" not in panel.message.text(), timeout=15_000)
    return panel.message.text()


def status_of(panel: WorklistPanel, case: WorkCase) -> str:
    row = next(row for row in range(2) if (name := panel.table.item(row, 0)) and name.text() == case.label)
    item = panel.table.item(row, 2)
    assert item is not None
    return item.text()


def test_a_case_is_called_open_as_long_as_its_layers_are_there(panel: WorklistPanel, qtbot: QtBot) -> None:
    layers = panel._window._viewer.layers
    for number in (1, 2):
        assert asked(panel, qtbot).endswith("is open.")
        label = panel.current
        assert label
        if number == 2:
            layers.remove(next(layer for layer in layers if layer.name.startswith("pet")))
        else:
            layers.clear()
        assert panel.message.text().startswith(f"{label} was closed")
        assert panel.current == ""


def test_open_next_goes_on_after_a_damaged_case(panel: WorklistPanel, qtbot: QtBot) -> None:
    assert panel.listed is not None
    damaged, good = panel.listed.cases
    damaged.first.write_bytes(damaged.first.read_bytes()[:200])
    assert asked(panel, qtbot).startswith(f"{damaged.label}: ")
    bold = [row for row in range(2) if (item := panel.table.item(row, 0)) is not None and item.font().bold()]
    assert bold == [1]
    assert asked(panel, qtbot).startswith(f"{good.label} is open")
    # it does not come again by itself
    assert asked(panel, qtbot).endswith(f"Not to be shown: {damaged.label} (cannot be read).")
    assert panel.current == good.label
    assert status_of(panel, damaged) == "cannot be read"
    panel.refresh()  # its files may be mended
    assert status_of(panel, damaged) == "new"


def test_a_case_without_a_verdict_is_not_called_read(panel: WorklistPanel, cases: Path, qtbot: QtBot) -> None:
    panel.filter.setCurrentText("discordant")
    assert asked(panel, qtbot) == 'No other case is left under "discordant", 2 of the list are not read.'
    panel.filter.setCurrentText("all cases")
    for path in (cases / "case2").iterdir():
        path.unlink()
    (cases / "case2").rmdir()
    panel.refresh()
    assert asked(panel, qtbot).startswith("case1 is open")
    assert asked(panel, qtbot) == "Only case1 is left, which has no verdict yet."


def test_a_long_name_leaves_the_other_columns_in_sight_and_is_whole_in_its_tip(
    panel: WorklistPanel, cases: Path
) -> None:
    name = "case2_" + "acq-ALongProtocolName_" * 5 + "run-02"
    (cases / "case2").rename(cases / name)
    for reader, on in (("R1", False), ("R2", True)):
        panel.reader.setText(reader)
        panel.times.setChecked(on)
        panel.refresh()
        panel.resize(442, 600)
        header, viewport = panel.table.horizontalHeader(), panel.table.viewport()
        assert header is not None
        assert viewport is not None
        assert header.length() <= viewport.width()
        tips = [item.toolTip() for row in range(2) if (item := panel.table.item(row, 0)) is not None]
        assert any(tip.startswith(name) for tip in tips)


def test_nothing_chosen_is_a_sentence(panel: WorklistPanel) -> None:
    panel.table.clearSelection()
    panel.table.setCurrentCell(-1, -1)
    panel.open_chosen()
    assert "Choose a row" in panel.message.text()
    panel.reader.setText("../x")
    panel.refresh()
    assert "letters" in panel.message.text()


def test_a_case_that_comes_again_looks_like_any_other(panel: WorklistPanel, qtbot: QtBot) -> None:
    assert panel.listed is not None
    change_project(panel.listed.project, repeats=0.5)
    panel.refresh()
    assert column(panel, 0) == ["case 1", "case 2", "case 3"]
    assert column(panel, 2) == ["new"] * 3
    [repeat] = [case for case in panel.listed.cases if case.is_repeat]
    first = next(case for case in panel.listed.cases if case.first == repeat.first)
    widget = panel._window.fuse_widget()
    review = widget.panels.review
    before = None
    for case in (first, repeat):
        panel.open_case(case)
        qtbot.waitUntil(lambda before=before: review.reading not in (None, before), timeout=15_000)
        qtbot.waitUntil(lambda: widget.is_idle, timeout=15_000)
        before = reading = review.reading
        assert reading is not None
        assert reading.session.review.verdict is None
        assert reading.session.is_repeat == case.is_repeat
        assert panel.message.text() == f"{case.label} is open."  # nothing of another label with the same images
        if case is first:
            reading.store.append(reading.session.run.case_id, reading.session.run.run_id, "verdict", VERDICT)
            panel.refresh()
            assert sorted(column(panel, 2)) == ["new", "new", "read"]


def open_another(panel: WorklistPanel, qtbot: QtBot) -> ReviewSession:
    """Open the next case, and return its review."""
    review = panel._window.fuse_widget().panels.review
    before = "" if review.session is None else review.session.run.case_id
    panel.open_next()
    qtbot.waitUntil(lambda: review.session is not None and review.session.run.case_id != before, timeout=120_000)
    qtbot.waitUntil(lambda: panel._window.fuse_widget().is_idle, timeout=15_000)
    assert review.session is not None
    return review.session


def test_two_folders_of_the_same_images_share_a_review_which_is_said_and_the_list_ends(
    panel: WorklistPanel, cases: Path, qtbot: QtBot
) -> None:
    for path in (cases / "case1").iterdir():
        (cases / "case2" / path.name).write_bytes(path.read_bytes())
    assert panel.listed is not None
    first = panel.listed.cases[0].label
    session = open_another(panel, qtbot)
    session.journal.record("registration", {"answer": "aligned"})
    panel._window.fuse_widget().panels.review.end()
    other = next(label for label in ("case1", "case2") if label != first)
    panel.open_next()
    review = panel._window.fuse_widget().panels.review
    qtbot.waitUntil(lambda: review.session is not None, timeout=60_000)
    assert (
        panel.message.text()
        == f"{other} is open. It holds the same images as {first}: what is said of one counts for both."
    )
    assert review.session is not None
    assert review.session.review.registration == "aligned"
    assert review.session is not None
    review.session.journal.record("verdict", VERDICT)
    panel.open_next()
    assert panel.message.text() == "All cases are read."
    assert column(panel, 2) == ["read", "read"]
    assert [finding.rule for finding in panel.findings.shown] == ["worklist"]


def test_what_was_said_of_a_case_as_a_whole_is_not_offered_for_the_next_one(panel: WorklistPanel, qtbot: QtBot) -> None:
    form = panel._window.fuse_widget().panels.review.pages.verdict
    open_another(panel, qtbot)
    form.ask(["usable", "not_usable"], [])
    form.value.setCurrentIndex(1)
    form.confidence.setValue(1.0)
    form.comment.setText("uptake in the left lobe is lost")
    form.leave()
    open_another(panel, qtbot)
    form.ask(["usable", "not_usable"], [])
    assert (form.value.currentData(), form.confidence.value(), form.comment.text()) == ("usable", 3.0, "")


def test_a_verdict_that_was_not_given_yet_is_not_lost_by_the_key_of_the_next_case(
    panel: WorklistPanel, qtbot: QtBot
) -> None:
    review = panel._window.fuse_widget().panels.review
    verdict = review.pages.verdict
    panel.open_next()
    qtbot.waitUntil(lambda: review.session is not None, timeout=120_000)
    first = panel.current
    review.case.ask_verdict()
    assert not verdict.confirm.isEnabled()  # nothing was answered yet: there is no verdict that could be lost
    assert not review.holds("next case")
    verdict.leave()
    reading = review.reading
    assert reading is not None
    qtbot.waitUntil(lambda: reading.fusion.partial.is_complete, timeout=120_000)  # else there is no verdict to give
    reading.answer("unacceptable")
    review.case.ask_verdict()
    verdict.comment.setText("moved between the scans")
    panel.open_next()
    assert verdict.first.text().startswith("Give the verdict")
    assert (panel.current, verdict.comment.text()) == (first, "moved between the scans")
    assert panel.message.text() == f"{first} is open."
    qtbot.mouseClick(verdict.confirm, Qt.MouseButton.LeftButton)
    assert review.session is not None
    assert review.session.review.verdict is not None
    panel.open_next()
    qtbot.waitUntil(lambda: panel.current != first, timeout=120_000)


def test_a_comment_that_is_being_typed_when_the_next_case_is_opened_stays_with_its_slice(
    panel: WorklistPanel, qtbot: QtBot
) -> None:
    first = open_another(panel, qtbot)
    review = panel._window.fuse_widget().panels.review
    index = review.watch.index()
    qtbot.keyClicks(review.form.slice.comment, "cold spot")
    second = open_another(panel, qtbot)
    assert first.review.slice(index).comment == "cold spot"
    assert second.review.slice(index).comment == ""
    assert review.form.slice.comment.text() == ""


def test_a_reader_who_types_another_name_opens_cases_under_that_one(panel: WorklistPanel, qtbot: QtBot) -> None:
    panel.reader.setText("R2")
    open_another(panel, qtbot)
    reading = panel._window.fuse_widget().panels.review.reading
    assert reading is not None
    assert reading.store.reader == "R2"


def test_no_case_is_opened_under_the_name_before_where_the_new_one_is_none(panel: WorklistPanel, qtbot: QtBot) -> None:
    panel.reader.setText("../x")
    for act in (panel.open_next, panel.open_chosen, panel.write_summary):
        act()
        qtbot.wait(50)
        assert "letters" in panel.message.text()
    assert panel._window.fuse_widget().panels.review.reading is None
    assert panel.listed is not None
    assert not list(panel.listed.project.folder.glob("*.html"))


def test_a_row_that_was_chosen_in_another_list_is_not_opened(panel: WorklistPanel) -> None:
    panel.table.selectRow(1)
    panel.reader.setText("R2")
    panel.open_chosen()
    assert panel.message.text().endswith("Choose a row first.")


def test_another_list_begins_at_its_first_case_though_its_cases_are_called_alike(
    panel: WorklistPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    open_another(panel, qtbot)
    panel.folder.setText(str(tmp_path / "another project"))
    panel.refresh()
    assert panel.listed is not None
    following = panel._following()
    assert panel.current == ""
    assert following is not None
    assert following.label == panel.listed.cases[0].label


def test_a_review_of_a_case_that_is_not_fused_does_not_begin_with_another_pair(
    panel: WorklistPanel, cases: Path, qtbot: QtBot
) -> None:
    for path in cases.glob("*/T1w.nii.gz"):  # far from the PET: the pair is refused
        far = IPL_AFFINE.copy()
        far[:3, 3] += 900
        write_nifti(Volume(blob((6, 24, 32), 1), far), path, overwrite=True)
    widget = panel._window.fuse_widget()
    panel.open_next()
    qtbot.waitUntil(lambda: "is not fused" in panel.message.text(), timeout=60_000)
    viewer = panel._window._viewer
    made = [
        viewer.add_image(data, **properties) for data, properties, _ in map(to_layer_data, (small_mri(), small_pet()))
    ]
    for row, layer in zip((widget.page.first, widget.page.second), made, strict=True):
        choose(row.layer, str(layer.unique_id))
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle and widget.statements.shown is not None, timeout=60_000)
    assert widget.panels.review.reading is None


def test_the_page_of_reviews_offers_the_reader_of_the_last_one(panel: WorklistPanel, qtbot: QtBot) -> None:
    panel.reader.setText("R7")
    open_another(panel, qtbot)
    start = panel._window.fuse_widget().panels.review.pages.start_page
    assert (start.reader.text(), start.folder.text()) == ("R7", panel.folder.text())

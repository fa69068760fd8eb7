"""Reviewing in a viewer: by keys alone, kept across windows, stale when the fusion changes."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QInputDialog, QMessageBox, QWidget

import napari_refusion.report.output
from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.look import AMBER
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.session.reading import Reading
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.review.panel import ReviewPanel

SLICES = 6


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(show=True)


def open_pair(viewer: Viewer, mri: Volume, pet: Volume, weights: Path, qtbot: QtBot) -> FuseWidget:
    """Return the widget with a pair whose volume is fused."""
    get_plugin_settings("napari-refusion").fusion.live = False
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.partial is not None and widget.partial.is_complete, timeout=60_000)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    widget.panels.setCurrentWidget(widget.panels.review)
    widget.window().activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=10_000)
    return widget


def begin(widget: FuseWidget, folder: Path, qtbot: QtBot, reader: str = "R1") -> ReviewPanel:
    """Begin a review, and wait for its evidence."""
    panel = widget.panels.review
    panel.begin(folder, reader)
    assert panel.session is not None, panel.pages.start_page.message.text()
    qtbot.waitUntil(lambda: panel.session is not None and panel.session.examination is not None, timeout=60_000)
    return panel


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, pet: Volume, weights: Path, qtbot: QtBot) -> FuseWidget:
    return open_pair(viewer, mri, pet, weights, qtbot)


@pytest.fixture
def panel(widget: FuseWidget, tmp_path: Path, qtbot: QtBot) -> ReviewPanel:
    return begin(widget, tmp_path / "project", qtbot)


def press(qtbot: QtBot, panel: ReviewPanel, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """Press a key as the window gets it, wherever the focus is."""
    target = QApplication.focusWidget() or panel.form.strip
    assert isinstance(target, QWidget)
    qtbot.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)


def reading_of(panel: ReviewPanel) -> Reading:
    assert panel.reading is not None
    return panel.reading


def states(panel: ReviewPanel) -> list[str]:
    assert panel.session is not None
    return [panel.session.review.slice(index).state for index in range(SLICES)]


def test_the_verdict_is_told_as_recorded_to_a_second_reader_too(
    widget: FuseWidget, tmp_path: Path, qtbot: QtBot
) -> None:
    for reader in ("R1", "R2"):
        panel = begin(widget, tmp_path / "project", qtbot, reader)
        reading = reading_of(panel)
        reading.answer("unacceptable")
        panel.case.finish("not_usable", 3.0, "")
        assert panel.form.note.text().startswith("The verdict is recorded"), reader
        panel.end()
    assert "R1" in reading_words(tmp_path / "project", "R2")


def reading_words(folder: Path, reader: str) -> str:
    """Return whose words were shown to a reader, as it was recorded."""
    with Store.open(folder, reader, read_only=True) as store:
        return str([event.payload for event in store.all_events() if event.kind == "others"])


def test_a_whole_case_is_reviewed_with_the_keyboard_alone(
    viewer: Viewer, panel: ReviewPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    session = panel.session
    assert session is not None
    assert "are the sources aligned" in panel.form.step.text()
    press(qtbot, panel, Qt.Key.Key_A)
    assert "First answer" in panel.form.note.text()
    press(qtbot, panel, Qt.Key.Key_1)
    assert session.review.registration == "aligned"
    panel.watch.go_to(0)
    press(qtbot, panel, Qt.Key.Key_A)
    assert panel.watch.index() == 1
    press(qtbot, panel, Qt.Key.Key_S)
    assert "press 1 to 8" in panel.form.step.text()
    press(qtbot, panel, Qt.Key.Key_2)
    press(qtbot, panel, Qt.Key.Key_4)
    assert session.review.slice(1).reasons == ("uptake_lost", "saturation")
    press(qtbot, panel, Qt.Key.Key_2)
    assert session.review.slice(1).reasons == ("saturation",)
    press(qtbot, panel, Qt.Key.Key_I)
    assert session.review.slice(1).is_key
    press(qtbot, panel, Qt.Key.Key_M)
    qtbot.keyClicks(panel.form.slice.comment, "a1 hot spot")
    qtbot.keyClick(panel.form.slice.comment, Qt.Key.Key_Return)
    assert session.review.slice(1).comment == "a1 hot spot"
    panel.watch.go_to(2)
    press(qtbot, panel, Qt.Key.Key_R)
    press(qtbot, panel, Qt.Key.Key_1)
    for _ in range(3):
        press(qtbot, panel, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
        press(qtbot, panel, Qt.Key.Key_A)
    assert states(panel) == ["accept", "flag", "reject", "accept", "accept", "accept"]
    press(qtbot, panel, Qt.Key.Key_U)
    press(qtbot, panel, Qt.Key.Key_U)
    assert states(panel).count("accept") == 2
    press(qtbot, panel, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    press(qtbot, panel, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    assert states(panel) == ["accept", "flag", "reject", "accept", "accept", "accept"]

    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "at least 10 s" in panel.pages.verdict.lacking.text()  # nobody reads six slices that fast
    qtbot.keyClick(panel.pages.verdict, Qt.Key.Key_Escape)
    for index in range(SLICES):
        session.look(index, 5.0)
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.pages.verdict.value, Qt.Key.Key_Down)
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    verdict = session.review.verdict
    assert verdict is not None
    assert (verdict.value, verdict.confidence) == ("usable_with_flags", 3.0)
    [export_review] = (tmp_path / "project").rglob("*_review.json")
    assert json.loads(export_review.read_text())["verdict"]["value"] == "usable_with_flags"


def test_a_failed_check_is_overridden_by_keys_in_front_of_the_verdict(
    panel: ReviewPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session, verdict = panel.session, panel.pages.verdict
    assert session is not None
    red = [CheckOutcome(name, "red", "", "", "") for name in ("Intensity", "Output")]
    monkeypatch.setattr(type(session), "check_outcomes", lambda _session: tuple(red))
    press(qtbot, panel, Qt.Key.Key_1)
    for index in range(SLICES):
        session.look(index, 5.0)
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert verdict.lacking.text() == "Intensity and Output failed: override with a typed reason."
    assert [name for name, button in verdict.overrides.items() if button.isVisible()] == ["Intensity", "Output"]
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("", False))
    press(qtbot, panel, Qt.Key.Key_Space)
    assert session.review.overrides == {}
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("bright skull", True))
    press(qtbot, panel, Qt.Key.Key_Space)
    press(qtbot, panel, Qt.Key.Key_Space)
    assert session.review.overrides == {"Intensity": "bright skull", "Output": "bright skull"}
    assert not verdict.lacking.isVisible()
    verdict.comment.setFocus()
    press(qtbot, panel, Qt.Key.Key_A)
    assert (verdict.comment.text(), verdict.first.text()) == ("a", "")  # nothing is lacking: keys are letters
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.review.verdict is not None


def test_a_key_image_is_called_as_it_is_compared_and_nothing_while_nothing_is_compared(
    widget: FuseWidget, panel: ReviewPanel
) -> None:
    reading_of(panel).answer("aligned")
    assert widget.panels.comparing.state.mode is None
    captions = []
    for index, mode in enumerate((None, "checkerboard")):
        panel.watch.go_to(index)
        widget.panels.comparing.choose(mode)
        panel.keys.press("I")
        said = reading_of(panel).session.review.slice(index)
        captions.append((said.is_key, said.caption))
    assert captions == [(True, ""), (True, "Checkerboard")]


def test_a_slice_counts_as_seen_after_a_moment_and_not_before(panel: ReviewPanel, qtbot: QtBot) -> None:
    assert panel.session is not None
    panel.watch.go_to(4)
    panel.watch.go_to(5)
    assert states(panel)[4] == "unseen"
    qtbot.waitUntil(lambda: states(panel)[5] == "seen", timeout=5_000)
    assert states(panel)[4] == "unseen"


def test_no_slice_counts_as_seen_under_an_image_that_was_opened_over_it(
    viewer: Viewer, panel: ReviewPanel, mri: Volume, qtbot: QtBot
) -> None:
    reading_of(panel).answer("aligned")  # whose edges would lie over all
    data, properties, _ = to_layer_data(mri, "scout")
    scout = viewer.add_image(data, **properties)
    panel.watch.go_to(5)
    qtbot.waitUntil(lambda: "Hide scout" in panel.form.slice.answer.note.text(), timeout=5_000)
    assert states(panel)[5] == "unseen"
    scout.visible = False
    qtbot.waitUntil(lambda: states(panel)[5] == "seen", timeout=5_000)


def test_evidence_is_a_layer_that_is_no_source_and_goes_with_the_review(
    viewer: Viewer, widget: FuseWidget, panel: ReviewPanel, qtbot: QtBot
) -> None:
    names = [panel.form.evidence.maps.itemData(place) for place in range(panel.form.evidence.maps.count())]
    assert names == [
        "",
        "contribution_a",
        "contribution_b",
        "overshoot",
        "saturation",
    ]  # these weights came without R and P
    panel.form.evidence.maps.setCurrentIndex(1)
    layer = viewer.layers[-1]
    assert layer.name.startswith("Evidence: ")
    assert layer.metadata[KEY]["evidence"] == "contribution_a"
    boxes = [widget.page.first.layer.itemText(place) for place in range(widget.page.first.layer.count())]
    assert layer.name not in boxes
    session = panel.session
    assert session is not None
    assert session.examination is not None
    examination, index = session.examination, panel.watch.index()
    qtbot.waitUntil(lambda: not np.isnan(layer.data[index]).any(), timeout=10_000)
    made = examination.map_of("contribution_a", index)
    np.testing.assert_allclose(layer.data[index], made, atol=1e-3)
    assert np.isnan(layer.data).any(), "slices far from the one that is looked at are not made"
    panel.end()
    assert layer not in viewer.layers


def test_no_evidence_makes_napari_s_column_of_layers_wider(viewer: Viewer, panel: ReviewPanel) -> None:
    controls, maps = viewer.window._qt_viewer.dockLayerControls.widget(), panel.form.evidence.maps
    QApplication.processEvents()
    room = controls.minimumSizeHint().width()
    for place in range(1, maps.count()):
        maps.setCurrentIndex(place)
        QApplication.processEvents()
        assert [layer.name for layer in viewer.layers if layer.name.startswith("Evidence: ")]
    assert controls.minimumSizeHint().width() == room


def test_evidence_lies_over_the_picture_that_compares_and_its_legend_says_so(
    viewer: Viewer, widget: FuseWidget, panel: ReviewPanel, qtbot: QtBot
) -> None:
    widget.panels.comparing.choose("edges of second")
    qtbot.waitUntil(lambda: any("compare" in layer.metadata.get(KEY, {}) for layer in viewer.layers))
    panel.form.evidence.maps.setCurrentIndex(1)
    qtbot.wait(50)  # what moves the picture above images that come later waits for a turn of the window
    marks = [next(iter({"evidence", "compare"} & layer.metadata.get(KEY, {}).keys()), "") for layer in viewer.layers]
    assert [mark for mark in marks if mark] == ["compare", "evidence"]
    assert widget.legends.seen()[0].window == Window(-1.0, 1.0)
    panel.end()


def test_keys_are_letters_where_text_is_typed_and_do_nothing_after_the_review(panel: ReviewPanel, qtbot: QtBot) -> None:
    session = panel.session
    assert session is not None
    reading_of(panel).answer("aligned")
    panel.form.slice.comment.setFocus()
    qtbot.keyClicks(panel.form.slice.comment, "SARU")
    assert panel.form.slice.comment.text() == "SARU"
    count = len(session.events)
    panel.end()
    assert not any(shortcut.isEnabled() for shortcut in panel.keys._shortcuts)
    assert len(session.events) >= count


def test_a_failed_check_is_on_view_until_it_is_passed_over_with_a_reason(
    viewer: Viewer, panel: ReviewPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading_of(panel).answer("unacceptable")
    overlay = viewer.canvas.overlays["refusion_check"]
    assert overlay.text == "CHECK FAILED: Registration"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("", True))
    panel.form.override_wanted.emit("Registration")
    assert "Type why" in panel.form.note.text()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("compared by hand", True))
    panel.form.override_wanted.emit("Registration")
    assert overlay.text == "CHECK FAILED: Registration\n(overridden)"
    reading_of(panel).undo()
    assert overlay.text == "CHECK FAILED: Registration"
    panel.end()
    assert "refusion_check" not in viewer.canvas.overlays


def test_the_review_survives_that_a_source_is_deleted(viewer: Viewer, panel: ReviewPanel) -> None:
    reading_of(panel).answer("aligned")
    panel.watch.go_to(1)
    viewer.layers.remove("pet")
    panel.keys.press("A")
    assert states(panel)[1] == "accept"


def test_a_case_is_locked_after_its_verdict_and_a_question(panel: ReviewPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    session = panel.session
    assert session is not None
    reading_of(panel).answer("unacceptable")
    assert not panel.form.case.lock.isEnabled()
    panel.case.finish("not_usable", 4.0, "")
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: QMessageBox.StandardButton.No)
    panel.form.case.lock.click()
    assert not session.review.is_locked
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: QMessageBox.StandardButton.Yes)
    panel.form.case.lock.click()
    assert session.review.is_locked
    assert panel.form.step.text() == "This case is locked."


def test_what_is_written_and_the_lock_have_keys_of_their_own(
    panel: ReviewPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session, written = panel.session, list[str]()
    assert session is not None
    panel.form.output_wanted.disconnect()
    panel.form.output_wanted.connect(written.append)
    panel.keys.press("Ctrl+Alt+R")
    menu = panel.form.case.export.menu()
    assert menu is not None
    panel.keys.press("Ctrl+Alt+X")
    qtbot.keyClick(menu, Qt.Key.Key_Up)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert written == ["report", "dicom"]
    panel.keys.press("Ctrl+Alt+K")
    assert panel.form.note.text().startswith("Finish the case first")
    reading_of(panel).answer("unacceptable")
    panel.case.finish("not_usable", 4.0, "")
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: QMessageBox.StandardButton.Yes)
    panel.keys.press("Ctrl+Alt+K")
    assert session.review.is_locked
    panel.keys.press("Ctrl+Alt+K")
    assert panel.form.note.text() == "This case is locked already."


@pytest.mark.parametrize(
    ("key", "awaited"),
    [("R", "write the report"), ("X", "export the fused volume"), ("K", "lock the case")],
)
def test_a_key_that_waits_for_the_verdict_says_so_in_front_of_it(
    panel: ReviewPanel, qtbot: QtBot, key: str, awaited: str
) -> None:
    session, verdict, written = panel.session, panel.pages.verdict, list[str]()
    assert session is not None
    panel.form.output_wanted.disconnect()
    panel.form.output_wanted.connect(written.append)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, panel, getattr(Qt.Key, f"Key_{key}"), held)
    assert verdict.first.text().startswith("Give the verdict")
    assert awaited in verdict.first.text()
    assert written == []
    press(qtbot, panel, Qt.Key.Key_Escape)
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert verdict.first.text() == ""


def test_while_the_verdict_lacks_something_a_key_of_slices_says_what_to_do_first(
    panel: ReviewPanel, qtbot: QtBot
) -> None:
    verdict, before = panel.pages.verdict, states(panel)
    press(qtbot, panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert verdict.lacking.isVisible()
    for key in "ASR18UNHIME":
        press(qtbot, panel, getattr(Qt.Key, f"Key_{key}"))
        assert verdict.first.isVisible()
        assert verdict.first.text().startswith(f"Leave this with Escape first, then {key}: ")
    assert states(panel) == before
    press(qtbot, panel, Qt.Key.Key_Escape)
    press(qtbot, panel, Qt.Key.Key_1)
    press(qtbot, panel, Qt.Key.Key_A)
    assert states(panel).count("accept") == before.count("accept") + 1


def test_what_failed_is_in_files_that_napari_saves_as_well(viewer: Viewer, panel: ReviewPanel, tmp_path: Path) -> None:
    reading_of(panel).answer("unacceptable")
    fused = next(layer for layer in viewer.layers if layer.name.startswith("Fused"))
    target = tmp_path / "saved.nii.gz"
    fused.save(str(target), plugin="napari-refusion")
    assert json.loads((tmp_path / "saved.json").read_text())["check_failed"] == "CHECK FAILED: Registration"
    assert b"CHECK FAILED: Registration" in nibabel.load(target).header["descrip"].tobytes()
    reading_of(panel).undo()
    fused.save(str(target), plugin="napari-refusion")
    assert "check_failed" not in json.loads((tmp_path / "saved.json").read_text())


def test_why_a_pdf_could_not_be_written_is_told_beside_the_page_that_was(
    panel: ReviewPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def full(*_arguments: object) -> int:
        raise refuse("output", "The disk is full.")

    monkeypatch.setattr("napari_refusion.widgets.review.report_pdf.write_pdf", full)
    panel.form.output_wanted.emit("report")
    qtbot.waitUntil(lambda: panel.form.note.text().startswith("Written: "), timeout=60_000)
    assert ".html in " in panel.form.note.text()
    assert panel.form.note.text().endswith("The disk is full.")
    assert AMBER.background in panel.form.note.styleSheet()


def test_reports_and_volumes_are_compared_with_what_was_written(
    panel: ReviewPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    for kind in ("report", "nifti"):
        panel.form.show_message("")
        qtbot.waitUntil(lambda: reading_of(panel).session.examination is not None, timeout=60_000)
        panel.form.output_wanted.emit(kind)
        qtbot.waitUntil(lambda: panel.form.note.text().startswith("Written: "), timeout=60_000)
        assert AMBER.background not in panel.form.note.styleSheet()
    panel.end()
    folder = tmp_path / "project"
    [told] = verify_project(open_project(folder))
    assert (told.state, told.copies, told.notes) == ("sound", (), ())
    written = [*folder.glob("reports/*.html"), *folder.glob("reports/*.pdf"), *folder.glob("exports/*/fused.json")]
    assert len(written) == 3
    for path in written:
        path.write_bytes(path.read_bytes().replace(b"e", b"E", 1))
    assert len(verify_project(open_project(folder))[0].copies) == 3


def test_the_keys_that_compare_do_in_a_review_what_they_do_everywhere(
    widget: FuseWidget, panel: ReviewPanel, qtbot: QtBot
) -> None:
    comparing = widget.panels.comparing
    partial = widget.window().centralWidget()
    for focused in (panel.form.strip, partial):
        focused.setFocus()
        press(qtbot, panel, Qt.Key.Key_K)
        assert comparing.state.turn is not None
        press(qtbot, panel, Qt.Key.Key_G)
        assert comparing.state.is_side_by_side
        assert comparing.state.turn is None
        press(qtbot, panel, Qt.Key.Key_G)
        assert not comparing.state.is_side_by_side
        before = comparing.state.mode
        press(qtbot, panel, Qt.Key.Key_J)
        assert comparing.state.mode is not before
        press(qtbot, panel, Qt.Key.Key_Tab)
        press(qtbot, panel, Qt.Key.Key_Tab)
        assert comparing.state.mode is not before
        assert panel.session is not None
        assert not any(panel.session.review.slice(index).is_key for index in range(SLICES))


def test_the_question_how_well_the_sources_fit_leaves_nothing_to_undo(
    widget: FuseWidget, panel: ReviewPanel, qtbot: QtBot
) -> None:
    layers, history = widget._viewer.layers, widget.session.history
    steps = len(history.steps)
    qtbot.waitUntil(lambda: any("edges" in layer.name for layer in layers), timeout=10_000)
    press(qtbot, panel, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: not any("edges" in layer.name for layer in layers), timeout=10_000)
    qtbot.wait(50)  # choices are noted at the next turn of the window
    assert len(history.steps) == steps


def another_case(widget: FuseWidget, mri: Volume, pet: Volume, qtbot: QtBot) -> str:
    """Fuse another patient's pair, which becomes a case of the review that is going on; return its id."""
    viewer, reading = widget._viewer, widget.panels.review.reading
    assert reading is not None
    before = reading.session.run.case_id
    others = [replace(one, data=one.data[::-1] * 3, origin=Origin(sha256="9" * 64), name="B") for one in (mri, pet)]
    made = [viewer.add_image(data, **properties) for data, properties, _ in map(to_layer_data, others)]
    for row, layer in zip((widget.page.first, widget.page.second), made, strict=True):
        choose(row.layer, str(layer.unique_id))
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: reading.session.run.case_id != before and widget.is_idle, timeout=60_000)
    return str(reading.session.run.case_id)


def test_what_was_written_of_a_case_is_recorded_there_though_another_one_came_meanwhile(
    widget: FuseWidget, panel: ReviewPanel, mri: Volume, pet: Volume, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def late(*_given: object) -> Iterator[tuple[Path, ...]]:
        released.wait(60)
        yield (panel.reading.project.folder / "fused.nii.gz",)

    def refused(*_given: object) -> Iterator[tuple[Path, ...]]:
        raise refuse("output", "Choose another place: nothing can be written here.")

    monkeypatch.setattr(napari_refusion.report.output, "write_output", late)
    assert panel.session is not None
    assert panel.reading is not None
    first = panel.session.run.case_id
    panel.write("nifti")
    second = another_case(widget, mri, pet, qtbot)
    monkeypatch.setattr(napari_refusion.report.output, "write_output", refused)
    panel.write("nifti")  # of the second case, of which nothing comes
    with qtbot.waitSignal(panel.output.written, timeout=60_000):
        released.set()
    kinds = {case: [event.kind for event in panel.reading.store.events(case)] for case in (first, second)}
    assert "export" in kinds[first]
    assert "export" not in kinds[second]


def test_an_answer_to_a_question_about_one_case_says_nothing_of_another(
    widget: FuseWidget, panel: ReviewPanel, mri: Volume, pet: Volume, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert panel.reading is not None
    cases: list[str] = []

    def ask(*_about: object) -> object:
        cases.append(another_case(widget, mri, pet, qtbot))
        return ("only a test", True)

    monkeypatch.setattr(QInputDialog, "getText", ask)
    panel.form.override_wanted.emit("Registration")
    assert "override" not in [event.kind for event in panel.reading.store.events(cases[0])]
    assert panel.form.note.text().startswith("Nothing was recorded")


def test_a_key_that_is_pressed_in_another_viewer_says_nothing_of_this_case(
    panel: ReviewPanel, make_napari_viewer: Callable[..., Viewer], mri: Volume, qtbot: QtBot
) -> None:
    assert panel.session is not None
    other = make_napari_viewer(show=True)
    data, properties, _ = to_layer_data(replace(mri, data=mri.data * 3, origin=Origin(sha256="9" * 64)))
    other.add_image(data, **properties)
    window = other.window._qt_window
    window.activateWindow()
    window.raise_()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=10_000)
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert panel.session.review.registration == ""
    own = panel.window()
    own.activateWindow()
    own.raise_()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is own, timeout=10_000)
    panel.form.take_keys()
    press(qtbot, panel, Qt.Key.Key_1)
    assert panel.session.review.registration == "aligned"

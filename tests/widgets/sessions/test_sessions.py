"""Sessions that are saved and opened again, in real viewers."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QFileDialog, QMessageBox

from napari_refusion.fusion.border import MIRRORED
from napari_refusion.io.open import open_volume
from napari_refusion.io.sample import SAMPLES
from napari_refusion.lesion.written import to_json
from napari_refusion.session.proposing import Proposal
from napari_refusion.volume.rigid import move_of
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.contributions import open_sample
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_image import from_layer
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data

Made = tuple[Viewer, FuseWidget]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was shown to the user as a warning."""
    shown: list[str] = []
    for module in ("sessions.desk", "fuse.answers"):
        monkeypatch.setattr(f"napari_refusion.widgets.{module}.show_warning", shown.append)
    return shown


@pytest.fixture
def new(make_napari_viewer: Callable[..., Viewer], weights: Path, said: list[str]) -> Callable[[], Made]:
    """Makes viewers with the Fuse widget, Live off."""

    def make() -> Made:
        get_plugin_settings("napari-refusion").fusion.live = False
        viewer = make_napari_viewer()
        _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
        return viewer, widget

    return make


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with the head phantom's PET and MRI, made small."""
    import nibabel

    folder = tmp_path / "patient"
    folder.mkdir()
    for path in SAMPLES["mri_pet"].paths():
        image: Any = nibabel.load(path)
        small = image.slicer[::4, ::4, ::8]
        nibabel.save(small, folder / path.name)
        for beside in path.parent.glob(path.name.split(".")[0] + ".json"):
            shutil.copy(beside, folder / beside.name)
    return folder


def add(viewer: Viewer, folder: Path) -> None:
    for name in ("sub-phantom_T1w.nii.gz", "sub-phantom_pet.nii.gz"):
        data, properties, _ = to_layer_data(open_volume(folder / name))
        viewer.add_image(data, **properties)


def wait_for_end(widget: FuseWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)


def save(made: Made, folder: Path, qtbot: QtBot, overwrite: bool = False) -> None:
    with qtbot.waitSignal(made[1].sessions.saved, timeout=60_000):
        made[1].sessions.save_to(folder, overwrite)


def open_in(made: Made, folder: Path, qtbot: QtBot) -> None:
    refused: list[str] = []
    made[1].sessions.refused.connect(refused.append)
    opened: list[bool] = []
    made[1].sessions.opened.connect(lambda: opened.append(True))
    made[1].sessions.open_from(folder)
    qtbot.waitUntil(lambda: bool(opened or refused), timeout=60_000)
    assert refused == []


def refusal(made: Made, folder: Path, qtbot: QtBot) -> str:
    with qtbot.waitSignal(made[1].sessions.refused, timeout=60_000) as blocker:
        made[1].sessions.open_from(folder)
    return str(blocker.args[0])


def worked(made: Made, folder: Path, weights: Path, qtbot: QtBot) -> None:
    """Work on a pair: register, fuse, another plane and place, windows, colours, a comparison, labels, a region."""
    viewer, widget = made
    add(viewer, folder)
    mri, pet = viewer.layers
    widget.page.form.add_weights(weights)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    shift = np.eye(4)
    shift[:3, 3] = 3, -2, 1.25
    fixed, moving = (side.source for side in (widget.session.partial.study.b, widget.session.partial.study.a))
    register = widget.panels.register.session
    register.proposal = Proposal(move_of(fixed, moving, shift, (0.5, 0.75)), widget.session.partial)
    register.accept()
    wait_for_end(widget, qtbot)
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    widget.planes.show_plane("coronal")
    mri.contrast_limits = (11.5, 87.25)
    pet.colormap, pet.opacity, pet.name = "magma", 0.4, "my PET"
    widget.panels.comparing.choose("checkerboard")
    widget.panels.comparing.set_amount(0.7)
    labels = np.zeros(mri.data.shape, np.uint16)
    labels[2, 3, 4] = 700
    viewer.add_labels(labels, name="lesion", scale=mri.scale, translate=mri.translate)
    widget.panels.probe.draw_regions()
    viewer.layers["Regions"].add([[0.0, 1, 1], [0, 1, 5], [0, 5, 5]], shape_type="polygon")
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    lesions = widget.panels.lesions.session
    drawn_on = lesions.now.sources[0].side.placed()
    brightest = np.argwhere(drawn_on.data == drawn_on.data.max())[0]
    assert lesions.add_at(drawn_on.grid.point_at(brightest), "sphere", 6.0) == 1
    lesions.rename(1, "left lobe")
    viewer.dims.point = (viewer.dims.point[0], float(mri.translate[1]) + 3 * float(mri.scale[1]), viewer.dims.point[2])


def state(made: Made) -> dict[str, Any]:
    """Everything that must be as it was."""
    viewer, widget = made
    layers = {}
    for layer in viewer.layers:
        seen = {name: getattr(layer, name) for name in ("visible", "opacity", "blending")}
        seen |= {name: np.asarray(getattr(layer, name)).tolist() for name in ("scale", "translate", "rotate")}
        if hasattr(layer, "contrast_limits") and not getattr(layer, "rgb", False):
            seen |= {"limits": tuple(layer.contrast_limits), "map": layer.colormap.name, "gamma": layer.gamma}
        layers[layer.name] = seen
    partial = widget.session.partial
    compare = widget.panels.comparing.state
    choices = [{**row.state(), "layer": row.layer.currentText()} for row in (widget.page.first, widget.page.second)]
    return {
        "names": [layer.name for layer in viewer.layers],
        "layers": layers,
        "choices": choices,
        "form": widget.page.form.state(),
        "order": viewer.dims.order,
        "point": viewer.dims.point,
        "planes": widget.planes.three.is_shown,
        "compare": (compare.mode, compare.last_mode, dict(compare.amounts), compare.colour_map),
        "page": widget.panels.currentIndex(),
        "moves": list(widget.session.moves.values()),
        "accepted": widget.panels.register.session.move,
        "windows": None if partial is None else partial.study.windows,
        "weights": None if partial is None else partial.weights_sha256,
        "lesions": to_json(widget.panels.lesions.session.lesions),
        "counting": {number: dict(one.values) for number, one in widget.panels.lesions.session.now.measured.items()},
        "done": None if partial is None else partial.done.tolist(),
    }


def test_a_session_opens_as_it_was_left(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot, said: list[str]
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    before, partial = state(made), made[1].session.partial
    save(made, tmp_path / "session", qtbot)
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    after = state(again)
    for name, value in before.items():
        assert after[name] == value, name
    assert again[1].session.partial is not None
    assert np.array_equal(again[1].session.partial.fused, partial.fused)
    assert np.array_equal(again[1].session.partial.study.grid.affine, partial.study.grid.affine)
    for layer in made[0].layers:
        assert np.array_equal(np.asarray(again[0].layers[layer.name].data), np.asarray(layer.data)), layer.name
    for name in before["names"][:2]:
        assert np.array_equal(from_layer(again[0].layers[name]).affine, from_layer(made[0].layers[name]).affine)
    record = made[1].session.shown.started.provenance
    assert replace(again[1].session.shown.started.provenance, created="") == replace(record, created="")
    assert said == []


def test_that_a_session_was_saved_is_said_on_every_page(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed: list[str] = []
    monkeypatch.setattr("napari_refusion.widgets.sessions.desk.show_info", noticed.append)
    made = new()
    add(made[0], sources)
    save(made, tmp_path / "one", qtbot)
    assert made[1].status.text() == f"Session saved in {tmp_path / 'one'}"
    assert noticed == []
    made[1].panels.setCurrentWidget(made[1].panels.review)
    save(made, tmp_path / "two", qtbot)
    assert noticed == [f"Session saved in {tmp_path / 'two'}"]


def test_sources_that_moved_are_found_beside_the_session_or_where_the_user_says(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)
    elsewhere = tmp_path / "archive" / "2026"
    elsewhere.mkdir(parents=True)
    # session and sources went together
    shutil.copytree(tmp_path / "session", elsewhere / "session")
    shutil.move(sources, elsewhere / "patient")
    again = new()
    open_in(again, elsewhere / "session", qtbot)
    assert shown_path(again).is_relative_to(elsewhere)
    # the session stayed: the user is asked once, and names a folder above
    asked: list[str] = []

    def answer(_parent: object, title: str, _begin: str) -> str:
        asked.append(title)
        return str(tmp_path / "archive")

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", answer)
    third = new()
    open_in(third, tmp_path / "session", qtbot)
    assert shown_path(third).is_relative_to(elsewhere)
    assert asked == ["Choose the folder where sub-phantom_T1w.nii.gz, sub-phantom_pet.nii.gz now lies"]


def shown_path(made: Made) -> Path:
    return Path(made[0].layers[0].metadata[KEY]["volume"].origin.opened)


def test_a_source_that_is_nowhere_is_named_and_nothing_is_opened(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)
    (sources / "sub-phantom_pet.nii.gz").unlink()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    again = new()
    said = refusal(again, tmp_path / "session", qtbot)
    assert "sub-phantom_pet.nii.gz" in said
    assert "T1w" not in said
    assert len(again[0].layers) == 0


def test_a_source_with_other_content_is_never_used(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nibabel

    made = new()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)
    path = sources / "sub-phantom_pet.nii.gz"
    image: Any = nibabel.load(path)
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj) + 1, image.affine, image.header), path)
    again = new()
    data, properties, _ = to_layer_data(open_volume(sources / "sub-phantom_T1w.nii.gz"))
    kept = again[0].add_image(data, **properties)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    said = refusal(again, tmp_path / "session", qtbot)
    assert said.startswith("Bring the image back")
    assert "sub-phantom_pet.nii.gz" in said
    assert list(again[0].layers) == [kept]


@pytest.mark.parametrize("lost", ["session.json", "fused.nii.gz"])
def test_half_a_session_is_refused_by_name(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot, lost: str
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    save(made, tmp_path / "session", qtbot)
    (tmp_path / "session" / lost).unlink()
    assert lost in refusal(new(), tmp_path / "session", qtbot)


def test_voxels_that_are_in_memory_alone_are_kept_exactly(
    new: Callable[[], Made], mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    viewer, _ = made
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    flat = viewer.add_image(np.arange(12, dtype=np.uint8).reshape(3, 4), name="flat")
    colours = np.random.default_rng(0).integers(0, 255, (5, 6, 3), np.uint8)
    viewer.add_image(colours, rgb=True, name="photograph")
    viewer.add_points(np.array([[0.0, 1, 2], [3, 4, 5]]), name="marks")
    viewer.layers["T1w"].data[0, 0, 0] += 1  # another content than it was opened with
    save(made, tmp_path / "session", qtbot)
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    for layer in viewer.layers:
        other = again[0].layers[layer.name]
        assert np.array_equal(np.asarray(other.data), np.asarray(layer.data)), layer.name
        assert np.asarray(other.data).dtype == np.asarray(layer.data).dtype
        assert type(other) is type(layer)
    assert again[0].layers["flat"].contrast_limits == flat.contrast_limits
    before, after = from_layer(viewer.layers["pet"]), from_layer(again[0].layers["pet"])
    assert np.array_equal(after.affine, before.affine)
    assert (after.origin.sha256, after.unit, after.modality) == (before.origin.sha256, before.unit, before.modality)
    # what was changed by hand is still said to be
    assert "voxels" in [one.rule for one in from_layer(again[0].layers["T1w"]).findings]


@pytest.fixture
def referenced(
    new: Callable[[], Made], mri: Volume, pet: Volume, weights: Path, tmp_path: Path, qtbot: QtBot
) -> tuple[FuseWidget, Path]:
    """A widget whose pair has a blood pool, and the folder of the session that was saved then."""
    viewer, widget = made = new()
    suv = replace(pet, unit="SUVbw")
    for volume in (mri, suv):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    widget.page.form.add_weights(weights)
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.partial is not None, timeout=60_000)
    wait_for_end(widget, qtbot)
    references = widget.panels.lesions.references.session
    assert references.source is not None
    middle = references.source.volume.affine @ (*(length // 2 for length in suv.shape), 1.0)
    references.place("blood pool", middle[:3])
    assert "Reference regions" in viewer.layers
    save(made, tmp_path / "session", qtbot)
    return widget, tmp_path / "session"


def test_reference_regions_come_back_with_their_numbers(
    referenced: tuple[FuseWidget, Path], new: Callable[[], Made], said: list[str], qtbot: QtBot
) -> None:
    placed = referenced[0].panels.lesions.references.session.regions["blood pool"]
    viewer, widget = again = new()
    open_in(again, referenced[1], qtbot)
    references = widget.panels.lesions.references
    back = references.session.regions["blood pool"]
    assert back.voi.equals(placed.voi)
    assert back.measured.values == placed.measured.values
    assert back.words in references.words.text()
    assert [layer.name for layer in viewer.layers].count("Reference regions") == 1
    references.remove.click()  # alive: they can be taken away
    assert "Reference regions" not in viewer.layers
    assert not [one for one in said if "eference" in one]


def test_reference_regions_of_a_session_do_not_reach_the_reader_of_a_review_after_it(
    referenced: tuple[FuseWidget, Path], new: Callable[[], Made], tmp_path: Path, qtbot: QtBot
) -> None:
    viewer, widget = again = new()
    open_in(again, referenced[1], qtbot)
    widget.panels.review.begin(tmp_path / "project", "R2")
    assert not widget.panels.lesions.references.session.regions
    assert "Reference regions" not in viewer.layers
    assert "does not say whose" in widget.panels.lesions.references.said.text()


def test_saving_again_replaces_the_session_and_no_other_file(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot, said: list[str]
) -> None:
    folder = tmp_path / "session"
    made = new()
    worked(made, sources, weights, qtbot)
    save(made, folder, qtbot)
    (folder / "notes.txt").write_text("mine")
    made[1].clear()
    for name in ("lesion", "Regions"):
        made[0].layers.remove(name)
    with qtbot.waitSignal(made[1].sessions.refused, timeout=60_000) as blocker:
        made[1].sessions.save_to(folder)
    assert "Choose another folder" in blocker.args[0]
    save(made, folder, qtbot, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "session.json"]
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "session.json").write_text("{}")
    with qtbot.waitSignal(made[1].sessions.refused, timeout=60_000) as blocker:
        made[1].sessions.save_to(stranger)
    assert "session.json is there already" in blocker.args[0]
    assert (stranger / "session.json").read_text() == "{}"


def test_other_weights_do_not_take_over_fused_slices(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    save(made, tmp_path / "session", qtbot)
    record = tmp_path / "session" / "session.json"
    content = json.loads(record.read_text())
    content["fusion"]["weights_sha256"] = "0" * 64
    record.write_text(json.dumps(content))
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    assert "the weights changed since" in again[1].findings.text()
    partial = again[1].session.partial
    assert partial is not None
    assert int(partial.done.sum()) == 1


def test_slices_of_a_version_that_hid_the_edges_are_not_mixed_with_new_ones(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    save(made, tmp_path / "session", qtbot)
    record = tmp_path / "session" / "session.json"
    content = json.loads(record.read_text())
    content["fusion"]["made_with"] = ["PyTorch 2.12.0"]
    record.write_text(json.dumps(content))
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    count = len(content["fusion"]["done"])
    assert f"{count} of {count} fused slices that were saved are not shown" in again[1].findings.text()
    partial = again[1].session.partial
    assert partial is not None
    assert int(partial.done.sum()) == 1
    assert all(MIRRORED in one for one in partial.made_with)


def seen(made: Made) -> dict[str, bool]:
    return {layer.name: layer.visible for layer in made[0].layers}


def test_live_goes_on_from_the_slices_that_were_saved_and_what_side_by_side_hides_comes_back_after_it(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    made[0].layers["my PET"].visible = False
    before = seen(made)
    made[1].panels.comparing.toggle_side_by_side()  # in the first of its turns
    save(made, tmp_path / "session", qtbot)
    again = new()
    again[1].page.live.setChecked(True)
    open_in(again, tmp_path / "session", qtbot)
    partial = again[1].session.partial
    assert partial is not None
    assert partial.is_complete
    assert again[1].session.is_live
    QApplication.processEvents()
    qtbot.wait(500)
    wait_for_end(again[1], qtbot)
    assert again[1].session.partial is partial
    assert again[0].canvas.grid.enabled
    again[1].panels.comparing.toggle_side_by_side()
    assert seen(again) == before


def test_a_review_goes_on_where_it_was_and_no_project_is_made_where_there_is_none(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot, said: list[str]
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    project = tmp_path / "project"
    made[1].panels.setCurrentWidget(made[1].panels.review)
    made[1].panels.review.begin(project, "R1")
    case = made[1].panels.review.session.run.case_id
    save(made, tmp_path / "session", qtbot)
    made[1].panels.review.end()
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    review = again[1].panels.review
    assert review.session is not None
    assert review.session.run.case_id == case
    assert again[1].panels.currentWidget() is review
    review.end()
    shutil.move(project, tmp_path / "elsewhere")
    third = new()
    open_in(third, tmp_path / "session", qtbot)
    assert third[1].panels.review.session is None
    assert any("Choose the review's project" in sentence for sentence in said)
    assert not project.exists()


def test_the_next_pair_after_a_session_is_fused_and_laid_out_as_any_other(
    new: Callable[[], Made], sources: Path, weights: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    worked(made, sources, weights, qtbot)
    save(made, tmp_path / "session", qtbot)
    again = new()
    again[1].page.live.setChecked(True)
    open_in(again, tmp_path / "session", qtbot)
    again[0].layers.clear()
    qtbot.wait(200)
    for path in (sources / "sub-phantom_T1w.nii.gz", sources / "sub-phantom_pet.nii.gz"):
        volume = open_volume(path)
        ct = replace(volume, modality="CT", unit="HU") if volume.modality == "MR" else volume
        data, properties, _ = to_layer_data(ct)
        again[0].add_image(data, **properties)
    qtbot.waitUntil(lambda: again[1].planes.three.is_shown, timeout=5000)
    qtbot.waitUntil(lambda: again[1].session.partial is not None, timeout=30_000)
    again[1].planes.three.hide()


def test_a_session_folder_that_is_dropped_into_napari_is_opened(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made = new()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)
    again = new()
    with qtbot.waitSignal(again[1].sessions.opened, timeout=60_000):
        again[0].open(str(tmp_path / "session"), plugin="napari-refusion")
    assert [layer.name for layer in again[0].layers] == [layer.name for layer in made[0].layers]


def test_the_commands_of_the_menus_ask_and_act(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari._app_model import get_app_model

    made = new()
    add(made[0], sources)
    run = get_app_model().commands.execute_command
    folder = tmp_path / "session"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(folder), ""))
    with qtbot.waitSignal(made[1].sessions.saved, timeout=60_000):
        run("napari-refusion.save_session")
    # a second time, the session that is there is replaced after a question
    asked: list[str] = []

    def answer(_parent: object, _title: str, words: str, *_: object) -> QMessageBox.StandardButton:
        asked.append(words)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)
    with qtbot.waitSignal(made[1].sessions.saved, timeout=60_000):
        run("napari-refusion.save_session")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(made[1].sessions.opened, timeout=60_000):
        run("napari-refusion.open_session")
    assert [words.split()[0] for words in asked] == ["Replace", "Close"]
    run("napari-refusion.reset_layout")


def test_the_session_of_one_pair_is_not_offered_to_be_replaced_by_another_pair(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, offered = new(), list[str]()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)

    def choose_none(_parent: object, _title: str, begin: str) -> tuple[str, str]:
        offered.append(begin)
        return "", ""

    monkeypatch.setattr(QMessageBox, "question", lambda *_: pytest.fail("another patient's session is offered"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose_none)
    made[0].layers.clear()
    add(made[0], sources)
    made[1].sessions.save()
    assert offered == [str(tmp_path / "session")]


def test_nothing_is_closed_without_a_yes(
    new: Callable[[], Made], sources: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new()
    add(made[0], sources)
    save(made, tmp_path / "session", qtbot)
    before = list(made[0].layers)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    made[1].sessions.open_from(tmp_path / "session")
    qtbot.wait(200)
    assert list(made[0].layers) == before


@pytest.mark.parametrize("sample", ["mri_ct", "infrared_visible", "medical_slice"])
def test_dicom_folders_and_pictures_open_again(
    new: Callable[[], Made], weights: Path, tmp_path: Path, qtbot: QtBot, sample: str
) -> None:
    made = new()
    for data, properties, _ in open_sample(sample):
        made[0].add_image(data, **properties)
    qtbot.wait(50)
    made[1].page.form.add_weights(weights)
    made[1].fuse(is_slice=True)
    wait_for_end(made[1], qtbot)
    made[1].page.first.custom.setText("p3,p97")
    choose(made[1].page.first.window_choice, "custom")
    made[1].fuse(is_slice=True)
    wait_for_end(made[1], qtbot)
    before = state(made)
    save(made, tmp_path / "session", qtbot)
    record = json.loads((tmp_path / "session" / "session.json").read_text())
    assert [bool(layer["file"]) for layer in record["layers"][:2]] == [True, True]
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    after = state(again)
    for name, value in before.items():
        assert after[name] == value, name
    assert np.array_equal(again[1].session.partial.fused, made[1].session.partial.fused)
    for one, other in zip(made[0].layers, again[0].layers, strict=True):
        assert np.array_equal(from_layer(one).affine, from_layer(other).affine)
    made[1].planes.three.hide()


def test_frames_their_mean_and_another_unit_open_again(
    new: Callable[[], Made], tmp_path: Path, qtbot: QtBot, mri: Volume
) -> None:
    import nibabel

    from napari_refusion.widgets.opening.door import open_layers

    frames = np.stack([np.transpose(mri.data, (2, 1, 0)) * scale for scale in (1.0, 2.0, 3.0)], axis=-1)
    path = tmp_path / "sub-1_pet.nii.gz"
    nibabel.save(nibabel.Nifti1Image(frames, np.diag([1.0, 2.0, 4.0, 1.0])), path)
    made = new()
    for data, properties, _ in open_layers([path]):
        made[0].add_image(data, **properties)
    assert [layer.ndim for layer in made[0].layers] == [3, 4]
    save(made, tmp_path / "session", qtbot)
    again = new()
    open_in(again, tmp_path / "session", qtbot)
    for one, other in zip(made[0].layers, again[0].layers, strict=True):
        assert one.name == other.name
        assert np.array_equal(np.asarray(one.data), np.asarray(other.data))
    record = json.loads((tmp_path / "session" / "session.json").read_text())
    assert record["files"] == {}

"""The choices for the whole fusion, without a viewer."""

from dataclasses import fields
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QLabel

from napari_refusion.model.tasks import TASKS
from napari_refusion.session.settings import FuseSettings
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.form import FuseForm


@pytest.fixture
def form(qtbot: QtBot) -> FuseForm:
    form = FuseForm()
    qtbot.addWidget(form)
    return form


def texts(form: FuseForm) -> list[str]:
    return [form.weights.itemText(index) for index in range(form.weights.count())]


def test_the_slices_are_those_that_are_viewed_unless_a_direction_is_chosen(form: FuseForm) -> None:
    assert form.axis.currentText() == "as viewed"
    assert form.settings("coronal").axis == "coronal"
    choose(form.axis, "sagittal")
    assert form.settings("coronal").axis == "sagittal"


def test_every_task_is_in_the_menu(form: FuseForm) -> None:
    menu = {form.task.itemData(row): form.task.itemText(row) for row in range(form.task.count())}
    assert menu == {name: task.title for name, task in TASKS.items()}


def test_photographs_have_neither_slices_nor_a_palette_and_grids_of_their_own_names(form: FuseForm) -> None:
    form.show_task(TASKS["multi_focus"])
    assert form.axis.isHidden()
    assert form.palette_name.isHidden()
    assert form.coloured.text() == "in colour"
    grids = [form.reference.itemText(row) for row in range(form.reference.count())]
    assert grids == ["automatic", "of near focus", "of far focus"]
    form.show_task(TASKS["medical"])
    assert not form.axis.isHidden()
    assert not form.palette_name.isHidden()
    assert form.reference.itemText(1) == "of the first source"


def test_the_engines_without_this_network_stand_below_the_weights(form: FuseForm) -> None:
    below = texts(form)[texts(form).index("file ...") + 1 :]
    assert below == ["", "mean of both, no network", "brighter one, no network", "Laplacian pyramid, no network"]


def test_an_engine_is_chosen_instead_of_weights_and_brought_back(form: FuseForm) -> None:
    choose(form.weights, "maximum")
    assert (form.settings("axial").engine, form.settings("axial").weights) == ("maximum", "")
    earlier = form.state()
    choose(form.weights, "medical")
    assert (form.settings("axial").engine, form.settings("axial").weights) == ("refusion", "medical")
    form.restore(earlier)
    assert form.settings("axial").engine == "maximum"


def test_a_weights_file_joins_the_weights(form: FuseForm, tmp_path: Path) -> None:
    form.add_weights(tmp_path / "own.safetensors")
    assert form.settings("axial").weights == str(tmp_path / "own.safetensors")
    assert texts(form).index("own.safetensors") == texts(form).index("file ...") - 1


def test_every_setting_has_its_box_in_the_form(form: FuseForm) -> None:
    shown = [label.text() for label in form.findChildren(QLabel)]
    assert shown == [
        "Task",
        "Weights",
        "Slices",
        "Grid",
        "Device",
        "Result",
    ]
    assert {*shown, "Engine"} == {one.metadata["label"] for one in fields(FuseSettings)}
    assert set(form.state()) == {one.name for one in fields(FuseSettings)} - {"engine"}

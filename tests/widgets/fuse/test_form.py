"""The choices for the whole fusion, without a viewer."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.fusion.engines import ENGINES, EngineEntry
from napari_refusion.model.tasks import TASKS
from napari_refusion.widgets.fuse.form import FuseForm
from napari_refusion.widgets.fuse.source_row import choose


@pytest.fixture
def form(qtbot: QtBot) -> FuseForm:
    form = FuseForm()
    qtbot.addWidget(form)
    return form


def texts(form: FuseForm) -> list[str]:
    return [form.weights.itemText(index) for index in range(form.weights.count())]


def test_every_task_is_in_the_menu(form: FuseForm) -> None:
    menu = {form.task.itemData(row): form.task.itemText(row) for row in range(form.task.count())}
    assert menu == {name: task.title for name, task in TASKS.items()}


def test_the_engines_without_this_network_stand_below_the_weights(form: FuseForm) -> None:
    below = texts(form)[texts(form).index("file ...") + 1 :]
    assert below == ["", "mean of both, no network", "brighter one, no network", "Laplacian pyramid, no network"]


def test_another_engine_is_in_the_menu(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    darker = EngineEntry("darker", "darker one", "the darker source")
    monkeypatch.setattr("napari_refusion.widgets.fuse.form.ENGINES", {**ENGINES, "darker": darker})
    form = FuseForm()
    qtbot.addWidget(form)
    choose(form.weights, "darker")
    assert form.weights.currentText() == "darker one"
    assert form.settings("axial").engine == "darker"


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

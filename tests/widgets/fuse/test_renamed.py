"""A source that is renamed: what stands on the screen calls it by its new name, and the record by its file's."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data


@pytest.fixture
def widget(make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume, qtbot: QtBot) -> FuseWidget:
    """The widget beside a pair that is fused, compared, and of which the PET was then renamed."""
    settings = get_plugin_settings("napari-refusion")
    settings.fusion.live, settings.fusion.identified = False, True
    viewer = make_napari_viewer()
    for volume in (replace(mri, name="sub-01_T1w"), replace(pet, name="sub-01_pet")):
        data, properties, _ = to_layer_data(volume)
        layer = viewer.add_image(data, **properties)
    layer.translate = [*layer.translate[:2], layer.translate[2] + 4]
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    viewer.layers["sub-01_pet"].name = "Before surgery"
    return widget


def test_results_legend_pages_and_findings_take_the_new_name(widget: FuseWidget, qtbot: QtBot) -> None:
    layers = widget._viewer.layers
    assert "Coloured: sub-01_T1w + Before surgery" in layers
    assert "Fused: sub-01_T1w + Before surgery" in layers
    assert widget.legend.title.text() == "Before surgery"
    assert "Before surgery" in widget.panels.register.roles.text()
    assert "Before surgery" in widget.panels.compare.mode.itemText(1) + widget.panels.compare.mode.itemText(2)
    said = " ".join(finding.sentence for finding in widget.findings.shown)
    assert "The layer Before surgery was moved by up to 4.0 mm" in said
    assert "sub-01_pet" not in said
    widget.panels.comparing.toggle_side_by_side()
    widget.panels.compare.view.cells.finish()
    assert any("surgery" in layer.name for layer in layers if "compare" in layer.metadata.get(KEY, {}))


def test_the_record_keeps_the_name_of_the_file(widget: FuseWidget) -> None:
    layer = widget._viewer.layers["Fused: sub-01_T1w + Before surgery"]
    record = str(layer.metadata[KEY]["provenance"])
    assert "sub-01_pet" in record
    assert "Before surgery" not in record
    assert widget.partial is not None
    assert "sub-01_pet" in {side.volume.name for side in widget.partial.study.sides}


def test_a_result_that_the_reader_renamed_keeps_the_readers_name(widget: FuseWidget) -> None:
    layers = widget._viewer.layers
    layers["Fused: sub-01_T1w + Before surgery"].name = "mine"
    layers["Before surgery"].name = "PET"
    assert "mine" in layers
    assert "Coloured: sub-01_T1w + PET" in layers


def test_a_finding_follows_a_layer_that_had_another_name_when_it_was_fused(widget: FuseWidget, qtbot: QtBot) -> None:
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    widget._viewer.layers["Before surgery"].name = "PET 1"
    said = " ".join(finding.sentence for finding in widget.findings.shown)
    assert "The layer PET 1 was moved by up to 4.0 mm" in said

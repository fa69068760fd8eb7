"""Choosing a window on the page: what is shown is what is fused, presets by menu and key, scales of PET remembered."""

from dataclasses import replace
from pathlib import Path

import pytest
from napari import Viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.source_row import SourceRow
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_image import from_layer
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.preferences import preferred, preferred_scales
from tests.phantoms import brain_pet, chest_ct, head_ct, stacked, thigh_pet
from tests.widgets.made import layer_of

LUNG = Acquisition(windows=(HeaderWindow(Window(-1350, 150), "LUNG"), HeaderWindow(Window(-160, 240))))


def page_of(viewer: Viewer, weights: Path, *volumes: Volume) -> FuseWidget:
    """Return the widget beside layers of volumes, with Live off."""
    get_plugin_settings("napari-refusion").fusion.live = False
    for volume in volumes:
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    return widget


def followed(volume: Volume) -> tuple[SourceRow, Image]:
    """Return the row of a volume's layer, and that layer."""
    row, layer = SourceRow("source"), layer_of(volume)
    row.offer([layer], 0)
    row.follow(layer)
    return row, layer


def menu(row: SourceRow) -> list[str]:
    return [row.window_choice.itemData(index) for index in range(row.window_choice.count())]


def take(row: SourceRow, choice: str) -> None:
    """Choose in the menu as a user does."""
    choose(row.window_choice, choice)
    row.window_choice.activated.emit(row.window_choice.currentIndex())


def fuse_slice(widget: FuseWidget, qtbot: QtBot) -> None:
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)


def shown_as_fused(widget: FuseWidget, viewer: Viewer) -> bool:
    """Return whether both source layers have the window that is fused."""
    assert widget.partial is not None
    sides = {side.key: side for side in widget.partial.study.sides}
    layers = [layer for layer in viewer.layers if str(layer.unique_id) in sides]
    assert len(layers) == 2
    return all(
        tuple(layer.contrast_limits)
        == pytest.approx((sides[str(layer.unique_id)].window.low, sides[str(layer.unique_id)].window.high))
        for layer in layers
    )


@pytest.mark.parametrize("acquisition", [LUNG, Acquisition()], ids=["lung in the header", "no header"])
def test_a_ct_that_opened_for_itself_is_shown_as_it_is_fused_beside_pet(
    viewer: Viewer, weights: Path, qtbot: QtBot, acquisition: Acquisition
) -> None:
    ct = replace(chest_ct(), data=chest_ct().data[:6], acquisition=acquisition)
    suv = replace(brain_pet(), data=stacked((thigh_pet().data[0], 6)))
    widget = page_of(viewer, weights, ct, suv)
    assert tuple(viewer.layers[0].contrast_limits) == ((-1350, 150) if acquisition is LUNG else (-135, 215))
    fuse_slice(widget, qtbot)
    assert shown_as_fused(widget, viewer)
    assert widget.partial is not None
    assert widget.partial.study.b.window == Window(-135, 215)
    assert widget.page.first.window_choice.currentData() == ""


def test_keys_choose_the_window_of_the_ct_and_show_it_at_once(viewer: Viewer, weights: Path, qtbot: QtBot) -> None:
    ct = replace(head_ct(), data=head_ct().data[:6])
    widget = page_of(viewer, weights, ct, replace(brain_pet(), data=brain_pet().data[:6]))
    keys = {key.key: key.press for key in widget._keys.keys}
    for key, limits in (("F5", (-135, 215)), ("F6", (-1200, 200)), ("F7", (-300, 1300)), ("F8", (0, 100))):
        keys[key]()
        assert tuple(viewer.layers[0].contrast_limits) == limits
    assert widget.page.first.window_choice.currentData() == "brain"
    fuse_slice(widget, qtbot)
    assert shown_as_fused(widget, viewer)
    assert widget.page.first.window_label.toolTip() == "Fused: W 100 L 50 HU (chosen, brain)"


def test_a_key_says_so_where_no_source_is_a_ct(viewer: Viewer, weights: Path, mri: Volume, pet: Volume) -> None:
    widget = page_of(viewer, weights, mri, pet)
    {key.key: key.press for key in widget._keys.keys}["F6"]()
    assert "No source is a CT" in widget.status.text()


@pytest.mark.parametrize(
    ("volume", "offered"),
    [
        (replace(chest_ct(), acquisition=LUNG), ["header 1", "header 2", "soft", "lung", "bone", "brain"]),
        (thigh_pet(), ["suv5", "suv7", "suv10", "suv15"]),
        (replace(thigh_pet(), acquisition=Acquisition(lean_factor=0.75)), ["suv5", "sul5", "sul15"]),
    ],
    ids=["CT", "PET", "PET with height and sex"],
)
def test_the_menu_offers_what_fits_the_layer(volume: Volume, offered: list[str], qtbot: QtBot) -> None:
    row, _ = followed(volume)
    qtbot.addWidget(row)
    assert set(offered) <= set(menu(row))
    assert ("suv5" in menu(row)) != ("lung" in menu(row))
    assert ("sul5" in menu(row)) == (volume.acquisition.lean_factor is not None)


def test_a_choice_that_does_not_fit_another_layer_becomes_automatic(qtbot: QtBot) -> None:
    row, ct = followed(chest_ct())
    qtbot.addWidget(row)
    take(row, "bone")
    assert tuple(ct.contrast_limits) == (-300, 1300)
    row.follow(layer_of(thigh_pet()))
    assert row.window_choice.currentData() == ""


def test_a_window_that_was_changed_before_the_page_opened_is_fused(qtbot: QtBot) -> None:
    row, layer = SourceRow("source"), layer_of(chest_ct())
    qtbot.addWidget(row)
    layer.contrast_limits = (-50, 120)
    row.follow(layer)
    assert row.source(layer).window == "-50.0,120.0"


@pytest.mark.parametrize(
    ("volume", "name", "other"), [(thigh_pet(), "suv_body", "suv_brain"), (brain_pet(), "suv_brain", "suv_body")]
)
def test_a_scale_is_remembered_for_what_the_pet_shows_until_automatic_is_chosen(
    volume: Volume, name: str, other: str, qtbot: QtBot
) -> None:
    usual = preferred("fusion")
    row, layer = followed(volume)
    qtbot.addWidget(row)
    take(row, "suv7")
    assert (preferred("fusion")[name], preferred("fusion")[other]) == (7, usual[other])
    assert tuple(layer.contrast_limits) == (0, 7)
    assert tuple(layer_of(volume).contrast_limits) == (0, 7)
    choose(row.window_choice, "custom")
    row.custom.setText("0,8.5")
    row.custom.editingFinished.emit()
    assert preferred("fusion")[name] == 8.5
    take(row, "")
    assert preferred("fusion") == usual


@pytest.mark.parametrize(
    ("typed", "said"), [("0,5", "0 to 5 SUVbw"), ("0,5;7,5", "0.5 to 7.5 SUVbw"), ("0,5 7,5", "0.5 to 7.5 SUVbw")]
)
def test_what_was_understood_of_a_typed_window_is_seen_at_once_beside_it(typed: str, said: str, qtbot: QtBot) -> None:
    """The Fuse page is not there, so nothing is fused: with Live off it is seen, too."""
    row, _ = followed(thigh_pet())
    qtbot.addWidget(row)
    row.show()
    choose(row.window_choice, "custom")
    row.custom.setText(typed)
    row.custom.editingFinished.emit()
    assert row.window_label.isVisible()
    assert row.window_label.text() == said
    row.custom.setText("0,5,7,5")
    row.custom.editingFinished.emit()
    assert row.window_label.text() == ""


@pytest.mark.parametrize("typed", ["0,-3", "2,8", "p1,p99", "", "0,inf", "nonsense"])
def test_what_is_no_scale_is_not_remembered(typed: str, qtbot: QtBot) -> None:
    row, _ = followed(thigh_pet())
    qtbot.addWidget(row)
    choose(row.window_choice, "custom")
    row.custom.setText(typed)
    row.custom.editingFinished.emit()
    assert preferred_scales().body == 5


def test_a_scale_that_is_preferred_anew_is_seen_without_another_slice(
    viewer: Viewer, weights: Path, qtbot: QtBot
) -> None:
    pet = thigh_pet()
    widget = page_of(viewer, weights, pet, replace(pet, modality="MR", unit="", name="mri"))
    widget.page.live.setChecked(True)
    layer = viewer.layers[0]
    qtbot.waitUntil(lambda: widget.statements.shown is not None and widget.is_idle, timeout=60_000)
    assert tuple(layer.contrast_limits) == (0, 5)
    get_plugin_settings("napari-refusion").fusion.suv_body = 9.0
    qtbot.waitUntil(lambda: tuple(layer.contrast_limits) == (0, 9), timeout=60_000)


@pytest.mark.parametrize("high", [0.0, -4.0])
def test_a_preference_that_is_no_scale_has_no_effect(high: float) -> None:
    get_plugin_settings("napari-refusion").fusion.suv_body = high
    assert preferred_scales().body == 5


def test_lean_body_mass_is_the_unit_of_the_layer_and_of_all_that_reads_it(qtbot: QtBot) -> None:
    volume = replace(thigh_pet(), acquisition=Acquisition(lean_factor=0.75))
    row, layer = followed(volume)
    qtbot.addWidget(row)
    take(row, "sul5")
    lean = from_layer(layer)
    assert (lean.unit, float(lean.data.max())) == ("SUVlbm", pytest.approx(0.75 * float(volume.data.max())))
    assert float(layer.data.max()) == float(lean.data.max())
    assert tuple(layer.contrast_limits) == (0, 5)
    assert row.window_label.text() == "0 to 5 SUVlbm"
    assert row.window_choice.currentData() == "sul5"
    assert [one.rule for one in lean.findings] == ["SUV"]
    take(row, "suv7")
    assert from_layer(layer).unit == "SUVbw"
    assert float(layer.data.max()) == pytest.approx(float(volume.data.max()))


@pytest.mark.parametrize(
    "text", ["W 1400 L -500 HU", "0 to 3.21e+04 Bq/ml", "-0.125 to 12.5 SUVlbm", "0 to 1.23e-05 a.u."]
)
def test_a_window_in_many_figures_does_not_widen_the_page_beyond_its_dock(text: str, qtbot: QtBot) -> None:
    row, _ = followed(chest_ct())
    qtbot.addWidget(row)
    row.window_label.setText("0 to 1")
    narrow = row.layout().minimumSize().width()
    row.window_label.setText(text)
    assert row.layout().minimumSize().width() <= narrow + 5

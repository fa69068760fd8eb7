"""The layout of a pair in a viewer: as it is, and as it shall be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from napari.utils.colormaps import AVAILABLE_COLORMAPS

from napari_refusion.model.tasks import TASKS
from napari_refusion.session.layout import (
    AUTOMATIC,
    HabitualWindow,
    Layout,
    Page,
    PairKind,
    habitual_window,
    is_turned,
    kind_of,
)
from napari_refusion.volume.preset import PRESETS
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, CUSTOM
from napari_refusion.widgets.layer_look import shown_limits, was_rewindowed
from napari_refusion.widgets.layer_marks import shown_volume
from napari_refusion.widgets.layer_names import known_modality
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.planes.hanging import is_upright, shown_plane

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.source_row import SourceRow
    from napari_refusion.widgets.fuse.widget import FuseWidget

_PAGES: Final = ("Fuse", "Compare", "Probe", "Lesions", "Register")


@dataclass(frozen=True, slots=True, eq=False)
class ShownPair:
    """Two layers that are chosen, with their rows of the page Fuse, in the order of `PairKind.parts`."""

    kind: PairKind
    layers: tuple[Image, Image]
    rows: tuple[SourceRow, SourceRow]

    @property
    def keys(self) -> frozenset[str]:
        """Return the ids of both layers."""
        return frozenset(str(layer.unique_id) for layer in self.layers)

    @property
    def is_deep(self) -> bool:
        """Return whether both have slices in every direction."""
        volumes = [shown_volume(layer) for layer in self.layers]
        shapes = [
            volume.shape if volume is not None else layer.data.shape
            for volume, layer in zip(volumes, self.layers, strict=True)
        ]
        return self.kind.name != "pictures" and all(len(shape) >= 3 and min(shape[-3:]) > 1 for shape in shapes)


def shown_pair(viewer: Viewer, widget: FuseWidget) -> ShownPair | None:
    """Return the pair that is chosen; None where there is none, or nobody reads such a pair in one way."""
    rows = widget.page.first, widget.page.second
    by_key = {str(layer.unique_id): layer for layer in viewer.layers}
    first, second = (by_key.get(row.layer.currentData()) for row in rows)
    if first is None or second is None or first is second:
        return None
    layers = first, second
    modalities = [row.modality.currentData() or known_modality(one) for row, one in zip(rows, layers, strict=True)]
    kind = kind_of(modalities, is_medical=TASKS[widget.page.form.task.currentData()].is_medical)
    if kind is None:
        return None
    if is_turned(kind, modalities):
        return ShownPair(kind, (second, first), rows[::-1])
    return ShownPair(kind, layers, rows)


def page_now(widget: FuseWidget, before: Page) -> Page:
    """Return the page that is in front, `before` for one that no pair begins with."""
    page = widget.panels.tabText(widget.panels.currentIndex())
    return page if page in _PAGES else before  # type: ignore[return-value]  # one of them


def layout_now(viewer: Viewer, widget: FuseWidget, pair: ShownPair, before: Layout) -> Layout:
    """Return how a pair is laid out; what such a pair has not is as it was `before`."""
    compare, order = widget.panels.comparing.state, viewer.dims.order
    upright = pair.is_deep and viewer.dims.ndisplay == 2 and is_upright(order)
    first, second = (_window(row, layer) for row, layer in zip(pair.rows, pair.layers, strict=True))
    return Layout(
        plane=shown_plane(order) if upright else before.plane,  # type: ignore[arg-type]  # one of the three
        planes=widget.planes.three.is_shown if pair.is_deep else before.planes,
        page=page_now(widget, before.page),
        mode="" if compare.mode is None else compare.mode.name,
        side_by_side=compare.is_side_by_side,
        inverted=compare.is_side_by_side and compare.is_inverted_beside,
        colour_map=compare.colour_map,
        windows=(first, second),
        colours=(_colour(pair.layers[0]), _colour(pair.layers[1])),
    )


def show_view(viewer: Viewer, widget: FuseWidget, pair: ShownPair, layout: Layout) -> None:
    """Show planes, page and comparison as a layout has them."""
    if pair.is_deep:
        if shown_plane(viewer.dims.order) != layout.plane or not is_upright(viewer.dims.order):
            widget.planes.show_plane(layout.plane)
        if widget.planes.three.is_shown != layout.planes:
            widget.planes.show_all()
    compare = widget.panels.comparing
    compare.restore(layout.mode, layout.mode or compare.state.last_mode, compare.state.amounts, layout.colour_map)
    if compare.state.partial is not None and compare.state.is_side_by_side != layout.side_by_side:
        compare.toggle_side_by_side()
    if compare.state.is_side_by_side and layout.inverted and not compare.state.is_inverted_beside:
        compare.toggle_inverted_beside()
    for index in range(widget.panels.count()):
        if widget.panels.tabText(index) == layout.page:
            widget.panels.setCurrentIndex(index)


def show_sources(pair: ShownPair, layout: Layout, known: frozenset[str]) -> None:
    """Show the sources with the windows and colours of a layout, as far as they fit.

    Parameters
    ----------
    known
        Ids of layers that are left as they are.
    """
    for row, layer, window, colour in zip(pair.rows, pair.layers, layout.windows, layout.colours, strict=True):
        if str(layer.unique_id) in known:
            continue
        if not layer.rgb and colour in AVAILABLE_COLORMAPS and layer.colormap.name != colour:
            layer.colormap = colour
        volume = shown_volume(layer)
        if volume is None or not window.fits(volume.unit):
            continue
        if window.choice in PRESETS:
            row.choose_window(window.choice)
        else:
            row.custom.setText(window.choice)
            choose(row.window_choice, CUSTOM)


def forget_windows(pair: ShownPair) -> None:
    """Choose automatic windows for both sources; those that a reader gave their layers in napari stay."""
    for row, layer in zip(pair.rows, pair.layers, strict=True):
        if not was_rewindowed(layer):
            choose(row.window_choice, "")


def show_usual_sources(pair: ShownPair) -> None:
    """Show both sources with automatic windows and the colours of their modality."""
    for row, layer in zip(pair.rows, pair.layers, strict=True):
        row.choose_window("")
        volume = shown_volume(layer)
        if volume is not None and not layer.rgb and layer.ndim == 3:
            _, properties, _ = to_layer_data(volume, growing=True)
            layer.colormap = properties["colormap"]


def _window(row: SourceRow, layer: Image) -> HabitualWindow:
    """Return the chosen window of a source as far as it is a habit."""
    volume = shown_volume(layer)
    choice, limits = str(row.window_choice.currentData() or ""), shown_limits(layer)
    if volume is None:
        return AUTOMATIC
    if choice == CUSTOM:
        choice = row.custom.text()
    elif choice == AS_SHOWN and limits is not None:
        choice = f"{limits[0]:.6g},{limits[1]:.6g}"
    return habitual_window(choice, volume.unit)


def _colour(layer: Image) -> str:
    """Return napari's colour map of a layer where it is another than layers of its modality have; empty for theirs."""
    volume = shown_volume(layer)
    if layer.rgb or volume is None or layer.colormap.name not in AVAILABLE_COLORMAPS:
        return ""
    usual = "inferno" if volume.is_functional else "gray"
    return "" if layer.colormap.name == usual else str(layer.colormap.name)

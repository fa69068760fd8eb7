"""The colour maps of function as napari's own, and the layer of a functional source in the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari.layers import Image
from napari.utils import Colormap
from napari.utils.colormaps import AVAILABLE_COLORMAPS

from napari_refusion.numerics.colour_maps import COLOUR_MAPS, colour_table

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.session.compare_state import CompareState

_OF_NAPARI: Final = {
    "grey": "gray",
    "grey_inverted": "gray_r",
    "viridis": "viridis",
    "plasma": "plasma",
    "inferno": "inferno",
    "magma": "magma",
}
"""Name of a map -> what napari calls the same one."""

_ABOVE: Final = {"rises": "additive", "falls": "translucent_no_depth"}
"""How a layer lies on those below it, by its lightness: added to them, white would hide what is under no uptake."""


def napari_name(name: str) -> str:
    """Return what napari calls one of `numerics.colour_maps.COLOUR_MAPS`, which it knows from now on."""
    if name in _OF_NAPARI:
        return _OF_NAPARI[name]
    title = f"PET: {COLOUR_MAPS[name].title.removeprefix('PET ')}"
    if title not in AVAILABLE_COLORMAPS:
        AVAILABLE_COLORMAPS[title] = Colormap(colour_table(name), name=title)
    return title


def offer_colour_maps() -> None:
    """Let napari know all of them: saved sessions and its own menus name them."""
    for name in COLOUR_MAPS:
        napari_name(name)


def colour_source(viewer: Viewer, before: CompareState, now: CompareState) -> None:
    """Show the layer of the functional source in a colour map that was chosen."""
    side = None if now.partial is None else now.partial.study.functional
    if side is None or now.colour_map == before.colour_map:
        return
    found = (one for one in viewer.layers if str(one.unique_id) == side.key and isinstance(one, Image) and not one.rgb)
    if (layer := next(found, None)) is None:
        return
    layer.colormap = napari_name(now.colour_map)
    falls = COLOUR_MAPS[now.colour_map].lightness == "falls"
    usual, other = (_ABOVE["falls"], _ABOVE["rises"]) if falls else (_ABOVE["rises"], _ABOVE["falls"])
    if layer.blending == other:
        layer.blending = usual

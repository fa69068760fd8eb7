"""Volumes to napari layers."""

from typing import Any, Final

import numpy as np

from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.chosen_window import Purpose
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.preferences import preferred, preferred_scales
from napari_refusion.widgets.world import drawn_matrix, is_misdrawn, misdrawn_by

AXIS_LABELS: Final = ("inferior", "posterior", "left")
"""Names of napari's axes: each says where its coordinates grow to."""

_FUNCTIONAL_LOOK: Final = {"colormap": "inferno", "blending": "additive"}
"""PET and SPECT glow on top of the anatomy that lies under them."""

LayerData = tuple[np.ndarray, dict[str, Any], str]
"""What napari makes a layer from: data, its properties, ``image``."""


def to_layer_data(volume: Volume, name: str = "", *, growing: bool = False, **look: object) -> LayerData:
    """Return the layer that shows a volume.

    Scale and translation place it in napari's world (see `world`). An oblique volume is drawn on its own grid, not
    rotated; its true affine is in the metadata, and fusing uses that.

    Parameters
    ----------
    name
        Empty for the volume's own name.
    growing
        Whether its voxels are still to come, so that a change of them means nothing.
    look
        Further properties of the layer; they win over those chosen by modality.
    """
    drawn = drawn_matrix(volume.grid)
    properties: dict[str, Any] = {
        "name": name or _name(volume) or "volume",
        "rgb": volume.is_rgb,
        "scale": np.diag(drawn)[:3].tolist(),
        "translate": drawn[:3, 3].tolist(),
        "units": ("mm",) * 3,
        "axis_labels": AXIS_LABELS,
        "interpolation2d": str(preferred("display")["interpolation"]),
        "metadata": {KEY: {"volume": volume, "checksum": None if growing else checksum(volume.data)}},
    }
    if volume.is_rgb:
        # napari would stretch colours, too, to the range of the slices that it happens to look at
        properties["contrast_limits"] = (0.0, 1.0)
    else:
        # given, so that napari does not compute its own from some slices
        properties["contrast_limits"] = look.get("contrast_limits") or _shown_limits(volume)
        properties["metadata"][KEY]["window"] = properties["contrast_limits"]
        properties |= _FUNCTIONAL_LOOK if volume.is_functional else {"colormap": "gray"}
    return volume.data, properties | look, "image"


def _name(volume: Volume) -> str:
    """Return what a layer of a volume is called: of PET, whether it was corrected for attenuation comes first.

    Corrected Image (0028,0051) says it; series with and without the correction are often named alike otherwise. What
    it says is not said again: ``PET WB FDG AC`` is ``PET AC WB FDG``.
    """
    if volume.modality != "PT" or not volume.acquisition.corrected:
        return volume.name
    is_corrected = "ATTN" in volume.acquisition.corrected
    said = {"AC"} if is_corrected else {"NAC"}
    words = [word for word in volume.name.split(" ") if word.upper() not in said]
    if words[:1] in (["PET"], ["PT"]):
        words = words[1:]
    return " ".join(("PET", "AC" if is_corrected else "no AC", *words)).rstrip()


def _shown_limits(volume: Volume) -> tuple[float, float]:
    """Return the window that a layer begins with; a constant or empty volume must be drawn, too."""
    try:
        # a picture of no known modality may be of a task whose brightness is kept
        purpose = Purpose(scales=preferred_scales(), is_medical=bool(volume.modality))
        window = choose_window(volume, "", purpose).window
    except ValueError:
        return 0.0, 1.0
    return window.low, window.high


def oblique_notice(volume: Volume) -> str:
    """Return what to tell about a volume that napari cannot draw where it is, empty for all others."""
    if not is_misdrawn(volume.grid):
        return ""
    far = misdrawn_by(volume.grid)
    return (
        f"{volume.name} is oblique: it is drawn on its own grid, up to {far:.0f} mm from its position in the patient. "
        "Fusing uses its true position."
    )

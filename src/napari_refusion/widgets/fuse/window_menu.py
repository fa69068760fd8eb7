"""Which windows the menu of a source offers, by what its layer holds."""

from typing import Final

from napari_refusion.volume.chosen_window import Part
from napari_refusion.volume.lean import units_of
from napari_refusion.volume.preset import PRESETS, SUL, SUV, Preset, presets_in
from napari_refusion.volume.two_numbers import two_numbers
from napari_refusion.volume.uptake_window import shows_brain
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import HEADER
from napari_refusion.volume.window_text import window_text
from napari_refusion.widgets.preferences import SCALES, forget, remember

AUTOMATIC: Final = ""
AS_SHOWN: Final = "shown"
CUSTOM: Final = "custom"


def windows_offered(volume: Volume | None, modality: str, *, is_picture: bool = False) -> dict[str, str]:
    """Return the choices of a window: value -> what the menu calls it.

    Parameters
    ----------
    volume
        What the layer was made from, None for a layer from elsewhere.
    modality
        DICOM Modality that the user chose, or that the layer's name states; empty for none.
    is_picture
        Whether the layer is a picture, whose pixels are in no unit: no preset fits it.
    """
    offered = {AUTOMATIC: "automatic", AS_SHOWN: "as shown"}
    presets = () if is_picture else _presets(volume, modality)
    offered |= _of_header(volume) | {one.name: one.title for one in presets}
    return offered | {CUSTOM: "custom"}


def _of_header(volume: Volume | None) -> dict[str, str]:
    """Return the windows of a volume's header."""
    headers = volume.acquisition.windows if volume is not None else ()
    unit = volume.unit if volume is not None else ""
    return {
        f"{HEADER} {number}": f"header: {one.words or window_text(one.window, unit)}"
        for number, one in enumerate(headers, 1)
    }


def _presets(volume: Volume | None, modality: str) -> tuple[Preset, ...]:
    """Return the presets in the units that a layer can be shown in."""
    if volume is None or modality not in ("", volume.modality):
        # its unit is known only once its values are looked at
        return presets_in("HU") if modality in ("", "CT") else ()
    return tuple(preset for unit in units_of(volume) for preset in presets_in(unit))


def remember_scale(volume: Volume | None, choice: str, custom: str) -> None:
    """Make a scale of PET the preference for bodies or for brains, whichever the volume shows; automatic forgets it.

    Parameters
    ----------
    choice
        Value of the menu.
    custom
        ``LOW,HIGH`` as it was typed; it counts as a scale where LOW is 0.
    """
    if volume is None or volume.unit not in (SUV, SUL):
        return
    part: Part = "brain" if shows_brain(volume) else "body"
    if choice == AUTOMATIC:
        forget("fusion", SCALES[part])
    elif (high := _top(choice, custom)) is not None:
        remember("fusion", **{SCALES[part]: high})


def _top(choice: str, custom: str) -> float | None:
    """Return the upper end of a scale from 0, None for a choice that is none."""
    if choice != CUSTOM:
        return PRESETS[choice].window.high if choice in PRESETS else None
    try:
        low, high = two_numbers(custom)
    except ValueError:
        return None
    return high if low == 0 < high < float("inf") else None

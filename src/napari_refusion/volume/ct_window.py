"""With which window a CT opens: that of its header, else by the part of the body, else by what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.numerics.intensity import Window, full_window
from napari_refusion.volume.body_part import is_head, preset_of
from napari_refusion.volume.chosen_window import FULL_RANGE, ChosenWindow, Purpose
from napari_refusion.volume.ct_content import ct_content
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.preset import PRESETS
from napari_refusion.volume.window_text import window_text

if TYPE_CHECKING:
    from napari_refusion.volume.acquisition import HeaderWindow
    from napari_refusion.volume.volume import Volume

TISSUE: Final = (-500.0, 150.0)
"""HU between which tissue is looked at to judge a window: every window of radiology shows some of it, for bone too."""

HIT: Final = 0.1
"""Share of the tissue's voxels that a window must show neither black nor white, or its header is not believed."""

SOFT: Final = (Window(-250.0, -20.0), Window(100.0, 500.0))
"""HU between which the lower and the upper end of a window for soft tissue lie."""

_OF_CONTENT: Final = {"head": "brain", "lung": "lung", "body": "soft"}
"""What a CT shows -> its preset."""


def ct_window(volume: Volume, purpose: Purpose) -> ChosenWindow:
    """Return the window that a CT opens with.

    The header's first window counts, where it shows at least a part of the body; then Body Part Examined; then a head
    is told from a body by its values. Beside PET or SPECT the CT of a body is in a soft-tissue window, for uptake is
    read with the organs, whatever the header says. A CT that is not in HU has its full range.

    Raises
    ------
    ValueError
        If the volume is empty or constant and not in HU.
    """
    if volume.unit != "HU":
        return ChosenWindow(full_window(volume.grey), FULL_RANGE)
    header, findings = _header(volume)
    if header is not None and not (purpose.beside_function and not _is_soft(header.window) and not _shows_head(volume)):
        return ChosenWindow(header.window, header_source(header), findings)
    if header is not None:
        return ChosenWindow(PRESETS["soft"].window, "body beside PET or SPECT", findings)
    return _without_header(volume, purpose, findings)


def _without_header(volume: Volume, purpose: Purpose, findings: tuple[Finding, ...]) -> ChosenWindow:
    """Return the preset by Body Part Examined, or by what is seen."""
    part = volume.acquisition.body_part
    preset, source = preset_of(part), f"body part {part.strip()}"
    if not preset:
        content = ct_content(volume.data, volume.spacing)
        preset, source = _OF_CONTENT[content], f"content: {content}"
    if purpose.beside_function and preset == "lung":
        preset, source = "soft", "body beside PET or SPECT"
    return ChosenWindow(PRESETS[preset].window, source, findings)


def header_source(header: HeaderWindow) -> str:
    """Return where a window of the header came from, ``header, BRAIN``."""
    return f"header, {header.words}" if header.words else "header"


def _header(volume: Volume) -> tuple[HeaderWindow | None, tuple[Finding, ...]]:
    """Return the header's first window, None where there is none or it shows nothing, and what is to be said."""
    if not volume.acquisition.windows:
        return None, ()
    header = volume.acquisition.windows[0]
    tissue = _tissue(volume)
    inside = (tissue > header.window.low) & (tissue < header.window.high)
    if not tissue.size or inside.mean() >= HIT:
        return header, ()
    text = window_text(header.window, volume.unit)
    sentence = (
        f"Check that the values of {volume.title} are in HU: the window in its header ({text}) shows "
        f"{inside.mean():.0%} of the tissue, all else black or white, and is not used."
    )
    return None, (Finding("warn", "window fit", sentence, text),)


def _tissue(volume: Volume) -> np.ndarray:
    """Return the HU of tissue, of a large volume every n-th voxel along each axis, (n,)."""
    step = max(1, round((volume.data.size / 2**20) ** (1 / 3)))
    values = volume.data[::step, ::step, ::step]
    return values[(values > TISSUE[0]) & (values < TISSUE[1])]


def _is_soft(window: Window) -> bool:
    low, high = SOFT
    return low.low <= window.low <= low.high and high.low <= window.high <= high.high


def _shows_head(volume: Volume) -> bool:
    part = volume.acquisition.body_part
    return is_head(part) if preset_of(part) else ct_content(volume.data, volume.spacing) == "head"

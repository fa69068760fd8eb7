"""With which window PET and SPECT open: PET in SUV on a fixed scale from 0, all else by a percentile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.numerics.intensity import Window, percentile_window
from napari_refusion.volume.body_part import is_head, preset_of
from napari_refusion.volume.chosen_window import DEFAULT_SCALES, ChosenWindow, Part, Purpose
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.preset import SUL

if TYPE_CHECKING:
    from napari_refusion.volume.volume import Volume

TOP: Final = 99.5
"""Percentile of the foreground where a window by values ends."""

FAINT: Final = 0.1
"""Share of a scale; where the foreground hardly reaches it, the picture is black and the unit is in doubt."""

_WHITE_SHARE: Final = 0.5
"""Share of what is above background that lies beyond a scale; where more does, the picture is white and the unit is in
doubt: at most 0.07 of it lies beyond SUV 5 in 24 legs and trunks, 0.10 of it beyond SUV 10 in the head phantom."""

_IN_BODY: Final = 0.2
"""SUV; less is background."""

_BRIGHT: Final = 2.5
"""SUV; grey and white matter with FDG are above it, and little of a body outside the head is."""

_BRIGHT_SHARE: Final = 0.25
"""Share of what is above background that is bright where a brain is all that is seen: 0.44 in the head phantom, at most
0.12 in 24 legs and trunks with a sarcoma."""

_BRIGHT_LITRES: Final = (0.4, 2.5)
"""Litres that are bright: a child's brain, and a large one with what lies around it."""

_BRAIN_PEAK: Final = 5.0
"""SUV, 99th percentile above background: with less, as with tracers of amyloid, a head is read on the body's scale."""


def uptake_window(volume: Volume, purpose: Purpose) -> ChosenWindow:
    """Return the window that PET opens with: in SUV the reader's scale for a body or a brain, else see `count_window`.

    Raises
    ------
    ValueError
        If the volume is empty or constant and not in SUV.
    """
    if not volume.unit.startswith("SUV"):
        return count_window(volume, purpose)
    word, scales = "SUL" if volume.unit == SUL else "SUV", purpose.scales
    part: Part = "brain" if shows_brain(volume) else "body"
    high = scales.of(part)
    source = part if high == DEFAULT_SCALES.of(part) else "preference"
    return ChosenWindow(Window(0.0, high), f"{word} 0-{high:g}, {source}", _off_scale(volume, high, word))


def count_window(volume: Volume, _purpose: Purpose) -> ChosenWindow:
    """Return the window of counts, Bq/ml and arbitrary units: from 0 to a percentile of the foreground.

    Raises
    ------
    ValueError
        If the volume is empty or constant.
    """
    window = percentile_window(volume.grey, 0.0, TOP)
    high = window.high if window.high > 0 else 1.0  # nothing above 0: all of it is black
    return ChosenWindow(Window(0.0, high), f"0 to percentile {TOP:g} of the foreground")


def shows_brain(volume: Volume) -> bool:
    """Return whether PET in SUV is of a brain with high uptake, as with FDG: by Body Part Examined or by its uptake."""
    part = volume.acquisition.body_part
    if preset_of(part) and not is_head(part):
        return False
    uptake = _uptake(volume)
    if not uptake.size:
        return False
    if is_head(part):
        return bool(np.percentile(uptake, 99) >= _BRAIN_PEAK)
    bright = float((uptake > _BRIGHT).mean())
    litres = bright * uptake.size * _step(volume) ** 3 * abs(np.linalg.det(volume.affine[:3, :3])) / 1e6
    return bright >= _BRIGHT_SHARE and _BRIGHT_LITRES[0] <= litres <= _BRIGHT_LITRES[1]


def _uptake(volume: Volume) -> np.ndarray:
    """Return the values above background in SUV by body weight, of a large volume every n-th along each axis, (n,)."""
    step = _step(volume)
    values = volume.grey[::step, ::step, ::step]
    if volume.unit == SUL:
        values = values / np.float32(volume.acquisition.lean_factor or 1.0)
    return values[np.isfinite(values) & (values > _IN_BODY)]


def _step(volume: Volume) -> int:
    return max(1, round((np.prod(volume.shape) / 2**20) ** (1 / 3)))


def _off_scale(volume: Volume, high: float, word: str) -> tuple[Finding, ...]:
    """Return a warning where a scale shows nothing of a volume but black, or white."""
    step = _step(volume)
    values = volume.grey[::step, ::step, ::step]
    values = values[np.isfinite(values) & (values > 0)]
    top = float(np.percentile(values, TOP)) if values.size else 0.0
    body = values[values > _IN_BODY]
    if top < FAINT * high:
        what, value = f"hardly anything in it is above {word} {top:.2g}", top
    elif body.size and float((body > high).mean()) > _WHITE_SHARE:
        value = float(np.median(body))
        what = f"most of it is above {word} {high:g}, half above {value:.3g}"
    else:
        return ()
    sentence = (
        f"Check the unit of {volume.title}, or choose another window: {what}, and it is shown from 0 to {high:g}."
    )
    return (Finding("warn", "window fit", sentence, f"{word} {value:.2g}"),)

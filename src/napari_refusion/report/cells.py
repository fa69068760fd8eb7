"""The images of a picture: a source, the fused slice or evidence, with what stands beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.colours import evidence_colours
from napari_refusion.fusion.colouring import Colouring
from napari_refusion.fusion.comparison import displayed
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.colour_maps import colour_table
from napari_refusion.numerics.compare import as_rgb
from napari_refusion.numerics.headroom import legend_table
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.probe import place_in_words, unit_of
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window_text import window_text


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A map that tells something about one fused slice, and how it is drawn."""

    title: str
    values: np.ndarray
    """(H, W); what is not finite is drawn as `low`."""
    low: float
    """Value at the lower end of the colour map."""
    high: float
    """Value at its upper end."""
    unit: str = ""
    is_signed: bool = False
    """Whether 0 is the middle of its colours: blue below it, orange above."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One image of a picture."""

    title: str
    rgb: NDArray[np.float32]
    """(H, W, 3) in [0, 1], a whole slice."""
    text: str
    """What stands under it: its window, or what it is."""
    table: NDArray[np.float32] | None = None
    """(n, 3), the colours of the bar under it; None for no bar."""
    ends: tuple[str, str] = ("", "")
    """Values at the ends of the colour bar, with their unit."""
    outlined: NDArray[np.bool_] | None = None
    """(H, W), pixels that a line is drawn around; None for no line."""


def heading_of(partial: PartialFusion, index: int) -> str:
    """Return what stands over the pictures of a slice: the pair, which slice it is, and where it lies."""
    study = partial.study
    words = " + ".join(word_of(volume) for volume in (study.a.volume, study.b.volume))
    where = f"{words}   {partial.axis} slice {index + 1} of {len(partial.done)}"
    if study.fixed.is_photograph:
        return where
    millimetres = study.fixed.grid.position(partial.axis, index)
    return f"{where}, {place_in_words(partial.axis, millimetres)}"


def word_of(volume: Volume) -> str:
    """Return what to call a source without its name, which may be the patient's."""
    return modality_name(volume.modality, "source")


def _plane(values: np.ndarray, axis: str, index: int) -> np.ndarray:
    """Return a slice, (H, W) or (H, W, 3), of a volume."""
    return np.moveaxis(values, AXES[axis], 0)[index]


def source_cell(partial: PartialFusion, which: int, index: int, colouring: Colouring | None) -> Cell:
    """Return a slice of source a or b, 0 or 1, in its window."""
    volume, window = partial.study.sides[which].volume, partial.study.sides[which].window
    where = [slice(None), slice(None), slice(None)]
    where[AXES[partial.axis]] = index  # type: ignore[call-overload]
    chosen = colouring.legend.palette if colouring and colouring.legend.palette else "grey"
    rgb = displayed(volume, window, tuple(where), chosen if volume.is_functional else "")
    title = f"{word_of(volume)}, source {'AB'[which]}"
    if volume.is_rgb:
        return Cell(title, rgb, "its own colours")
    text = window_text(window, volume.unit)
    if not volume.is_functional:
        return Cell(title, rgb, text)
    return Cell(title, rgb, text, colour_table(chosen), _ends(window, unit_of(volume)))


def fused_cell(partial: PartialFusion, index: int, colouring: Colouring | None) -> Cell:
    """Return a slice of the fused image."""
    if not partial.done[index]:
        return Cell("fused", as_rgb(_plane(partial.fused, partial.axis, index)), "not fused yet")
    grey = _plane(partial.fused, partial.axis, index)
    if colouring is None:
        return Cell("fused", as_rgb(grey), "0 to 1, no unit")
    where = [slice(None)] * 3
    where[AXES[partial.axis]] = slice(index, index + 1)
    slab = colouring.paint(partial.fused[tuple(where)], tuple(where))
    colours = np.moveaxis(slab, AXES[partial.axis], 0)[0]
    legend = colouring.legend
    if not legend.palette:
        return Cell("fused", colours, "brightness: no unit; hue: the source's")
    owner = word_of(
        next(
            (one for one in (partial.study.a.volume, partial.study.b.volume) if one.is_functional),
            partial.study.a.volume,
        )
    )
    text = f"brightness: no unit; hue: {owner}"
    if legend.threshold is not None:
        text += f", none below {in_figures(legend.threshold)}"
    return Cell("fused", colours, text, legend_table(legend.palette), _ends(legend.window, legend.unit or "a.u."))


def evidence_cell(one: Evidence) -> Cell:
    """Return a map with its colour bar."""
    plane = one.values.astype(np.float32)
    nothing = 0.0 if one.is_signed else one.low
    window = Window(one.low, one.high)
    part = rescale_to_window(np.where(np.isfinite(plane), plane, np.float32(nothing)), window)
    table = evidence_colours(is_signed=one.is_signed)
    rgb = table[np.rint(part * (len(table) - 1)).astype(np.int64)]
    return Cell(one.title, rgb, "evidence, not an image", table, _ends(window, one.unit))


def _ends(window: Window, unit: str) -> tuple[str, str]:
    return in_figures(window.low), f"{in_figures(window.high)} {unit}".rstrip()

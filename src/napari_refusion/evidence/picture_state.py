"""What the fused slice on the screen has lost or invented, in one sentence: before any examination is asked for."""

from typing import Final

from napari_refusion.evidence.indicators import INDICATORS
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.measures import FusedImages, MeasuredSlice, foreground
from napari_refusion.volume.finding import Finding

_WORDS: Final = {
    "saturated_fused": "nearly white, where differences are lost",
    "overshoot": "clearly brighter than both sources",
    "undershoot": "darker than both sources",
}
"""Indicator of the fused image alone -> what it means for a pixel; quick enough for every slice that is looked at."""

_SHORT: Final = {"saturated_fused": "white", "overshoot": "above", "undershoot": "below"}
"""The same for a line in the window: three figures and the hidden uptake have room in it on a laptop's screen."""


def picture_state(images: FusedImages, limits: Limits | None, where: str) -> Finding | None:
    """Return what is to be said about one fused slice; None where neither source shows anything.

    A number beyond its amber limit is a warning. Without limits for the weights nothing is judged, and that is said.

    Parameters
    ----------
    where
        Which slice it is, as `volume.probe.slice_in_words` says it; empty for a photograph, which is no slice.
    """
    seen = f"fused {where}" if where else "the fused picture"
    mask = foreground(images.a, images.b)
    if not mask.any():
        return None
    one = MeasuredSlice(images, {}, mask, ())
    numbers = {name: measure(one) for name in _WORDS if (measure := INDICATORS[name].measure) is not None}
    colours = {name: limits.colour(name, value) for name, value in numbers.items()} if limits is not None else {}
    beyond = [name for name, colour in colours.items() if colour in ("amber", "red")]
    told = beyond or [name for name, value in numbers.items() if value >= 0.001]
    parts = [f"{INDICATORS[name].words(numbers[name])} are {_WORDS[name]}" for name in told]
    value = ", ".join(f"{INDICATORS[name].words(numbers[name])} {_SHORT[name]}" for name in told)
    if beyond:
        sentence = f"Hold Q or W, or choose the overlay: of {seen}, {', '.join(parts)}."
        return Finding("warn", "fused picture", sentence, value)
    judged = "" if limits is not None else " Nothing is judged: these weights have no limits."
    sentence = f"Of {seen}, {', '.join(parts) if parts else 'nothing leaves the range of the sources'}."
    return Finding("ok", "fused picture", sentence + judged, value)

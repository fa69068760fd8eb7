"""Which units are standardized uptake values, and what is said where a source has none."""

from typing import Final

from napari_refusion.volume.preset import PLAIN_SUV, SUL, SUV
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.volume import Volume

SUV_UNITS: Final = (SUV, PLAIN_SUV, SUL)
"""Units in which SUVmax, total lesion glycolysis and scores by a reference region mean something."""


def uptake_word(unit: str) -> str:
    """Return what a value in a unit is called: ``SUL`` by lean body mass, ``SUV`` by any other, empty for none."""
    if unit == SUL:
        return "SUL"
    return "SUV" if unit in SUV_UNITS else ""


def why_no_suv(volume: Volume) -> str:
    """Return why a source's values are no SUV, as a sentence; empty where they are."""
    if volume.unit in SUV_UNITS:
        return ""
    told = next((one.sentence for one in volume.findings if one.rule == "SUV" and one.level != "ok"), "")
    return told or f"{volume.title} is in {unit_of(volume)} and not in SUV."

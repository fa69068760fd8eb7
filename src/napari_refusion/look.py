"""How results look, in the window, on paper and in a terminal: words and colours of levels, checks and verdicts.

No meaning is carried by a colour alone: each has its word beside it. Letters have a contrast of at least 4.5:1 to
what is behind them (WCAG 2.1, success criterion 1.4.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Signal:
    """A colour that stands for a result."""

    style: str
    """Its name, and its class in the style sheet of reports."""
    background: str
    """``#rrggbb``, behind `letters` in the window, and of bars and dots in plots."""
    letters: str
    """``#rrggbb``"""
    paper: str
    """``#rrggbb``, behind `ink` in a cell of a table on paper."""
    ink: str
    """``#rrggbb``"""
    terminal: str
    """In the markup of Rich."""

    @property
    def css(self) -> str:
        """Return background and letters as a style, for Qt and HTML alike."""
        return f"background: {self.background}; color: {self.letters};"


INK: Final = "#1a1a1a"
"""Of what is printed, and written on light backgrounds."""

GREEN: Final = Signal("green", "#2e7d32", "#ffffff", "#dfeee5", INK, "green")
AMBER: Final = Signal("amber", "#e0a100", "#000000", "#ffe7ad", INK, "yellow")
RED: Final = Signal("red", "#c00000", "#ffffff", "#c00000", "#ffffff", "bold red")
GREY: Final = Signal("grey", "#555b63", "#ffffff", "#e6e6e6", INK, "dim")

SIGNALS: Final = (GREEN, AMBER, RED, GREY)


@dataclass(frozen=True, slots=True)
class Look:
    """How one result is shown."""

    signal: Signal
    word: str
    """As short as a mark in the window must be."""
    printed: str
    """In a report."""


LEVELS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "ok": Look(GREEN, "ok", "passed"),
        "warn": Look(AMBER, "LOOK", "look first"),
        "block": Look(RED, "STOP", "must not be fused"),
    }
)
"""Level of a finding, see `volume.finding.Level` -> look."""

CHECKS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "green": Look(GREEN, "passed", "passed"),
        "amber": Look(AMBER, "look", "look twice"),
        "red": Look(RED, "failed", "FAILED"),
        "not run": Look(GREY, "not run", "not run"),
        "not confirmed": Look(GREY, "not confirmed", "not confirmed"),
    }
)
"""Colour of a QC check, see `evidence.check_outcome.Colour` -> look."""

VERDICTS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "accept": Look(GREEN, "accepted", "accepted"),
        "flag": Look(AMBER, "flagged", "flagged"),
        "reject": Look(RED, "rejected", "REJECTED"),
    }
)
"""Verdict on a slice, see `record.case.SLICE_VERDICTS` -> look."""

RECORDS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "sound": Look(GREEN, "sound", "sound"),
        "damaged": Look(RED, "damaged", "DAMAGED"),
        "altered": Look(RED, "altered", "ALTERED"),
        "missing": Look(RED, "missing", "MISSING"),
        "unchecked": Look(RED, "unchecked", "NOT CHECKED"),
    }
)
"""State of a reader's record, see `record.verify.State` -> look."""

CELLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unseen": "#3a3f47",
        "seen": "#7d8794",
        # blue and rose, which the red-green blind tell apart even in small cells; their shapes say the same
        "accept": "#3d8fd1",
        "flag": AMBER.background,
        "reject": "#d1495b",
    }
)
"""State of a slice -> colour of its cell on the strip of all slices."""

OVERLAY: Final = "#ffb000"
"""Of letters and marks on images: in no grey image, and apart from its background for colour-blind readers, too."""

SIDES: Final = (("S", "I"), ("A", "P"), ("R", "L"))
"""Sides of the patient at the first and at the last index of each axis of an (Inferior, Posterior, Left) array."""

DICOM_SIDES: Final[Mapping[str, str]] = MappingProxyType({"S": "H", "I": "F"})
"""Sides that Patient Orientation (PS3.3, C.7.6.1.1.1) names otherwise: head and foot."""

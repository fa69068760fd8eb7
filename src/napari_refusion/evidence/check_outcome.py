"""The trust block: what was checked about a fusion, as five checks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from napari_refusion.volume.rule import Check

Colour = Literal["green", "amber", "red", "not run", "not confirmed"]
"""``green``: the check was passed, which says nothing about the quality of the image. ``amber``: look twice. ``red``:
failed. ``not run``, and ``not confirmed`` by anybody while nothing speaks against it: grey."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One check."""

    check: Check
    """What it belongs to; findings say the same of theirs, see `Finding.check`."""
    colour: Colour
    value: str
    """The number that decided, with its unit or its name; empty where there is none."""
    rule: str
    """What is checked, with its limits and with what it cannot see; shown on hover."""
    sentence: str
    """What was found."""


def failed(check_outcomes: Iterable[CheckOutcome], overridden: Iterable[str] = ()) -> str:
    """Return what stands on view and exports: ``CHECK FAILED: Registration``, or nothing.

    An overridden check stays named, as ``CHECK FAILED: Registration (overridden)``: the reason is in the report.
    """
    passed_over = set(overridden)
    red = [outcome.check for outcome in check_outcomes if outcome.colour == "red"]
    names = [f"{name} (overridden)" if name in passed_over else name for name in red]
    return f"CHECK FAILED: {', '.join(names)}" if names else ""

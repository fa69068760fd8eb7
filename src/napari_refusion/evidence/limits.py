"""From which number on an indicator is amber or red: limits that were calibrated for one weights file, kept beside it.

A file ``NAME_limits.json`` holds::

    {
      "schema": "refusion-limits/1",
      "weights_sha256": "3fe1...",
      "calibrated_on": "One sentence: on which fusions, and how.",
      "limits": {"overshoot": {"amber": 0.04, "red": 0.10}, "recovered_a": {"amber": 0.2, "red": 0.1}}
    }

Names are those of `indicators.per_slice`. An indicator that is missing there is not judged.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from napari_refusion.evidence.check_outcome import Colour
from napari_refusion.evidence.indicators import INDICATORS, per_slice
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.volume.finding import RefusedError, refuse

SCHEMA: Final = "refusion-limits/1"

ENDING: Final = "_limits.json"
"""Of the names of limits files; before it stands the name of the weights."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The two limits of one indicator. A value at a limit is still on its good side."""

    amber: float
    """Beyond it: look twice."""
    red: float
    """Beyond it: failed; farther out than `amber`, above it or below it."""

    def colour(self, value: float) -> Colour:
        """Return the colour of a value; ``not run`` for NaN."""
        if math.isnan(value):
            return "not run"
        sign = 1 if self.red >= self.amber else -1
        if sign * value > sign * self.red:
            return "red"
        return "amber" if sign * value > sign * self.amber else "green"


@dataclass(frozen=True, slots=True)
class Limits:
    """What was calibrated for one weights file."""

    weights_sha256: str
    """Hash of that file, see `model.weights.Weights`."""
    calibrated_on: str
    """On what and how, in a sentence."""
    limits: Mapping[str, Limit]
    """Name in `indicators.per_slice` -> limits."""

    def colour(self, name: str, value: float) -> Colour:
        """Return the colour of an indicator's value; ``not run`` for NaN and where there is no limit."""
        return self.limits[name].colour(value) if name in self.limits else "not run"

    def severity(self, name: str, value: float) -> float:
        """Return how bad a value is, to compare indicators: 0 at the amber limit, 1 at the red one, NaN if not run."""
        if name not in self.limits:
            return math.nan
        limit = self.limits[name]
        return (value - limit.amber) / (limit.red - limit.amber)


def find_limits(weights_sha256: str) -> Limits | None:
    """Return the limits that are installed for weights with this hash, None where none were calibrated.

    Raises
    ------
    RefusedError
        If an installed limits file is damaged.
    """
    folder = Path(__file__).resolve().parents[1] / "weights"
    found = (read_limits(path) for path in sorted(folder.glob(f"*{ENDING}")))
    return next((limits for limits in found if limits.weights_sha256 == weights_sha256), None)


def read_limits(path: GivenPath) -> Limits:
    """Return the limits in a file.

    Raises
    ------
    RefusedError
        If it cannot be read, or is not a limits file of this version.
    """
    path = given_path(path)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path.name, f"it cannot be read ({type(error).__name__})") from error
    return limits_from(record, path.name)


def limits_from(record: Any, origin: str) -> Limits:  # noqa: ANN401
    """Return the limits that a record, plain JSON values, holds.

    Parameters
    ----------
    origin
        Name of the file, for the error.

    Raises
    ------
    RefusedError
        Naming `origin` and what is wrong.
    """
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise _unusable(origin, f"it does not say that its schema is {SCHEMA}")
    sha256, calibrated_on, limits = (record.get(key) for key in ("weights_sha256", "calibrated_on", "limits"))
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise _unusable(origin, "it does not say which weights it belongs to (a SHA-256 of 64 digits)")
    if not isinstance(calibrated_on, str) or not calibrated_on.strip():
        raise _unusable(origin, "it does not state what it was calibrated on")
    if not isinstance(limits, dict):
        raise _unusable(origin, "it holds no limits")
    return Limits(
        sha256, calibrated_on, MappingProxyType({name: _limit(name, one, origin) for name, one in limits.items()})
    )


def as_record(limits: Limits) -> dict[str, Any]:
    """Return limits as plain JSON values, the inverse of `limits_from`."""
    return {
        "schema": SCHEMA,
        "weights_sha256": limits.weights_sha256,
        "calibrated_on": limits.calibrated_on,
        "limits": {name: {"amber": one.amber, "red": one.red} for name, one in limits.limits.items()},
    }


def _limit(name: str, record: object, origin: str) -> Limit:
    """Return one indicator's limits, checked."""
    if name not in per_slice():
        raise _unusable(origin, f"there is no indicator {name!r}")
    if not isinstance(record, dict) or record.keys() != {"amber", "red"}:
        raise _unusable(origin, f"{name} needs one amber and one red limit")
    values = record["amber"], record["red"]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in values):
        raise _unusable(origin, f"the limits of {name} are not numbers")
    amber, red = map(float, values)
    if _sign(name) * red <= _sign(name) * amber:
        direction = INDICATORS[name].direction
        raise _unusable(origin, f"the red limit of {name} ({red:g}) is not {direction} its amber limit ({amber:g})")
    return Limit(amber, red)


def _sign(name: str) -> int:
    """Return 1 for an indicator whose large values are bad, -1 for one whose small values are."""
    return 1 if INDICATORS[name].direction == "above" else -1


def _unusable(origin: str, reason: str) -> RefusedError:
    return refuse("limits", f"The limits file {origin} cannot be used: {reason}. Install the package again.", origin)

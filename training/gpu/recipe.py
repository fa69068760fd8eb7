"""A recipe for training by elapsed time: one TOML file."""

import hashlib
import json
import math
import tomllib
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from napari_refusion.model.tasks import TASKS
from training.picture.examples import QUARTER
from training.picture.shares import Shares

PRECISIONS = ("float32", "bfloat16")
"""Numbers that the network may be run in."""

SMALLEST_SIDE = 32
"""Pixels along a crop that every term of the loss finds room in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimedRecipe:
    """All that decides what a run learns, but for how long it lasts."""

    task: str
    """One of medical, infrared_visible, multi_focus, multi_exposure."""
    loss: Shares
    """Factors of the refine loss."""
    seed: int = 0
    """Decides the initial weights and what is drawn."""
    symmetric: bool = True
    """Keep F's parameters equal under exchange of its sources, so that F(a, b) = F(b, a)."""
    augment: bool = True
    """Resample, window, invert, cut and disturb the sources as clinics do."""
    pixels: int = 262144
    """Pixels of sources in a batch; crops of every size fill it."""
    sides: tuple[int, ...] = (64, 128, 96)
    """Sides of the crops, in turn."""
    whole: int = 256
    """Side that whole slices fit in, which a third of the last steps is trained on; 0 for never."""
    whole_from: float = 0.6
    """Part of the run after which whole slices are trained on."""
    rate: float = 2e-3
    """Learning rate of Adam after its start."""
    clip: float = 5.0
    """Largest norm of a gradient."""
    average: float = 0.999
    """Decay of the running mean of F's parameters, which is what is exported."""
    precision: str = "float32"
    """Numbers of the network until `exact_from`; losses are always float32."""
    exact_from: float = 0.7
    """Part of the run after which the network runs in float32."""
    start_from: str = ""
    """What a run begins with: a run beside it (a folder), installed weights, a weights file; empty for new ones."""
    sha256: str = ""
    """Hash of all of the above."""

    def __post_init__(self) -> None:
        for name, known in (("task", TASKS), ("precision", PRECISIONS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not one of {', '.join(known)}.")
        for name in ("whole_from", "exact_from", "average"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} = {getattr(self, name)!r} is impossible: choose a part from 0 to 1.")
        for name in ("rate", "clip"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)!r} is impossible: choose a positive number.")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed} is impossible: choose 0 or a positive number.")
        for name, sides in (("sides", self.sides), ("whole", (self.whole,) if self.whole else ())):
            if any(type(side) is not int or side < SMALLEST_SIDE for side in sides):
                raise ValueError(
                    f"{name} = {getattr(self, name)!r} is impossible: choose {SMALLEST_SIDE} or more pixels."
                )
        if not self.sides:
            raise ValueError("sides = () is empty: name at least one side of the crops.")
        if self.pixels < QUARTER * max((*self.sides, self.whole)) ** 2:
            raise ValueError(f"pixels = {self.pixels} are less than four crops of the largest side.")
        if not any(self.loss.factors().values()):
            raise ValueError("loss has no factor other than 0: there is nothing to learn.")


def read_timed_recipe(path: Path) -> TimedRecipe:
    """Return the recipe in a TOML file.

    Raises
    ------
    ValueError
        Naming the file and the key: for unknown or missing keys, wrong types and impossible values.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path}: not a readable recipe ({reason}).") from error
    try:
        shares = Shares(**_checked(Shares, table.pop("loss", {}), "loss."))
        recipe = TimedRecipe(**_checked(TimedRecipe, table, ""), loss=shares)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    content = json.dumps(asdict(recipe), sort_keys=True).encode()
    return replace(recipe, sha256=hashlib.sha256(content).hexdigest())


def _checked(kind: type[Shares] | type[TimedRecipe], values: object, prefix: str) -> dict[str, Any]:
    """Return the fields of a dataclass in a table, its keys and types checked."""
    if not isinstance(values, dict):
        raise ValueError(f"{prefix.rstrip('.')} = {values!r} should be a table.")
    known = {field.name: field for field in fields(kind) if field.name not in ("loss", "sha256")}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; known are {', '.join(known)}.")
    missing = [name for name, field in known.items() if field.default is MISSING and name not in values]
    if missing:
        raise ValueError(f"the key {prefix}{missing[0]} is missing.")
    return {name: _of_type(known[name].type, value, f"{prefix}{name}") for name, value in values.items()}


def _of_type(wanted: object, value: object, name: str) -> object:
    """Return a value of the type that is wanted; whole numbers are floats, too."""
    if wanted is float and type(value) is int:
        return float(value)
    plain = wanted if isinstance(wanted, type) and wanted in (int, float, str, bool) else list
    if type(value) is not plain:
        raise ValueError(f"{name} = {value!r} should be of type {plain.__name__}.")
    return tuple(value) if isinstance(value, list) else value

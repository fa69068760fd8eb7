"""A recipe for training by elapsed time: one TOML file."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from napari_refusion.model.tasks import TASKS
from training.picture.loss import Shares

PRECISIONS = ("float32", "bfloat16")
"""Numbers that the network may be run in."""


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
    """Run beside this one (a folder), installed weights or a weights file that a run begins with; empty for new ones."""
    sha256: str = ""
    """Hash of all of the above."""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task = {self.task!r} is not one of {', '.join(TASKS)}.")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision = {self.precision!r} is not one of {', '.join(PRECISIONS)}.")
        if self.pixels < 4 * max((*self.sides, self.whole)) ** 2:
            raise ValueError(f"pixels = {self.pixels} are less than four crops of the largest side.")


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
        raise ValueError(f"{path}: not a readable recipe ({error}).") from error
    try:
        shares = _filled(Shares, table.pop("loss", {}), "loss.")
        recipe = _filled(TimedRecipe, table | {"loss": shares}, "")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    content = json.dumps(asdict(recipe), sort_keys=True).encode()
    return _filled(TimedRecipe, table | {"loss": shares, "sha256": hashlib.sha256(content).hexdigest()}, "")


def _filled(kind: type, values: dict[str, Any], prefix: str) -> Any:  # noqa: ANN401 - one of the two dataclasses
    """Return a dataclass filled from a table, its keys and types checked."""
    known = {field.name: field for field in fields(kind)}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; known are {', '.join(known)}.")
    converted = {}
    for name, value in values.items():
        wanted = known[name].type
        if wanted is float and type(value) is int:
            value = float(value)
        if isinstance(value, list):
            value = tuple(value)
        plain = {int: int, float: float, str: str, bool: bool}.get(wanted)
        if plain is not None and type(value) is not plain:
            raise ValueError(f"{prefix}{name} = {value!r} should be of type {plain.__name__}.")
        converted[name] = value
    return kind(**converted)

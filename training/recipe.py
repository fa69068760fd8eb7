"""A recipe: one TOML file that describes a training run completely."""

import hashlib
import math
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from napari_refusion.model.tasks import TASKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """All that decides what a run learns; where the images lie is said on the command line."""

    task: str
    """One of medical, infrared_visible, multi_focus, multi_exposure."""
    pairs: tuple[tuple[str, str], ...]
    """Folders of first and second sources, below the data folder; a pair has the same file name in both."""
    validation: tuple[str, ...] = ()
    """Patients or scenes that are kept out of training: beginnings of file names."""
    seed: int = 0
    """Decides initial weights, order of the images, crops and flips."""
    crop: int = 64
    """Side of the square training crops, in pixels."""
    pairs_per_batch: int = 2
    """Pairs in a batch; their copies with swapped sources double it."""
    cycles: int
    """Rounds of the two halves: learn the loss, then fuse and reconstruct."""
    meta_steps: int
    """Inner and outer updates in a cycle."""
    accumulate: int = 2
    """Meta-gradients that are added up before P moves."""
    refine_steps: int
    """Fusion and reconstruction updates in a cycle."""
    refine_rate: float
    """Learning rate of Adam for F and R at the start."""
    inner_rate: float
    """Step size of the trial steps at the start."""
    proposal_rate: float
    """Largest move of a parameter of P in one outer update, at the start."""
    final_rate: float = 0.02
    """What remains of all rates at the end of their cosine descent, 0 to 1."""
    gradient_share: float = 1.0
    """Factor of the gradient term in the fusion loss once it is ramped up."""
    gradient_share_start: float = 0.05
    """The same at the first cycle."""
    ramp: float = 0.5
    """Part of the run over which the gradient share rises, 0 to 1."""
    prior_steps: int = 0
    """Steps in which P first learns to prefer the stronger source; 0 starts it without an opinion, as published."""
    prior_sharpness: float = 10.0
    """How decided that preference is: 10 gives 0.88 to a source that is brighter by 0.2."""
    validate_every: int = 10
    """Cycles between two validations."""
    sha256: str = ""
    """Hash of the recipe file."""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task = {self.task!r} is not one of {', '.join(TASKS)}.")
        if self.meta_steps % self.accumulate:
            raise ValueError(f"meta_steps = {self.meta_steps} is no multiple of accumulate = {self.accumulate}.")
        for name in ("crop", "pairs_per_batch", "cycles", "accumulate", "refine_steps", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)} must be at least 1.")

    def rate_factor(self, cycle: int) -> float:
        """Return what remains of all rates at this cycle, from 1 down to `final_rate` along a cosine."""
        progress = cycle / max(self.cycles - 1, 1)
        return self.final_rate + (1 - self.final_rate) * (1 + math.cos(math.pi * progress)) / 2

    def gradient_share_at(self, cycle: int) -> float:
        """Return the factor of the gradient term at this cycle."""
        risen = min(1.0, cycle / max(self.ramp * self.cycles, 1))
        return self.gradient_share_start + risen * (self.gradient_share - self.gradient_share_start)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a TOML file.

    Raises
    ------
    ValueError
        Naming the file and the key: for unknown or missing keys, wrong types and impossible values.
    """
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path}: not a readable recipe ({error}).") from error
    known = {field.name: field for field in fields(Recipe) if field.name != "sha256"}
    unknown = sorted(table.keys() - known.keys())
    missing = sorted(name for name, field in known.items() if field.default is MISSING and name not in table)
    if unknown or missing:
        raise ValueError(f"{path}: unknown keys {unknown or 'none'}, missing keys {missing or 'none'}.")
    values = {name: _converted(path, name, known[name].type, value) for name, value in table.items()}
    try:
        return Recipe(**values, sha256=hashlib.sha256(content).hexdigest())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _converted(path: Path, name: str, kind: Any, value: Any) -> Any:  # noqa: ANN401 - a TOML value can be anything
    """Return a TOML value as the type of its field."""
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str) and type(value) is kind:
        return value
    if name == "pairs" and isinstance(value, list) and all(isinstance(p, list) and len(p) == 2 for p in value):
        return tuple((str(a), str(b)) for a, b in value)
    if name == "validation" and isinstance(value, list):
        return tuple(str(start) for start in value)
    raise ValueError(f"{path}: {name} = {value!r} is not of the kind that the recipe needs.")

"""A recipe: one TOML file that describes a training run completely."""

import hashlib
import json
import math
import tomllib
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from napari_refusion.model.tasks import TASKS

OPINIONS = ("random", "even", "brighter", "sharper")
"""What P can think at the start."""

TRIALS = ("parameter", "image")
"""What takes the trial step that P is judged by."""

COUNTED = ("crop", "pairs_per_batch", "meta_pairs", "cycles", "accumulate", "refine_steps", "validate_every")
"""Numbers of which there is at least one."""

PARTS = ("final_rate", "ramp", "lesion_kept")
"""Numbers from 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """All that decides what a run learns; where the images lie is said on the command line."""

    task: str
    """One of medical, infrared_visible, multi_focus, multi_exposure."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Folders of first and second sources, below the data folder; a pair has the same file name in both. Folders that
    are named twice are drawn twice as often."""
    volumes: tuple[tuple[str, str], ...] = ()
    """First and second volumes (files or DICOM folders), below the data folder; their axial slices are the pairs."""
    validation: tuple[str, ...] = ()
    """Patients or scenes that are kept out of training: beginnings of file names, of volumes those of the first."""
    uptake: str = "luminance"
    """What pseudo-colours become: `luminance`, as published, or `palette`, the uptake that they stand for."""
    seed: int = 0
    """Decides initial weights, order of the images, crops and flips."""
    crop: int = 64
    """Side of the square training crops, in pixels."""
    foreground: bool = True
    """Centre the crops on foreground; False draws them anywhere, as published."""
    pairs_per_batch: int = 2
    """Pairs in a batch; their copies with swapped sources double it."""
    cycles: int
    """Rounds of the two halves: learn the loss, then fuse and reconstruct."""
    trial: str = "parameter"
    """What takes the trial step that P is judged by: F's parameters, as published, or the `image` itself, see
    `image_trial.py`. With `image`, P starts even and learns by Adam, R learns beside it, and `inner_rate` and
    `accumulate` say nothing."""
    proposal_symmetric: bool = True
    """Average P's answers for both orders of the sources; False, as published, lets it tell them by their place."""
    meta_steps: int
    """Inner and outer updates in a cycle."""
    meta_pairs: int = 64
    """Pairs in each half of a meta step, all of one kind; as many batches as that takes are added up."""
    accumulate: int = 1
    """Meta-gradients of whole meta steps that are added up before P moves; the published cycle has 2."""
    trial_gradient_share: float = 3.0
    """Factor of the gradient term in the energy of `image` trials, whose Sobel components count a 64th."""
    judge_steps: int = 0
    """Meta steps at the start of a run with `image` trials in which R learns alone, so that it can judge."""
    refine_steps: int
    """Fusion and reconstruction updates in a cycle."""
    refine_rate: float
    """Learning rate of Adam for F and R at the start."""
    ema: float = 0.999
    """Part of the averaged F that stays at each refine step, 0 to 1; it is what is validated and exported."""
    refine_precision: str = "float32"
    """Numbers of the refine steps: `float32`, or `bfloat16` for speed on a GPU; meta steps are always float32."""
    inner_rate: float = 1e-3
    """Step size of the trial steps at the start."""
    proposal_rate: float
    """Largest move of a parameter of each half of P in one outer update, at the start; with `image` trials the
    learning rate of its Adam."""
    final_rate: float = 0.02
    """What remains of all rates at the end of their cosine descent, 0 to 1."""
    tenth_every: int = 0
    """Cycles after which all rates fall to a tenth, again and again, as published; 0 for the cosine."""
    gradient_share: float = 1.0
    """Factor of the gradient term in the fusion loss once it is ramped up."""
    gradient_share_start: float = 0.05
    """The same at the first cycle."""
    ramp: float = 0.5
    """Part of the run over which the gradient share rises, 0 to 1."""
    opinion: str = "random"
    """What P thinks at the start: `random`, as published, `even`, `brighter` or `sharper`; see `opinion.py`."""
    opinion_steps: int = 120
    """Steps in which P learns to be of the opinion `brighter` or `sharper`."""
    opinion_decision: float = 10.0
    """How decided that opinion is: 10 gives 0.88 to a source that is brighter by 0.2."""
    absolute: bool = False
    """Absolute differences in the fusion loss instead of squared ones; see `LossForm`."""
    signed: bool = False
    """Both Sobel components with their signs in the fusion loss instead of the sum of their magnitudes."""
    functional: tuple[str, ...] = ()
    """Folders of `pairs` whose first source shows uptake, beginnings of their names: lesions and structure count there
    only; empty for everywhere."""
    structure_share: float = 0.0
    """Factor in F's loss of the structural similarity that it loses with both sources."""
    lesion_share: float = 0.0
    """Factor in F's loss of what it hides of planted lesions; see `lesions.py`."""
    lesion_kept: float = 0.7
    """Part of a planted lesion's contrast that F shall show, 0 to 1."""
    start_from: str = ""
    """Run beside this one (a folder) or installed weights whose networks this run goes on with; empty for new ones."""
    validate_every: int = 10
    """Cycles between two validations."""
    validate_minutes: float = 0.0
    """Minutes after which a finished cycle is validated even so; 0 for never."""
    sha256: str = ""
    """Hash of all of the above, whichever files say it."""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task = {self.task!r} is not one of {', '.join(TASKS)}.")
        if not self.pairs and not self.volumes:
            raise ValueError("neither pairs nor volumes are given: name at least one.")
        if self.functional and not self.functional_folders():
            raise ValueError(f"functional = {list(self.functional)} begins no first folder of pairs: name one.")
        if self.uptake not in ("luminance", "palette"):
            raise ValueError(f"uptake = {self.uptake!r} is neither luminance nor palette.")
        if self.uptake == "palette" and self.task != "medical":
            raise ValueError(f'uptake = "palette" fits no colours of the task {self.task}: leave it out.')
        if self.opinion not in OPINIONS:
            raise ValueError(f"opinion = {self.opinion!r} is not one of {', '.join(OPINIONS)}.")
        if self.refine_precision not in ("float32", "bfloat16"):
            raise ValueError(f"refine_precision = {self.refine_precision!r} is neither float32 nor bfloat16.")
        if self.trial not in TRIALS:
            raise ValueError(f"trial = {self.trial!r} is neither parameter nor image.")
        if self.trial == "image" and not self.proposal_symmetric:
            raise ValueError('trial = "image" shows P one order of the sources only: leave out proposal_symmetric.')
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if name in COUNTED and value < 1:
                raise ValueError(f"{name} = {value} must be at least 1.")
            if not 0 <= value < math.inf:  # not a number is neither
                raise ValueError(f"{name} = {value:g} must be at least 0 and finite.")
            if name in PARTS and value > 1:
                raise ValueError(f"{name} = {value:g} must be at most 1.")
        for name, part in (("meta_steps", "accumulate"), ("meta_pairs", "pairs_per_batch")):
            if getattr(self, name) % getattr(self, part):
                raise ValueError(
                    f"{name} = {getattr(self, name)} is not a multiple of {part} = {getattr(self, part)}: change one."
                )
        if not 0 <= self.ema < 1:
            raise ValueError(f"ema = {self.ema:g} must be at least 0 and less than 1.")

    def functional_folders(self) -> list[Path]:
        """Return the first folders of `pairs` that `functional` names."""
        folders = [Path(first) for first, _ in self.pairs]
        return [folder for folder in folders if folder.as_posix().startswith(self.functional)]

    def rate_factor(self, cycle: int) -> float:
        """Return what remains of all rates at this cycle, from 1 down: by tenths, or to `final_rate` along a cosine."""
        if self.tenth_every:
            return float(0.1 ** (cycle // self.tenth_every))
        progress = cycle / max(self.cycles - 1, 1)
        return self.final_rate + (1 - self.final_rate) * (1 + math.cos(math.pi * progress)) / 2

    def gradient_share_at(self, cycle: int) -> float:
        """Return the factor of the gradient term at this cycle."""
        risen = min(1.0, cycle / max(self.ramp * self.cycles, 1))
        return self.gradient_share_start + risen * (self.gradient_share - self.gradient_share_start)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a TOML file; what it does not say is as in the recipe that it is ``based_on``.

    Raises
    ------
    ValueError
        Naming the file and the key: for unknown or missing keys, wrong types and impossible values.
    """
    table = _table(path)
    known = {field.name: field for field in fields(Recipe) if field.name != "sha256"}
    unknown = sorted(table.keys() - known.keys())
    missing = sorted(name for name, field in known.items() if field.default is MISSING and name not in table)
    if unknown or missing:
        raise ValueError(f"{path}: unknown keys {unknown or 'none'}, missing keys {missing or 'none'}.")
    values = {name: _converted(path, name, known[name].type, value) for name, value in table.items()}
    try:
        recipe = Recipe(**values)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return replace(recipe, sha256=hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode()).hexdigest())


def _table(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return what a recipe file says, and below it what the file says that it is based on.

    Parameters
    ----------
    path
        The file.
    above
        Files that are based on it, one on the other.
    """
    if path.resolve() in above:
        raise ValueError(f"{path}: is based on itself by way of its based_on: name another recipe there.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path}: not a readable recipe ({reason}).") from error
    if "based_on" not in table:
        return table
    return _table(path.parent / str(table.pop("based_on")), (*above, path.resolve())) | table


def _converted(path: Path, name: str, kind: Any, value: Any) -> Any:  # noqa: ANN401 - a TOML value can be anything
    """Return a TOML value as the type of its field."""
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (bool, int, str) and type(value) is kind:
        return value
    is_list = isinstance(value, list)
    if name in ("pairs", "volumes") and is_list and all(isinstance(p, list) and len(p) == 2 for p in value):
        return tuple((str(a), str(b)) for a, b in value)
    if name in ("validation", "functional") and is_list:
        return tuple(str(start) for start in value)
    raise ValueError(f"{path}: {name} = {value!r} is not of the kind that the recipe needs.")

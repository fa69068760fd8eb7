"""Maps of one slice that show what its fusion did: from the networks R and P, by occlusion, and by plain comparison.

Nothing here compares places: no map sees a source that is shifted, turned or mirrored.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.engine import latest
from napari_refusion.fusion.engines import rule_in_words
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    import torch

    from napari_refusion.fusion.engine import Engine
    from napari_refusion.model.loss_proposal_net import LossProposalNet
    from napari_refusion.model.reconstruction_net import ReconstructionNet

Slice = NDArray[np.float32]
"""(H, W)."""

SATURATED: Final = 0.999
"""Of a windowed source: at the upper end of its window."""

FULL: Final = 0.98
"""Of a fused image: nearly at full brightness."""


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """One kind of map. Its texts say ``source a`` and ``source b``; see `evidence.indicators.named`."""

    name: str
    title: str
    sees: str
    """What it shows, one sentence."""
    misses: str
    """What it cannot show, one sentence."""
    limits: tuple[float, float]
    """Values at the two ends of its colour map; values beyond them are rare."""
    is_signed: bool = False
    """Whether 0 is the middle of its colour map."""
    is_slow: bool = False
    """Whether it takes as long as fusing or longer, and no number needs it: made for slices that are looked at."""


_NO_PLACE: Final = "a shifted or mirrored source looks the same"

_RESIDUAL: Final = (
    "How far source {0} is from what the network R rebuilds of it from the fused image alone: large where the fused "
    "image does not preserve source {0}."
)
_RESIDUAL_MISSES: Final = (
    f"R can invent what it saw in training, so a small difference proves little; {_NO_PLACE}, and so does tissue that "
    f"both sources show alike."
)
_CONTRIBUTION: Final = (
    "How much the fused image changes when source {0} is removed: positive where source {0} makes it brighter, "
    "negative where it makes it darker."
)
_CONTRIBUTION_MISSES: Final = (
    f"An absent source is unlike anything the network was trained with; what both sources show alike seems to come "
    f"from neither; {_NO_PLACE}."
)
_WEIGHT_MISSES: Final = (
    f"It says what the network was rewarded for in training, not what the fused image shows; {_NO_PLACE}."
)

_KINDS: Final = (
    EvidenceKind("residual_a", "Residual of source a", _RESIDUAL.format("a"), _RESIDUAL_MISSES, limits=(0.0, 0.5)),
    EvidenceKind("residual_b", "Residual of source b", _RESIDUAL.format("b"), _RESIDUAL_MISSES, limits=(0.0, 0.5)),
    EvidenceKind(
        "weight_a",
        "Learned weight of source a, brightness",
        "How much the network P lets the brightness of source a count in the learned loss, 0 to 1; source b has the "
        "rest.",
        _WEIGHT_MISSES,
        limits=(0.0, 1.0),
        is_slow=True,
    ),
    EvidenceKind(
        "gradient_weight_a",
        "Learned weight of source a, edges",
        "How much the network P lets the edges of source a count in the learned loss, 0 to 1; source b has the rest.",
        _WEIGHT_MISSES,
        limits=(0.0, 1.0),
        is_slow=True,
    ),
    EvidenceKind(
        "contribution_a",
        "Contribution of source a",
        _CONTRIBUTION.format("a"),
        _CONTRIBUTION_MISSES,
        limits=(-1.0, 1.0),
        is_signed=True,
        is_slow=True,
    ),
    EvidenceKind(
        "contribution_b",
        "Contribution of source b",
        _CONTRIBUTION.format("b"),
        _CONTRIBUTION_MISSES,
        limits=(-1.0, 1.0),
        is_signed=True,
        is_slow=True,
    ),
    EvidenceKind(
        "overshoot",
        "Outside both sources",
        "By how much the fused image is brighter than the brighter source, or darker than the darker one (negative).",
        f"What was invented within the range of the two sources is not seen; {_NO_PLACE}.",
        limits=(-0.3, 0.3),
        is_signed=True,
    ),
    EvidenceKind(
        "saturation",
        "Saturated",
        "Where differences are lost at the bright end: 0.5 where a source is at the upper end of its window, 1 where "
        "the fused image is nearly at full brightness.",
        f"Differences that are lost below a window are not seen; {_NO_PLACE}.",
        limits=(0.0, 1.0),
    ),
)

KINDS: Final[Mapping[str, EvidenceKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Name -> kind of map."""

MEASURED: Final = ("residual_a", "residual_b")
"""Maps that numbers of a slice are taken from."""


@dataclass(frozen=True, slots=True, eq=False)
class Examiner:
    """The networks that examine a fusion, ready to run."""

    engine: "Engine"
    """What fused it."""
    rebuild: "Callable[[Slice], NDArray[np.float32]] | None"
    """R, a `fusion.rebuilding.Rebuilding`, trained beside the fusion network; None where weights came without it."""
    proposal: "LossProposalNet | None"
    """P, likewise; None also where its file does not say that it is symmetric."""
    findings: tuple[Finding, ...]
    """What cannot be examined."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the names of the maps that it can make, in the order of `KINDS`."""
        missing = (
            *(() if self.rebuild else ("residual_a", "residual_b")),
            *(() if self.proposal else ("weight_a", "gradient_weight_a")),
        )
        return tuple(name for name in KINDS if name not in missing)


def start_examiner(engine: "Engine") -> Examiner:
    """Return an examiner with the networks R and P that were trained beside the fusion network.

    They come from the package, and belong to its own fusion weights only: R and P beside other weights would judge
    by habits that those never had. P is left out unless it is symmetric: any other one may weigh a source by whether
    it came first, and its map would look as if it had weighed what the source shows.

    Raises
    ------
    RefusedError
        If the file of R or P is there but damaged.
    """
    engine = latest(engine)
    own = _installed_sha256(engine.task)
    reconstruction = proposal = None
    if own and engine.identity == own:
        reconstruction = _companion("reconstruction", engine.task, engine.device_name)
        proposal = _companion("proposal", engine.task, engine.device_name)
    symmetric = proposal if proposal is not None and proposal.symmetric else None
    findings = tuple(_not_run(engine.name, reconstruction, proposal, symmetric))
    rebuild = None
    if reconstruction is not None:
        from napari_refusion.fusion.rebuilding import rebuilding

        rebuild = rebuilding(reconstruction, engine)  # type: ignore[arg-type]  # chosen by name
    return Examiner(engine, rebuild, symmetric, findings)  # type: ignore[arg-type]


def _not_run(name: str, reconstruction: object, proposal: object, symmetric: object) -> Iterator[Finding]:
    """Yield for R and P, None where they are absent, what they do not show, and why."""
    without = f"the engine {name} comes without" if rule_in_words(name) else "these weights come without"
    if reconstruction is None:
        what = f"the residual maps, as {without} the network R"
        yield Finding("ok", "evidence", f"Not run: {what}.", "R")
    if symmetric is None:
        what = f"the learned weights of the sources, as {without} the network P"
        if proposal is not None:
            what += " in its symmetric form: theirs may weigh a source by whether it comes first"
        yield Finding("ok", "evidence", f"Not run: {what}.", "P")


def examine_slice(
    examiner: Examiner, a: Slice, b: Slice, fused: Slice, kinds: Collection[str] | None = None
) -> dict[str, Slice]:
    """Return the maps of one slice by their names, in the order of `KINDS`.

    Parameters
    ----------
    a, b
        (H, W) the windowed sources in [0, 1], finite.
    fused
        (H, W) what the examiner's engine makes of them.
    kinds
        Which maps are made, of those that the examiner can make; None for all of them.

    Returns
    -------
    dict
        Name -> (H, W) float32. All 0 for a slice in which both sources are 0 everywhere: no network ran on it.
    """
    wanted = tuple(name for name in examiner.kinds if kinds is None or name in kinds)
    if not a.any() and not b.any():
        return {name: np.zeros(a.shape, np.float32) for name in wanted}
    found: dict[str, Slice] = {}
    for names, make in _MAKERS.items():
        if any(name in wanted for name in names):
            found |= make(examiner, a, b, fused)
    return {name: found[name] for name in wanted}


def outside_both(a: Slice, b: Slice, fused: Slice) -> Slice:
    """Return by how much a fused image leaves the range of its sources: above it positive, below it negative, else 0.

    All the same shape, and so is the result.
    """
    above, below = fused - np.maximum(a, b), fused - np.minimum(a, b)
    return (np.maximum(above, 0) + np.minimum(below, 0)).astype(np.float32, copy=False)


def saturation(a: Slice, b: Slice, fused: Slice) -> Slice:
    """Return 1 where a fused image is saturated, 0.5 where only one of its sources is, else 0; all the same shape."""
    clipped = (a >= SATURATED) | (b >= SATURATED)
    return np.where(fused > FULL, 1.0, 0.5 * clipped).astype(np.float32)


def _residuals(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return how far R's rebuilt sources are from the true ones."""
    if examiner.rebuild is None:
        return {}
    rebuilt = examiner.rebuild(fused)
    return {"residual_a": np.abs(rebuilt[0] - a), "residual_b": np.abs(rebuilt[1] - b)}


def _weights(examiner: Examiner, a: Slice, b: Slice, _fused: Slice) -> dict[str, Slice]:
    """Return P's weights of source a."""
    if examiner.proposal is None:
        return {}
    import torch

    with torch.inference_mode():
        proposal = examiner.proposal(_images(a, b, device=examiner.engine.device_name))
    intensity, gradient = (weights[0, 0].float().contiguous().cpu().numpy() for weights in proposal)
    return {"weight_a": intensity, "gradient_weight_a": gradient}


def _contribution_a(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return by how much the fused image differs from the one without source a; an empty one need not be taken away."""
    return {"contribution_a": fused - examiner.engine.fuse(np.zeros_like(a), b) if a.any() else np.zeros_like(a)}


def _contribution_b(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return by how much the fused image differs from the one without source b; an empty one need not be taken away."""
    return {"contribution_b": fused - examiner.engine.fuse(a, np.zeros_like(b)) if b.any() else np.zeros_like(b)}


def _overshoot(_examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    return {"overshoot": outside_both(a, b, fused)}


def _saturation(_examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    return {"saturation": saturation(a, b, fused)}


_MAKERS: Final[Mapping[tuple[str, ...], Callable[[Examiner, Slice, Slice, Slice], dict[str, Slice]]]] = (
    MappingProxyType(
        {
            ("residual_a", "residual_b"): _residuals,
            ("weight_a", "gradient_weight_a"): _weights,
            ("contribution_a",): _contribution_a,
            ("contribution_b",): _contribution_b,
            ("overshoot",): _overshoot,
            ("saturation",): _saturation,
        }
    )
)
"""Names of maps -> what makes them, those of one pass of a network together."""


def _images(*images: Slice, device: str) -> "torch.Tensor":
    """Return slices as one image of the network, (1, n, H, W)."""
    import torch

    return torch.from_numpy(np.stack(images)[None]).to(device)


def _installed_sha256(task: str) -> str:
    """Return the hash of the installed fusion weights of a task, empty where there are none."""
    from napari_refusion.model.tasks import installed_weights

    path = installed_weights().get(task)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


def _companion(name: str, task: str, device: str) -> "ReconstructionNet | LossProposalNet | None":
    """Return R or P of a task, ready to run; None where it is not installed."""
    from napari_refusion.model.built import build_companion
    from napari_refusion.model.tasks import installed_weights
    from napari_refusion.model.weights import WeightsError
    from napari_refusion.model.weights_files import load_weights
    from napari_refusion.volume.finding import refuse

    path = installed_weights(name).get(task)
    if path is None:
        return None
    try:
        return build_companion(load_weights(path), device)
    except WeightsError as error:
        raise refuse("weights", str(error), path.name) from error

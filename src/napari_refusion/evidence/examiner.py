"""The networks that examine a fusion, and what speaks against asking them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.fusion.engine import latest
from napari_refusion.fusion.engines import rule_in_words
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.model.loss_proposal_net import LossProposalNet
    from napari_refusion.model.reconstruction_net import ReconstructionNet

Slice = NDArray[np.float32]
"""(H, W)."""


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

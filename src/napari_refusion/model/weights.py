"""The parameters of a network, and what is known about them."""

from dataclasses import dataclass, field

from torch import Tensor, nn

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Symmetry
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import DEFAULT_TASK, find_task

NETWORKS: dict[str, type[nn.Module]] = {
    "fusion": FusionNet,
    "reconstruction": ReconstructionNet,
    "proposal": LossProposalNet,
}
"""The three networks by the name that a weights file carries."""


class WeightsError(ValueError):
    """A weights file that cannot be used; the message says what to do, why, and which."""


def unusable(origin: object, why: str, remedy: str = "Choose other weights") -> WeightsError:
    """Return the error for weights that cannot be used.

    Parameters
    ----------
    origin
        The file, or what else the weights are of.
    why
        Goes on after "for".
    """
    return WeightsError(f"{remedy}, for {why}: {origin}")


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The parameters of one network and what is known about them."""

    state: dict[str, Tensor]
    """Parameters by our names, float32 on the CPU."""
    network: str = "fusion"
    """``fusion``, ``reconstruction`` or ``proposal``."""
    task: str = DEFAULT_TASK
    """One of `TASKS`; another one is a `WeightsError`."""
    sources: tuple[str, str] = ("CT, PET or SPECT", "MRI")
    """What the first and the second source must be."""
    recipe: str = ""
    """SHA-256 of the recipe file that the weights were trained with; empty for the authors' files."""
    data: str = ""
    """What the weights were trained on, in words."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Figures on the dev-test split, by name."""
    licence: str = ""
    """SPDX identifier; empty where no licence was given."""
    symmetry: Symmetry = "none"
    """Of a proposal network: what it averages over both orders of the sources; files that do not say so nothing."""
    name: str = ""
    """File name without its folder."""
    sha256: str = ""
    """Hash of the file that was read; empty for weights that were never saved."""

    def __post_init__(self) -> None:
        try:
            find_task(self.task)
        except ValueError as error:
            raise WeightsError(f"{self.name or 'These weights'}: {error}") from error

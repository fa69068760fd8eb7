"""The loss that F is trained on. P proposes a part of it; the trial step of a meta step follows the same loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.model.losses import PUBLISHED, LossForm, fusion_loss
from training.batch import Batch
from training.lesions import lost_contrast
from training.picture.similarity import ssim
from training.recipe import Recipe

Fuse = Callable[[Tensor], Tensor]
"""F: source pairs (B, 2, H, W) in [0, 1] to fused images (B, 1, H, W), float32."""


class RefineLoss(Protocol):
    """Any loss of F, as `MetaCycle` takes it.

    It must be decided by what it is given: in a meta step it is asked twice about the same batch, and must fuse the
    same sources in the same order.
    """

    def __call__(self, fuse: Fuse, batch: Batch, proposal: Proposal) -> Tensor:
        """Return the loss, a scalar.

        Parameters
        ----------
        fuse
            F; it may be asked as often as needed.
        batch
            Source pairs, half of them swapped, perhaps with lesions planted.
        proposal
            P's weights for ``batch.sources``, (B, 2, H, W) each.
        """
        ...


@dataclass(frozen=True, slots=True)
class ProposedLoss:
    """The fusion loss that P proposes, and what a recipe adds to it; as it stands, the published loss alone."""

    gradient_share: float = 1.0
    """Factor of the gradient term in the fusion loss, not negative."""
    form: LossForm = PUBLISHED
    """How differences are measured."""
    lesion_share: float = 0.0
    """Factor of what F hides of the lesions of a batch that has some."""
    lesion_kept: float = 0.7
    """Part of a lesion's contrast that F shall show, 0 to 1."""
    structure_share: float = 0.0
    """Factor of the structural similarity that F loses with both sources, in functional pairs."""

    def __call__(self, fuse: Fuse, batch: Batch, proposal: Proposal) -> Tensor:
        """Return the loss; see `RefineLoss`."""
        fused = fuse(batch.sources)
        loss = fusion_loss(fused, batch.sources, proposal, self.gradient_share, self.form)
        if self.lesion_share and batch.planted is not None:
            added = (batch.planted - batch.sources).sum(dim=1, keepdim=True)
            shown = fuse(batch.planted) - fused
            loss = loss + self.lesion_share * lost_contrast(added, shown, self.lesion_kept)
        if self.structure_share:
            lost = 2 - ssim(batch.sources, fused)
            loss = loss + self.structure_share * (batch.functional * lost).mean()
        return loss


PUBLISHED_LOSS: Final = ProposedLoss()
"""The fusion loss that P proposes, alone, as the paper describes it."""


def refine_loss(recipe: Recipe, cycle: int) -> RefineLoss:
    """Return the loss that a recipe gives F in one cycle."""
    return ProposedLoss(
        gradient_share=recipe.gradient_share_at(cycle),
        form=LossForm(recipe.absolute, recipe.signed),
        lesion_share=recipe.lesion_share,
        lesion_kept=recipe.lesion_kept,
        structure_share=recipe.structure_share,
    )

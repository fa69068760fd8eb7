"""What is left of each loss term's gradient when the networks compute in bfloat16."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from napari_refusion.model.built import build_companion, build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.losses import LossForm, reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights
from training.batch import Batch, with_swapped
from training.lesions import plant
from training.meta_cycle import MetaCycle
from training.precision import called
from training.refine_loss import ProposedLoss, RefineLoss

TERMS: dict[str, RefineLoss] = {
    "intensity": ProposedLoss(0.0),
    "published": ProposedLoss(1.0),
    "absolute intensity": ProposedLoss(0.0, LossForm(absolute=True)),
    "signed edges": ProposedLoss(14.0, LossForm(absolute=True, signed=True)),
    "structure": ProposedLoss(0.0, structure_share=100.0),
    "lesions": ProposedLoss(0.0, lesion_share=100.0, lesion_kept=0.9),
}


@pytest.fixture(scope="module")
def batch() -> Batch:
    """Smooth heads on black: uptake and tissue."""
    random = np.random.default_rng(3)
    rows, columns = np.indices((64, 64))
    head = np.hypot(rows - 32, columns - 32) < 28
    images = [[gaussian_filter(random.random((64, 64)), sigma) for sigma in (4.0, 1.5)] for _ in range(2)]
    stretched = [[head * (image - image.min()) / np.ptp(image) for image in pair] for pair in images]
    swapped = with_swapped(torch.tensor(np.array(stretched), dtype=torch.float32))
    return swapped._replace(planted=plant(swapped.sources, swapped.functional, random))


@pytest.fixture(scope="module")
def cycle() -> MetaCycle:
    """The networks that come with the package: a trained F has gradients of the size that a run meets."""
    reconstruction, proposal = (
        build_companion(load_weights(installed_weights(name)["medical"])) for name in ("reconstruction", "proposal")
    )
    assert isinstance(reconstruction, ReconstructionNet)
    assert isinstance(proposal, LossProposalNet)
    fusion = build_fusion_net(load_weights(installed_weights()["medical"]))
    return MetaCycle(fusion.requires_grad_(True), reconstruction.requires_grad_(True), proposal)


def assert_alike(lean: Tensor, full: Tensor) -> None:
    assert float(torch.cosine_similarity(lean, full, dim=0)) > 0.98
    assert float(lean.norm() / full.norm()) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("loss", TERMS.values(), ids=TERMS.keys())
def test_every_term_of_the_loss_keeps_its_gradient(cycle: MetaCycle, batch: Batch, loss: RefineLoss) -> None:
    with torch.no_grad():
        proposal = Proposal(*(weights.clone() for weights in cycle.propose(batch)))

    def gradient(*, bfloat16: bool) -> Tensor:
        def fuse(sources: Tensor) -> Tensor:
            return called(cycle.fusion, sources, bfloat16=bfloat16)

        grads = torch.autograd.grad(loss(fuse, batch, proposal), tuple(cycle.fusion.parameters()))
        return torch.cat([grad.flatten() for grad in grads])

    assert_alike(gradient(bfloat16=True), gradient(bfloat16=False))


def test_the_loss_of_r_keeps_its_gradient(cycle: MetaCycle, batch: Batch) -> None:
    with torch.no_grad():
        fused = cycle.fusion(batch.sources)

    def gradient(*, bfloat16: bool) -> Tensor:
        rebuilt = called(cycle.reconstruction, fused, bfloat16=bfloat16)
        grads = torch.autograd.grad(
            reconstruction_loss(rebuilt, batch.targets), tuple(cycle.reconstruction.parameters())
        )
        return torch.cat([grad.flatten() for grad in grads])

    assert_alike(gradient(bfloat16=True), gradient(bfloat16=False))


@pytest.mark.parametrize("bfloat16", [True, False])
def test_what_a_network_returns_has_the_precision_of_what_it_was_given(bfloat16: bool) -> None:
    inside = []

    class Noting(torch.nn.Conv2d):
        def forward(self, images: Tensor) -> Tensor:
            made = super().forward(images)
            inside.append(made.dtype)
            return made

    made = called(Noting(1, 1, 1), torch.rand(1, 1, 4, 4), bfloat16=bfloat16)
    assert made.dtype == torch.float32
    assert inside == [torch.bfloat16 if bfloat16 else torch.float32]
    assert not torch.is_autocast_enabled("cpu")


def test_a_refine_step_in_bfloat16_goes_where_one_in_float32_goes(batch: Batch) -> None:
    torch.manual_seed(0)
    cycle = MetaCycle(
        FusionNet(), ReconstructionNet(), LossProposalNet("logits"), ProposedLoss(1.0, structure_share=2.0)
    )
    found = []
    for bfloat16 in (True, False):
        still = [torch.optim.SGD(network.parameters(), 0.0) for network in (cycle.fusion, cycle.reconstruction)]
        cycle.refine(batch, *still, bfloat16=bfloat16)
        params = [*cycle.fusion.parameters(), *cycle.reconstruction.parameters()]
        assert all(param.grad is not None and param.grad.dtype == torch.float32 for param in params)
        found.append(torch.cat([param.grad.flatten() for param in params if param.grad is not None]))
    assert_alike(*found)

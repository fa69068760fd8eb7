"""A meta step on networks whose layers hold every weight twice.

This is what `training.meta_cycle` is measured against. F and R have twin weights; P needs none. The losses are the same
functions. It takes the same weights and gives the same meta-gradient.
"""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from benchmarks.plain_fusion_net import plain_block
from benchmarks.plain_twin import Twin, TwinBlock, TwinConv, TwinCross
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal, WeightMapNet
from napari_refusion.model.losses import fusion_loss, reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionBranch, ReconstructionNet
from napari_refusion.numerics.gradient import sobel_magnitude
from training.batch import Batch


def through(blocks: nn.ModuleList, x: Tensor, meta: bool) -> Tensor:
    """Return x after all blocks."""
    for block in blocks:
        x = block(x, meta)
    return x


def twin_blocks(plain: nn.Sequential) -> nn.ModuleList:
    """Return the blocks with twin weights."""
    return nn.ModuleList(TwinBlock(block) for block in plain)


class TwinFusionNet(nn.Module):
    """F with twin weights, loaded with those of `plain`."""

    def __init__(self, plain: FusionNet) -> None:
        super().__init__()
        self.embed_a, self.embed_b = TwinConv(plain.embed_a), TwinConv(plain.embed_b)
        self.encoder_a, self.encoder_b = twin_blocks(plain.encoder_a), twin_blocks(plain.encoder_b)
        self.cross, self.decoder = TwinCross(plain.cross_fusion), twin_blocks(plain.decoder)
        self.shrink, self.output = TwinConv(plain.shrink), TwinConv(plain.output)

    def forward(self, sources: Tensor, meta: bool = False) -> Tensor:
        """Return the fused images, (B, 1, H, W), of source pairs (B, 2, H, W)."""
        a = through(self.encoder_a, self.embed_a(sources[:, :1], meta), meta)
        b = through(self.encoder_b, self.embed_b(sources[:, 1:], meta), meta)
        x = through(self.decoder, self.cross(a, b, meta), meta)
        return self.output(nnf.leaky_relu(self.shrink(x, meta), 0.01), meta).sigmoid()


class TwinBranch(nn.Module):
    """A branch of R."""

    def __init__(self, plain: ReconstructionBranch) -> None:
        super().__init__()
        self.embed, self.blocks = TwinConv(plain.embed), twin_blocks(plain.blocks)
        self.shrink, self.output = TwinConv(plain.shrink), TwinConv(plain.output)

    def forward(self, fused: Tensor, meta: bool) -> Tensor:
        """Return one rebuilt source, (B, 1, H, W)."""
        x = through(self.blocks, self.embed(fused, meta), meta)
        return self.output(nnf.leaky_relu(self.shrink(x, meta), 0.01), meta).sigmoid()


class TwinReconstructionNet(nn.Module):
    """R with twin weights, loaded with those of `plain`."""

    def __init__(self, plain: ReconstructionNet) -> None:
        super().__init__()
        self.branches = nn.ModuleList([TwinBranch(plain.branch_a), TwinBranch(plain.branch_b)])

    def forward(self, fused: Tensor, meta: bool = False) -> Tensor:
        """Return both rebuilt sources, (B, 2, H, W), of fused images (B, 1, H, W)."""
        return torch.cat([branch(fused, meta) for branch in self.branches], dim=1)


def plain_weight_map(network: WeightMapNet, images: Tensor) -> Tensor:
    """Return the weights (B, 2, H, W) for images of that shape."""
    a, b = network.embed_a(images[:, :1]), network.embed_b(images[:, 1:])
    for block_a, block_b in zip(network.encoder_a, network.encoder_b, strict=True):
        a, b = plain_block(block_a, a), plain_block(block_b, b)
    x = torch.cat([a, b], dim=1)
    for block in network.merged:
        x = plain_block(block, x)
    return network.output(network.activation(network.shrink(x))).softmax(dim=1)


def plain_proposal(network: LossProposalNet, sources: Tensor) -> Proposal:
    """Return P's weights for source pairs (B, 2, H, W)."""
    return Proposal(
        plain_weight_map(network.intensity, sources), plain_weight_map(network.gradient, sobel_magnitude(sources))
    )


def take_trial_step(network: nn.Module, loss: Tensor, rate: float, *, create_graph: bool) -> None:
    """Give all layers of a network the fast weights of one gradient step on `loss`."""
    layers = [layer for layer in network.modules() if isinstance(layer, Twin)]
    places = [(layer, name, param) for layer in layers for name, param in layer.named_parameters(recurse=False)]
    grads = torch.autograd.grad(loss, [param for _, _, param in places], create_graph=create_graph)
    for (layer, name, param), grad in zip(places, grads, strict=True):
        layer.fast[name] = param - rate * grad


class PlainMetaStep:
    """One meta step on twin networks that are loaded with the given weights; P is used as it is."""

    def __init__(self, fusion: FusionNet, reconstruction: ReconstructionNet, proposal: LossProposalNet) -> None:
        self.fusion = TwinFusionNet(fusion)
        self.reconstruction = TwinReconstructionNet(reconstruction)
        self.proposal = proposal

    def __call__(self, train: Batch, test: Batch, rate: float, gradient_share: float) -> tuple[Tensor, ...]:
        """Return the gradient of the outer loss with respect to the parameters of P, in their order."""
        fused = self.fusion(train.sources)
        loss = fusion_loss(fused, train.sources, plain_proposal(self.proposal, train.sources), gradient_share)
        take_trial_step(self.fusion, loss, rate, create_graph=True)
        error = reconstruction_loss(self.reconstruction(fused.detach()), train.targets)
        take_trial_step(self.reconstruction, error, rate, create_graph=False)
        rebuilt = self.reconstruction(self.fusion(test.sources, meta=True), meta=True)
        return torch.autograd.grad(reconstruction_loss(rebuilt, test.targets), tuple(self.proposal.parameters()))

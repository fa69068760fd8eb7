"""The loss proposal network P of ReFusion: for every pixel, how much each source should count."""

from typing import Final, Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from napari_refusion.model.restormer import channels_last, convolution, restormer_blocks
from napari_refusion.numerics.gradient import sobel_magnitude
from napari_refusion.unknown_name import unknown_name

Symmetry = Literal["none", "weights", "logits"]
"""What of P is averaged over both orders of the sources: nothing, as published; its weights; or their logits."""

SYMMETRIES: Final[tuple[Symmetry, ...]] = get_args(Symmetry)

WIDTH = 16
"""Channels of each source's features; the merged features have twice as many."""


class Proposal(NamedTuple):
    """The weights of a proposed fusion loss, each (B, 2, H, W), not negative, summing to 1 over the two sources."""

    intensity: Tensor
    """Weights of the sources' intensities."""
    gradient: Tensor
    """Weights of the sources' gradients."""


class WeightMapNet(nn.Module):
    """Compares two images and returns one weight for each at every pixel, 44,529 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_a = convolution(1, WIDTH)
        self.embed_b = convolution(1, WIDTH)
        self.encoder_a = restormer_blocks(2, WIDTH)
        self.encoder_b = restormer_blocks(2, WIDTH)
        self.merged = restormer_blocks(2, 2 * WIDTH)
        self.shrink = convolution(2 * WIDTH, WIDTH)
        self.activation = nn.PReLU()
        self.output = convolution(WIDTH, 2)

    def forward(self, images: Tensor) -> Tensor:
        """Return weights, (B, 2, H, W), that sum to 1 over dimension 1, for images (B, 2, H, W)."""
        return self.logits(images).softmax(dim=1)

    def logits(self, images: Tensor) -> Tensor:
        """Return what the softmax over dimension 1 makes the weights of, (B, 2, H, W), for images (B, 2, H, W)."""
        a = self.encoder_a(channels_last(self.embed_a(images[:, :1])))
        b = self.encoder_b(channels_last(self.embed_b(images[:, 1:])))
        features = self.merged(torch.cat([a, b], dim=1))
        logits: Tensor = self.output(self.activation(self.shrink(features)))
        return logits


class LossProposalNet(nn.Module):
    """ReFusion's loss proposal network, 89,058 parameters: it sees the sources only, never the fused image.

    As published, each source has an encoder of its own, so the network can tell the first source from the second by its
    place alone. In the other two forms swapped sources have exactly swapped weights, and only what the sources show can
    decide: ``weights`` averages the weights for both orders, ``logits`` what the softmax makes them of. Learn in
    ``logits``. A habit for the first place costs the mean of two weights nothing until both are 0 or 1: then the mean
    is one half everywhere and has no gradient to come back by. Of four P that learned in ``weights`` three ended there.
    """

    def __init__(self, symmetry: Symmetry = "none") -> None:
        super().__init__()
        if symmetry not in SYMMETRIES:
            raise ValueError(unknown_name("symmetry", symmetry, SYMMETRIES))
        self.symmetry = symmetry
        self.intensity = WeightMapNet()
        self.gradient = WeightMapNet()

    @property
    def symmetric(self) -> bool:
        """Return whether swapped sources have swapped weights."""
        return self.symmetry != "none"

    def forward(self, sources: Tensor) -> Proposal:
        """Return the proposed weights for source pairs (B, 2, H, W) in [0, 1]."""
        inputs = (sources, sobel_magnitude(sources))
        halves = (self.intensity, self.gradient)
        return Proposal(*(self._weights(half, images) for half, images in zip(halves, inputs, strict=True)))

    def _weights(self, half: WeightMapNet, images: Tensor) -> Tensor:
        if self.symmetry == "none":
            return half(images)
        both = torch.cat([images, images.flip(1)])
        answers = half(both) if self.symmetry == "weights" else half.logits(both)
        forth, back = answers.chunk(2)
        mean = (forth + back.flip(1)) / 2
        return mean if self.symmetry == "weights" else mean.softmax(dim=1)

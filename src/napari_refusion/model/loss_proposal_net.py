"""The loss proposal network P of ReFusion: for every pixel, how much each source should count."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from napari_refusion.model.restormer import channels_last, convolution, restormer_blocks
from napari_refusion.numerics.gradient import sobel_magnitude

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
        a = self.encoder_a(channels_last(self.embed_a(images[:, :1])))
        b = self.encoder_b(channels_last(self.embed_b(images[:, 1:])))
        features = self.merged(torch.cat([a, b], dim=1))
        return self.output(self.activation(self.shrink(features))).softmax(dim=1)


class LossProposalNet(nn.Module):
    """ReFusion's loss proposal network, 89,058 parameters: it sees the sources only, never the fused image.

    As published, each source has an encoder of its own, so the network can tell the first source from the second by its
    place alone. If `symmetric`, its answers for both orders of the sources are averaged: swapped sources then have
    exactly swapped weights, and only what the sources show can decide.
    """

    def __init__(self, *, symmetric: bool = False) -> None:
        super().__init__()
        self.symmetric = symmetric
        self.intensity = WeightMapNet()
        self.gradient = WeightMapNet()

    def forward(self, sources: Tensor) -> Proposal:
        """Return the proposed weights for source pairs (B, 2, H, W) in [0, 1]."""
        if not self.symmetric:
            return self._in_order(sources)
        both = self._in_order(torch.cat([sources, sources.flip(1)]))
        return Proposal(*((forth + back.flip(1)) / 2 for forth, back in (weights.chunk(2) for weights in both)))

    def _in_order(self, sources: Tensor) -> Proposal:
        return Proposal(self.intensity(sources), self.gradient(sobel_magnitude(sources)))

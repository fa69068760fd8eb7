"""A fusion network that follows another one slowly, so that the last few images do not decide what is kept."""

import torch
from torch import nn


def remaining_part(ema: float, step: int) -> float:
    """Return the part of the average that stays at a step, counted from 1: less at the start, then `ema`."""
    return min(ema, step / (step + 10))


@torch.no_grad()
def follow(averaged: nn.Module, network: nn.Module, part: float) -> None:
    """Move the parameters of the average to ``part`` times themselves plus ``1 - part`` times those of the network."""
    torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), 1 - part)

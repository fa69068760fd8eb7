"""Is the meta-gradient of this machine the right one? A small question whose answer was computed on a CPU and is kept.

Networks and images are filled by plain arithmetic, so that every machine asks the same. The answer is in float64;
`tests/training/gpu/test_checked.py` computes it again, and by double backward.
"""

import json
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.batch import with_swapped
from training.meta_cycle import MetaCycle

ANSWER: Final = Path(__file__).with_name("meta_gradient.json")
"""Where the answer is kept: the gradient's components along `DIRECTIONS` waves."""

DIRECTIONS: Final = 16
"""Directions that the gradient is projected on."""

RATE: Final = 1e-2
"""Size of the trial step."""

TOLERANCE: Final = 1e-3
"""Largest relative difference to the answer; float32 on a CPU comes within 1e-5."""


def filled(network: nn.Module) -> nn.Module:
    """Return the network with weights that are waves of a fifth and norms that are nearly neutral, changed in place."""
    with torch.no_grad():
        for number, (name, param) in enumerate(network.named_parameters()):
            wave = torch.sin(torch.arange(param.numel(), dtype=torch.float64) * 1.7 + number).view(param.shape)
            neutral = 1.0 if (param.ndim == 1 and name.endswith("weight")) or "temperature" in name else 0.0
            param.copy_(neutral + 0.2 * wave)
    return network


def images(number: int, count: int, side: int) -> Tensor:
    """Return source pairs of smooth waves, (count, 2, side, side) in [0, 1], float64."""
    index = torch.arange(count * 2 * side * side, dtype=torch.float64)
    return (0.5 + 0.5 * torch.sin(index * (0.31 + 0.07 * number) + number)).view(count, 2, side, side)


def question(device: torch.device, dtype: torch.dtype) -> tuple[MetaCycle, list[Tensor]]:
    """Return the cycle and the meta-train and meta-test pairs that are asked about."""
    networks = [filled(network).to(device, dtype) for network in (FusionNet(), ReconstructionNet(), LossProposalNet())]
    fusion, reconstruction, proposal = networks
    return MetaCycle(fusion, reconstruction, proposal), [images(one, 1, 16).to(device, dtype) for one in (1, 2)]  # type: ignore[arg-type]


def answer(device: torch.device, dtype: torch.dtype) -> list[float]:
    """Return the components of the meta-gradient along the directions, as this device computes them."""
    cycle, (train, test) = question(device, dtype)
    trial = cycle.inner([with_swapped(train)], RATE)
    _, gradient = cycle.outer(trial, [with_swapped(test)])
    return projected(torch.cat([part.flatten() for part in gradient.values()]))


def projected(gradient: Tensor) -> list[float]:
    """Return the components of a gradient (P,) along the directions."""
    place = torch.arange(len(gradient), dtype=torch.float64)
    flat = gradient.detach().cpu().double()
    return [float(flat @ torch.cos(place * (0.1 + 0.37 * number))) for number in range(DIRECTIONS)]


def check_meta_gradient(device: torch.device) -> float:
    """Return the relative difference of this device's meta-gradient, in float32, to the kept answer.

    Raises
    ------
    ValueError
        If it is larger than `TOLERANCE`.
    """
    kept = torch.tensor(json.loads(ANSWER.read_text(encoding="utf-8")), dtype=torch.float64)
    exact = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        found = torch.tensor(answer(device, torch.float32), dtype=torch.float64)
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = exact
    difference = float((found - kept).norm() / kept.norm())
    if not difference < TOLERANCE:
        raise ValueError(
            f"this {device.type} device's meta-gradient differs from the kept answer by {difference:.1e} of its size: "
            f"update PyTorch, or train on another device."
        )
    return difference

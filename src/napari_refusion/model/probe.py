"""What a network answers to one image that everybody can compute: whether a file holds the network that was saved.

Parameters of the right names, shapes and types may still be another training's, damaged, or made to overflow. The
answer is stored when weights are saved and compared when they are loaded, with every activation on the way.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

SIDE: Final = 32
"""Pixels of the image."""

_EVERY: Final = 4
"""Of its rows and columns, which are kept of an answer."""

TOLERANCE: Final = 1e-3
"""Of an answer in [0, 1]. Processors and numbers of threads differ by 1e-6."""

LARGEST: Final = 1e4
"""Magnitude of an activation on the image; of the networks that come with the package none exceeds 50."""


def probe_image() -> Tensor:
    """Return a source pair, (1, 2, SIDE, SIDE) in [0, 1]: waves, and a bright disc on grey."""
    rows = torch.arange(SIDE, dtype=torch.float64).view(-1, 1)
    columns = rows.T
    waves = 0.5 + 0.4 * torch.sin(rows / 3) * torch.cos(columns / 5)
    disc = 0.1 + 0.8 * ((rows - SIDE / 2).square() + (columns - SIDE / 2).square() < 81)
    return torch.stack([waves, disc]).float()[None]


def answer_of(network: nn.Module, takes: int = 2) -> tuple[float, ...]:
    """Return what a network on the CPU answers to the image: its outputs one after another, every fourth pixel.

    Parameters
    ----------
    takes
        Channels that it takes: both sources, or one fused image.

    Raises
    ------
    ValueError
        With a sentence that names the layer, if an activation is not finite or above `LARGEST`.
    """
    faults: list[str] = []

    def look(name: str, output: object) -> None:
        for tensor in output if isinstance(output, tuple) else (output,):
            if isinstance(tensor, Tensor) and not float(tensor.abs().max()) <= LARGEST:
                faults.append(f"{name or 'the output'} reaches {float(tensor.abs().max()):.3g} on the probe image")

    hooks = [
        part.register_forward_hook(lambda _part, _input, output, name=name: look(name, output))
        for name, part in network.named_modules()
    ]
    try:
        with torch.inference_mode():
            answer = network(probe_image()[:, :takes])
    finally:
        for hook in hooks:
            hook.remove()
    if faults:
        raise ValueError(faults[0])
    images = answer if isinstance(answer, tuple) else (answer,)
    return tuple(round(value, 6) for image in images for value in image[..., ::_EVERY, ::_EVERY].flatten().tolist())


def farthest(answer: Sequence[float], stored: Sequence[float]) -> float:
    """Return how far an answer is from a stored one at most; infinite where one has other or no numbers."""
    if len(answer) != len(stored) or not all(map(math.isfinite, (*answer, *stored))):
        return math.inf
    return max(abs(one - other) for one, other in zip(answer, stored, strict=True))

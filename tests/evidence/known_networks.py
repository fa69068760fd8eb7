"""An engine whose fusion is known, two slices, and the names of all evidence maps in their order."""

import numpy as np
import torch
from torch import Tensor, nn

from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.weights import Weights

NAMES = [
    "residual_a",
    "residual_b",
    "weight_a",
    "gradient_weight_a",
    "contribution_a",
    "contribution_b",
    "overshoot",
    "saturation",
]


class Brighter(nn.Module):
    """Fuses to the brighter source, plus a little."""

    def __init__(self) -> None:
        super().__init__()
        self.more = nn.Parameter(torch.tensor(0.0))

    def forward(self, sources: Tensor) -> Tensor:
        return sources.amax(dim=1, keepdim=True) + self.more


def engine() -> TorchEngine:
    return TorchEngine(Brighter(), Weights(state={}), torch.device("cpu"), ())  # type: ignore[arg-type]


def slices() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.random((16, 12), np.float32), random.random((16, 12), np.float32)

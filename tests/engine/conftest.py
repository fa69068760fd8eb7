"""The compiled network, and PyTorch's beside it."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights
from tests.compiled import both_compiled, compiled, engine_cache

__all__ = ["both_compiled", "compiled", "engine_cache"]

Fuse = Callable[[np.ndarray], np.ndarray]
"""Of sources (2, H, W) the fused image."""


def by_torch(network: FusionNet, sources: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return network(torch.from_numpy(np.ascontiguousarray(sources, np.float32))[None])[0, 0].numpy()


@pytest.fixture(scope="session")
def network() -> FusionNet:
    return build_fusion_net(load_weights(installed_weights()["medical"]))

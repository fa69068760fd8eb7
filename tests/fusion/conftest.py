"""A small pair with known geometry, and a network with random weights: enough to test everything but its taste."""

import numpy as np
import pytest
import torch

from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])
"""(i, p, l) -> RAS+ mm: voxels of 2 mm, the first one at (10, 20, 30)."""


@pytest.fixture(scope="session")
def weights() -> Weights:
    torch.manual_seed(0)
    return Weights(state=FusionNet().state_dict(), name="random.safetensors", sha256="feed")


@pytest.fixture(scope="session")
def engine(weights: Weights) -> TorchEngine:
    return TorchEngine(build_fusion_net(weights), weights, torch.device("cpu"))


@pytest.fixture(scope="session")
def weights_file(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_weights(weights, path)
    return str(path)


@pytest.fixture
def mri() -> Volume:
    data = np.random.default_rng(0).random((5, 8, 7), dtype=np.float32) * 900 + 10
    return Volume(data, IPL_AT_2_MM, modality="MR", name="T1", origin=Origin(sha256="a1"), stored_axes=("R", "A", "S"))


@pytest.fixture
def pet() -> Volume:
    data = np.random.default_rng(1).random((5, 8, 7), dtype=np.float32) * 10
    return Volume(data, IPL_AT_2_MM, modality="PT", unit="SUVbw", name="FDG", origin=Origin(sha256="b2"))

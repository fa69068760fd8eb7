from pathlib import Path

import numpy as np
import pytest
import torch

from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from napari_refusion.volume.finding import RefusedError


def test_a_fused_slice_is_the_raw_output_of_the_network_for_the_sources_in_their_order(engine: TorchEngine) -> None:
    a, b = np.pad(np.random.default_rng(0).random((2, 9, 11), dtype=np.float32), ((0, 0), (8, 8), (8, 8)))
    with torch.inference_mode():
        raw = engine.network(torch.from_numpy(np.stack([a, b]))[None])[0, 0].numpy()
    np.testing.assert_array_equal(engine.fuse(a, b), raw)
    assert np.abs(engine.fuse(b, a) - raw).max() > 1e-6


def test_a_network_is_named_and_told_apart_by_its_weights(engine: TorchEngine, weights_file: str) -> None:
    assert (engine.name, engine.identity, engine.task) == ("random.safetensors", "feed", "medical")
    assert start_engine(weights=weights_file).name == "random.safetensors"


def test_a_network_that_does_not_fuse_is_refused(tmp_path: Path) -> None:
    save_weights(Weights(state=ReconstructionNet().state_dict(), network="reconstruction"), tmp_path / "r.safetensors")
    with pytest.raises(RefusedError, match="reconstruction network, which does not fuse"):
        start_engine(weights=str(tmp_path / "r.safetensors"))

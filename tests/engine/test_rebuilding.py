"""The compiled reconstruction network gives PyTorch's numbers."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from napari_refusion.fusion.compilation import Compiled
from napari_refusion.fusion.compiled_engine import CompiledEngine
from napari_refusion.fusion.rebuilding import Rebuilding, rebuilding
from napari_refusion.fusion.torch_engine import TorchEngine, start
from napari_refusion.model.built import build_companion
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights
from tests.compiled import compiled, engine_cache

__all__ = ["compiled", "engine_cache"]


@pytest.fixture(scope="module")
def network() -> ReconstructionNet:
    found = build_companion(load_weights(installed_weights("reconstruction")["medical"]), "cpu")
    assert isinstance(found, ReconstructionNet)
    return found


@pytest.fixture(scope="module")
def engine(compiled: Compiled) -> CompiledEngine:
    reference = start("refusion", "medical", "", "cpu")
    assert isinstance(reference, TorchEngine)
    return CompiledEngine(reference, network=compiled.network(reference.network))


@dataclass(frozen=True)
class Ready:
    """What a process has that compiled before."""

    compiled: Compiled

    def state(self) -> Compiled:
        return self.compiled


def image(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).random(shape, np.float32)


@pytest.mark.parametrize("shape", [(1, 8), (9, 300), (33, 65), (64, 48)])
def test_both_sources_are_rebuilt_as_by_pytorch_with_any_number_of_threads(
    compiled: Compiled, network: ReconstructionNet, shape: tuple[int, int]
) -> None:
    from napari_refusion.engine.rebuilding import RebuildingNetwork

    found = RebuildingNetwork(network)(image(*shape))
    assert np.abs(found - Rebuilding(network, "cpu")(image(*shape))).max() <= 1e-5
    np.testing.assert_array_equal(RebuildingNetwork(network, 3)(image(*shape)), found)


@pytest.mark.parametrize("value", [0.0, 1.0, float("nan")])
def test_constant_images_too_and_what_is_no_number_stays_so(
    compiled: Compiled, network: ReconstructionNet, value: float
) -> None:
    from napari_refusion.engine.rebuilding import RebuildingNetwork

    constant = np.full((20, 24), value, np.float32)
    np.testing.assert_allclose(RebuildingNetwork(network)(constant), Rebuilding(network, "cpu")(constant), atol=1e-5)


def test_r_is_compiled_where_its_engine_is(
    engine: CompiledEngine, network: ReconstructionNet, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{rebuilding.__module__}.compilation", lambda: Ready(compiled))
    assert rebuilding(network, engine.reference).compiled is None
    assert rebuilding(network, engine).compiled is not None


def test_compiled_code_that_gives_other_numbers_is_not_used(
    engine: CompiledEngine, network: ReconstructionNet, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_refusion.engine.rebuilding import RebuildingNetwork

    monkeypatch.setattr(f"{rebuilding.__module__}.compilation", lambda: Ready(compiled))
    monkeypatch.setattr(RebuildingNetwork, "__call__", lambda _self, fused: np.stack([fused, fused]))
    assert rebuilding(network, engine).compiled is None


def test_after_a_fault_pytorch_goes_on_with_the_same_result(network: ReconstructionNet) -> None:
    def broken(_image: np.ndarray) -> np.ndarray:
        raise RuntimeError("a fault")

    plain, faulty = Rebuilding(network, "cpu"), Rebuilding(network, "cpu", broken)  # type: ignore[arg-type]
    np.testing.assert_array_equal(faulty(image(16, 16)), plain(image(16, 16)))
    assert faulty.faults == ["failed (RuntimeError: a fault)"]


def test_an_image_that_is_too_narrow_for_compiled_code_is_rebuilt_by_pytorch(network: ReconstructionNet) -> None:
    def never(_image: np.ndarray) -> np.ndarray:
        raise AssertionError("asked for an image that is too narrow")

    found = Rebuilding(network, "cpu", never)(image(16, 7))  # type: ignore[arg-type]
    with torch.inference_mode():
        expected = network(torch.from_numpy(image(16, 7))[None, None])[0].numpy()
    np.testing.assert_array_equal(found, expected)

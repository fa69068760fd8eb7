"""The compiled network gives PyTorch's numbers, whatever the weights, the image and the number of threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_refusion.fusion.compilation import Compiled
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import TASKS, installed_weights
from napari_refusion.model.weights_files import load_weights
from napari_refusion.numerics.room import LARGEST
from tests.engine.conftest import by_torch
from tests.model.test_networks import CASES

ODD = [(1, 8), (2, 9), (9, 300), (33, 65), (40, 32), (64, 257), (100, 523)]


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).random((2, *shape), np.float32)


def extreme(name: str) -> np.ndarray:
    """Sources of 40 x 48 at the ends of [0, 1]."""
    sources = np.zeros((2, 40, 48), np.float32)
    if name == "full":
        sources[:] = 1
    elif name == "checks":
        sources[:, ::2, ::2] = sources[:, 1::2, 1::2] = 1
    elif name == "one bright pixel":
        sources[0, 20, 47] = 1
    elif name == "one source":
        sources[1] = 1
    elif name == "nearly nothing":
        sources[:] = np.finfo(np.float32).tiny
    return sources


def difference(compiled: Compiled, network: FusionNet, sources: np.ndarray, threads: int = 1) -> float:
    return float(np.abs(compiled.network(network, threads)(*sources) - by_torch(network, sources)).max())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("shape", [(33, 65), (64, 48)])
def test_with_the_weights_of_every_task_it_gives_the_numbers_of_pytorch(
    compiled: Compiled, task: str, shape: tuple[int, int]
) -> None:
    network = build_fusion_net(load_weights(installed_weights()[task]))
    assert difference(compiled, network, noise(*shape)) <= 1e-5


@pytest.mark.parametrize("shape", ODD)
def test_images_of_any_size_are_fused_whole(compiled: Compiled, network: FusionNet, shape: tuple[int, int]) -> None:
    assert difference(compiled, network, noise(*shape), threads=2) <= 1e-5


def test_an_image_that_would_fill_the_memory_is_fused_in_a_file_to_the_same_bit(
    compiled: Compiled, network: FusionNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, fuse = noise(40, 48), compiled.network(network, 1)
    in_memory = fuse(*sources)
    monkeypatch.setenv(LARGEST, "0")
    np.testing.assert_array_equal(fuse(*sources), in_memory)


@pytest.mark.parametrize("name", ["empty", "full", "checks", "one bright pixel", "one source", "nearly nothing"])
def test_constant_and_extreme_images_give_the_numbers_of_pytorch(
    compiled: Compiled, network: FusionNet, name: str
) -> None:
    assert difference(compiled, network, extreme(name)) <= 1e-5


def test_random_parameters_give_the_numbers_of_pytorch(compiled: Compiled) -> None:
    torch.manual_seed(3)
    assert difference(compiled, FusionNet().eval(), noise(48, 40)) <= 1e-5


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_stays_no_number_as_in_pytorch(compiled: Compiled, network: FusionNet, value: float) -> None:
    sources = noise(40, 48)
    sources[0, 17, 3] = value
    expected = by_torch(network, sources)
    assert np.isnan(expected).any()
    np.testing.assert_array_equal(np.isnan(compiled.network(network)(*sources)), np.isnan(expected))


@pytest.mark.parametrize("shape", [(96, 80), (100, 523)])
def test_one_two_and_three_threads_give_the_same_bits(
    compiled: Compiled, network: FusionNet, shape: tuple[int, int]
) -> None:
    one, two, three = (compiled.network(network, threads)(*noise(*shape)) for threads in (1, 2, 3))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)


def test_several_callers_at_once_get_their_own_images(compiled: Compiled, network: FusionNet) -> None:
    fuse = compiled.network(network, 2)
    pairs = [noise(40 + 8 * i, 48) for i in range(6)]
    expected = [fuse(*pair) for pair in pairs]
    with ThreadPoolExecutor(3) as pool:
        for found, wanted in zip(pool.map(lambda pair: fuse(*pair), pairs), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_pythons_lock_is_free_meanwhile(compiled: Compiled) -> None:
    from napari_refusion.engine.passes import run

    assert run.targetoptions["nogil"]


@pytest.mark.parametrize("shapes", [((40, 7), (40, 7)), ((0, 8), (0, 8)), ((16, 16), (16, 17)), ((16,), (16,))])
def test_what_cannot_be_fused_is_refused_before_any_address_is_used(
    compiled: Compiled, network: FusionNet, shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    with pytest.raises(ValueError, match="Two sources of one size"):
        compiled.network(network)(*(np.zeros(shape, np.float32) for shape in shapes))


@pytest.mark.parametrize("case", CASES)
def test_it_gives_the_images_of_the_authors_network_with_their_weights(
    compiled: Compiled, shared: Path, case: str
) -> None:
    network = build_fusion_net(load_weights(shared / f"reference/weights/ReFusion_{case.split('/')[0]}.pth"))
    with np.load(shared / "reference/outputs.npz") as reference:
        sources = np.stack([reference[f"{case}/a"], reference[f"{case}/b"]])
        fused = compiled.network(network)(*sources)
        assert np.abs(fused - reference[f"{case}/fused"]).max() <= 1e-5
    assert np.abs(fused - by_torch(network, sources)).max() <= 1e-5

"""Batches of slices, tried without a GPU: networks that stand for one, with its faults."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from napari_refusion.fusion.engine import Successor
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.gpu_batch import LARGEST_ERROR, MOST, GpuBatch, slices_that_fit
from napari_refusion.fusion.partial import new_partial
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.weights import Weights
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.volume import Volume

CPU = torch.device("cpu")


@pytest.fixture
def study(mri: Volume, pet: Volume) -> Study:
    return pair(pet, mri)


class Mean(nn.Module):
    """Fuses to the mean; in half precision it is off by an error, and it has room for some slices."""

    def __init__(self, error: float = 0.0, room: int = 100) -> None:
        super().__init__()
        self.error, self.room, self.batches = error, room, list[int]()

    def forward(self, sources: Tensor) -> Tensor:
        if len(sources) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.batches.append(len(sources))
        off = self.error if torch.is_autocast_enabled("cpu") else 0.0
        return sources.mean(dim=1, keepdim=True) + off


def pairs(count: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((count, 2, 6, 9), np.float32))


def mean(sources: Tensor) -> np.ndarray:
    return sources.mean(dim=1).numpy()


def test_half_precision_is_used_where_its_measured_error_is_below_a_thousandth() -> None:
    batch = GpuBatch()
    fused = batch.fuse(Mean(error=5e-4), pairs(4))
    assert batch.is_half((6, 9))
    assert np.abs(fused - mean(pairs(4))).max() == pytest.approx(5e-4, abs=1e-6)
    assert batch.errors[6, 9] <= LARGEST_ERROR


@pytest.mark.parametrize("error", [2e-3, float("nan"), float("inf")])
def test_half_precision_that_is_not_good_enough_is_thrown_away_and_not_tried_again(error: float) -> None:
    batch, network = GpuBatch(), Mean(error)
    for _ in range(2):
        np.testing.assert_array_equal(batch.fuse(network, pairs(4)), mean(pairs(4)))
    assert not batch.is_half((6, 9))
    assert network.batches == [1, 4, 4, 4]  # the brightest one, half, whole; then whole alone


@pytest.mark.parametrize("room", [1, 2, 3, 5])
def test_a_batch_that_finds_no_room_is_halved_until_it_fits_and_the_next_is_smaller(room: int) -> None:
    batch, network = GpuBatch(), Mean(room=room)
    np.testing.assert_array_equal(batch.fuse(network, pairs(9)), mean(pairs(9)))
    assert max(network.batches) <= room
    assert batch.most <= room


def test_a_single_slice_that_finds_no_room_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        GpuBatch().fuse(Mean(room=0), pairs(3))


@pytest.mark.parametrize(
    ("free", "shape", "slices"),
    [(80e9, (256, 256), MOST), (8e9, (512, 512), 5), (1e9, (1024, 1024), 1), (0, (8, 8), 1)],
)
def test_as_many_slices_are_taken_as_the_free_memory_holds(
    monkeypatch: pytest.MonkeyPatch, free: float, shape: tuple[int, int], slices: int
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (int(free), 10**12))
    assert slices_that_fit(shape, torch.device("cuda")) == slices
    assert slices_that_fit(shape, CPU) == 1


class Gpu(TorchEngine):
    """Takes four slices at once; `in_less_memory` is a network of its own."""

    __slots__ = ()

    @property
    def device_name(self) -> str:
        return "cuda"

    def slices_at_once(self, _shape: tuple[int, ...]) -> int:
        return min(4, self.batch.most)

    def in_less_memory(self) -> TorchEngine:
        return TorchEngine(Mean(), self.weights, CPU)  # type: ignore[arg-type]


def gpu(network: nn.Module) -> Gpu:
    return Gpu(network, Weights(state={}, name="mean"), CPU)  # type: ignore[arg-type]


def test_a_volume_is_fused_in_batches_nearest_first_and_a_single_slice_alone(study: Study) -> None:
    network = Mean()
    partial = new_partial(study, "axial")
    messages = [one for one in missing_slices(partial, gpu(network), 2) if isinstance(one, FusedSlice)]
    assert [one.index for one in messages] == [2, 3, 1, 4, 0]
    assert network.batches == [1, 4, 1]  # one exactly, four in half precision, and the last one
    assert "half precision" in messages[0].made_with
    network.batches.clear()
    assert len(list(missing_slices(partial, gpu(network), 2, "near"))) == 5
    assert network.batches == [1] * 5


def test_batches_give_the_slices_that_one_by_one_would(study: Study) -> None:
    batched, single = (
        {
            one.index: one.image
            for one in missing_slices(new_partial(study, "axial"), engine)
            if isinstance(one, FusedSlice)
        }
        for engine in (gpu(Mean()), TorchEngine(Mean(), Weights(state={}), CPU))  # type: ignore[arg-type]
    )
    for index, image in single.items():
        np.testing.assert_allclose(batched[index], image, atol=1e-6)


def test_a_gpu_without_room_for_one_slice_hands_over_to_the_cpu_with_a_notice(study: Study) -> None:
    messages = list(missing_slices(new_partial(study, "axial"), gpu(Mean(room=0))))
    assert isinstance(messages[0], Successor)
    assert messages[0].finding.level == "warn"
    assert [one.index for one in messages[1:] if isinstance(one, FusedSlice)] == [0, 1, 2, 3, 4]


def test_slices_that_are_empty_in_both_sources_stay_empty_in_a_batch() -> None:
    a = np.zeros((3, 6, 9), np.float32)
    a[1] = 1
    fused = gpu(Mean(error=5e-4)).fuse_many(a, np.zeros_like(a))
    assert [bool(one.any()) for one in fused] == [False, True, False]


def test_several_real_slices_at_once_are_fused_as_each_alone(engine: TorchEngine) -> None:
    a, b = np.random.default_rng(1).random((2, 3, 12, 10), np.float32)
    alone = np.stack([engine.fuse(*both) for both in zip(a, b, strict=True)])
    np.testing.assert_allclose(engine.fuse_many(a, b), alone, atol=LARGEST_ERROR)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu_a_batch_of_the_medical_network_is_within_a_thousandth_of_the_cpu() -> None:
    engine = start_engine(device="cuda")
    a, b = np.random.default_rng(2).random((2, 5, 96, 80), np.float32)
    alone = np.stack([start_engine(device="cpu-pytorch").fuse(*both) for both in zip(a, b, strict=True)])
    np.testing.assert_allclose(engine.fuse_many(a, b), alone, atol=LARGEST_ERROR)
    assert engine.slices_at_once((96, 80)) > 1

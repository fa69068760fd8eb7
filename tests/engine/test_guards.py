"""Addresses have no bounds: nothing beside the memory of an image is ever written."""

import numpy as np
import pytest

from napari_refusion.fusion.compilation import Compiled
from napari_refusion.model.fusion_net import FusionNet
from tests.engine.conftest import by_torch
from tests.engine.test_network import noise

GUARD = np.float32(12345)


class Guarded:
    """Gives out memory with a guard of 64 numbers and more on both sides."""

    def __init__(self) -> None:
        self.given: list[tuple[np.ndarray, int, int]] = []

    def __call__(self, count: int) -> np.ndarray:
        whole = np.full(count + 144, GUARD)
        begin = 64 + -(whole.ctypes.data // 4) % 16
        self.given.append((whole, begin, count))
        return whole[begin : begin + count]

    def damaged(self) -> int:
        return sum(
            bool((whole[:begin] != GUARD).any() or (whole[begin + count :] != GUARD).any())
            for whole, begin, count in self.given
        )


@pytest.mark.parametrize(
    "shape", [(8, 8), (1, 8), (2, 9), (3, 257), (9, 300), (33, 65), (64, 500), (100, 523), (257, 31), (65, 769)]
)
def test_nothing_is_written_beside_the_memory_of_an_image(
    compiled: Compiled, network: FusionNet, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Guarded()
    for module in ("packing", "network"):
        monkeypatch.setattr(f"napari_refusion.engine.{module}.aligned_room", room)
    fused = compiled.network(network, 2)(*noise(*shape))
    assert len(room.given) > 50
    assert room.damaged() == 0
    assert np.abs(fused - by_torch(network, noise(*shape))).max() <= 1e-5

"""Several slices at once on a GPU: as many as fit, and in half precision where that is measured to be good enough.

On a GPU a slice alone leaves most of the processor idle. Out of memory, a batch is halved until it fits; a single slice
that does not fit is the caller's matter.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

LARGEST_ERROR: Final = 1e-3
"""Of half precision, in grey levels of [0, 1]: a quarter of one of 256."""

MOST: Final = 32
"""Slices of a batch: more of them are hardly faster, and a reader who turns elsewhere waits for all of them."""

_BYTES: Final = 3500
"""For each pixel of a slice while the network runs in float32: 3.4 GB for 1024 x 1024."""

_SHARE: Final = 0.6
"""Of the memory that is free."""


def slices_that_fit(shape: tuple[int, ...], device: torch.device) -> int:
    """Return how many slices of a shape, (H, W), a GPU takes at once by the memory that is free now; 1 on others."""
    if device.type != "cuda":
        return 1
    free, _ = torch.cuda.mem_get_info(device)
    return int(np.clip(_SHARE * free / (_BYTES * shape[0] * shape[1]), 1, MOST))


@dataclass(slots=True)
class GpuBatch:
    """What runs batches of one network, and what was learnt of this GPU on the way."""

    most: int = MOST
    """Slices that have found room so far."""
    errors: dict[tuple[int, ...], float] = field(default_factory=dict)
    """Shape -> largest measured error of half precision; above `LARGEST_ERROR` it is not used again."""

    def is_half(self, shape: tuple[int, ...]) -> bool:
        """Return whether half precision was measured for slices of a shape, and is good enough."""
        return shape in self.errors and self.errors[shape] <= LARGEST_ERROR

    def fuse(self, network: nn.Module, sources: Tensor) -> NDArray[np.float32]:
        """Return fused slices, (n, H, W), of pairs (n, 2, H, W) on the network's device.

        Raises
        ------
        torch.OutOfMemoryError
            If a single slice does not fit.
        """
        try:
            return self._in_best_precision(network, sources)
        except torch.OutOfMemoryError:
            if len(sources) == 1:
                raise
        # outside of the handler: the error would keep what was reserved
        if sources.device.type == "cuda":
            torch.cuda.empty_cache()
        self.most = max(1, len(sources) // 2)
        return np.concatenate([self.fuse(network, part) for part in sources.split(self.most)])

    def _in_best_precision(self, network: nn.Module, sources: Tensor) -> NDArray[np.float32]:
        """Return slices in half precision where that is good enough for the brightest of them, else in float32."""
        shape = tuple(sources.shape[2:])
        if self.errors.get(shape, 0.0) > LARGEST_ERROR:
            return _run(network, sources)
        brightest = int(sources.square().sum(dim=(1, 2, 3)).argmax())
        exact = _run(network, sources[brightest : brightest + 1])
        with torch.autocast(sources.device.type, torch.float16):
            fused = _run(network, sources)
        error = float(np.abs(fused[brightest] - exact[0]).max())
        if not np.isfinite(fused).all() or not error <= LARGEST_ERROR:
            self.errors[shape] = float("inf")
            return _run(network, sources)
        self.errors[shape] = max(error, self.errors.get(shape, 0.0))
        fused[brightest] = exact[0]
        return fused


def _run(network: nn.Module, sources: Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        fused: NDArray[np.float32] = network(sources)[:, 0].float().cpu().numpy()
    return fused

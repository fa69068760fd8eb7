"""The reconstruction network R, pass after pass: what it rebuilds of both sources from the fused image alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from napari_refusion.engine.network import Passes, Source
from napari_refusion.engine.packing import Numbers, pack_branch
from napari_refusion.engine.work import SMALLEST
from napari_refusion.model.reconstruction_net import ReconstructionNet


class RebuildingNetwork:
    """A reconstruction network that is ready to run; several threads may call it at once."""

    def __init__(self, network: ReconstructionNet, threads: int = 1) -> None:
        self._packed = pack_branch(network.branch_a), pack_branch(network.branch_b)
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "rebuilding") if threads > 1 else None

    def __call__(self, fused: Source) -> Numbers:
        """Return both rebuilt sources, (2, H, W) in [0, 1], of a fused image (H, W), W at least `SMALLEST`.

        The same to the bit with any number of threads. Python's lock is free while it computes.

        Raises
        ------
        ValueError
            For an image that is too narrow.
        MemoryError
            Where 96 float32 for each pixel fit neither into memory nor onto the disk.
        """
        if fused.ndim != 2 or fused.shape[0] < 1 or fused.shape[1] < SMALLEST:
            raise ValueError(f"A fused image is (H, W >= {SMALLEST}), not {fused.shape}.")
        passes = Passes(fused.shape[0], fused.shape[1], self.threads, self._pool)
        return np.stack([passes.rebuild(one, fused) for one in self._packed])

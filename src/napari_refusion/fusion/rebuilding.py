"""Rebuilding both sources from a fused image: R in PyTorch, compiled where the fusion network is."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray

from napari_refusion.engine.work import SMALLEST
from napari_refusion.fusion.compilation import Compiled, compilation
from napari_refusion.fusion.compiled_engine import ERROR, CompiledEngine
from napari_refusion.fusion.engine import Engine
from napari_refusion.model.probe import probe_image
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.numerics.room import check_free

if TYPE_CHECKING:
    from napari_refusion.engine.rebuilding import RebuildingNetwork

BYTES: Final = 2200
"""For each pixel while R runs in PyTorch on the CPU: measured at 1024 x 1024; 512 x 512 took 2,070."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilding:
    """R, ready to run."""

    network: ReconstructionNet
    """In PyTorch, where the engine runs."""
    device: str
    """As `Engine.device_name`."""
    compiled: "RebuildingNetwork | None" = None
    """The same compiled for this processor; None where there is none."""
    faults: list[str] = field(default_factory=list)
    """What went wrong with compiled code, once something did: PyTorch goes on, with the same result."""

    def __call__(self, fused: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return both rebuilt sources, (2, H, W) in [0, 1], of a fused image, (H, W) in [0, 1]."""
        if self.compiled is not None and not self.faults and fused.shape[1] >= SMALLEST:
            try:
                return self.compiled(fused)
            except MemoryError:  # PyTorch would need several times as much
                raise
            except Exception as error:
                _LOG.exception("The compiled network R failed; PyTorch goes on.")
                self.faults.append(f"failed ({type(error).__name__}: {error})")
        return self._by_pytorch(fused)

    def _by_pytorch(self, fused: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.device == "cpu":
            check_free(BYTES * fused.size)
        with torch.inference_mode():
            image = torch.from_numpy(np.ascontiguousarray(fused)[None, None]).float().to(self.device)
            rebuilt: NDArray[np.float32] = self.network(image)[0].float().cpu().numpy()
        return rebuilt


def rebuilding(network: ReconstructionNet, engine: Engine) -> Rebuilding:
    """Return R to run as an engine does: compiled if the engine is, and gives one image the numbers of PyTorch."""
    plain = Rebuilding(network, engine.device_name)
    state = compilation().state() if isinstance(engine, CompiledEngine) else None
    if not isinstance(state, Compiled):
        return plain
    from napari_refusion.engine.rebuilding import RebuildingNetwork

    compiled = RebuildingNetwork(network, torch.get_num_threads())
    image = probe_image()[0, 0].numpy()
    if np.abs(compiled(image) - plain(image)).max() > ERROR:
        _LOG.warning("The compiled network R gives other numbers than PyTorch, which is used.")
        return plain
    return Rebuilding(network, engine.device_name, compiled)

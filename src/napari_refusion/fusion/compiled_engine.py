"""The compiled network, beside the reference engine, which takes its place where it cannot run."""

import logging
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.engine.work import SMALLEST
from napari_refusion.fusion.border import MIRRORED, within_mirrored_edges
from napari_refusion.fusion.engine import OneByOne, Precision, Successor, empty_stays_empty
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.engine.network import FusedNetwork

ERROR: Final = 1e-5
"""Largest difference from PyTorch, in grey levels of [0, 1]; the largest known one is 2e-6."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class BesideTorch(OneByOne):
    """What an engine knows by the reference engine beside them."""

    reference: TorchEngine
    """The same network on the CPU."""
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """File name of the weights."""
        return self.reference.name

    @property
    def identity(self) -> str:
        """SHA-256 of the weights file: however it is computed, the network is the same."""
        return self.reference.identity

    @property
    def task(self) -> str:
        """Task of the weights."""
        return self.reference.task

    @property
    def device_name(self) -> str:
        """The processor."""
        return self.reference.device_name


@dataclass(frozen=True, slots=True, eq=False)
class CompiledEngine(BesideTorch):
    """The compiled network; an `engine.Engine`. PyTorch fuses images narrower than `SMALLEST`, and after a fault."""

    network: "FusedNetwork" = field(kw_only=True)
    faults: list[str] = field(default_factory=list)
    """What went wrong, once something did."""

    @property
    def device(self) -> str:
        """In words."""
        return f"{self.reference.device}, compiled"

    @property
    def error(self) -> float:
        """See `ERROR`."""
        return ERROR

    def made_with(self, shape: tuple[int, ...]) -> str:
        """Return Numba, by its version, with the border, or PyTorch where that fuses."""
        if self.faults or shape[1] < SMALLEST:
            return self.reference.made_with(shape)
        return f"compiled code, Numba {version('numba')}, {MIRRORED}"

    def successor(self) -> Successor | None:
        """Return PyTorch after a fault."""
        if not self.faults:
            return None
        sentence = f"PyTorch fuses from here on, more slowly and with the same result: compiled code {self.faults[0]}."
        return Successor(self.reference, Finding("warn", "engine", sentence, self.faults[0]))

    def in_less_memory(self) -> "CompiledEngine":
        """Return itself."""
        return self

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return what the compiled network computes in float32; see `Engine.fuse`."""
        if self.faults or a.shape[1] < SMALLEST:
            return self.reference.fuse(a, b)
        try:
            return within_mirrored_edges(lambda sources: self.network(*sources), np.stack([a, b]))
        except MemoryError:  # PyTorch would need several times as much
            raise
        except Exception as error:
            _LOG.exception("The compiled network failed; PyTorch goes on.")
            self.faults.append(f"failed ({type(error).__name__}, see the log)")
            return self.reference.fuse(a, b)

"""The network on the device that is asked for: on the CPU compiled where that is faster, else in PyTorch.

Until it is compiled, `CompilingEngine` fuses with PyTorch and then hands over.
"""

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray

from napari_refusion.fusion import torch_engine
from napari_refusion.fusion.compilation import Compilation, Compiled, Compiling, NotCompiled, compilation
from napari_refusion.fusion.compiled_engine import ERROR, BesideTorch, CompiledEngine
from napari_refusion.fusion.engine import Engine, Precision, Successor, empty_stays_empty
from napari_refusion.fusion.engines import PYTORCH
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.probe import probe_image
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.engine.network import FusedNetwork


LONGEST: Final = 120.0
"""Seconds that are waited for compiled code, which takes 15, where the memory is too small for PyTorch."""

_BETWEEN: Final = 0.2
"""Seconds between two looks at whether the network is compiled."""


@dataclass(frozen=True, slots=True, eq=False)
class CompilingEngine(BesideTorch):
    """PyTorch, until compiled code is ready; an `engine.Engine`."""

    source: Compilation = field(default_factory=compilation)

    @property
    def device(self) -> str:
        """In words."""
        return self.reference.device

    @property
    def error(self) -> float:
        """0: this is the reference."""
        return self.reference.error

    def made_with(self, shape: tuple[int, ...]) -> str:
        """Return PyTorch, by its version."""
        return self.reference.made_with(shape)

    def successor(self) -> Successor | None:
        """Return compiled code as soon as it is ready; or PyTorch, and why there is no compiled code."""
        state = self.source.state()
        return None if isinstance(state, Compiling) else _settled(self.reference, state)

    def in_less_memory(self) -> Engine:
        """Return compiled code, waited for, a seventh of PyTorch's memory; itself where it does not come."""
        following = settled(self, LONGEST)
        return following if isinstance(following, CompiledEngine) else self

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return what PyTorch computes; see `Engine.fuse`."""
        return self.reference.fuse(a, b)


def start(name: str, task: str, weights: str, device: str) -> Engine:
    """Return the network on a device: on the CPU compiled where that is faster, see `engines.start_engine`.

    Raises
    ------
    RefusedError
        If there are no such weights or device.
    """
    reference = torch_engine.start(name, task, weights, "cpu" if device == PYTORCH else device)
    if device == PYTORCH:
        return reference
    if reference.torch_device.type != "cpu":
        return replace(reference, taken_to_cpu=_on_cpu)
    return _on_cpu(reference)


def settled(engine: Engine, seconds: float) -> Engine:
    """Return what an engine gives way to, waited for as long as the network is being compiled, at most so long."""
    until = time.monotonic() + seconds
    while isinstance(engine, CompilingEngine) and time.monotonic() < until:
        if (following := engine.successor()) is not None:
            engine = following.engine
        else:
            time.sleep(_BETWEEN)
    return engine


def _on_cpu(reference: TorchEngine) -> Engine:
    """Return what fuses on the CPU: compiled code, PyTorch until it is ready, or PyTorch and why."""
    source = compilation()
    state = source.state()
    if isinstance(state, Compiling):
        sentence = "PyTorch fuses until the network is compiled for this processor, once, in the background."
        notice = Finding("ok", "engine", sentence)
        return CompilingEngine(reference, (*reference.findings, notice), source)
    return _settled(reference, state).engine


def _settled(reference: TorchEngine, state: Compiled | NotCompiled) -> Successor:
    """Return what fuses from now on."""
    if isinstance(state, Compiled):
        network = state.network(reference.network, torch.get_num_threads())
        if _is_right(reference, network):
            ratio = f"{state.trial.ratio:.1f}"
            sentence = f"The network runs compiled for this processor, {ratio} times as fast as PyTorch in a trial."
            notice = Finding("ok", "engine", sentence, ratio)
            return Successor(CompiledEngine(reference, (*reference.findings, notice), network=network), notice)
        state = NotCompiled("with these weights it gives other numbers than PyTorch", is_fault=True)
    if not state.why:
        return Successor(reference, Finding("ok", "engine", "PyTorch fuses."))
    if state.is_missing:
        sentence = 'PyTorch fuses; about three times as fast on this CPU with pip install "napari-refusion[fast]".'
    else:
        sentence = f"PyTorch fuses, with the same result, for there is no compiled network: {state.why}."
    notice = Finding("warn" if state.is_fault else "ok", "engine", sentence, state.why)
    return Successor(replace(reference, findings=(*reference.findings, notice)), notice)


def _is_right(reference: TorchEngine, network: "FusedNetwork") -> bool:
    """Return whether compiled code answers one image as PyTorch does, with these weights."""
    image = probe_image()
    with torch.inference_mode():
        expected = reference.network(image)[0, 0].numpy()
    a, b = image[0].numpy()
    return bool(np.abs(network(a, b) - expected).max() <= ERROR)

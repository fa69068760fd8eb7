"""The engines that there are, in one table: the command line's help and the window's menu follow from it.

Importing this loads no torch: an engine's module is imported when the engine is started. Another engine is one new
module with a function ``start(name, task, weights, device) -> Engine``, and one entry here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from napari_refusion.fusion.engine import Engine
from napari_refusion.volume.finding import check_name, refuse


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """How an engine is started, and what to call it."""

    module: str
    """Its ``start`` returns the engine."""
    title: str
    """In a menu, a few words."""
    description: str
    """One line, a noun phrase."""
    takes_weights: bool = False
    """Whether there is a network behind it."""


DEFAULT_ENGINE: Final = "refusion"

PYTORCH: Final = "cpu-pytorch"
"""The device that asks for the network in PyTorch alone, on the CPU."""

ENGINES: Final[Mapping[str, EngineEntry]] = MappingProxyType(
    {
        DEFAULT_ENGINE: EngineEntry(
            "napari_refusion.fusion.network_engine",
            "ReFusion network",
            "the ReFusion network with weights for each task",
            takes_weights=True,
        ),
        "average": EngineEntry(
            "napari_refusion.fusion.baselines", "mean of both, no network", "the mean of both sources at every pixel"
        ),
        "maximum": EngineEntry(
            "napari_refusion.fusion.baselines", "brighter one, no network", "the brighter source at every pixel"
        ),
        "laplacian": EngineEntry(
            "napari_refusion.fusion.baselines",
            "Laplacian pyramid, no network",
            "the stronger detail of four bands of a Laplacian pyramid, on the mean of both bases",
        ),
    }
)
"""Name -> engine."""


def start_engine(
    task: str = "medical", weights: str = "", device: str = "auto", engine: str = DEFAULT_ENGINE
) -> Engine:
    """Return an engine, ready to fuse.

    Parameters
    ----------
    task
        One of `model.tasks.TASKS`; its own weights are taken without a choice.
    weights
        Name of installed weights, or a file; empty for an engine without weights.
    device
        See `device.choose_device`; ``cpu-pytorch`` for the network in PyTorch alone, where it could run compiled.
    engine
        One of `ENGINES`.

    Raises
    ------
    RefusedError
        If there are no such engine, weights or device.
    """
    check_engine(engine, weights)
    return cast(Engine, import_module(ENGINES[engine].module).start(engine, task, weights, device))


def check_engine(engine: str, weights: str) -> None:
    """Refuse an engine that is not known, and weights for one that takes none, before anything is loaded.

    Raises
    ------
    RefusedError
        In words.
    """
    check_name("engine", engine, ENGINES)
    if weights and not ENGINES[engine].takes_weights:
        sentence = f"Leave out the weights, or choose the engine {DEFAULT_ENGINE}: {engine} takes no weights."
        raise refuse("weights", sentence, weights)


def rule_in_words(name: str) -> str:
    """Return what an engine without weights does, by the name that a record has in ``weights``; empty for weights.

    A weights file cannot be taken for an engine: its name ends in ``.safetensors`` or ``.pth``.
    """
    entry = ENGINES.get(name)
    return entry.description if entry is not None and not entry.takes_weights else ""

"""What fuses a slice: the protocol that every engine keeps, be it a network or a fixed rule.

Importing this loads no torch. Which engines there are is in `fusion.engines`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding

Precision = TypeVar("Precision", bound=np.floating[Any])

FuseMethod = TypeVar("FuseMethod", bound=Callable[..., NDArray[Any]])


class Engine(Protocol):
    """What fuses slices, ready to run. Its `fuse` is decorated with `empty_stays_empty`."""

    @property
    def name(self) -> str:
        """File name of the weights; without weights the engine's name in `engines.ENGINES`."""

    @property
    def identity(self) -> str:
        """SHA-256 of the weights file, or `hash_of` an engine without weights; no two engines share it."""

    @property
    def task(self) -> str:
        """One of `model.tasks.TASKS`."""

    @property
    def device(self) -> str:
        """In words, as ``CPU, 3 threads``."""

    @property
    def device_name(self) -> str:
        """As `device.choose_device` takes it and a record keeps it: ``cpu``, ``cuda``."""

    @property
    def error(self) -> float:
        """Largest known difference from the reference implementation in grey levels of [0, 1]; 0.0 for that itself."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed when it was started."""

    def made_with(self, shape: tuple[int, ...]) -> str:
        """Return what computes slices of a shape, (H, W), as a record keeps it: ``PyTorch 2.13.0``.

        Its words tell engines apart that give other slices with the same weights, see `border.MIRRORED`.
        """

    def successor(self) -> "Successor | None":
        """Return what fuses from now on: one that is ready by now and faster, or one that still works; else None."""

    def in_less_memory(self) -> "Engine":
        """Return what fuses with the same network in less memory, on the CPU or compiled; itself where nothing does."""

    def slices_at_once(self, shape: tuple[int, ...]) -> int:
        """Return how many slices of a shape, (H, W), of a volume it is given best; with 1 `fuse_many` is not called."""

    def fuse_many(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return fused slices, (n, H, W), of sources (n, H, W), each as `fuse` does it within 1e-3."""

    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return the fused slice, (H, W) in [0, 1], never rescaled; the sources stay as they are.

        Parameters
        ----------
        a, b
            (H, W) in [0, 1], finite, in the order of the task; the whole slice, because a network relates all its
            pixels to each other. float32 everywhere but in `training`, whose figures are computed in float64.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Successor:
    """Another engine goes on with the same network, and why."""

    engine: Engine
    finding: Finding


def latest(engine: Engine) -> Engine:
    """Return the engine that fuses from now on, itself where it has no successor."""
    while (following := engine.successor()) is not None:
        engine = following.engine
    return engine


class OneByOne:
    """What engines on the processor have in common: a second slice at the same time would not be faster."""

    __slots__ = ()

    def slices_at_once(self, _shape: tuple[int, ...]) -> int:
        """Return 1."""
        return 1

    def fuse_many(self: Engine, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the slices one after another."""
        return np.stack([self.fuse(*both) for both in zip(a, b, strict=True)])


def empty_stays_empty(fuse: FuseMethod) -> FuseMethod:
    """Return an engine's `fuse` that passes a slice through in which both sources are 0 everywhere.

    A network would answer with a faint pattern of its own. The fused slice has the precision of its sources.
    """

    @wraps(fuse)
    def fuse_tissue(engine: Engine, a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        if not a.any() and not b.any():
            return np.zeros_like(a)
        return fuse(engine, a, b).astype(a.dtype, copy=False)

    return cast(FuseMethod, fuse_tissue)


def hash_of(name: str, version: str) -> str:
    """Return the identity of an engine without weights: the SHA-256 of its name and the version of its rule."""
    return hashlib.sha256(f"{name} {version}".encode()).hexdigest()

"""Fusions without a network, to stand beside it: the mean, the brighter source, and a Laplacian pyramid.

A network that does not beat the maximum has shown little, and the mean passes exactly half of every lesion.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.engine import OneByOne, Precision, empty_stays_empty, hash_of
from napari_refusion.volume.finding import Finding

Rule = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
"""Makes the fused image of two sources; all are (H, W) in [0, 1] and of one precision."""

LEVELS: Final = 4
"""Bands of detail of the Laplacian pyramid; the base that is left is 16 times coarser than the image."""

VERSION: Final = "1"
"""Of the rules below; raised when one of them gives another image, so that no older verdict counts for it."""


@dataclass(frozen=True, slots=True)
class Baseline(OneByOne):
    """A fixed rule as an `engine.Engine`."""

    name: str
    rule: Rule
    task: str = "medical"
    findings: tuple[Finding, ...] = ()

    @property
    def identity(self) -> str:
        """SHA-256 of its name and version."""
        return hash_of(self.name, VERSION)

    @property
    def device(self) -> str:
        """The processor: no rule runs anywhere else."""
        return "CPU"

    @property
    def device_name(self) -> str:
        """The processor."""
        return "cpu"

    @property
    def error(self) -> float:
        """0: it is its own reference."""
        return 0.0

    def made_with(self, _shape: tuple[int, ...]) -> str:
        """Return NumPy, by its version."""
        return f"NumPy {np.__version__}"

    def successor(self) -> None:
        """Return None: nothing else goes by the rule."""

    def in_less_memory(self) -> "Baseline":
        """Return itself: it needs no other processor."""
        return self

    @empty_stays_empty
    def fuse(self, a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
        """Return what the rule makes of both sources; see `Engine.fuse`."""
        return self.rule(a, b)


def start(name: str, task: str, _weights: str, device: str) -> Baseline:
    """Return a baseline by its name in `engines.ENGINES`; it runs on the processor, with a finding if not asked to."""
    findings: tuple[Finding, ...] = ()
    if device not in ("auto", "cpu"):
        findings = (Finding("ok", "device", f"The {name} runs on the CPU, not on {device}.", device),)
    return Baseline(name, RULES[name], task, findings)


def average(a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
    """Return the mean of both sources."""
    mean: NDArray[Precision] = np.add(a, b) / 2
    return mean


def maximum(a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
    """Return the brighter source at every pixel."""
    brighter: NDArray[Precision] = np.maximum(a, b)
    return brighter


def laplacian(a: NDArray[Precision], b: NDArray[Precision]) -> NDArray[Precision]:
    """Return the sources' details of larger magnitude, of four bands, on the mean of their bases, within [0, 1].

    Each band is an image less its next coarser level, brought back to its size by scikit-image (Burt and Adelson, IEEE
    Transactions on Communications 31(4), 1983, DOI 10.1109/TCOM.1983.1095851).
    """
    height, width = a.shape
    missing = [(0, -size % 2**LEVELS) for size in a.shape]  # only then does every level halve without a remainder
    *details_a, base_a = _pyramid(np.pad(a, missing, mode="edge"))
    *details_b, base_b = _pyramid(np.pad(b, missing, mode="edge"))
    fused: NDArray[Precision] = (base_a + base_b) / 2
    for detail_a, detail_b in zip(reversed(details_a), reversed(details_b), strict=True):
        fused = _expand(fused) + np.where(np.abs(detail_a) >= np.abs(detail_b), detail_a, detail_b)
    return np.clip(fused[:height, :width], 0.0, 1.0)


def _pyramid(image: NDArray[Precision]) -> list[NDArray[Precision]]:
    """Return the bands of detail, finest first, and the base."""
    from skimage.transform import pyramid_reduce

    bands = []
    for _ in range(LEVELS):
        coarse = pyramid_reduce(image)
        bands.append(image - _expand(coarse))
        image = coarse
    return [*bands, image]


def _expand(image: NDArray[Precision]) -> NDArray[Precision]:
    """Return the image in twice its size."""
    from skimage.transform import pyramid_expand

    expanded: NDArray[Precision] = pyramid_expand(image)
    return expanded


RULES: Final[Mapping[str, Rule]] = MappingProxyType({"average": average, "maximum": maximum, "laplacian": laplacian})
"""Rules by the names of their engines in `engines.ENGINES`."""

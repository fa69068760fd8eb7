"""What a fusion reports on its way."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_refusion.fusion.engine import Successor
from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.fusion.provenance import Provenance
    from napari_refusion.session.preparing import FusionCache


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done now, in words."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Both sources are on one grid and checked; windows and network are still to come."""

    kept: FusionCache


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Both sources can be looked at on one grid, but are not fused; `Refused` follows and says why."""

    kept: FusionCache
    partial: PartialFusion
    """Holds both sources and no slice."""


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """The pair is good, the network is ready, slices follow."""

    kept: FusionCache
    partial: PartialFusion
    findings: tuple[Finding, ...]
    """Those of the pair, and behind them those about weights and direction."""
    device: str
    """In words."""
    provenance: Provenance
    colouring: Colouring | None


@dataclass(frozen=True, slots=True)
class Refused:
    """It must not be fused; a blocking finding says why."""

    findings: tuple[Finding, ...]


Message = Stage | Paired | Compared | Started | FusedSlice | Successor | Refused

Work = Generator[Message, int | None, None]
"""Yields messages; may be sent the index of the current slice."""

"""What a path offers, which of it is taken unless somebody chooses, and in which words it is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from napari_refusion.io.listing import Listed
from napari_refusion.volume.modality import modality_name

ALL: Final = "all"
"""All volumes: frames and very many others as one layer, few others as one layer each."""
MEAN: Final = "mean"

Taken = str | int
"""`ALL`, `MEAN`, or the number of a volume from 0."""

_UNKNOWN: Final = ("", "OT")

SEPARATE: Final = 8
"""Volumes of a series that become layers of their own at most: directions of diffusion would fill the layer list."""

_BYTES: Final = 4
"""Of a voxel, float32."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One series or file that can be opened, or cannot."""

    where: tuple[Path, ...]
    """What `io.open.open_volumes` opens it from."""
    listed: Listed

    @property
    def is_usable(self) -> bool:
        """Whether it can be opened."""
        return not self.listed.refusal

    @property
    def series(self) -> str | None:
        """What tells it from the others there; None for a file without series."""
        return self.listed.uid or self.listed.series or None

    @property
    def count(self) -> int:
        """How many volumes it has."""
        return len(self.listed.parts)

    @property
    def has_frames(self) -> bool:
        """Whether its volumes are frames, as far as the list tells: they have a mean, echoes and b-values have none."""
        return self.count > 1 and all(part.startswith("frame ") or not part for part in self.listed.parts)

    @property
    def by_default(self) -> tuple[Taken, ...]:
        """What of it is opened unless somebody chooses otherwise."""
        return (MEAN, ALL) if self.has_frames else (ALL,)

    def choices(self) -> dict[Taken, str]:
        """Return what can be taken of several volumes, and in which words; nothing for a single one."""
        if self.count < 2:
            return {}
        parts = {index: part or f"volume {index}" for index, part in enumerate(self.listed.parts)}
        if not self.has_frames:
            how = ", one layer each" if self.count <= SEPARATE else " as one layer with a slider"
            return {ALL: f"All {self.count}{how}"} | parts
        return {MEAN: f"Mean of the {self.count}", ALL: f"All {self.count} as one layer with a slider"} | parts

    def megabytes(self, taken: Sequence[Taken]) -> float:
        """Return how much memory the voxels of what is taken need, 10^6 bytes."""
        volumes = self.count if ALL in taken else sum(one != MEAN for one in taken)
        return float((volumes + (MEAN in taken)) * np.prod(self.listed.shape, dtype=float) * _BYTES / 1e6)

    def row(self) -> tuple[str, ...]:
        """Return what a list says of it: see `COLUMNS`."""
        one = self.listed
        volumes = str(self.count) if self.count > 1 else ""
        return (
            one.series,
            one.name.removesuffix(f" (series {one.series})"),
            modality_name(one.modality, "") or one.modality,
            " x ".join(map(str, one.shape)) if any(one.shape) else "",
            " x ".join(f"{step:.2f}" for step in one.spacing) if one.spacing else "",
            {True: "yes", False: "no", None: ""}[one.corrected],
            volumes,
            one.refusal,
        )


COLUMNS: Final = ("No.", "Description", "Modality", "Voxels", "Spacing (mm)", "Corrected", "Volumes", "Remark")
"""Headings of `Offer.row`."""

Choice = tuple[Offer, tuple[Taken, ...]]
"""An offer, and what of it is to be opened."""


def is_choice(offers: Sequence[Offer]) -> bool:
    """Return whether any of the places holds more than one volume that could be opened.

    Several files with one volume each were chosen already.
    """
    places = [offer.where for offer in offers if offer.is_usable for _ in offer.listed.parts]
    return len(places) > len(set(places))


def everything(offers: Sequence[Offer]) -> list[Choice]:
    """Return all that can be opened, in the order of the offers, the likely one first."""
    return [(offer, offer.by_default) for offer in offers if offer.is_usable]


def likely(offers: Sequence[Offer]) -> list[Offer]:
    """Return the first usable offer of each modality at each place: what belongs together as a pair.

    Those of unknown modality count only where there is no other.
    """
    first: dict[tuple[tuple[Path, ...], str], Offer] = {}
    for offer in offers:
        if offer.is_usable:
            first.setdefault((offer.where, offer.listed.modality), offer)
    known = {where for where, modality in first if modality not in _UNKNOWN}
    return [one for (where, modality), one in first.items() if modality not in _UNKNOWN or where not in known]

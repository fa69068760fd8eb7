"""Which case is viewed, and in which fusion: identities that follow from the content, not from names or places."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.study.study import Side
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.volume import Volume

NAMED = 16
"""Hexadecimal digits of an identity: 64 bits, so that among a million cases none is likely to meet another."""

_OF_MOVE: Final = ("matrix", "millimetres", "degrees")


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """One source of a case."""

    sha256: str
    """Of its files, or of its voxels where it came from no file."""
    modality: str
    unit: str
    window: tuple[float, float]
    """Low and high in `unit`."""
    move: dict[str, Any] | None
    """``matrix``, ``millimetres`` and ``degrees`` of how registration moved it, without the names that a
    `volume.rigid.RigidMove` holds, too; None where the file's place holds."""

    @property
    def word(self) -> str:
        """Return what to call it: its modality, without anything that a file says about the patient."""
        return modality_name(self.modality, "source")


@dataclass(frozen=True, slots=True)
class Run:
    """A fusion of a case. Equal sources, windows, weights and grid give an equal run, on any day and any computer."""

    a: SourceIdentity
    b: SourceIdentity
    axis: str
    """Direction of the slices."""
    reference: str
    """``a`` or ``b``: whose grid it is on."""
    grid: tuple[int, int, int]
    """Voxels along (I, P, L)."""
    affine: tuple[tuple[float, ...], ...]
    """(4, 4) of that grid, to RAS+ mm, rounded to 1e-4 mm."""
    weights_sha256: str

    @property
    def place(self) -> Grid:
        """Return that grid."""
        return Grid(self.grid, np.array(self.affine))

    @property
    def case_id(self) -> str:
        """Return the identity of the two sources, in whatever order, window or place."""
        return case_digest(self.a.sha256, self.b.sha256)

    @property
    def run_id(self) -> str:
        """Return the identity of the fusion: another window, other weights or another grid give another one."""
        return run_digest(asdict(self))

    @property
    def words(self) -> str:
        """Return the pair in words, as ``PET + MRI``."""
        return f"{self.a.word} + {self.b.word}"


def case_digest(first: str, second: str) -> str:
    """Return the identity of a case by the hashes of its two sources, in whatever order."""
    return "case-" + _digest(sorted([first, second]))


def run_digest(record: dict[str, Any]) -> str:
    """Return the identity of a fusion by the plain values of its `Run`."""
    return "run-" + _digest(record)


def describe_run(partial: PartialFusion) -> Run:
    """Return the run of a partial fusion, by its sources as they were opened."""
    study = partial.study
    affine = tuple(tuple(float(value) for value in row) for row in study.grid.affine.round(4))
    a, b = _identity(study.a), _identity(study.b)
    return Run(a, b, partial.axis, study.reference, study.grid.shape, affine, partial.weights_sha256)


def _identity(side: Side) -> SourceIdentity:
    volume, limits = side.source, (side.window.low, side.window.high)
    moved = {name: value for name, value in asdict(side.move).items() if name in _OF_MOVE} if side.move else None
    return SourceIdentity(content_sha256(volume), volume.modality, volume.unit, limits, moved)


def content_sha256(volume: Volume) -> str:
    """Return the hash of a volume's files, or of its voxels and affine where it came from no file."""
    if volume.origin.sha256:
        return volume.origin.sha256
    digest = hashlib.sha256(np.ascontiguousarray(volume.data).data)
    digest.update(volume.affine.tobytes())
    digest.update(repr((volume.data.shape, volume.data.dtype.str)).encode())
    return digest.hexdigest()


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:NAMED]

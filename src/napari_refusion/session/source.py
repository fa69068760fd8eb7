"""What is to be fused: two sources, and what was chosen for the fusion as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_refusion.session.settings import FuseSettings
from napari_refusion.volume.chosen_window import DEFAULT_SCALES, UptakeScales
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.lean import unit_of_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.fusion.partial import Extent, FinishedSlices
    from napari_refusion.volume.rigid import RigidMove
    from napari_refusion.volume.volume import Volume

Place = Callable[[Grid, str], int]
"""Grid, direction of slices -> index of the current slice; it may lie outside the grid."""


class SourceImage(Protocol):
    """An image as it is at one moment, from which a volume is made in any thread: a layer of a viewer, or a file."""

    @property
    def key(self) -> str:
        """What tells it from all other images that are open."""

    @property
    def name(self) -> str:
        """What to call it."""

    @property
    def voxels(self) -> object:
        """What holds its voxels: another object once they are exchanged."""

    def to_volume(self, modality: str) -> Volume:
        """Return the volume in it, of the DICOM Modality that was chosen; empty for what the image says itself.

        Raises
        ------
        RefusedError
            If there is no volume in it.
        """

    def shows_the_same(self, other: SourceImage) -> bool:
        """Return whether this is the same image in the same place; quick, voxels are not compared."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedVolume:
    """A volume that is open already, as a source."""

    volume: Volume
    key: str
    """Its path, or another text that tells it from the other source."""

    @property
    def name(self) -> str:
        """Return the volume's name."""
        return self.volume.name

    @property
    def voxels(self) -> object:
        """Return the array of the volume."""
        return self.volume.data

    def to_volume(self, modality: str) -> Volume:
        """Return the volume, with a finding where another modality was chosen than the file states."""
        return self.volume if modality in ("", self.volume.modality) else as_modality(self.volume, modality, self.name)

    def shows_the_same(self, other: SourceImage) -> bool:
        """Return whether this is the same volume."""
        return isinstance(other, OpenedVolume) and other.volume is self.volume


def as_modality(volume: Volume, modality: str, name: str) -> Volume:
    """Return a volume as what the user says that it shows, with the findings that follow from that and its name."""
    from napari_refusion.io.identify import identify

    # no path: only the words in it are looked at
    words = Path(name.replace(".", " ").replace("/", " ").replace("\\", " "))
    identity = identify(words, volume.data, chosen=modality)
    return replace(volume, modality=modality, unit=identity.unit, findings=volume.findings + identity.findings)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One of the two images to be fused."""

    image: SourceImage
    modality: str = ""
    """DICOM Modality that the user chose; empty for what the image says."""
    window: str = ""
    """As `volume.window.choose_window` takes it; empty for automatic."""
    move: RigidMove | None = None
    """A registration that was accepted."""

    def shows_the_same(self, other: Source) -> bool:
        """Return whether this is the same image in the same place and unit; quick, voxels are not compared."""
        same = self.image.shows_the_same(other.image) and unit_of_choice(self.window) == unit_of_choice(other.window)
        return same and (self.modality, self.move) == (other.modality, other.move)


def at_slice(index: int) -> Place:
    """Return the place of a slice by its index on whatever grid is fused on."""
    return lambda _grid, _axis: index


def nearest_done(place: Place, done: NDArray[np.bool_]) -> Place:
    """Return the place of the slice that is fused already and lies nearest to another place.

    Parameters
    ----------
    done
        (n,) which slices there are, one at least.
    """

    def nearest(grid: Grid, axis: str) -> int:
        there = np.flatnonzero(done)
        return int(there[np.abs(there - place(grid, axis)).argmin()])

    return nearest


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be fused, and how much of it."""

    first: Source
    second: Source
    settings: FuseSettings = FuseSettings()  # noqa: RUF009 - frozen
    place: Place = at_slice(0)  # noqa: RUF009 - a function without state
    """Where the reader looks: that slice is fused first."""
    extent: Extent = "volume"
    is_live: bool = False
    """Whether it was not asked for by a button: a refusal is then shown discreetly."""
    scales: UptakeScales = DEFAULT_SCALES
    """What PET in SUV is shown on where no window is chosen."""
    finished: FinishedSlices | None = None
    """Slices that were fused earlier and are taken over where they belong to this pair; None for none."""
    two_patients: str = ""
    """Why sources whose files name two patients are paired all the same; empty where they must not be."""

    @property
    def keys(self) -> tuple[str, str]:
        """Return the keys of both images."""
        return self.first.image.key, self.second.image.key

    def source(self, key: str) -> Source:
        """Return the source of a key."""
        return self.first if self.first.image.key == key else self.second

    def is_same_work(self, other: Request) -> bool:
        """Return whether only place and extent differ."""
        windows = (self.first.window, self.second.window) == (other.first.window, other.second.window)
        chosen = (self.settings, self.scales) == (other.settings, other.scales)
        return self.is_same_pair(other) and windows and chosen

    def is_same_pair(self, other: Request) -> bool:
        """Return whether the same two images are put onto the same grid."""
        same = self.first.shows_the_same(other.first) and self.second.shows_the_same(other.second)
        chosen, others = self.settings, other.settings
        # one image can be open twice, in two windows
        same = same and (self.keys, self.two_patients) == (other.keys, other.two_patients)
        return same and (chosen.task, chosen.reference) == (others.task, others.reference)

    def with_axis(self, axis: str) -> Request:
        """Return the same request along another direction."""
        return replace(self, settings=replace(self.settings, axis=axis))

    def with_moves(self, first: RigidMove | None, second: RigidMove | None) -> Request:
        """Return the same request with accepted registrations of its sources."""
        return replace(self, first=replace(self.first, move=first), second=replace(self.second, move=second))

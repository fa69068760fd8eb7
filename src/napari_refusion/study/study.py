"""The value that carries a case: two sides in one order, on one grid, with everything that was noticed about them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.tasks import Task
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.chosen_window import CHOSEN, ChosenWindow
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.rigid import RigidMove, moved
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two sources of a study."""

    source: Volume
    """As it was opened: on its own grid, where its file places it."""
    volume: Volume
    """What is fused of it: moved and resampled to the study's grid, all voxels finite."""
    window: Window
    """In the volume's unit."""
    move: RigidMove | None = None
    """How registration moved it; None where the file's place holds."""
    key: str = ""
    """What the caller names it, as a layer's id; empty where it need not be found again."""
    window_source: str = ""
    """Where its window came from, see `ChosenWindow.source`; empty where that was not noted."""

    def placed(self) -> Volume:
        """Return it on its own grid, where registration moved it."""
        return moved(self.source, self.move) if self.move is not None else self.source

    def with_window(self, window: Window | ChosenWindow | None) -> "Side":
        """Return the same side with another window; None leaves it as it is."""
        if window is None:
            return self
        chosen = window if isinstance(window, ChosenWindow) else ChosenWindow(window, CHOSEN)
        return replace(self, window=chosen.window, window_source=chosen.source)

    @property
    def word(self) -> str:
        """Return its modality as a word, ``source`` where that is unknown; nothing a file says about the patient."""
        return self.source.word or "source"


def is_same_file(first: Volume, second: Volume) -> bool:
    """Return whether two volumes are the same one of the same file."""
    return bool(first.origin.sha256) and first.origin.sha256 == second.origin.sha256


def is_comparison(first: Volume, second: Volume) -> bool:
    """Return whether two medical volumes are compared rather than fused: PET with PET, SPECT with SPECT."""
    return first.is_functional and first.modality == second.modality


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Two sources in the order of the weights. Voxels outside `covered` hold `align.fill_value`."""

    task: Task
    a: Side
    """What the networks take first: of medical sources the functional one, or the CT beside an MRI."""
    b: Side
    """What the networks take second: the MRI, of PET and CT the CT."""
    reference: Literal["a", "b"]
    """Whose grid it is; the other one was resampled."""
    covered: NDArray[np.bool_] = field(repr=False)
    """(I, P, L), True where both have data."""
    findings: tuple[Finding, ...]
    """Everything that was noticed, the readers' findings included; see `check`."""
    order: str = ""
    """Why a comes before b, in words."""
    two_patients: str = ""
    """Why the volumes of two patients are paired, in the words of who decided that; empty where they are of one."""

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both, a first."""
        return self.a, self.b

    @property
    def fixed(self) -> Volume:
        """Return the volume whose grid it is."""
        return self.a.volume if self.reference == "a" else self.b.volume

    @property
    def grid(self) -> Grid:
        """Return the grid that both volumes are on."""
        return self.fixed.grid

    @property
    def windows(self) -> tuple[Window, Window]:
        """Return the windows of a and b, in their units."""
        return self.a.window, self.b.window

    @property
    def is_comparison(self) -> bool:
        """Return whether it is compared, and never fused: two PET, or two SPECT."""
        return self.task.is_medical and is_comparison(self.a.source, self.b.source)

    @property
    def has_difference(self) -> bool:
        """Return whether the values of b minus those of a mean something: one modality, one unit, one quantity."""
        a, b = self.a.source, self.b.source
        same = bool(a.modality) and (a.modality, a.unit, a.is_rgb, b.is_rgb) == (b.modality, b.unit, False, False)
        return same and (bool(a.unit) or a.is_functional)

    @property
    def can_be_compared(self) -> bool:
        """Return whether nothing forbids looking at both sources on one grid, as opposed to fusing them."""
        return all(finding.rule == "comparison" for finding in blocking(self.findings))

    @property
    def functional(self) -> Side | None:
        """Return the side that shows function, a before b; None where neither does."""
        return next((side for side in self.sides if side.volume.is_functional), None)

    @property
    def words(self) -> tuple[str, str]:
        """Return the modalities, ``source a`` and ``source b`` where they tell nothing apart.

        Photographs are called what the task calls them. Nothing in them says who the patient is.
        """
        if not self.task.is_medical:
            return self.task.sources
        a, b = (side.volume.word or "other" for side in self.sides)
        return (a, b) if a != b and "other" not in (a, b) else ("source a", "source b")

    @property
    def names(self) -> tuple[str, str]:
        """Return what to call the sources: their modalities, or their names where those do not tell them apart.

        Photographs are called what the task calls them.
        """
        if not self.task.is_medical:
            return self.task.sources
        a, b = (side.volume.word for side in self.sides)
        if a != b and a and b:
            return a, b
        return self.a.volume.name or "first source", self.b.volume.name or "second source"

    @property
    def places(self) -> tuple[tuple[Path, str], ...]:
        """Return what both sources were opened from and what was asked for there, see `Origin.asked`.

        Nothing where one of them is of no file or folder.
        """
        origins = [side.source.origin for side in self.sides]
        found = tuple((one.place, one.asked) for one in origins if one.place is not None)
        return found if len(found) == len(origins) else ()

    def side(self, key: str) -> Side:
        """Return the side that was given under a key; KeyError if none was."""
        for one in self.sides:
            if one.key == key:
                return one
        raise KeyError(key)

    def in_one_scale(self, a: ChosenWindow, b: ChosenWindow, *, chosen: tuple[bool, bool]) -> "Study":
        """Return the same study with other windows, with one for both where two sources of one unit are compared.

        Parameters
        ----------
        chosen
            Which of the windows were chosen: of one chosen and one automatic window the chosen one is for both, else
            what both span.
        """
        if self.is_comparison and self.has_difference and a.window != b.window:
            spanned = Window(min(a.window.low, b.window.low), max(a.window.high, b.window.high))
            span = ChosenWindow(spanned, "both sources")
            a = b = a if chosen == (True, False) else b if chosen == (False, True) else span
        return self.with_windows(a, b)

    def with_windows(self, a: Window | ChosenWindow | None = None, b: Window | ChosenWindow | None = None) -> "Study":
        """Return the same study with other windows; None leaves a side's as it is."""
        return replace(self, a=self.a.with_window(a), b=self.b.with_window(b))

    def slices(self, axis: str) -> Iterator[int]:
        """Yield the indices of the slices along a direction, one of `AXES`, from the first to the last."""
        yield from range(self.grid.count(axis))

    def check(self) -> None:
        """Raise `RefusedError` with all findings if one of them forbids fusing."""
        if blocking(self.findings):
            raise RefusedError(self.findings)

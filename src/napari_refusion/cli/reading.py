"""What the commands read: the two sources, and what lies between them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from napari_refusion.cli.options import Side
from napari_refusion.cli.printed import shown
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.session.moves import Moves
    from napari_refusion.study.study import Study
    from napari_refusion.volume.volume import Volume

Chosen = tuple[str | None, str | None, str | None]
"""Modality, series and volume that were asked for."""


def open_source(
    console: Console, path: Path, modality: str | None, series: str | None, volume: str | None = None
) -> "Volume":
    """Return the volume at a path, by its modality, series and number where they are given."""
    from napari_refusion.io.open import open_volume

    with console.status(shown(f"Reading {path.name} ...")):
        return open_volume(path, modality, series, volume)


def open_sources(console: Console, paths: Sequence[Path], chosen: Sequence[Chosen]) -> tuple["Volume", ...]:
    """Return up to two volumes, each by its modality, series and volume.

    Raises
    ------
    RefusedError
        If more are named, or one cannot be read.
    """
    if len(paths) > len(chosen):
        raise refuse("output", f"Name two images or volumes at most, not {len(paths)}.", str(len(paths)))
    opened = tuple(open_source(console, path, *one) for path, one in zip(paths, chosen, strict=False))
    return told_apart(*opened) if len(opened) == len(chosen) else opened


def open_pair(console: Console, first: Path, second: Path, chosen: tuple[Chosen, Chosen]) -> tuple["Volume", "Volume"]:
    """Return both volumes, each by its modality, series and number."""
    return told_apart(open_source(console, first, *chosen[0]), open_source(console, second, *chosen[1]))


def told_apart(first: "Volume", second: "Volume") -> tuple["Volume", "Volume"]:
    """Return both volumes, of one name as ``name (A)`` and ``name (B)``: a sentence about one must say which.

    Not their folders, of which a contrast might be read: the same pair would be fused in another order elsewhere.
    """
    if first.name != second.name:
        return first, second
    return replace(first, name=f"{first.name} (A)"), replace(second, name=f"{second.name} (B)")


def paired(
    console: Console, opened: tuple["Volume", "Volume"], task: str, reference: Side | None, two_patients: str
) -> "Study":
    """Return both volumes aligned and checked."""
    from napari_refusion.study.pairing import pair

    with console.status("Aligning and checking the pair ..."):
        return pair(*opened, task=task, reference=grid_of(reference) or None, two_patients=two_patients)


def moves_in(registration: Path | None, opened: tuple["Volume", "Volume"], reference: Side | None) -> "Moves":
    """Return what a registration file says, by the keys of the sources."""
    if registration is None:
        return {}
    from napari_refusion.io.dicom.spatial_registration import moves_of

    first, second = moves_of(registration, *opened, grid_of(reference) or None)
    keys = {(Side.a, Side.b): first, (Side.b, Side.a): second}
    return {(moving, fixed): move for (moving, fixed), move in keys.items() if move is not None}


def grid_of(reference: Side | None) -> Literal["first", "second", ""]:
    """Return whose grid the result is on, empty for automatic."""
    if reference is None:
        return ""
    return "first" if reference is Side.a else "second"

"""Registrations of baselines that a reader accepted: they hold for two volumes where they lie, and for no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.volume.checksum import checksum

if TYPE_CHECKING:
    from napari_refusion.volume.rigid import RigidMove
    from napari_refusion.volume.volume import Volume

Registered = tuple["Volume", "Volume"]
"""The volume that stays, and the one that is moved."""


class AcceptedMoves:
    """Keeps them while other examinations are compared, and while the window of the follow-up is closed."""

    def __init__(self) -> None:
        self._moves: dict[tuple[object, ...], RigidMove] = {}

    def of(self, volumes: Registered | None) -> RigidMove | None:
        """Return what was accepted for two volumes; None where nothing was."""
        return None if volumes is None else self._moves.get(_key(volumes))

    def take(self, volumes: Registered, move: RigidMove | None) -> None:
        """Keep what was accepted for two volumes; None takes it back."""
        others = {key: one for key, one in self._moves.items() if key != _key(volumes)}
        self._moves = others if move is None else others | {_key(volumes): move}

    def forget(self) -> None:
        """Keep nothing."""
        self._moves = {}


def _key(volumes: Registered) -> tuple[object, ...]:
    """Return what tells two volumes from others: their voxels in their places, whatever their unit."""
    return tuple(
        part
        for one in volumes
        for part in (one.origin.sha256 or checksum(one.data), one.name, one.shape, one.affine.tobytes())
    )

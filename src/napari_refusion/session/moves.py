"""What the reader decided about pairs: registrations that were accepted, and two patients that are paired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_refusion.session.proposing import roles

if TYPE_CHECKING:
    from napari_refusion.session.source import Request
    from napari_refusion.study.study import Study
    from napari_refusion.volume.rigid import RigidMove

Moves = Mapping[tuple[str, str], "RigidMove"]
"""Keys of the image that was moved and of the one that it was registered to -> the move."""

Reasons = Mapping[frozenset[str], str]
"""Keys of both images -> why they are paired although they are of two patients."""

Voxels = Mapping[str, object]
"""Key of an image -> what holds its voxels; None for those of a file."""


def with_move(moves: Moves, study: Study, move: RigidMove | None) -> Moves:
    """Return the moves with one of the source that is not the reference of a pair; None takes it back.

    A pair has one move: where the other source was the reference before, its move goes, too.
    """
    fixed, moving = roles(study)
    keys = moving.key, fixed.key
    others = {key: other for key, other in moves.items() if key not in (keys, keys[::-1])}
    return others if move is None else others | {keys: move}


def voxels_of(request: Request, study: Study) -> Voxels:
    """Return what holds the voxels of a pair; None for those of files, whichever frame and unit are shown."""
    sides = {side.key: side.source.origin.sha256 for side in study.sides}
    return {key: None if sides.get(key) else request.source(key).image.voxels for key in request.keys}


def are_exchanged(before: Voxels, now: Voxels) -> bool:
    """Return whether a pair has other voxels now than before."""
    return before.keys() != now.keys() or any(now[key] is not one for key, one in before.items())


def move_of(moves: Moves, keys: frozenset[str]) -> RigidMove | None:
    """Return the move of a pair, whichever of the two images is the reference."""
    return next((move for pair, move in moves.items() if frozenset(pair) == keys), None)


def decided_request(request: Request, moves: Moves, reasons: Reasons) -> Request:
    """Return a request with the accepted moves of its sources, and why they are paired where they are of two patients.

    A reason that the request brings along counts more than an earlier one.
    """
    reason = request.two_patients or reasons.get(frozenset(request.keys), "")
    moved = request.with_moves(moves.get(request.keys), moves.get(request.keys[::-1]))
    return replace(moved, two_patients=reason)

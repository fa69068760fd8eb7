"""Which volumes an accepted registration holds for."""

from dataclasses import replace

import numpy as np

from napari_refusion.session.accepted_moves import AcceptedMoves
from napari_refusion.volume.rigid import move_of
from tests.lesion.uptake import blob, pet


def test_a_move_holds_for_two_volumes_where_they_lie_whatever_their_unit_and_for_no_others() -> None:
    fixed, moving = pet(blob()), pet(blob(height=5.0), name="PET b")
    move = move_of(fixed, moving, np.eye(4))
    moves = AcceptedMoves()
    moves.take((fixed, moving), move)
    assert moves.of((replace(fixed, unit="Bq/ml"), moving)) is move
    shifted = moving.affine.copy()
    shifted[0, 3] += 1.0
    others = (
        (moving, fixed),
        (fixed, replace(moving, affine=shifted)),
        (fixed, replace(moving, data=moving.data + 1, origin=replace(moving.origin, sha256=""))),
        None,
    )
    assert [moves.of(one) for one in others] == [None] * 4
    moves.take((fixed, moving), None)
    assert moves.of((fixed, moving)) is None

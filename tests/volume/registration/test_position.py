import numpy as np

from napari_refusion.volume.registration.position import LEFT_TO_RIGHT, orientations


def test_a_body_can_be_stored_in_47_other_orientations_half_of_all_are_turns() -> None:
    # the cube's 48 symmetries, 24 of which are rotations
    matrices = [matrix for matrix, _ in orientations()]

    assert len({matrix.tobytes() for matrix in matrices}) == 47
    assert all(np.array_equal(matrix @ matrix.T, np.eye(3)) for matrix in matrices)
    assert sum(np.linalg.det(matrix) > 0 for matrix in matrices) == 23


def test_turns_and_mirrorings_are_called_so_and_all_else_an_exchange_of_axes() -> None:
    words = [said for _, said in orientations()]

    # the cube has six quarter turns and three half turns about its axes
    assert sum(said.startswith("turned by 90 degrees") for said in words) == 6
    assert sum(said.startswith("turned by 180 degrees") for said in words) == 3
    assert sum(said.startswith("mirrored") for said in words) == 4
    assert words.count(LEFT_TO_RIGHT) == 1
    assert sum("exchanged" in said for said in words) == 47 - 6 - 3 - 4

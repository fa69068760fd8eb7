import numpy as np

from napari_refusion.evidence.colours import ABOVE, BELOW, evidence_colours


def test_a_signed_map_is_black_in_the_middle_and_brightest_at_its_ends() -> None:
    table = evidence_colours(is_signed=True)
    assert np.array_equal(table[len(table) // 2], [0, 0, 0])
    assert np.allclose(table[0], BELOW)
    assert np.allclose(table[-1], ABOVE)
    assert np.allclose(table[190], np.array(ABOVE) * 63 / 127), "linear from the middle, index 127, to the end, 254"


def test_a_map_without_sign_grows_brighter_from_black_to_white() -> None:
    """MATLAB's hot: red, green and blue rise one after the other, so their sum never falls."""
    table = evidence_colours(is_signed=False)
    assert np.array_equal(table[[0, -1]], [[0, 0, 0], [1, 1, 1]])
    assert (np.diff(table.sum(axis=1)) >= 0).all()

"""Lesions that lie near each other are proposed, each once."""

import numpy as np

from napari_refusion.lesion.proposed_matches import ProposedMatch, proposed_matches


def line(**places: float) -> dict[int, np.ndarray]:
    return {int(name[1:]): np.array([place, 0.0, 0.0]) for name, place in places.items()}


def test_the_nearest_ones_are_proposed_first_and_each_lesion_once() -> None:
    found = proposed_matches(line(n1=0.0, n2=10.0), line(n1=8.0, n2=100.0))
    assert found == (ProposedMatch(2, 1, 2.0),)


def test_lesions_farther_apart_than_20_mm_are_not_proposed() -> None:
    assert proposed_matches(line(n1=0.0), line(n1=20.1)) == ()
    assert len(proposed_matches(line(n1=0.0), line(n1=20.0))) == 1

"""What is said of the colours of each cell of a view."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.colouring import HEADROOM, Legend
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.session.seen_colours import SeenColours, of_result, seen_colours
from tests.compared import canvas_to_compare

LEGEND = Legend("hot_iron", Window(0.0, 8.0), "SUVbw", "pet", HEADROOM, 2.0)


@pytest.fixture
def session() -> CompareSession:
    session = CompareSession()
    session.show_partial(canvas_to_compare())
    return session


def test_the_threshold_hides_its_part_of_the_bar() -> None:
    seen = of_result(LEGEND)
    assert seen is not None
    assert seen.hidden() == 0.25
    assert seen.threshold_words == "≥ 2"
    assert seen.ends == ("0", "8 SUVbw")


def test_a_photographs_own_colours_have_no_bar() -> None:
    assert of_result(replace(LEGEND, palette="")) is None
    assert of_result(None) is None


def test_the_overlay_has_the_colours_and_the_threshold_of_its_source(session: CompareSession) -> None:
    session.choose("overlay")
    session.set_threshold(30.0)
    (seen,) = seen_colours(session.state, LEGEND)
    assert isinstance(seen, SeenColours)
    assert (seen.unit, seen.threshold) == ("Bq/ml", 30.0)


def test_side_by_side_each_cell_has_its_own_and_anatomy_has_none(session: CompareSession) -> None:
    session.toggle_inverted_beside()
    pet, mri = seen_colours(session.state, LEGEND)
    assert pet is not None
    np.testing.assert_array_equal(pet.table[[0, -1]], [[1, 1, 1], [0, 0, 0]])
    assert mri is None


def test_edges_have_no_colours_of_values(session: CompareSession) -> None:
    session.choose("edges of first")
    assert seen_colours(session.state, LEGEND) == (None,)


def test_a_source_that_is_seen_alone_has_its_own_and_anatomy_has_none(session: CompareSession) -> None:
    session.peek(0)
    (pet,) = seen_colours(session.state, LEGEND)
    assert pet is not None
    assert pet.unit == "Bq/ml"
    session.peek(1)
    assert seen_colours(session.state, LEGEND) == (None,)
    session.unpeek()
    session.choose("second")
    assert seen_colours(session.state, LEGEND) == (None,)

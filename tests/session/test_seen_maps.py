"""Maps of an examination as a viewer shows them."""

import numpy as np
import pytest

from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.session.seen_maps import QuickMap, SeenMaps
from tests.reviewed import PET, canvas_of, examined_by_hand


@pytest.fixture
def maps() -> SeenMaps:
    return SeenMaps(examined_by_hand(canvas_of()))


@pytest.mark.parametrize("name", ["overshoot", "saturation"])
def test_a_quick_map_shows_the_values_of_each_slice_and_of_other_cuts(maps: SeenMaps, name: str) -> None:
    data = maps.data(name)
    assert isinstance(data, QuickMap)
    whole = np.stack([maps.examination.map_of(name, index) for index in range(len(PET.data))])
    np.testing.assert_array_equal(np.asarray(data), whole)
    np.testing.assert_array_equal(data[:, 3, 1:5], whole[:, 3, 1:5])


def test_a_slow_map_begins_with_the_slice_that_is_looked_at_and_keeps_to_its_neighbours(maps: SeenMaps) -> None:
    slow = maps.slow("contribution_b")
    assert slow is not None
    order = []
    while (work := slow.missing(0)) is not None:
        for index, image in work:
            slow.put(index, image)
            order.append(index)
    assert order == [0, 1, 2, 3]
    assert np.isnan(slow.values[4:]).all()
    np.testing.assert_allclose(slow.values[2], maps.examination.map_of("contribution_b", 2), atol=1e-3)


def test_what_was_made_is_there_when_the_map_is_looked_at_again(maps: SeenMaps) -> None:
    slow = maps.slow("contribution_a")
    assert slow is not None
    slow.put(1, np.ones((8, 8), np.float32))
    again = maps.slow("contribution_a")
    assert again is slow
    assert maps.data("contribution_a") is slow.values


def test_only_slow_maps_that_there_are_are_made_on_request(maps: SeenMaps) -> None:
    made = [name for name in KINDS if maps.slow(name) is not None]
    assert made == ["contribution_a", "contribution_b"], "the engine of this examination has no P"

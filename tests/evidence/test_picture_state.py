"""What is said about the fused slice on the screen."""

from types import MappingProxyType

import numpy as np

from napari_refusion.evidence.limits import Limit, Limits
from napari_refusion.evidence.measures import FusedImages
from napari_refusion.evidence.picture_state import picture_state

LIMITS = Limits(
    "0" * 64, "a test", MappingProxyType({"saturated_fused": Limit(0.05, 0.2), "overshoot": Limit(0.05, 0.2)})
)


def images(white: int = 0, brighter: int = 0) -> FusedImages:
    """Return 100 pixels of .4 and .5 fused to .5, some to 1, some to .7; those of 1 are in a source, too."""
    a, b, fused = np.full((10, 10), 0.4, np.float32), np.full((10, 10), 0.5, np.float32), np.full(100, 0.5, np.float32)
    fused[:white] = 1.0
    a.ravel()[:white] = 1.0
    fused[white : white + brighter] = 0.7
    return FusedImages(a, b, fused.reshape(10, 10))


def test_a_slice_within_its_limits_is_ok_and_says_its_numbers() -> None:
    state = picture_state(images(white=3), LIMITS, "slice 3 of 6, S 5.0 mm")
    assert state is not None
    assert state.level == "ok"
    assert state.sentence == "Of fused slice 3 of 6, S 5.0 mm, 3.0 % are nearly white, where differences are lost."


def test_a_photograph_is_no_slice() -> None:
    state = picture_state(images(white=3), LIMITS, "")
    assert state is not None
    assert state.sentence.startswith("Of the fused picture, 3.0 % are nearly white")


def test_what_is_beyond_a_limit_is_a_warning_that_leads_to_the_sources() -> None:
    state = picture_state(images(white=6, brighter=10), LIMITS, "slice 3 of 6, S 5.0 mm")
    assert state is not None
    assert state.level == "warn"
    assert state.sentence.startswith("Hold Q or W, or choose the overlay")
    assert "6.0 % are nearly white" in state.sentence
    assert "10.0 % are clearly brighter than both sources" in state.sentence
    assert state.value == "6.0 % white, 10.0 % above"


def test_a_slice_inside_the_range_of_its_sources_says_so() -> None:
    state = picture_state(images(), LIMITS, "slice 3 of 6, S 5.0 mm")
    assert state is not None
    assert "nothing leaves the range of the sources" in state.sentence


def test_without_limits_nothing_is_judged_and_that_is_said() -> None:
    state = picture_state(images(white=50), None, "slice 3 of 6, S 5.0 mm")
    assert state is not None
    assert state.level == "ok"
    assert "50.0 % are nearly white" in state.sentence
    assert "these weights have no limits" in state.sentence


def test_an_empty_slice_is_not_judged() -> None:
    empty = np.zeros((4, 4), np.float32)
    assert picture_state(FusedImages(empty, empty, empty), LIMITS, "slice 3 of 6, S 5.0 mm") is None

"""The difference of two images of one quantity: which colour, from where on, and of which pairs."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.compare_modes import COMPARE_MODES
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import Comparison
from napari_refusion.fusion.difference_mode import DIFFERENCE_MODE, full_colour
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.difference import UNKNOWN_COLOUR, difference_table
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from tests.compared import IPL_AFFINE, SHAPE, canvas_to_compare, textured


def follow_up(change: float = 2.0, window: str = "0,10") -> PartialFusion:
    """Return two PET, the second one higher by `change` in the front half and lower by it behind."""
    before = textured(SHAPE, 1) / 20
    after = before.copy()
    after[:, :12] += change
    after[:, 12:] -= change
    first, second = (
        Volume(data, IPL_AFFINE, "PT", "SUVbw", name=name) for data, name in ((before, "before"), (after, "after"))
    )
    return new_partial(pair(first, second, windows=(window, window)), "axial")


def colour_of(value: float) -> list[int]:
    """Return the 8-bit colour of a difference in [-1, 1]."""
    return np.rint(255 * difference_table()[round((value + 1) / 2 * 255)]).astype(int).tolist()


@pytest.mark.parametrize(("amount", "limit"), [(0.5, 5.0), (1.0, 10.0), (0.2, 2.0), (0.0, 0.2)])
def test_full_colour_is_a_part_of_the_common_window(amount: float, limit: float) -> None:
    # 10 SUV wide
    assert full_colour(Comparison(follow_up(), amount)) == pytest.approx(limit)


def test_second_minus_first_is_orange_where_it_is_higher_and_blue_where_it_is_lower_by_as_much() -> None:
    picture = ComparedVolume(Comparison(follow_up(2.05), 0.5), DIFFERENCE_MODE)
    # 2.05 of 5 SUV
    assert picture[3, 4, 10].tolist() == colour_of(0.41)
    assert picture[3, 20, 10].tolist() == colour_of(-0.41)
    red, _, blue = difference_table()[-1], 0, difference_table()[0]
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_no_difference_is_black_and_no_data_grey() -> None:
    same = follow_up(0.0)
    study = replace(same.study, covered=np.indices(SHAPE)[2] > 4)
    picture = ComparedVolume(Comparison(replace(same, study=study)), DIFFERENCE_MODE)
    assert picture[0, 0, 10].tolist() == [0, 0, 0]
    assert picture[0, 0, 2].tolist() == [round(255 * UNKNOWN_COLOUR)] * 3


def test_the_scale_is_symmetric_and_says_which_is_subtracted() -> None:
    assert DIFFERENCE_MODE.scale is not None
    scale = DIFFERENCE_MODE.scale(Comparison(follow_up(), 0.5))
    assert (scale.window, scale.unit) == (Window(-5.0, 5.0), "SUVbw")
    assert scale.tip.startswith("after minus before")


def test_every_way_to_compare_works_without_anything_fused() -> None:
    partial = follow_up()
    assert not partial.done.any()
    for mode in COMPARE_MODES:
        assert mode.is_for(partial.study)
        assert ComparedVolume(Comparison(partial), mode)[2].shape == (24, 32, 3)


def test_both_of_a_comparison_are_seen_in_the_same_colours() -> None:
    seen = Comparison(follow_up(0.0), colour_map="hot")
    block = (slice(2, 3), slice(None), slice(None))
    assert np.array_equal(seen.colours(0, block), seen.colours(1, block))
    assert np.ptp(seen.colours(0, block), axis=-1).max() > 0.3  # not grey


def test_of_a_pet_with_an_mri_there_is_no_difference() -> None:
    assert not DIFFERENCE_MODE.is_for(canvas_to_compare().study)

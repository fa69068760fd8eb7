from collections.abc import Callable

import numpy as np
import pytest
import torch

from training.gpu.kinds import Kind, Side
from training.gpu.pairs import Pairs, gathered
from training.gpu.sampling import SHIFT, SHIFTED, crops
from training.pack.reading import Channel, PackedSet

CPU = torch.device("cpu")

MakeSet = Callable[..., PackedSet]

PLAIN = tuple(Channel(name, 0.0, 1.0, root=False) for name in ("row", "column"))


def _places(height: int, width: int) -> np.ndarray:
    """An image whose first channel tells the row of a pixel and whose second tells the column, (1, 2, H, W)."""
    rows, columns = np.mgrid[:height, :width]
    return (np.stack([rows, columns])[None] + 20).astype(np.uint8)


def _position_pairs(make_set: MakeSet, height: int = 100, width: int = 120) -> Pairs:
    """Pairs (row, row) and (column, column) of one image."""
    kinds = (
        Kind("rows", "places", Side("row"), Side("row"), 1.0),
        Kind("columns", "places", Side("column"), Side("column"), 1.0),
    )
    return gathered({"places:train": make_set("places", _places(height, width), PLAIN)}, kinds, CPU)


def test_a_crop_holds_neighbouring_pixels_turned_or_mirrored(make_set: MakeSet) -> None:
    cut, _ = crops(_position_pairs(make_set), 64, 32)
    codes = (cut[:, 0] * 255).round()
    down, across = codes.diff(dim=1), codes.diff(dim=2)
    # a coordinate rises or falls by one along one axis of the crop and stays along the other
    for one_down, one_across in zip(down, across, strict=True):
        steps = one_down.unique().tolist(), one_across.unique().tolist()
        assert steps in (([0.0], [1.0]), ([0.0], [-1.0]), ([1.0], [0.0]), ([-1.0], [0.0]))
    found = {
        (tuple(one.unique().tolist()), tuple(other.unique().tolist())) for one, other in zip(down, across, strict=True)
    }
    assert len(found) == 4  # all of them occur


def test_crops_lie_inside_a_large_image_and_reach_all_its_sides(make_set: MakeSet) -> None:
    cut, _ = crops(_position_pairs(make_set), 400, 32)
    codes = (cut * 255).round()[:, 0].flatten(1)
    assert float(codes.min()) == 20
    assert float(codes.max()) == 20 + 119
    span = codes.amax(dim=1) - codes.amin(dim=1)
    assert bool((span == 31).all())


def test_some_second_sources_are_misplaced_by_two_pixels_at_most(make_set: MakeSet) -> None:
    cut, _ = crops(_position_pairs(make_set), 600, 32)
    apart = ((cut[:, 1] - cut[:, 0]) * 255).round()[:, 8:-8, 8:-8].flatten(1)
    assert bool((apart == apart[:, :1]).all())
    assert float(apart.abs().max()) == SHIFT
    # one of five shifts along the axis that is seen is none
    assert float((apart[:, 0] != 0).float().mean()) == pytest.approx(SHIFTED * 4 / 5, abs=0.05)


@pytest.mark.parametrize(("height", "width"), [(24, 60), (60, 24), (20, 28)])
def test_a_smaller_image_lies_in_the_middle_of_black(make_set: MakeSet, height: int, width: int) -> None:
    cut, _ = crops(_position_pairs(make_set, height, width), 32, 40)
    seen = cut[:, 0] > 0
    for one in seen:
        rows, columns = one.any(dim=1).nonzero(), one.any(dim=0).nonzero()
        assert {len(rows), len(columns)} == {min(height, 40), min(width, 40)}
        for line in (rows, columns):
            before, after = int(line[0]), 39 - int(line[-1])
            assert abs(before - after) <= 1


def test_pixels_are_those_of_the_pair_that_is_named(make_set: MakeSet) -> None:
    # image n of set s has the grey level 20 (s + 1) + 2 n in its first channel and one more in its second
    sets = {}
    for number in range(2):
        images = np.empty((3, 2, 40, 40), np.uint8)
        for index in range(3):
            images[index] = np.array([0, 1]).reshape(2, 1, 1) + 20 * (number + 1) + 2 * index
        sets[f"set{number}:train"] = make_set(f"set{number}", images, PLAIN)
    kinds = (
        Kind("ahead", "set0", Side("row"), Side("column"), 1.0),
        Kind("back", "set1", Side("column"), Side("row"), 1.0, functional=True),
    )
    cut, functional = crops(gathered(sets, kinds, CPU), 300, 32)
    codes = (cut * 255).round()[..., 8:-8, 8:-8].flatten(2)
    assert bool((codes == codes[..., :1]).all())
    first, second = codes[..., 0].unbind(1)
    assert set(zip(first.tolist(), second.tolist(), functional.tolist(), strict=True)) == {
        *((20.0 + 2 * n, 21.0 + 2 * n, False) for n in range(3)),
        *((41.0 + 2 * n, 40.0 + 2 * n, True) for n in range(3)),
    }


def test_kinds_are_drawn_as_often_as_they_shall_be(make_set: MakeSet) -> None:
    sets = {
        f"{name}:train": make_set(name, np.full((count, 2, 40, 40), level, np.uint8), PLAIN)
        for name, count, level in (("many", 9, 100), ("few", 1, 200))
    }
    kinds = (
        Kind("many", "many", Side("row"), Side("column"), 1.0),
        Kind("few", "few", Side("row"), Side("column"), 3.0),
    )
    cut, _ = crops(gathered(sets, kinds, CPU), 2000, 32)
    share = float((cut[:, 0, 16, 16] * 255 > 150).float().mean())
    assert share == pytest.approx(0.75, abs=0.04)


@pytest.mark.parametrize("root", [False, True])
def test_codes_are_shown_in_a_window_in_their_own_unit(make_set: MakeSet, root: bool) -> None:
    channels = (Channel("PET", 0.0, 20.0, root=root), Channel("CT", -190.0, 310.0, root=False))
    sets = {"body:train": make_set("body", np.full((1, 2, 40, 40), 102, np.uint8), channels)}
    kind = Kind("PET+CT", "body", Side("PET", high=(16.0, 16.0)), Side("CT", (-90.0, -90.0), (110.0, 110.0)), 1.0)
    cut, _ = crops(gathered(sets, (kind,), CPU), 4, 32)
    uptake = 20 * (0.4**2 if root else 0.4)  # the code 102 is 0.4 of the range
    assert torch.allclose(cut[:, 0, 8:-8, 8:-8], torch.tensor(uptake / 16), atol=1e-5)
    assert torch.allclose(cut[:, 1, 8:-8, 8:-8], torch.tensor((10 + 90) / 200), atol=1e-5)  # -190 + 0.4 * 500 = 10 HU


def test_windows_are_drawn_between_their_bounds_for_every_crop(make_set: MakeSet) -> None:
    sets = {"one:train": make_set("one", np.full((1, 2, 40, 40), 51, np.uint8), PLAIN)}
    kind = Kind("one", "one", Side("row", high=(0.5, 1.0)), Side("column"), 1.0)
    cut, _ = crops(gathered(sets, (kind,), CPU), 200, 32)
    shown = cut[:, 0, 16, 16]
    assert 0.2 <= float(shown.min()) < 0.22  # 0.2 of a window that ends at 1
    assert 0.38 < float(shown.max()) <= 0.4 + 1e-6  # and at 0.5
    assert torch.allclose(cut[:, 1, 16, 16], torch.tensor(0.2))


def test_crops_are_centred_on_what_is_not_black(make_set: MakeSet) -> None:
    images = np.zeros((1, 2, 160, 160), np.uint8)
    images[..., 120:136, 16:32] = 200
    pairs = gathered(
        {"spot:train": make_set("spot", images, PLAIN)}, (Kind("s", "spot", Side("row"), Side("column"), 1),), CPU
    )
    cut, _ = crops(pairs, 50, 32)
    assert bool((cut[:, 0].amax(dim=(1, 2)) > 0.7).all())


def test_an_image_without_any_light_is_cut_in_its_middle(make_set: MakeSet) -> None:
    sets = {"dark:train": make_set("dark", np.zeros((1, 2, 64, 48), np.uint8), PLAIN)}
    pairs = gathered(sets, (Kind("dark", "dark", Side("row"), Side("column"), 1.0),), CPU)
    assert pairs.centres.tolist() == [[32, 24]]
    assert float(crops(pairs, 4, 32)[0].max()) == 0


def test_a_missing_set_and_a_missing_channel_are_named(make_set: MakeSet) -> None:
    sets = {"here:train": make_set("here", _places(40, 40), PLAIN)}
    with pytest.raises(ValueError, match="no training set 'there'"):
        gathered(sets, (Kind("a", "there", Side("row"), Side("row"), 1.0),), CPU)
    with pytest.raises(ValueError, match="'here' has no channel 'PET', only row, column"):
        gathered(sets, (Kind("a", "here", Side("PET"), Side("row"), 1.0),), CPU)

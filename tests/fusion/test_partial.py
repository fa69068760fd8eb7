import numpy as np
import pytest

from napari_refusion.fusion.partial import NEAR, PartialFusion, find_partial, new_partial, next_slice
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))


@pytest.fixture
def study(mri: Volume, pet: Volume) -> Study:
    return pair(pet, mri, windows=WINDOWS)


def mask(*there: int, count: int = 12) -> np.ndarray:
    done = np.zeros(count, bool)
    done[list(there)] = True
    return done


def test_a_slice_lands_in_its_place_and_is_noted(study: Study) -> None:
    partial = new_partial(study, "coronal")
    planes, rows, columns = study.grid.shape
    partial.put(1, np.full((planes, columns), 0.5, np.float32))
    expected = np.zeros(study.grid.shape)
    expected[:, 1, :] = 0.5
    np.testing.assert_array_equal(partial.fused, expected)
    assert partial.done.tolist() == [index == 1 for index in range(rows)]
    assert not partial.is_complete


def test_slices_that_are_not_kept_are_empty_again(study: Study) -> None:
    partial = new_partial(study, "axial")
    for index in range(len(partial.done)):
        partial.put(index, np.ones(study.grid.shape[1:], np.float32))
    assert partial.is_complete
    partial.keep(mask(0, count=len(partial.done)))
    assert partial.fused[0].all()
    assert not partial.fused[1:].any()
    assert partial.done.sum() == 1
    partial.keep(mask(0, 1, count=len(partial.done)))
    assert partial.done.sum() == 1  # what is not there cannot be kept


def test_a_canvas_is_found_again_by_pair_windows_direction_and_weights(study: Study) -> None:
    def partial(windows: tuple[Window, Window] = WINDOWS, axis: str = "axial", weights: str = "w") -> PartialFusion:
        return new_partial(study.with_windows(*windows), axis, weights)

    one = partial()
    others = [partial(windows=(Window(0, 9), WINDOWS[1])), partial(axis="sagittal"), partial(weights="v")]
    assert find_partial([*others, one], partial()) is one
    wanted = partial()
    assert find_partial(others, wanted) is wanted


def test_only_the_slice_that_is_looked_at_is_fused() -> None:
    assert next_slice(mask(), 4, "slice") == 4
    assert next_slice(mask(4), 4, "slice") is None
    assert next_slice(mask(), -1, "slice") is None
    assert next_slice(mask(), 12, "slice") is None


def test_an_unknown_extent_is_refused_in_words() -> None:
    with pytest.raises(RefusedError, match="Use one of slice, near, volume: there is no extent 'all'"):
        next_slice(mask(), 4, "all")  # type: ignore[arg-type]


def test_neighbours_come_nearest_first_and_not_from_far() -> None:
    done, order = mask(), []
    while (index := next_slice(done, 5, "near")) is not None:
        order.append(index)
        done[index] = True
    assert order[0] == 5
    assert [abs(index - 5) for index in order] == [0, *(distance for d in range(1, NEAR + 1) for distance in (d, d))]


def test_a_volume_is_filled_to_its_last_slice_from_wherever_one_looks() -> None:
    for looked_at in (-7, 0, 5, 40):
        done, order = mask(3), []
        while (index := next_slice(done, looked_at, "volume")) is not None:
            order.append(index)
            done[index] = True
        assert sorted(order) == [index for index in range(12) if index != 3]
        distances = [abs(index - looked_at) for index in order]
        assert distances == sorted(distances)


def test_three_slices_to_either_side_are_near() -> None:
    done, order = mask(), []
    while (index := next_slice(done, 5, "near")) is not None:
        order.append(index)
        done[index] = True
    assert sorted(order) == [2, 3, 4, 5, 6, 7, 8]

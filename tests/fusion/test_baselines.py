import numpy as np
import pytest

from napari_refusion.fusion.baselines import average, laplacian, maximum


def texture(seed: int, shape: tuple[int, int] = (50, 37)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape)


def test_the_average_and_the_maximum_are_taken_at_every_pixel() -> None:
    a, b = np.array([[0.0, 0.5]]), np.array([[1.0, 0.25]])
    assert average(a, b).tolist() == [[0.5, 0.375]]
    assert maximum(a, b).tolist() == [[1.0, 0.5]]


@pytest.mark.parametrize("shape", [(64, 64), (50, 37), (11, 13)])
def test_a_laplacian_pyramid_of_equal_sources_gives_them_back_at_any_size(shape: tuple[int, int]) -> None:
    image = texture(0, shape)
    assert laplacian(image, image) == pytest.approx(image, abs=1e-12)


def test_a_laplacian_pyramid_keeps_fine_detail_whole_where_the_average_halves_it() -> None:
    rows, columns = np.indices((64, 64))
    flat = np.full((64, 64), 0.5)
    chessboard = flat + 0.2 * (-1.0) ** (rows + columns)
    kept = (laplacian(chessboard, flat) - flat)[8:-8, 8:-8] / (chessboard - flat)[8:-8, 8:-8]
    assert kept == pytest.approx(1, abs=0.02)
    assert laplacian(flat, chessboard) == pytest.approx(laplacian(chessboard, flat))


def test_a_laplacian_pyramid_averages_flat_sources() -> None:
    fused = laplacian(np.full((40, 40), 0.2), np.full((40, 40), 0.6))
    assert fused == pytest.approx(0.4)


def test_a_laplacian_pyramid_stays_within_the_range_of_images() -> None:
    fused = laplacian(np.round(texture(1)), np.round(texture(2)))
    assert fused.min() >= 0
    assert fused.max() <= 1


def test_the_mean_passes_half_of_a_lesion_and_the_maximum_none_of_one_below_the_other_source() -> None:
    mri = np.full((8, 8), 0.8)
    pet = np.full((8, 8), 0.2)
    lesion = pet.copy()
    lesion[4, 4] += 0.3
    assert (average(lesion, mri) - average(pet, mri))[4, 4] == pytest.approx(0.15)
    assert not (maximum(lesion, mri) - maximum(pet, mri)).any()


def test_single_precision_differs_from_double_by_rounding_only() -> None:
    a, b = texture(1), texture(2)
    for rule in (average, maximum, laplacian):
        single = rule(a.astype(np.float32), b.astype(np.float32))
        assert single.dtype == np.float32
        assert single == pytest.approx(rule(a, b), abs=1e-6)

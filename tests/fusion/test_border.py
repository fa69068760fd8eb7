"""What lies beyond the edges of a slice: its mirror image, where anything reaches them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, uniform_filter

from napari_refusion.fusion.border import BORDER, bordered_shape, reaches_edges, within_mirrored_edges
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.torch_engine import TorchEngine


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).random(shape, np.float32)


@pytest.mark.parametrize("shape", [(2, 20, 31), (3, 2, 20, 31), (2, 5, 3), (2, 1, 1)])
def test_a_filter_that_takes_zeros_beyond_the_edges_is_given_the_mirror_image(shape: tuple[int, ...]) -> None:
    sources, side = noise(*shape), 2 * BORDER + 1

    def fuse(images: np.ndarray) -> np.ndarray:
        return uniform_filter(images.mean(axis=-3, dtype=np.float64), side, mode="constant", axes=(-2, -1))

    expected = uniform_filter(sources.mean(axis=-3, dtype=np.float64), side, mode="mirror", axes=(-2, -1))
    np.testing.assert_allclose(within_mirrored_edges(fuse, sources), expected, atol=1e-12)


def test_a_slice_that_does_not_reach_its_edges_is_fused_as_it_is() -> None:
    sources = np.zeros((2, 30, 40), np.float32)
    sources[0, BORDER, BORDER] = sources[1, -BORDER - 1, -BORDER - 1] = 1
    assert within_mirrored_edges(lambda images: images, sources) is sources


@pytest.mark.parametrize("place", [(0, 0, 20), (1, BORDER - 1, 20), (0, 29, 20), (1, 15, 0), (0, 15, 40 - BORDER)])
def test_one_pixel_of_one_source_near_one_edge_reaches_it(place: tuple[int, int, int]) -> None:
    sources = np.zeros((2, 30, 40), np.float32)
    assert not reaches_edges(sources)
    sources[place] = 1e-6
    assert reaches_edges(sources)
    seen: list[tuple[int, ...]] = []

    def fuse(images: np.ndarray) -> np.ndarray:
        seen.append(images.shape[1:])
        return images[0]

    np.testing.assert_array_equal(within_mirrored_edges(fuse, sources), sources[0])
    assert seen == [bordered_shape((30, 40))]


@pytest.mark.parametrize("distance", [0, 2])
def test_the_shipped_weights_show_a_lesion_at_an_edge_as_they_do_elsewhere(distance: int) -> None:
    """Without a border, 0.3 and 0.5 of what is shown 30 pixels farther in."""
    engine = start_engine(device="cpu-pytorch")
    first, second = (gaussian_filter(noise(72, 48), sigma) for sigma in (6, 2))
    a, b = (((one - one.min()) / np.ptp(one)).astype(np.float32) for one in (first, second))
    a *= 0.6

    def shown(row: int) -> float:
        rows, columns = np.mgrid[:72, :48]
        spot = 0.3 * np.exp(-((rows - row) ** 2 + (columns - 24) ** 2) / (2 * 3.0**2))
        return float((engine.fuse(a + spot.astype(np.float32), b) - engine.fuse(a, b))[row, 24] / 0.3)

    assert shown(distance) >= 0.8 * shown(30 + distance)


def test_slices_of_a_batch_are_each_fused_as_by_themselves(engine: TorchEngine) -> None:
    a, b = noise(2, 4, 24, 30)
    a[1, :], b[1, :] = 0, 0
    b[2] = 0
    a[2, :BORDER], a[2, -BORDER:], a[2, :, :BORDER], a[2, :, -BORDER:] = 0, 0, 0, 0
    each = [engine.fuse(*pair) for pair in zip(a, b, strict=True)]
    np.testing.assert_allclose(engine.fuse_many(a, b), each, atol=1e-3)
    assert not each[1].any()

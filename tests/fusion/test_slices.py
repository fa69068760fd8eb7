from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.slices import Sources, fuse_slices, slice_sources, window_sources
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.volume import Volume


def test_each_source_has_one_window_for_the_whole_volume(mri: Volume, pet: Volume) -> None:
    sources = window_sources(pair_volumes(pet, mri), (Window(0, 10), Window(10, 910)))
    np.testing.assert_allclose(sources.a, pet.data / 10, atol=1e-6)
    np.testing.assert_allclose(sources.b, (mri.data - 10) / 900, atol=1e-6)


@pytest.mark.parametrize(("axis", "index"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_slices_are_taken_whole_along_the_chosen_direction(engine: TorchEngine, axis: str, index: int) -> None:
    random = np.random.default_rng(2)
    sources = Sources(random.random((3, 4, 5), np.float32), random.random((3, 4, 5), np.float32))
    fused = dict(fuse_slices(engine, sources, axis))
    assert sorted(fused) == list(range(sources.a.shape[index]))
    middle = engine.fuse(np.take(sources.a, 1, axis=index), np.take(sources.b, 1, axis=index))
    np.testing.assert_allclose(fused[1], middle, atol=1e-6)


def test_colour_is_fused_by_its_luminance(mri: Volume, pet: Volume) -> None:
    red = np.zeros((*pet.shape, 3), np.float32)
    red[..., 0] = 1
    sources = window_sources(pair_volumes(replace(pet, data=red), mri), (Window(0, 1), Window(0, 910)))
    np.testing.assert_allclose(sources.a, 0.299, atol=1e-6)


def test_values_that_are_no_numbers_do_not_reach_the_network(engine: TorchEngine, mri: Volume, pet: Volume) -> None:
    """One NaN would turn the whole slice into NaN, because the network relates all pixels to each other."""
    broken = pet.data.copy()
    broken[2, 3, 4], broken[1, 0, 0] = np.nan, np.inf
    pair = pair_volumes(replace(pet, data=broken), mri)
    sources = window_sources(pair, (Window(0, 10), Window(0, 910)))
    fused = np.stack([image for _, image in fuse_slices(engine, sources, "axial")])
    assert np.isfinite(fused).all()
    assert any("2 values" in finding.sentence for finding in pair.findings)
    assert not pair.covered[2, 3, 4]


@pytest.mark.parametrize(("axis", "index"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_one_slice_is_windowed_as_in_the_whole_volume(mri: Volume, pet: Volume, axis: str, index: int) -> None:
    rgb = np.random.default_rng(3).random((*mri.shape, 3), np.float32)
    for second in (mri, replace(mri, data=rgb)):
        pair, windows = pair_volumes(pet, second), (Window(1, 8), Window(0, 1))
        whole = window_sources(pair, windows)
        a, b = slice_sources(pair, windows, axis, 2)
        np.testing.assert_allclose(a, np.take(whole.a, 2, axis=index), atol=1e-6)
        np.testing.assert_allclose(b, np.take(whole.b, 2, axis=index), atol=1e-6)

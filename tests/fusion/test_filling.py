from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.fusion.slices import window_sources
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))


@pytest.fixture
def study(mri: Volume, pet: Volume) -> Study:
    return pair(pet, mri, windows=WINDOWS)


def fused(engine: TorchEngine, partial: PartialFusion) -> dict[int, np.ndarray]:
    messages = list(missing_slices(partial, engine))
    return {one.index: one.image for one in messages if isinstance(one, FusedSlice)}


@pytest.mark.parametrize(("axis", "along"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_slices_are_taken_whole_along_the_chosen_direction(
    engine: TorchEngine, study: Study, axis: str, along: int
) -> None:
    images = fused(engine, new_partial(study, axis))
    assert sorted(images) == list(range(study.grid.shape[along]))
    sources = window_sources(study)
    expected = engine.fuse(*(np.take(source, 1, axis=along) for source in sources))
    np.testing.assert_allclose(images[1], expected, atol=1e-6)


def test_what_is_there_is_not_fused_again(engine: TorchEngine, study: Study) -> None:
    partial = new_partial(study, "axial")
    partial.put(2, np.ones((8, 7), np.float32))
    assert sorted(fused(engine, partial)) == [0, 1, 3, 4]


def test_a_reader_who_turns_to_another_slice_meanwhile_gets_that_one_next(engine: TorchEngine, study: Study) -> None:
    filling = missing_slices(new_partial(study, "axial"), engine, looked_at=0)
    first = next(filling)
    second = filling.send(4)
    assert isinstance(first, FusedSlice)
    assert isinstance(second, FusedSlice)
    assert (first.index, second.index) == (0, 4)


def test_values_that_are_no_numbers_do_not_reach_the_network(engine: TorchEngine, mri: Volume, pet: Volume) -> None:
    """One NaN would turn the whole slice into NaN, because the network relates all pixels to each other."""
    broken = pet.data.copy()
    broken[2, 3, 4], broken[1, 0, 0] = np.nan, np.inf
    study = pair(replace(pet, data=broken), mri, windows=WINDOWS)
    assert np.isfinite(np.stack(list(fused(engine, new_partial(study, "axial")).values()))).all()
    assert any((finding.rule, finding.value) == ("content", "2 values") for finding in study.findings)
    assert not study.covered[2, 3, 4]

"""What there is at one place: of the sources on their own grids, and of the fused image."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.fusion.reading import read_at
from napari_refusion.volume.probe import Sample, position_in_words
from napari_refusion.volume.volume import Volume
from tests.counted_pair import counted, counted_canvas, mixed_canvas
from tests.small_pair import IPL_AFFINE, oblique


@pytest.fixture
def partial() -> PartialFusion:
    return mixed_canvas()


def test_a_place_has_the_values_of_both_sources_and_of_the_fused_image(partial: PartialFusion) -> None:
    reading = read_at(partial, np.array([2.2, 5.0, 6.4]))
    voxel = 2 * 24 * 32 + 5 * 32 + 6
    assert reading.sources == (
        Sample(pytest.approx(0.01 * voxel), "SUVbw"),
        Sample(6 * 24 * 32 - 1 - voxel, "a.u."),
    )
    # R 10 - 6.4, A 20 - 2 x 5, S 30 - 4 x 2.2
    assert reading.position == "R 3.6  A 10.0  S 21.2 mm"
    part = voxel / (6 * 24 * 32 - 1)
    assert reading.fused == f"{0.7 * part + 0.3 * (1 - part):.3f} of 1"
    assert reading.share == "PET 70 %, MRI 30 %: lies 70 % of the way from MRI to PET"


def test_a_slice_that_is_not_there_yet_has_no_fused_value(partial: PartialFusion) -> None:
    reading = read_at(partial, np.array([0.0, 5, 6]))
    assert (reading.fused, reading.share) == ("not fused here yet", "")
    assert reading.sources[0].value is not None


def test_where_one_source_has_no_data_there_is_no_share(partial: PartialFusion) -> None:
    assert read_at(partial, np.array([3.0, 5, 31])).share == "none: only one source has data here"


def test_beside_the_grid_there_is_nothing(partial: PartialFusion) -> None:
    reading = read_at(partial, np.array([3.0, 5, 32]))
    assert reading.fused == "outside"
    assert [sample.in_words() for sample in reading.sources] == ["outside", "outside"]


def with_source(partial: PartialFusion, source: Volume) -> PartialFusion:
    """Return a partial fusion whose first source was opened as another volume."""
    return replace(partial, study=replace(partial.study, a=replace(partial.study.a, source=source)))


def test_a_source_is_read_on_its_own_grid_and_not_as_it_was_resampled(partial: PartialFusion) -> None:
    coarse = Volume(np.array([[[1.0, 2.0]]], np.float32), IPL_AFFINE @ np.diag([24.0, 48, 16, 1]), "PT", "SUVbw")
    reading = read_at(with_source(partial, coarse), np.array([2.0, 5, 14]))
    assert reading.sources[0] == Sample(2.0, "SUVbw")  # whose voxels are 16 wide: 14 is nearer to 16 than to 0


def test_an_oblique_pair_is_read_at_its_place_in_the_patient() -> None:
    affine = oblique(20)
    pet, mri = counted(affine, "PT", "SUVbw", 1.0), counted(affine, "MR", "", 1.0)
    index = np.array([3.0, 4.0, 5.0])
    reading = read_at(counted_canvas(pet, mri), index)
    assert reading.position == position_in_words((affine @ [*index, 1.0])[:3])
    assert reading.sources[0].value == pet.data[3, 4, 5]


def test_a_photograph_is_read_by_row_and_column(partial: PartialFusion) -> None:
    near = partial.study.a.source
    elsewhere = replace(near, is_photograph=True, affine=np.diag([1.0, 3.0, 3.0, 1.0]))
    reading = read_at(with_source(partial, elsewhere), np.array([1.0, 7.4, 9.0]))
    assert reading.position == "row 7, column 9"
    assert reading.sources[0].value == near.data[1, 7, 9]

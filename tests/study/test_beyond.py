"""What lies beyond the reference grid is told with its share, its highest value and its place."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.study.beyond import beyond_the_grid
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import affine_of, pet


def told(study_findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in study_findings if one.rule == "beyond the grid"]


def mri(slices: int, first: int = 0) -> Volume:
    """Return an MRI of some of the 20 slices of 4 mm that the PET has, on voxels of 4 mm."""
    affine = affine_of(4.0, 4.0, 4.0)
    affine[:3, 3] = affine[:3, :3] @ [first, 0, 0]
    data = np.random.default_rng(0).random((slices, 20, 20), np.float32)
    return Volume(data, affine, "MR", name="T1")


def body() -> np.ndarray:
    """Return a body of SUV 1 in the middle of air, in all 20 slices, with one hot voxel in the 18th."""
    data = np.zeros((20, 20, 20))
    data[:, 5:15, 5:15] = 1.0
    data[17, 8, 9] = 12.5
    return data


def test_the_share_of_the_body_and_the_hottest_voxel_beyond_are_told_without_a_warning() -> None:
    [found] = told(pair(pet(body()), mri(15)).findings)
    assert (found.level, found.value, found.check) == ("ok", "25%", "Geometry")
    assert found.sentence == (
        "25% of what PET shows lies beyond the grid of T1 and is not in the fused image, up to 12.5 SUVbw at "
        "L 36.0  P 32.0  I 68.0 mm."
    )


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_sources_changes_nothing(order: int) -> None:
    both = (pet(body()), mri(15))[::order]
    assert [one.value for one in told(pair(*both).findings)] == ["25%"]


def test_nothing_is_said_where_all_of_it_is_on_the_grid_or_only_air_is_beyond() -> None:
    assert told(pair(pet(body()), mri(20)).findings) == []
    in_some = body()
    in_some[15:] = 0
    assert told(pair(pet(in_some), mri(15)).findings) == []


def test_nothing_is_said_where_the_source_is_the_grid() -> None:
    assert told(pair(pet(body()), mri(15), reference="first").findings) == []


def test_voxels_without_a_value_show_nothing() -> None:
    holed = body()
    holed[15:] = np.nan
    assert beyond_the_grid(mri(15), pet(holed)) == ()
    assert beyond_the_grid(mri(15), pet(np.full((20, 20, 20), np.nan))) == ()


def test_on_a_turned_grid_it_is_what_lies_outside_of_it() -> None:
    source = pet(body())
    turned = source.affine.copy()
    turned[:3, :3] = turned[:3, :3] @ np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])
    turned[:3, 3] = source.affine[:3, :3] @ [19, 0, 0]
    # its first axis along the columns of the PET, its last from the lowest slice up: the highest 3 of 20 are missing
    [found] = beyond_the_grid(replace(mri(20), affine=turned, data=mri(20).data[:, :, :17]), source)
    assert found.value == "15%"
    assert "up to 1 SUVbw at L 20.0  P 20.0  S 0.0 mm" in found.sentence


def test_of_an_anatomical_source_the_share_alone_is_told() -> None:
    tissue = np.random.default_rng(1).normal(40, 20, (20, 20, 20))
    ct = pet(np.where(body() > 0, tissue, -1000), unit="HU", modality="CT")
    [found] = beyond_the_grid(mri(15), ct)
    assert found.sentence == "25% of what PET shows lies beyond the grid of T1 and is not in the fused image."

"""What a CT shows is seen in its values."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.open import open_volume
from napari_refusion.volume.ct_content import ct_content
from napari_refusion.volume.volume import Volume
from tests.phantoms import chest_ct, ct, head_ct, head_slice, lung_ct, stacked, thigh_ct, whole_body_ct


@pytest.mark.parametrize(
    ("volume", "content"),
    [
        (head_ct(), "head"),
        (ct(stacked((head_slice(), 1))), "head"),
        (thigh_ct(), "body"),
        (chest_ct(), "body"),
        (whole_body_ct(), "body"),
        (lung_ct(), "lung"),
    ],
    ids=["head", "one slice of a head", "thighs", "chest", "whole body", "lungs"],
)
def test_a_head_a_body_and_lungs_are_told_apart(volume: Volume, content: str) -> None:
    assert ct_content(volume.data, volume.spacing) == content


@pytest.mark.parametrize("volume", [head_ct(), thigh_ct(), lung_ct()], ids=["head", "thighs", "lungs"])
def test_padding_a_table_missing_voxels_and_metal_change_nothing(volume: Volume) -> None:
    data = volume.data.copy()
    expected = ct_content(data, volume.spacing)
    data[:, -2:, 5:-5] = 120  # the table
    data[:, :3, :3] = -2000  # outside the circle of reconstruction
    data[3, 3, 3] = np.nan
    data[len(data) // 2, 30, 20:24] = 3000
    assert ct_content(data, volume.spacing) == expected


def test_finer_voxels_show_the_same() -> None:
    fine = np.repeat(np.repeat(head_ct().data, 4, axis=1), 4, axis=2)
    assert ct_content(fine, (4.0, 1.0, 1.0)) == "head"


@pytest.mark.parametrize("value", [-1000.0, np.nan])
def test_an_empty_ct_is_no_head(value: float) -> None:
    assert ct_content(np.full((3, 8, 8), value, np.float32), (4.0, 4.0, 4.0)) == "body"


def test_real_legs_and_trunks_are_bodies_and_a_real_head_is_a_head(shared: Path) -> None:
    bodies = sorted((shared / "data/petctmr").glob("*/*/*_ct.nii.gz"))
    opened = [open_volume(path) for path in bodies]
    assert len(opened) == 24
    assert {ct_content(one.data, one.spacing) for one in opened} == {"body"}
    head = open_volume(shared / "data/volumes/mni2mm/derived_scct_HU.nii.gz")
    assert ct_content(head.data, head.spacing) == "head"
    assert ct_content(replace(head, data=head.data[:45]).data, head.spacing) == "head"

"""Volumes as SimpleITK images, cut to what both show."""

import numpy as np
import pytest
import SimpleITK

from napari_refusion.volume.registration.images import AROUND, body_mask, common_field, image_of
from napari_refusion.volume.volume import Volume

STEP = 2.0
"""mm."""


def cylinder(slices: int, top: float, modality: str = "MR") -> Volume:
    """A leg of 60 mm along the patient, its first slice at `top` mm towards the head; in CT on a table."""
    affine = np.array([[0, 0, -STEP, 60], [0, -STEP, 0, 60], [-STEP, 0, 0, top], [0, 0, 0, 1.0]])
    across, along = np.meshgrid(*(STEP * np.arange(61) - 60,) * 2, indexing="ij")
    inside = np.hypot(across, along) < 30
    plane = np.where(inside, 50.0, -1000.0 if modality == "CT" else 0.0)
    if modality == "CT":
        plane[56, :] = 100.0  # a plate, one voxel thick
    return Volume(np.repeat(plane[None], slices, axis=0).astype(np.float32), affine, modality)


def test_the_fixed_image_is_cut_to_the_common_field_and_some_room_about_it() -> None:
    long, short = cylinder(200, 400.0), cylinder(30, 250.0)
    image = common_field(image_of(long), long, short)
    low, high = (
        image.TransformIndexToPhysicalPoint([size * end for size in np.subtract(image.GetSize(), 1).tolist()])
        for end in (0, 1)
    )
    # slices from 250 down to 250 - 29 * 2 = 192 mm, and their halves
    top, foot = 250 + STEP / 2 + AROUND, 192 - STEP / 2 - AROUND
    assert sorted((low[2], high[2])) == pytest.approx([foot, top], abs=2 * STEP)
    assert image.GetSize()[:2] == (61, 61)


def test_a_volume_that_barely_meets_is_not_cut_to_nothing() -> None:
    long, far = cylinder(200, 400.0), cylinder(30, 3000.0)
    assert common_field(image_of(long), long, far).GetSize() == image_of(long).GetSize()


def test_the_mask_holds_the_body_and_its_rim_but_no_table() -> None:
    mask = body_mask(cylinder(40, 100.0, "CT"))

    def at(right: float, front: float) -> int:
        return int(mask[mask.TransformPhysicalPointToIndex((-right, -front, 60.0))])

    assert (at(0, 0), at(0, 40)) == (1, 1)
    assert (at(45, -52), at(-57, -52), at(57, 57)) == (0, 0, 0)


def test_ct_is_registered_by_its_soft_tissue() -> None:
    found = SimpleITK.GetArrayFromImage(image_of(cylinder(40, 100.0, "CT")))
    # 50 HU between -200 and 250
    assert np.median(found[found > 0.4]) == pytest.approx(250 / 450, abs=1e-3)
    assert found.min() == 0.0

"""A mark in the patient's right stays in the patient's right, whichever way the image went."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.preparation import plan_fusion
from napari_refusion.io.open import open_volume
from napari_refusion.io.write import write_volume
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data

STORED = {
    "RAS": np.array([[2.0, 0, 0, -40], [0, 2, 0, -40], [0, 0, 2, -10], [0, 0, 0, 1]]),
    "LAS": np.array([[-2.0, 0, 0, 38], [0, 2, 0, -40], [0, 0, 2, -10], [0, 0, 0, 1]]),
    "LPI": np.array([[-2.0, 0, 0, 38], [0, -2, 0, 38], [0, 0, -2, 8], [0, 0, 0, 1]]),
}
"""Three ways to store 40 x 40 x 10 voxels of 2 mm around the middle of the head."""

MARK = np.array([25.0, 10.0, 0.0])
"""RAS+ mm: 25 mm to the patient's right, 10 mm to the front."""


def marked(path: Path, affine: np.ndarray) -> Path:
    """A volume of noise with one bright ball of 5 mm at `MARK`."""
    index = np.indices((40, 40, 10)).reshape(3, -1)
    world = affine[:3, :3] @ index + affine[:3, 3:]
    bright = np.linalg.norm(world - MARK[:, None], axis=0) < 5
    data = (0.1 * np.random.default_rng(0).random(bright.size) + bright).reshape(40, 40, 10).astype(np.float32)
    image = nibabel.Nifti1Image(data, affine)
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    image.to_filename(path)
    return path


@pytest.fixture(params=STORED)
def fused(request: pytest.FixtureRequest, tmp_path: Path) -> Volume:
    """A marked MRI fused with a marked PET that is stored another way."""
    mri = open_volume(marked(tmp_path / "x_T1w.nii", STORED[request.param]))
    pet = open_volume(marked(tmp_path / "x_pet.nii", STORED["LAS"]))
    study = pair(mri, pet, windows=(Window(0, 1), Window(0, 1)))
    return fuse_volume(plan_fusion(study), study).volume


def centre(data: np.ndarray) -> np.ndarray:
    """Centre of the mark, the only bright thing, in indices."""
    return np.argwhere(data > 0.6 * data.max()).mean(axis=0)


def test_inside_the_package(fused: Volume) -> None:
    world = fused.affine @ np.append(centre(fused.data), 1)
    np.testing.assert_allclose(world[:3], MARK, atol=2)


def test_in_nifti_read_by_another_program(fused: Volume, tmp_path: Path) -> None:
    write_volume(fused, tmp_path / "out.nii.gz")
    image = nibabel.as_closest_canonical(nibabel.load(tmp_path / "out.nii.gz"))
    world = image.affine @ np.append(centre(image.get_fdata()), 1)
    np.testing.assert_allclose(world[:3], MARK, atol=2)


def test_on_the_viewers_left_in_a_png_as_radiologists_look_at_it(fused: Volume, tmp_path: Path) -> None:
    middle = replace(fused, data=fused.data[5:6])
    write_volume(middle, tmp_path / "out.png")
    row, column = centre(np.asarray(Image.open(tmp_path / "out.png"), dtype=float))
    assert column < 12  # the patient's right, 25 of 40 mm from the middle, is on the viewer's left
    assert row < 18  # the front is at the top


def test_in_the_world_of_napari(fused: Volume) -> None:
    data, look, _ = to_layer_data(fused)
    world = centre(np.asarray(data)) * look["scale"] + look["translate"]
    np.testing.assert_allclose(world, [-MARK[2], -MARK[1], -MARK[0]], atol=2)  # (inferior, posterior, left)

"""NIfTI that is written plane by plane has the bytes that nibabel writes of the whole volume."""

import gzip
from itertools import permutations, product
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from napari_refusion.io.nifti.write import ALIGNED, placed_image, save_nifti
from napari_refusion.volume.affine import from_ipl
from napari_refusion.volume.volume import Volume

ORDERS = [
    axes
    for letters in permutations(("RL", "AP", "SI"))
    for axes in product(*letters)
    if set("".join(axes)) <= set("RLAPSI")
]
"""All 48 orders of axes."""


def volume(axes: tuple[str, str, str], colours: tuple[int, ...] = ()) -> Volume:
    random = np.random.default_rng(1)
    affine = np.array([[0.0, 0.0, -0.9, 40.0], [0.0, -1.1, 0.1, 30.0], [-2.0, 0.0, 0.0, 20.0], [0.0, 0.0, 0.0, 1.0]])
    return Volume(random.random((3, 4, 5, *colours), np.float32), affine, stored_axes=axes)


def by_nibabel(one: Volume, path: Path) -> bytes:
    """Return the file that nibabel makes of the whole array at once."""
    data, affine = from_ipl(one.data, one.affine, one.stored_axes)
    if one.is_rgb:
        data = np.round(data * 255).astype(np.uint8).view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    placed_image(data, affine, "told", ALIGNED).to_filename(path)
    return path.read_bytes()


@pytest.mark.parametrize("axes", ORDERS, ids="".join)
def test_every_order_of_axes_has_the_bytes_of_nibabel(tmp_path: Path, axes: tuple[str, str, str]) -> None:
    one = volume(axes)
    save_nifti(one, tmp_path / "ours.nii", "told")
    assert (tmp_path / "ours.nii").read_bytes() == by_nibabel(one, tmp_path / "whole.nii")


@pytest.mark.parametrize("axes", ORDERS[::7], ids="".join)
def test_so_have_colours(tmp_path: Path, axes: tuple[str, str, str]) -> None:
    one = volume(axes, (3,))
    save_nifti(one, tmp_path / "ours.nii", "told")
    assert (tmp_path / "ours.nii").read_bytes() == by_nibabel(one, tmp_path / "whole.nii")


def test_a_compressed_file_unpacks_to_the_same_bytes(tmp_path: Path) -> None:
    one = volume(("L", "P", "I"))
    save_nifti(one, tmp_path / "ours.nii.gz", "told")
    assert gzip.decompress((tmp_path / "ours.nii.gz").read_bytes()) == by_nibabel(one, tmp_path / "whole.nii")


def test_no_more_than_a_plane_of_computed_voxels_is_asked_for(tmp_path: Path) -> None:
    asked: list[int] = []

    class Counted(np.ndarray):
        def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - as numpy's
            found = super().__getitem__(key)
            asked.append(found.size)
            return np.asarray(found)

    one = volume(("L", "P", "S"))
    counted = Volume(one.data.view(Counted), one.affine, stored_axes=one.stored_axes)
    save_nifti(counted, tmp_path / "ours.nii", "told")
    assert max(asked) == 4 * 5
    np.testing.assert_array_equal(
        nibabel.load(tmp_path / "ours.nii").get_fdata(),  # type: ignore[attr-defined]
        from_ipl(one.data, one.affine, one.stored_axes)[0],
    )

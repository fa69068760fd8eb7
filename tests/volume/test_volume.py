"""A volume that is made in a notebook of what is no volume is refused in words."""

import numpy as np
import pytest
import torch

from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

DATA = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
AFFINE = np.array([[0, 0, -1, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1.0]])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (DATA.tolist(), "not list"),
        (None, "not NoneType"),
        ("voxels", "not str"),
        (DATA[0], r"not \(4, 5\)"),
        (DATA[None], r"not \(1, 3, 4, 5\)"),
    ],
)
def test_voxels_that_are_no_volume_are_refused_with_what_they_are(data: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Volume(data, AFFINE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("affine", "words"),
    [
        (AFFINE.tolist(), "not list"),
        (None, "not NoneType"),
        (torch.from_numpy(AFFINE), "not Tensor"),
        (AFFINE[:3], r"not \(3, 4\)"),
        (AFFINE.astype(object), "of numbers"),
        (AFFINE + np.eye(4)[[3, 3, 3, 0]] * 0.1, "last row"),
    ],
)
def test_an_affine_that_is_none_is_refused_with_what_it_is(affine: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Volume(DATA, affine)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "words"),
    [(torch.from_numpy(DATA), "NumPy array.*Tensor"), (np.ma.masked_less(DATA, 10), "masked voxels")],
)
def test_voxels_of_another_library_and_masked_ones_are_refused_with_what_to_do(data: object, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        pair(Volume(data, AFFINE, "PT", name="scan"), Volume(DATA, AFFINE, "MR"))  # type: ignore[arg-type]

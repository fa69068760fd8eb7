"""A volume of interest is what its mask says, wherever its box begins."""

import numpy as np
import pytest

from napari_refusion.lesion.voi import voi_of
from napari_refusion.volume.finding import RefusedError


def test_the_box_is_cut_to_the_voxels_and_the_whole_mask_comes_back() -> None:
    mask = np.zeros((5, 6, 7), np.bool_)
    mask[1, 2, 3] = mask[3, 4, 6] = True
    voi = voi_of(mask, np.eye(4), "drawn")
    assert voi.corner == (1, 2, 3)
    assert voi.mask.shape == (3, 3, 4)
    assert voi.count == 2
    assert voi.voxels.tolist() == [[1, 2, 3], [3, 4, 6]]
    assert np.array_equal(voi.whole(), mask)


def test_a_mask_without_a_voxel_is_refused() -> None:
    with pytest.raises(RefusedError, match="no voxel"):
        voi_of(np.zeros((2, 2, 2), np.bool_), np.eye(4))

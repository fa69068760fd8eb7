"""Slices that are not fused yet are not seen."""

import numpy as np
import pytest

from napari_refusion.fusion.coloured_volume import ColouredVolume
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.fusion.seen_slices import SeenSlices


def two_of_four(axis: str) -> PartialFusion:
    """Slices 1 and 2 of four are there, each full of its number."""
    fused = np.zeros((4, 4, 4), np.float32)
    partial = PartialFusion(None, axis, fused, np.zeros(4, np.bool_))  # type: ignore[arg-type] - no study is needed
    for index in (1, 2):
        partial.put(index, np.full((4, 4), index / 10, np.float32))
    return partial


@pytest.mark.parametrize(("axis", "cut"), [("axial", 1), ("coronal", 0), ("sagittal", 0)])
def test_a_cut_across_the_slices_has_numbers_where_they_are_there_and_none_elsewhere(axis: str, cut: int) -> None:
    seen = SeenSlices(two_of_four(axis))
    index: list[object] = [slice(None)] * 3
    index[cut] = 3
    picture = seen[tuple(index)]
    lines = picture if axis != "sagittal" else picture.T
    assert np.isnan(lines[[0, 3]]).all()
    assert np.allclose(lines[1], 0.1)
    assert np.allclose(lines[2], 0.2)


def test_colours_are_opaque_where_a_slice_is_there_and_clear_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    partial = two_of_four("axial")
    monkeypatch.setattr(ColouredVolume, "__getitem__", lambda self, index: np.ones((4, 4, 3), np.float32))
    seen = SeenSlices(partial, ColouredVolume(partial, None))  # type: ignore[arg-type] - its colours are given
    assert seen.shape == (4, 4, 4, 4)
    assert seen[:, 2, :].shape == (4, 4, 4)
    assert list(seen[:, 2, :][:, 0, 3]) == [0.0, 1.0, 1.0, 0.0]


def test_a_slice_that_comes_later_is_seen_at_once() -> None:
    partial = two_of_four("axial")
    seen = SeenSlices(partial)
    assert np.isnan(seen[3]).all()
    partial.put(3, np.full((4, 4), 0.3, np.float32))
    assert np.allclose(seen[3], 0.3)
    assert np.isnan(np.asarray(seen)).sum() == 16

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_refusion.fusion.baselines import average, maximum
from training.baselines import Fuse, focus_stacking
from training.figures.halos import halo_figures, near_defocused_edges


def step() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A vertical edge in the near half and one in the far half of 64 x 96 pixels, sharp in one source each."""
    scene = np.full((64, 96), 0.3)
    scene[:, 20:] = 0.6
    scene[:, 70:] = 0.4
    blurred = gaussian_filter(scene, 3.0)
    near = np.indices(scene.shape)[1] < 48
    return np.where(near, scene, blurred), np.where(near, blurred, scene), scene


@pytest.mark.parametrize("fuse", [average, maximum, focus_stacking])
def test_an_image_between_its_sources_has_no_halo(fuse: Fuse) -> None:
    a, b, _ = step()
    assert halo_figures(a, b, fuse(a, b)) == {"halo": pytest.approx(0, abs=1e-9)}


def test_the_scene_itself_all_in_focus_has_no_halo() -> None:
    a, b, scene = step()
    assert halo_figures(a, b, scene) == {"halo": 0}


def test_a_band_of_ten_grey_levels_beside_the_edges_counts_by_its_share_of_what_is_near() -> None:
    a, b, scene = step()
    near = near_defocused_edges(a, b)
    band = np.zeros_like(near)
    band[:, 20:23] = True  # on the bright side, where both sources are below the scene
    halo = halo_figures(a, b, np.where(band, np.maximum(a, b).max() + 10 / 255, scene))["halo"]
    assert halo == pytest.approx(10 * (band & near).sum() / near.sum())


def test_only_edges_that_one_source_shows_defocused_are_looked_at() -> None:
    a, b, scene = step()
    near = near_defocused_edges(a, b)
    assert near[:, 19:21].all()
    assert near[:, 69:71].all()
    assert not near[:, 35:60].any()
    assert math.isnan(halo_figures(scene, scene, scene + 0.1)["halo"])

"""Reference regions are spheres of the published size."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_refusion.lesion.reference import reference_region
from napari_refusion.volume.finding import RefusedError
from tests.lesion.uptake import distances, pet, place


def test_the_liver_region_is_a_sphere_of_3_cm() -> None:
    data = 2.0 + 0.1 * np.random.default_rng(0).standard_normal((20, 20, 20))
    found = reference_region(pet(data), place((10, 10, 10)), "liver")
    inside = distances((20, 20, 20), (4, 4, 4), (10, 10, 10)) <= 15.0
    assert found.measured.values["mean"] == pytest.approx(data[inside].mean(), rel=1e-6)
    assert found.words.startswith("Liver: mean 2.0")
    assert reference_region(pet(data), place((10, 10, 10)), "blood pool").voi.count < inside.sum() / 10


def test_an_unknown_tissue_is_refused() -> None:
    with pytest.raises(RefusedError, match="spleen"):
        reference_region(pet(np.ones((9, 9, 9))), place((4, 4, 4)), "spleen")


def test_a_liver_region_half_in_air_is_warned_of_with_the_uptake_at_both_sides() -> None:
    """A sphere half filled with 2 and half with 0 rises by 15/8 of its mean, 1, along its radius."""
    data = np.zeros((20, 20, 20))
    data[:10] = 2.0
    data[10] = 1.0
    found = reference_region(pet(data), place((10, 10, 10)), "liver")
    assert [one.level for one in found.findings] == ["warn"]
    assert found.findings[0].sentence.startswith("Place the region again, away from the edges of the liver")
    assert found.findings[0].value.startswith("0")


@pytest.mark.parametrize("noise", [0.1, 0.4, 0.6])
def test_noise_alone_is_no_edge_however_strong(noise: float) -> None:
    """Noise of a PET is alike in voxels that touch; here its SD is that of the worst scans."""
    rough = gaussian_filter(np.random.default_rng(1).standard_normal((24, 24, 24)), 0.9)
    data = 2.0 * (1.0 + noise * rough / rough.std())
    found = reference_region(pet(data), place((12, 12, 12)), "liver")
    assert found.measured.values["sd"] / found.measured.values["mean"] > 0.8 * noise
    assert found.findings == ()


def test_a_small_region_in_the_blood_pool_is_not_judged_by_a_rise() -> None:
    data = np.zeros((20, 20, 20))
    data[:10] = 2.0
    assert reference_region(pet(data), place((10, 10, 10)), "blood pool").findings == ()


def test_a_region_in_no_uptake_at_all_is_warned_of() -> None:
    data = 0.01 * np.random.default_rng(2).standard_normal((20, 20, 20))
    data -= data.mean()
    assert reference_region(pet(data - 0.01), place((10, 10, 10)), "liver").findings

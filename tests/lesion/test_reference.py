"""Reference regions are spheres of the published size."""

import numpy as np
import pytest

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

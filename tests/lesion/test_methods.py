"""What a click draws: the contour that mathematics or scipy's labelling gives, and a warning where it leaks."""

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, label
from scipy.special import erf

from napari_refusion.io.open import open_volume
from napari_refusion.lesion.methods import METHODS, draw
from napari_refusion.volume.finding import RefusedError
from tests.lesion.uptake import blob, distances, pet, place

PATIENTS = ("STS_003", "STS_019", "STS_035")


def test_a_sphere_holds_the_voxels_whose_centres_lie_in_it() -> None:
    steps = (3.0, 2.0, 5.0)
    drawn = draw(pet(np.ones((30, 30, 30)), steps), place((14.2, 15.0, 15.4), steps), "sphere", 30.0)
    expected = distances((30, 30, 30), steps, (14.2, 15.0, 15.4)) <= 15.0
    assert np.array_equal(drawn.voi.whole(), expected)
    assert drawn.voi.method == "sphere of 30 mm"
    assert drawn.findings == ()


def test_a_sphere_on_turned_axes_holds_the_voxels_whose_centres_lie_in_it() -> None:
    volume = pet(np.ones((20, 22, 24)))
    turn = np.array([[0.8, -0.6, 0, 3.0], [0.6, 0.8, 0, -7.0], [0, 0, 1, 2.0], [0, 0, 0, 1]])
    affine = turn @ volume.affine
    turned = type(volume)(volume.data, affine, "PT", "SUVbw")
    point = affine[:3] @ np.array([10.3, 11.0, 12.0, 1.0])
    places = np.argwhere(np.ones((20, 22, 24))) @ affine[:3, :3].T + affine[:3, 3]
    expected = (np.linalg.norm(places - point, axis=1) <= 12.0).reshape(20, 22, 24)
    assert np.array_equal(draw(turned, point, "sphere", 24.0).voi.whole(), expected)


def test_one_click_beside_a_spot_climbs_to_its_maximum_and_takes_the_isocontour() -> None:
    data = blob()
    drawn = draw(pet(data), place((15.0, 10.0, 12.0)))
    assert np.array_equal(drawn.voi.whole(), data >= 4.1)
    assert drawn.voi.method == "isocontour 41 %"
    assert drawn.findings == ()


@pytest.mark.parametrize("percent", [41.0, 50.0, 70.0])
@pytest.mark.parametrize("patient", PATIENTS)
def test_the_isocontour_of_a_tumour_is_the_component_that_scipy_labels(
    shared: Path, patient: str, percent: float
) -> None:
    folder = shared / "data/petctmr/devtest" / patient
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    volume = open_volume(folder / f"{patient}_pet.nii.gz")
    tumour = open_volume(folder / f"{patient}_label-gtv_pet_mask.nii.gz").data > 0.5
    hottest = np.unravel_index(int(np.where(tumour, volume.data, -1).argmax()), volume.shape)
    parts, _ = label(volume.data >= percent / 100 * float(volume.data[hottest]))
    drawn = draw(volume, volume.grid.point_at(np.array(hottest, float)), "isocontour", percent, radius=1000)
    assert np.array_equal(drawn.voi.whole(), parts == parts[hottest])


def test_a_fixed_threshold_takes_what_is_connected_above_it_and_no_second_spot() -> None:
    data = np.maximum(blob(middle=(12, 12, 6), width=5), blob(middle=(12, 12, 18), width=5))
    drawn = draw(pet(data), place((12, 12, 6)), "threshold")
    assert np.array_equal(drawn.voi.whole(), (data >= 2.5) & (np.arange(24) < 12))
    assert drawn.voi.method == "threshold 2.5 SUVbw"


def test_the_gradient_edge_of_a_blurred_ball_is_where_its_profile_falls_most_steeply() -> None:
    steps, radius = (2.0, 2.0, 2.0), 16.0
    ball = distances((48, 48, 48), steps, (24, 24, 24)) <= radius
    data = gaussian_filter(np.where(ball, 8.0, 1.0), 2.0)
    drawn = draw(pet(data, steps), place((24, 24, 24), steps), "gradient")
    # of a ball blurred by the image's 4 mm and the derivative's 3 mm: the profile has a closed form
    sigma, at = np.hypot(4.0, 3.0), np.linspace(5, 25, 2001)
    near, far = (radius - at) / (np.sqrt(2) * sigma), (radius + at) / (np.sqrt(2) * sigma)
    profile = (erf(near) + erf(far)) / 2 - sigma / (at * np.sqrt(2 * np.pi)) * (np.exp(-(near**2)) - np.exp(-(far**2)))
    steepest = at[np.gradient(profile).argmin()]
    assert (drawn.voi.count * 8 * 3 / (4 * np.pi)) ** (1 / 3) == pytest.approx(steepest, abs=1.0)  # half a voxel
    assert drawn.findings == ()


def test_a_contour_that_reaches_the_search_border_is_a_warning_with_the_number() -> None:
    data = np.where(np.arange(24) < 12, 1.0, 8.0) * np.ones((24, 24, 24))
    drawn = draw(pet(data), place((12, 12, 16)), radius=12.0)
    found = distances((24, 24, 24), (4, 4, 4), (12, 12, 16)) <= 12.0
    inner = found & np.all([np.roll(found, step, axis) for axis in range(3) for step in (1, -1)], axis=0)
    assert np.array_equal(drawn.voi.whole(), found)
    assert [(one.level, one.value) for one in drawn.findings] == [("warn", f"{(found & ~inner).sum()} voxels")]


def test_a_contour_at_the_end_of_the_field_is_a_warning() -> None:
    drawn = draw(pet(blob(middle=(1, 12, 12))), place((1, 12, 12)))
    assert "border of the field" in drawn.findings[0].sentence
    assert len(drawn.findings) == 1


def test_a_contour_that_runs_into_hotter_uptake_is_a_warning() -> None:
    data = np.maximum(blob(middle=(12, 12, 6), width=8), blob(middle=(12, 12, 12), width=8, height=20))
    drawn = draw(pet(data), place((12, 12, 6)), "isocontour", 30)
    assert "neighbouring uptake" in drawn.findings[-1].sentence
    assert drawn.findings[-1].value == "20 SUVbw"


def test_voxels_without_a_value_are_in_no_volume_of_interest() -> None:
    data = blob()
    data[12, 12, 13], data[12, 12, 14] = np.nan, np.inf
    for method in METHODS:
        drawn = draw(pet(data), place((12, 12, 11)), method)
        assert not drawn.voi.whole()[12, 12, 13:15].any(), method
    assert drawn.findings[0].value == "2 voxels"


@pytest.mark.parametrize(
    ("point", "method", "amount", "words"),
    [
        ((50, 2, 2), "isocontour", None, "Click within PET"),
        ((12.4, 12.4, 12.4), "sphere", 1.0, "larger size"),
        ((12, 12, 12), "sphere", -3.0, "above 0"),
        ((12, 12, 12), "sphere", 1e9, "up to 1000 mm"),
        ((12, 12, 12), "isocontour", 100.0, "below 100"),
        ((12, 12, 12), "isocontour", float("nan"), "above 0 for Isocontour, not"),
        ((12, 12, 12), "threshold", 0.0, "above 0 for Fixed threshold, not 0"),
        ((12, 12, 12), "threshold", 11.0, "below 11"),
        ((12, 12, 12), "brush", None, "brush"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_to_do(
    point: tuple[float, ...], method: str, amount: float | None, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        draw(pet(blob()), place(point), method, amount)


def test_a_percentage_of_nothing_is_refused() -> None:
    for method in ("isocontour", "gradient"):
        with pytest.raises(RefusedError, match="no percentage"):
            draw(pet(np.zeros((9, 9, 9))), place((4, 4, 4)), method)


def test_the_thresholds_offered_are_for_suv_alone_and_others_are_taken_in_any_unit() -> None:
    counts = pet(blob(height=9000), unit="Bq/ml")
    with pytest.raises(RefusedError, match="Bq/ml"):
        draw(counts, place((12, 12, 12)), "threshold")
    assert draw(counts, place((12, 12, 12)), "threshold", 4000).voi.method == "threshold 4000 Bq/ml"


def test_a_sphere_over_the_border_is_a_warning() -> None:
    drawn = draw(pet(blob()), place((0, 12, 12)), "sphere")
    assert "border of the field" in drawn.findings[0].sentence


def test_a_click_where_the_source_has_no_value_is_refused() -> None:
    data = blob()
    data[distances((24, 24, 24), (4, 4, 4), (12, 12, 12)) < 12] = np.nan
    with pytest.raises(RefusedError, match="Click on the uptake"):
        draw(pet(data), place((12, 12, 12)))


def test_a_photograph_is_refused() -> None:
    with pytest.raises(RefusedError, match="pixels of a photograph have no size"):
        draw(pet(blob(), is_photograph=True), place((12, 12, 12)))

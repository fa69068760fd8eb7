import numpy as np
import pytest

from napari_refusion.evidence.indicators import INDICATORS, named, per_slice, slice_numbers
from napari_refusion.evidence.measures import FusedImages, step_between


def field(value: float, shape: tuple[int, int] = (10, 10)) -> np.ndarray:
    return np.full(shape, value, np.float32)


def noise(seed: int, shape: tuple[int, int] = (32, 32)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def numbers_of(a: np.ndarray, b: np.ndarray, fused: np.ndarray, maps: dict[str, np.ndarray]) -> dict[str, float]:
    return slice_numbers(FusedImages(a, b, fused), maps)


def test_every_indicator_says_what_it_sees_and_misses() -> None:
    assert set(per_slice()) == set(INDICATORS) - {"missed"}
    for indicator in INDICATORS.values():
        assert indicator.sees.endswith(".")
        assert indicator.misses.endswith(".")
    below = {name for name, indicator in INDICATORS.items() if indicator.direction == "below"}
    assert below == {"recovered_a", "recovered_b", "occupied_a", "occupied_b"}


def test_a_slice_by_itself_has_all_numbers_but_the_step() -> None:
    numbers = numbers_of(noise(0), noise(1), noise(2), {"residual_a": noise(3), "residual_b": noise(4)})
    assert [name for name, value in numbers.items() if np.isnan(value)] == ["step"]
    assert tuple(numbers) == per_slice()


def test_the_step_of_a_slice_is_the_larger_one_to_its_neighbours() -> None:
    tissue = field(0.5)
    slices = [FusedImages(tissue, tissue, field(value)) for value in (0.50, 0.53, 0.51)]
    before, one, after = slices
    numbers = slice_numbers(one, {}, (before, after))
    assert numbers["step"] == pytest.approx(0.03, abs=1e-6)
    assert slice_numbers(one, {}, (after,))["step"] == pytest.approx(0.02, abs=1e-6)


def test_a_slice_without_foreground_has_no_numbers() -> None:
    numbers = numbers_of(field(0.05), field(0), field(0), {})
    assert np.isnan(list(numbers.values())).all()


def test_shares_count_the_foreground_only() -> None:
    a, b, fused = field(0), field(0), field(0.9)
    b[:4] = 0.5  # 40 pixels of foreground; the rest of the fused image is brighter, but background
    fused[0] = 0.65  # 10 of them 0.15 above both
    fused[1] = 0.55  # 0.05 above: not counted
    fused[2] = -0.1  # 10 of them 0.1 below both
    fused[3] = 0.99  # 10 saturated, and above
    numbers = numbers_of(a, b, fused, {})
    assert numbers["overshoot"] == pytest.approx(0.5)
    assert numbers["undershoot"] == pytest.approx(0.25)
    assert numbers["saturated_fused"] == pytest.approx(0.25)


def test_saturation_of_a_source_counts_its_own_foreground() -> None:
    a, b = field(0), field(0.5)
    a[0], a[1:4] = 1, 0.3
    numbers = numbers_of(a, b, b, {})
    assert numbers["saturated_a"] == pytest.approx(0.25)
    assert numbers["saturated_b"] == 0
    assert np.isnan(numbers_of(field(0), b, b, {})["saturated_a"])


def test_a_window_far_too_wide_leaves_the_range_unused() -> None:
    source = np.linspace(0, 1, 10_001, dtype=np.float32).reshape(1, -1)
    anatomy = np.ones_like(source)
    assert numbers_of(source, anatomy, anatomy, {})["occupied_a"] == pytest.approx(0.99)
    assert numbers_of(source / 20, anatomy, anatomy, {})["occupied_a"] == pytest.approx(0.99 / 20)


def test_residuals_are_the_means_of_their_maps() -> None:
    a = field(0)
    a[0] = 1
    residual = field(0.8)
    residual[0] = 0.2
    numbers = numbers_of(a, field(0), a, {"residual_a": residual})
    assert numbers["residual_a"] == pytest.approx(0.2)
    assert np.isnan(numbers["residual_b"])


def test_a_source_that_the_fused_image_shows_is_recovered_and_a_drowned_one_is_not() -> None:
    numbers = numbers_of(noise(0), noise(1), noise(1), {})
    assert numbers["recovered_b"] > 0.99
    assert numbers["recovered_a"] < 0.1


def test_nothing_is_said_of_recovering_a_faint_source() -> None:
    numbers = numbers_of(noise(0) / 10, noise(1), noise(1), {})
    assert np.isnan(numbers["recovered_a"])
    assert numbers["recovered_b"] > 0.99


def test_the_step_is_the_median_change_of_tissue_that_stayed_the_same() -> None:
    a, b = field(0.5), field(0.3)
    changed = a.copy()
    changed[:4] = 0.9  # other tissue: its change counts for nothing
    fused = field(0.5)
    after = fused - 0.04
    after[:4] = 1
    assert step_between(FusedImages(a, b, fused), FusedImages(changed, b, after)) == pytest.approx(0.04, abs=1e-6)


def test_a_step_in_too_little_common_tissue_is_not_told() -> None:
    a, other = field(0.5), field(0.9)
    other.flat[:49] = 0.5
    assert np.isnan(step_between(FusedImages(a, a, a), FusedImages(other, other, other)))
    other.flat[:50] = 0.5
    assert step_between(FusedImages(a, a, a), FusedImages(other, other, other)) == 0


def test_background_has_no_step() -> None:
    assert np.isnan(step_between(FusedImages(field(0), field(0), field(0)), FusedImages(field(0), field(0), field(1))))


def test_values_are_written_with_their_unit() -> None:
    assert INDICATORS["overshoot"].words(0.0614) == "6.1 %"
    assert INDICATORS["step"].words(0.0142) == "0.014"
    assert INDICATORS["missed"].words(3) == "3"
    assert INDICATORS["step"].words(float("nan")) == "not run"


def test_texts_name_the_sources_when_these_are_known() -> None:
    text = "source a and source b, not a source at all"
    assert named(text, ("PET", "MRI")) == "PET and MRI, not a source at all"


@pytest.mark.parametrize(
    ("name", "brightness", "share"),
    # sources of 0.5 and 0.25: more than 0.1 above the brighter one, more than 0.05 below the darker one, above 0.98
    [
        ("overshoot", 0.599, 0),
        ("overshoot", 0.601, 1),
        ("undershoot", 0.201, 0),
        ("undershoot", 0.199, 1),
        ("saturated_fused", 0.979, 0),
        ("saturated_fused", 0.98, 0),
        ("saturated_fused", 0.981, 1),
    ],
)
def test_a_pixel_counts_from_its_limit_on(name: str, brightness: float, share: float) -> None:
    assert numbers_of(field(0.5), field(0.25), field(brightness), {})[name] == share


@pytest.mark.parametrize(("brightness", "share"), [(0.998, 0), (0.999, 1), (1, 1)])
def test_a_source_is_saturated_from_a_thousandth_below_its_upper_end_on(brightness: float, share: float) -> None:
    assert numbers_of(field(brightness), field(0.5), field(0.5), {})["saturated_a"] == share


@pytest.mark.parametrize(("spread", "judged"), [(0.099, False), (0.101, True)])
def test_a_source_is_faint_below_a_standard_deviation_of_a_tenth(spread: float, judged: bool) -> None:
    # half of the pixels lie this much above the mean, half of them below: that is the standard deviation
    source = np.where(noise(0) > np.median(noise(0)), 0.5 + spread, 0.5 - spread).astype(np.float32)
    assert np.isfinite(numbers_of(source, noise(1), source, {})["recovered_a"]) == judged


@pytest.mark.parametrize("source", [0, 1])
@pytest.mark.parametrize(("change", "same"), [(0.019, True), (-0.019, True), (0.021, False), (-0.021, False)])
def test_tissue_is_the_same_while_either_source_changes_by_less_than_a_fiftieth(
    source: int, change: float, same: bool
) -> None:
    before = [field(0.5), field(0.25)]
    after = [one + change * (number == source) for number, one in enumerate(before)]
    step = step_between(FusedImages(*before, field(0.5)), FusedImages(*after, field(0.75)))
    assert (step == pytest.approx(0.25)) if same else np.isnan(step)


def test_tissue_must_be_foreground_in_both_slices() -> None:
    # 0.045 to 0.055 is no change of tissue, but background (up to 0.05) in one of the two slices
    faint, bright, nothing = field(0.045), field(0.055), field(0)
    background = FusedImages(faint, nothing, nothing), FusedImages(faint, nothing, field(1))
    tissue = FusedImages(bright, nothing, nothing), FusedImages(bright, nothing, field(1))
    assert np.isnan(step_between(background[0], tissue[1]))
    assert np.isnan(step_between(tissue[0], background[1]))
    assert step_between(*tissue) == 1


def test_a_slice_without_foreground_has_all_names() -> None:
    assert tuple(numbers_of(field(0), field(0), field(0), {})) == per_slice()


def test_a_source_of_a_twentieth_is_background_of_its_own() -> None:
    source = field(0.05)
    source[0] = 1
    # all of its foreground is saturated, though every pixel is foreground of the other source
    assert numbers_of(source, field(0.5), field(0.5), {})["saturated_a"] == 1

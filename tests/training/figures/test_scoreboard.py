import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.fusion.baselines import average, maximum
from training.evaluate import COLUMNS, evaluate
from training.figures.averages import means
from training.figures.catalogue import FIGURES
from training.figures.scoreboard import compared, medical_data, scoreboard, sets_of
from training.figures.wanted import SMOOTH, WANTED, Wanted
from training.image_sets import SMALLEST


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def write_exposures(data: Path, count: int = 3) -> Path:
    for side, level in (("under", 40), ("over", 210)):
        (data / "meif/devtest" / side).mkdir(parents=True)
        for index in range(count):
            texture = np.random.default_rng(index).integers(0, 40, (48, 56))
            Image.fromarray((texture + level).astype(np.uint8)).save(data / f"meif/devtest/{side}/{index}.png")
    return data


@pytest.mark.parametrize(
    ("least", "most", "value", "is_met", "bounds"),
    [
        (0.75, math.inf, 0.75, True, "from 0.75"),
        (0.75, math.inf, 0.74, False, "from 0.75"),
        (-math.inf, 0.005, 0.006, False, "to 0.005"),
        (0.98, 1.02, 1.0, True, "0.98 to 1.02"),
        (0.98, 1.02, math.nan, False, "0.98 to 1.02"),
    ],
)
def test_a_demand_is_met_within_its_bounds(least: float, most: float, value: float, is_met: bool, bounds: str) -> None:
    wanted = Wanted("", "", lambda row: 0.0, least, most)
    assert wanted.is_met(value) is is_met
    assert wanted.bounds == bounds


@pytest.mark.parametrize("task", WANTED)
def test_every_demand_can_be_judged_from_the_figures_of_an_evaluation(task: str) -> None:
    row = dict.fromkeys(FIGURES, 0.5)
    assert set(row) == set(COLUMNS)
    for wanted in WANTED[task]:
        assert math.isfinite(wanted.value(row)), wanted.words


def test_a_star_marks_what_is_reached_and_the_last_row_counts_them() -> None:
    good = dict.fromkeys(FIGURES, 0.0) | {"mef_ssim": 0.97, "highlights_kept": 0.9, "blown": 0.05}
    poor = good | {"mef_ssim": 0.9, "swapping": 2.0}
    table = cells(compared("multi_exposure", {"meif": {"good": good, "poor": poor}}))
    assert table[0] == ["set", "what", "wanted", "good", "poor"]
    assert table[2] == ["meif", FIGURES["mef_ssim"].meaning, "from 0.965", "0.970 *", "0.900"]
    assert table[4][3:] == ["0.050", "0.050"]
    assert table[-1] == ["all", "demands reached", "4", "3", "1"]


def test_a_row_without_a_bound_is_shown_and_counts_for_nothing() -> None:
    row = dict.fromkeys(FIGURES, 0.0)
    (halo,) = (line for line in cells(compared("multi_focus", {"mfif": {"ours": row}})) if "overshoot" in line[1])
    assert halo[2:] == ["", "0.000"]


def test_the_worst_kind_of_lesion_counts() -> None:
    (hidden, *_) = (wanted for wanted in WANTED["medical"] if "worst" in wanted.words)
    row = {"hidden": 0.0, "hidden_dark_a": math.nan, "hidden_bright_b": 0.25, "hidden_dark_b": 0.125, "vif": 1.0}
    assert hidden.value(row) == 0.25
    assert math.isnan(hidden.value({"hidden": math.nan}))


def test_weights_of_a_task_are_judged_on_its_scenes(tmp_path: Path) -> None:
    sets = sets_of("multi_exposure", write_exposures(tmp_path), is_quick=False)
    assert [(images.name, len(images.readers)) for images in sets] == [("meif", 3)]
    table = cells(scoreboard("multi_exposure", {"average": average, "maximum": maximum}, sets))
    assert table[0][3:] == ["average", "maximum"]
    (swapping,) = (line for line in table if "swapping" in line[1])
    assert swapping[3:] == ["0.000 *", "0.000 *"]


def test_a_quick_round_takes_six_pairs_of_each_set(tmp_path: Path) -> None:
    (images,) = sets_of("multi_exposure", write_exposures(tmp_path, count=9), is_quick=True)
    assert len(images.readers) == 6


def test_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"MRI-CT: no such folder"):
        sets_of("medical", tmp_path, is_quick=True)


@pytest.mark.slow
def test_every_set_that_medical_weights_are_judged_on_has_its_demands(shared: Path) -> None:
    assert len(medical_data(shared / "data")) == 5
    sets = sets_of("medical", shared / "data", is_quick=True)
    assert {images.name for images in sets} == {wanted.images for wanted in WANTED["medical"]}
    for images in sets:
        pair = images.readers[0][1]()
        assert pair.a.shape == pair.b.shape
        assert min(pair.a.shape) >= SMALLEST


@pytest.mark.slow
def test_the_average_halves_lesions_and_tumours_of_real_patients_and_adds_nothing(shared: Path) -> None:
    for images in sets_of("medical", shared / "data", is_quick=True)[3:]:
        row = means(list(evaluate(average, images.thinned(2)).values()))
        for figure in ("contrast_transfer", "shown_dark_a", "shown_bright_b", "shown_dark_b", "noise_gain"):
            assert row[figure] == pytest.approx(0.5, abs=1e-6), (images.name, figure)
        assert (row["identity_slope_a"], row["identity_slope_b"]) == pytest.approx((1, 1))
        assert row["above_both"] == row["swapping"] == 0
        if images.name != SMOOTH:
            assert row["tumour_removal"] == pytest.approx(0.5)

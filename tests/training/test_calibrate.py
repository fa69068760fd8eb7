import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.evidence.limits import as_record, limits_from
from training.calibrate import Measured, calibrated, keep, limits_from_good


def rows(
    name: str, values: list[float], modality: str = "PT", case: str = "P1", is_template: bool = False
) -> list[Measured]:
    return [
        Measured(case, 0, modality, str(index), is_template, False, "", {name: value})
        for index, value in enumerate(values)
    ]


HUNDRED = [index / 1000 for index in range(101)]
"""0 to 0.1 in equal steps: the 99th percentile is 0.099, the median 0.05."""


def test_amber_is_the_99th_percentile_and_red_beyond_the_worst_slice() -> None:
    limit = calibrated(rows("overshoot", HUNDRED))["overshoot"]

    assert limit.amber == pytest.approx(0.099)
    assert limit.red == pytest.approx(0.1 + (0.1 - 0.05))


def test_of_a_number_whose_small_values_are_bad_the_limits_are_below() -> None:
    limit = calibrated(rows("recovered_a", [0.5 + value for value in HUNDRED]))["recovered_a"]

    assert limit.amber == pytest.approx(0.501)
    assert limit.red == pytest.approx(0.5 - 0.05)


def test_templates_move_the_red_limit_only() -> None:
    good = [*rows("overshoot", HUNDRED), *rows("overshoot", [0.3], case="T", is_template=True)]

    limit = calibrated(good)["overshoot"]

    assert limit.amber == pytest.approx(0.099)
    # the median of 0 to 0.1 with one value more is between 0.05 and 0.051
    assert limit.red == pytest.approx(0.3 + (0.3 - 0.0505), abs=0.001)


def test_without_patients_amber_comes_from_templates() -> None:
    limit = calibrated(rows("overshoot", HUNDRED, is_template=True))["overshoot"]

    assert limit.amber == pytest.approx(0.099)


def test_the_modality_that_reaches_farthest_decides_for_all() -> None:
    wide = rows("overshoot", [5 * value for value in HUNDRED], "CT")

    limit = calibrated([*rows("overshoot", HUNDRED), *wide])["overshoot"]

    assert limit.amber == pytest.approx(5 * 0.099)


@pytest.mark.parametrize(("name", "values"), [("undershoot", [0.0] * 50), ("recovered_b", [0.004] * 50)])
def test_limits_stay_apart_and_within_0_and_1(name: str, values: list[float]) -> None:
    limit = calibrated(rows(name, values))[name]

    assert (limit.amber, limit.red) == ((0.005, 0.015) if name == "undershoot" else (0.004, 0.0))


def test_a_number_that_is_always_at_its_worst_has_no_limit() -> None:
    assert calibrated(rows("saturated_a", [1.0] * 50)) == {}


def test_of_the_best_slice_amber_is_half_the_lowest_case() -> None:
    good = [*rows("occupied_a", [0.1, 0.8]), *rows("occupied_a", [0.6, 0.2], case="P2")]

    limit = calibrated(good)["occupied_a"]

    assert (limit.amber, limit.red) == (pytest.approx(0.3), pytest.approx(0.15))


def test_a_number_without_a_value_has_no_limit() -> None:
    assert calibrated(rows("residual_a", [float("nan")] * 3)) == {}


def test_limits_can_be_written_and_say_what_they_were_calibrated_on() -> None:
    good = [*rows("overshoot", HUNDRED), *rows("overshoot", [0.3], "CT", "P2")]
    good += rows("overshoot", [0.6], "CT", "T", is_template=True)

    limits = limits_from(json.loads(json.dumps(as_record(limits_from_good(good, 64 * "a")))), "limits.json")

    assert limits.weights_sha256 == 64 * "a"
    assert limits.limits["overshoot"].amber == pytest.approx(0.3)
    assert limits.calibrated_on.startswith("Amber beyond 99% of 102 slices of patients in register, 1 of CT")
    assert "1 of CT (1 sets of slices), 101 of PET (1 sets of slices)" in limits.calibrated_on
    assert "1 slices of templates" in limits.calibrated_on


def test_rows_are_measured_once_and_then_read(tmp_path: Path) -> None:
    measured = rows("overshoot", [0.1, 0.2])

    def never() -> Iterator[Measured]:
        pytest.fail("measured again")
        yield

    first = keep(iter(measured), tmp_path / "cache", "good", Measured)

    assert first == measured == keep(never(), tmp_path / "cache", "good", Measured)
    assert keep(iter(measured), None, "good", Measured) == measured


def test_numbers_that_were_not_run_survive_the_cache(tmp_path: Path) -> None:
    measured = rows("step", [float("nan")])

    keep(iter(measured), tmp_path, "good", Measured)

    (read,) = keep(iter([]), tmp_path, "good", Measured)
    assert np.isnan(read.numbers["step"])

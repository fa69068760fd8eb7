"""Uptake that one slice hides: what the examination of the whole volume finds there, and how it is said."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.evidence.slice_uptake import SliceUptake, uptake_finding, uptake_of_slice
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from tests.evidence.test_examination import WINDOWS, anatomy, examined, examiner, fused, uptake


def study_of(modality: str, *, is_photograph: bool = False) -> Study:
    study = pair(uptake(modality), anatomy(), windows=WINDOWS)
    b = replace(study.b, volume=replace(study.b.volume, is_photograph=is_photograph))
    return replace(study, b=b)


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_each_slice_hides_what_the_examination_of_the_volume_finds_in_it(axis: str) -> None:
    dropping = examiner(0.0, 1.0)
    partial = fused(dropping, axis=axis)
    whole = examined(dropping, partial).missed
    assert whole
    found = [uptake_of_slice(dropping.engine, partial, index) for index in range(len(partial.done))]
    assert all(one is not None for one in found)
    places = {spot.voxel: spot.point for one in found if one is not None for spot in one.hidden}
    assert places.keys() == {spot.voxel for spot in whole}
    for spot in whole:
        np.testing.assert_allclose(places[spot.voxel], spot.point, atol=1e-9)


def test_a_spot_has_its_place_in_the_whole_volume() -> None:
    dropping = examiner(0.0, 1.0)
    partial = fused(dropping)
    (spot,) = (one for one in examined(dropping, partial).missed if one.index == 3)
    found = uptake_of_slice(dropping.engine, partial, 3)
    assert found is not None
    (same,) = found.hidden
    assert (same.index, same.voxel) == (spot.index, spot.voxel)
    np.testing.assert_allclose(same.point, spot.point, atol=1e-9)
    assert same.transfer == pytest.approx(spot.transfer, abs=1e-6)


def test_a_fusion_that_keeps_half_of_the_uptake_hides_nothing() -> None:
    keeping = examiner(0.5, 0.5)
    assert uptake_of_slice(keeping.engine, fused(keeping), 3) == SliceUptake(1, ())


def test_a_slice_without_uptake_of_its_own_has_no_spot() -> None:
    keeping = examiner(0.5, 0.5)
    assert uptake_of_slice(keeping.engine, fused(keeping), 6) == SliceUptake(0, ())


def test_nothing_is_looked_for_in_ct() -> None:
    keeping = examiner(0.5, 0.5)
    assert uptake_of_slice(keeping.engine, fused(keeping, uptake("CT")), 3) is None


def test_hidden_uptake_is_a_warning_that_says_what_to_do_and_where_it_is() -> None:
    spots = tuple(MissedUptake(3, (3, 4, 5), (12.0, -40.0, 5.0), 0.5, transfer) for transfer in (-0.03, 0.07))
    finding = uptake_finding(SliceUptake(4, spots), study_of("PT"))
    assert finding is not None
    assert (finding.level, finding.value) == ("warn", "2 spots hidden")
    assert finding.sentence == (
        "Hold Q, or choose the overlay: uptake in PET at R 12.0  P 40.0  S 5.0 mm is hardly seen in the fused slice, "
        "which shows 0 % of it, nor is it at 1 more place of the slice."
    )


def test_hidden_uptake_of_a_photograph_has_a_row_and_a_column() -> None:
    spots = (MissedUptake(0, (0, 4, 7), (7.0, 4.0, 0.0), 0.5, 0.07),)
    finding = uptake_finding(SliceUptake(1, spots), study_of("PT", is_photograph=True))
    assert finding is not None
    assert "uptake in PET at row 4, column 7 is hardly seen" in finding.sentence


def test_uptake_that_is_seen_is_ok_and_none_is_not_mentioned() -> None:
    finding = uptake_finding(SliceUptake(2, ()), study_of("NM"))
    assert finding is not None
    assert finding.level == "ok"
    assert finding.sentence == "Of the 2 spots of uptake in this slice of SPECT, none is hidden in the fused one."
    assert uptake_finding(SliceUptake(0, ()), study_of("PT")) is None

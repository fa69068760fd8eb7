"""Slices that do not follow upon each other, and HU that are none, are not fused without a word."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_refusion.study.pairing import pair
from napari_refusion.study.source_checks import hounsfield, slice_sequence
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume
from tests.phantoms import chest_ct, head_ct, thigh_ct, thigh_pet
from tests.study.test_pairing import found, volume


def warned(study: Study) -> list[Finding]:
    return found(study, "slice sequence")


def test_a_slab_that_was_left_out_is_told_with_its_slices_and_by_how_much() -> None:
    mri = volume("MR", 4.0, (40, 60, 60))
    assert warned(pair(mri, volume("PT", 4.0, (40, 60, 60)))) == []
    rng = np.random.default_rng(1)
    smooth = gaussian_filter(rng.random((60, 60, 60)), 4).astype(np.float32)
    cut = replace(mri, data=np.concatenate([smooth[:15], smooth[35:]]))
    [one] = warned(pair(cut, volume("PT", 4.0, (40, 60, 60))))
    assert one.level == "warn"
    assert one.check == "Geometry"
    assert "Look at slices 15 and 16 of 40 axial slices of MR.nii" in one.sentence
    assert f"they differ {one.value} as much as those around them. " in one.sentence


def test_a_single_slice_of_something_else_is_named_alone() -> None:
    smooth = gaussian_filter(np.random.default_rng(1).random((40, 60, 60)), 4).astype(np.float32)
    mri = replace(volume("MR", 4.0, (40, 60, 60)), data=smooth)
    smooth[20] = smooth[20, ::-1]
    [one] = [finding for finding in slice_sequence(mri) if finding.rule == "slice sequence"]
    assert "Look at slice 21 of 40 axial slices of MR.nii: it differs from both neighbours" in one.sentence


def test_both_sources_are_looked_at_and_one_file_in_two_windows_once() -> None:
    smooth = gaussian_filter(np.random.default_rng(1).random((60, 60, 60)), 4).astype(np.float32)
    cut = replace(volume("MR", 4.0, (40, 60, 60)), data=np.concatenate([smooth[:15], smooth[35:]]))
    other = replace(cut, modality="PT", name="PT.nii")
    assert len(warned(pair(cut, other))) == 2
    origin = replace(cut.origin, sha256="a" * 64)
    assert len(warned(pair(replace(cut, origin=origin), replace(cut, origin=origin)))) == 1


def test_pictures_of_a_scene_are_no_stack() -> None:
    one = replace(volume("", 1.0, (1, 40, 40)), is_photograph=True)
    assert warned(pair(one, replace(one, name="other"), "multi_focus")) == []


def test_empty_slices_between_others_are_counted() -> None:
    ct = thigh_ct()
    ct.data[20:24] = -1000
    [one] = [finding for finding in slice_sequence(ct) if finding.rule == "missing slice"]
    assert "4 of 40 axial slices of CT are empty" in one.sentence
    assert "slice 21" in one.sentence


@pytest.mark.parametrize("ct", [thigh_ct(), head_ct(), chest_ct()], ids=["thigh", "head", "chest"])
def test_a_ct_in_hounsfield_units_is_not_doubted(ct: Volume) -> None:
    assert hounsfield(ct) == ()


def test_a_slope_that_was_applied_twice_is_told_with_the_median() -> None:
    ct = thigh_ct()
    [one] = hounsfield(replace(ct, data=ct.data * 10))
    assert one.level == "warn"
    assert one.check == "Intensity"
    assert one.value.endswith("HU")
    assert 400 < float(one.value.split()[0]) < 700  # muscle of 55 HU times 10; fat is below the threshold


def test_a_ct_without_a_body_or_in_other_values_is_not_judged() -> None:
    ct = thigh_ct()
    assert hounsfield(replace(ct, data=np.full_like(ct.data, -1000))) == ()
    assert hounsfield(replace(ct, data=ct.data * 10, unit="")) == ()


def test_a_pair_says_so() -> None:
    ct = thigh_ct()
    study = pair(replace(ct, data=ct.data * 10), thigh_pet())
    assert [one.level for one in found(study, "unit")] == ["warn"]
    assert found(pair(ct, thigh_pet()), "unit") == []

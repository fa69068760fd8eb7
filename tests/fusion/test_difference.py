"""The difference of two images of one quantity, as a volume with its record."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.fusion.difference import difference_of
from napari_refusion.io.plausible import check_values
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from tests.compared import IPL_AFFINE, SHAPE, textured


def image(seed: int, modality: str = "PT", unit: str = "SUVbw", name: str = "", patient: str = "") -> Volume:
    data = textured(SHAPE, seed) / 20
    return Volume(data, IPL_AFFINE, modality, unit, name or f"image {seed}", Origin(patient=patient_mark(patient)))


def test_it_is_the_second_minus_the_first_in_their_unit_in_the_order_given() -> None:
    before, after = image(1, name="before"), image(2, name="after")
    difference = difference_of(pair(before, after))
    np.testing.assert_allclose(difference.volume.data, after.data - before.data, atol=1e-6)
    assert (difference.volume.unit, difference.volume.name) == ("SUVbw", "after minus before")
    turned = difference_of(pair(after, before))
    np.testing.assert_allclose(turned.volume.data, -difference.volume.data, atol=1e-6)


def test_where_only_one_has_data_there_is_no_difference() -> None:
    # moved by 8 columns of 1 mm
    moved = image(2).affine.copy()
    moved[0, 3] -= 8
    study = pair(image(1), replace(image(2), affine=moved))
    difference = difference_of(study)
    assert np.array_equal(np.isnan(difference.volume.data), ~study.covered)
    assert np.isnan(difference.volume.data).any()
    assert "SUVbw" in difference.words


def test_two_ct_are_subtracted_in_hounsfield_units() -> None:
    study = pair(image(1, "CT", "HU"), image(2, "CT", "HU"))
    values = study.b.source.data - study.a.source.data
    np.testing.assert_allclose(difference_of(study).volume.data, values, atol=1e-6)


def test_its_range_is_in_plain_numbers_with_a_unit_also_where_the_values_have_none() -> None:
    before = image(1, "PT", "", "before")
    data = np.zeros(before.shape, np.float32)
    data[0, 0, 0], data[0, 0, 1] = -1.0, 9000.0
    after = replace(before, data=before.data + data, name="after")
    assert difference_of(pair(before, after)).words == "after minus before: -1 to 9000 in arbitrary units"


def test_what_is_found_of_two_that_are_compared_speaks_of_no_fused_image() -> None:
    # as when both images are masks, and in two frames of reference
    masks = [replace(image(1, name=f"mask {n}"), frame_of_reference=f"1.{n}") for n in (1, 2)]
    masks = [replace(one, findings=tuple(check_values(Path(one.name), one.data > 1))) for one in masks]
    found = difference_of(pair(*masks)).findings
    assert len(found) == 3
    assert not [sentence for sentence in found if "fuse" in sentence.lower()]


@pytest.mark.parametrize("modality", ["MR", "CT"])
def test_two_of_one_modality_whose_values_have_no_unit_are_refused_for_that(modality: str) -> None:
    with pytest.raises(RefusedError, match="in arbitrary units have no scale in common"):
        difference_of(pair(image(1, modality, ""), image(2, modality, "")))


@pytest.mark.parametrize(
    ("first", "second"),
    [(("PT", "SUVbw"), ("PT", "Bq/ml")), (("PT", "SUVbw"), ("NM", "SUVbw")), (("MR", ""), ("CT", "HU"))],
)
def test_what_is_not_of_one_quantity_is_refused(first: tuple[str, str], second: tuple[str, str]) -> None:
    with pytest.raises(RefusedError, match="one modality in one unit"):
        difference_of(pair(image(1, *first), image(2, *second)))


def test_two_patients_are_refused_for_that_alone_and_the_reason_is_recorded() -> None:
    given = image(1, patient="1"), image(2, patient="2")
    with pytest.raises(RefusedError, match="two patients") as refused:
        difference_of(pair(*given))
    assert "instead" not in str(refused.value)
    record = difference_of(pair(*given, two_patients="twins")).record()
    assert record["two_patients"] == "twins"
    assert any("twins" in sentence for sentence in json.loads(json.dumps(record))["findings"])

"""A display of PET with white for nothing is not fused as uptake everywhere without a word."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from tests.study.test_pairing import found

SIDE = 40


def disc(modality: str, *, is_inverted: bool = False, is_coloured: bool = False) -> Volume:
    """Return a picture of a body, dark around it, or its negative."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    body = np.exp(-(rows**2 + columns**2) / 90).astype(np.float32)
    grey = (1 - body if is_inverted else body)[np.newaxis]
    data = np.stack([grey, grey, 0.9 * grey], axis=-1) if is_coloured else grey
    return Volume(data, np.eye(4), modality, name=f"{modality}.png", is_photograph=True)


@pytest.mark.parametrize("modality", ["PT", "NM"])
@pytest.mark.parametrize("is_coloured", [False, True], ids=["grey", "coloured"])
def test_a_picture_with_white_for_nothing_is_said_to_be_fused_as_uptake(modality: str, is_coloured: bool) -> None:
    inverted = disc(modality, is_inverted=True, is_coloured=is_coloured)
    [warned] = found(pair(inverted, disc("MR")), "grey scale")
    assert warned.level == "warn"
    assert "100% of its border is white" in warned.sentence
    assert "the highest uptake" in warned.sentence
    assert found(pair(disc(modality, is_coloured=is_coloured), disc("MR")), "grey scale") == []


def test_an_inverted_picture_of_anatomy_is_told_as_well_and_photographs_of_a_scene_are_not() -> None:
    inverted = disc("MR", is_inverted=True)
    [warned] = found(pair(disc("PT"), inverted), "grey scale")
    assert "the brightest tissue" in warned.sentence
    scene = replace(inverted, modality="")
    assert found(pair(scene, replace(disc("MR"), modality=""), "multi_focus"), "grey scale") == []


@pytest.mark.parametrize(("unit", "count"), [("", 1), ("SUVbw", 0), ("Bq/ml", 0)])
def test_values_that_were_measured_are_not_taken_for_a_display(unit: str, count: int) -> None:
    stored = replace(disc("PT", is_inverted=True), is_photograph=False, unit=unit)
    mri = replace(disc("MR"), is_photograph=False)
    assert len(found(pair(stored, mri), "grey scale")) == count


@pytest.mark.parametrize(("modality", "unit", "count"), [("MR", "", 1), ("CT", "", 1), ("CT", "HU", 0)])
def test_a_secondary_capture_of_anatomy_with_white_for_nothing_is_told(modality: str, unit: str, count: int) -> None:
    captured = replace(disc(modality, is_inverted=True), is_photograph=False, unit=unit)
    pet = replace(disc("PT"), is_photograph=False, unit="SUVbw")
    said = found(pair(pet, captured), "grey scale")
    assert len(said) == count
    assert all("fused as the brightest tissue" in one.sentence for one in said)
    plain = replace(disc(modality), is_photograph=False, unit=unit)
    assert found(pair(pet, plain), "grey scale") == []


def test_a_body_that_reaches_the_border_on_one_side_is_no_inverted_display() -> None:
    cut = disc("PT")
    moved = np.roll(cut.data, -SIDE // 2, axis=1)
    assert found(pair(replace(cut, data=moved), disc("MR")), "grey scale") == []

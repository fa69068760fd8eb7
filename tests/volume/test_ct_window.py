"""A CT opens in the window of its header, else of its body part, else of what it shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.open import open_volume
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow
from napari_refusion.volume.chosen_window import ALONE, ChosenWindow, Purpose
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window
from tests.phantoms import chest_ct, head_ct, lung_ct, thigh_ct, whole_body_ct

SOFT, LUNG, BRAIN, BONE = Window(-135, 215), Window(-1200, 200), Window(0, 100), Window(-300, 1300)
BESIDE_PET = Purpose(beside_function=True)


def opened(
    volume: Volume, *windows: tuple[float, float, str], part: str = "", purpose: Purpose = ALONE
) -> ChosenWindow:
    """Return the window of a CT whose header holds windows by low, high and words, and a body part."""
    headers = tuple(HeaderWindow(Window(low, high), words) for low, high, words in windows)
    return choose_window(replace(volume, acquisition=Acquisition(windows=headers, body_part=part)), "", purpose)


@pytest.mark.parametrize(
    ("volume", "window", "source"),
    [
        (head_ct(), BRAIN, "content: head"),
        (thigh_ct(), SOFT, "content: body"),
        (chest_ct(), SOFT, "content: body"),
        (whole_body_ct(), SOFT, "content: body"),
        (lung_ct(), LUNG, "content: lung"),
    ],
    ids=["head", "thighs", "chest", "whole body", "lungs"],
)
def test_without_a_header_a_ct_opens_by_what_it_shows(volume: Volume, window: Window, source: str) -> None:
    assert opened(volume) == ChosenWindow(window, source)


@pytest.mark.parametrize(
    ("part", "window"), [("EXTREMITY", SOFT), ("WHOLEBODY", SOFT), ("LUNG", LUNG), ("BRAIN", BRAIN), ("IAC", BONE)]
)
def test_the_body_part_counts_more_than_what_is_seen(part: str, window: Window) -> None:
    assert opened(thigh_ct(), part=part) == ChosenWindow(window, f"body part {part}")


def test_a_body_part_that_says_nothing_leaves_it_to_what_is_seen() -> None:
    assert opened(head_ct(), part="UNKNOWN").source == "content: head"


@pytest.mark.parametrize(
    ("low", "high", "words"), [(0, 80, "BRAIN"), (-1350, 150, "LUNG"), (-160, 240, ""), (20, 60, "STROKE")]
)
def test_the_header_counts_most(low: float, high: float, words: str) -> None:
    chosen = opened(head_ct(), (low, high, words), (-500, 1500, "BONE"), part="CHEST")
    assert chosen == ChosenWindow(Window(low, high), f"header, {words}" if words else "header")


@pytest.mark.parametrize(("low", "high"), [(864, 1264), (-0.5, 0.5), (30000, 34000)])
@pytest.mark.parametrize("volume", [head_ct(), thigh_ct()], ids=["head", "thighs"])
def test_a_header_s_window_that_shows_nothing_of_the_body_is_named_and_not_used(
    volume: Volume, low: float, high: float
) -> None:
    # 1064 +- 200 is soft tissue in stored values with an intercept of -1024
    chosen = opened(volume, (low, high, ""))
    assert chosen.source.startswith("content: ")
    (finding,) = chosen.findings
    assert (finding.level, finding.rule) == ("warn", "window fit")
    assert "in HU" in finding.sentence


@pytest.mark.parametrize(("low", "high"), [(-1350, 150), (-700, 1300)])
@pytest.mark.parametrize("volume", [chest_ct(), thigh_ct()], ids=["chest", "thighs"])
def test_beside_pet_a_body_is_in_soft_tissue_whatever_the_header_says(volume: Volume, low: float, high: float) -> None:
    chosen = opened(volume, (low, high, "LUNG"), purpose=BESIDE_PET)
    assert chosen == ChosenWindow(SOFT, "body beside PET or SPECT")
    assert opened(volume, (-160, 240, "ABDOMEN"), purpose=BESIDE_PET).window == Window(-160, 240)


def test_beside_pet_a_head_keeps_its_header_and_lungs_give_way_to_soft_tissue() -> None:
    assert opened(head_ct(), (0, 80, "BRAIN"), purpose=BESIDE_PET).window == Window(0, 80)
    assert opened(head_ct(), purpose=BESIDE_PET).window == BRAIN
    assert opened(lung_ct(), purpose=BESIDE_PET).window == SOFT
    assert opened(thigh_ct(), part="LUNG", purpose=BESIDE_PET).window == SOFT


def test_a_ct_that_is_not_in_hounsfield_units_has_its_full_range() -> None:
    picture = replace(head_ct(), data=np.clip(head_ct().data, 0, 255), unit="")
    assert opened(picture, (0, 80, "BRAIN")) == ChosenWindow(Window(0, 255), "full range")


def test_less_than_a_quarter_of_real_bodies_is_black_or_white(shared: Path) -> None:
    for path in sorted((shared / "data/petctmr").glob("*/*/*_ct.nii.gz")):
        volume = open_volume(path)
        shown = choose_window(volume, "", BESIDE_PET).window
        body = volume.data[volume.data > -500]
        assert float(((body <= shown.low) | (body >= shown.high)).mean()) < 0.25, path.name

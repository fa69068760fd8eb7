"""PET in SUV on fixed scales; everything else that shows uptake by its values, never below 0."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.open import open_volume
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.chosen_window import ChosenWindow, Purpose, UptakeScales
from napari_refusion.volume.lean import in_unit
from napari_refusion.volume.uptake_window import shows_brain
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window
from tests.phantoms import brain_pet, thigh_pet


@pytest.mark.parametrize("tumour", [2.0, 5.0, 20.0])
def test_two_patients_have_one_scale_whatever_their_tumours_take_up(tumour: float) -> None:
    assert choose_window(thigh_pet(tumour)) == ChosenWindow(Window(0, 5), "SUV 0-5, body")


def test_fdg_of_a_brain_has_the_scale_of_a_brain() -> None:
    assert choose_window(brain_pet()) == ChosenWindow(Window(0, 10), "SUV 0-10, brain")


@pytest.mark.parametrize(
    ("volume", "part", "high"),
    [(brain_pet(), "BRAIN", 10), (brain_pet(), "WHOLEBODY", 5), (thigh_pet(), "LEG", 5), (thigh_pet(), "HEAD", 10)],
)
def test_the_body_part_counts_more_than_what_is_seen(volume: Volume, part: str, high: float) -> None:
    assert choose_window(replace(volume, acquisition=Acquisition(body_part=part))).window == Window(0, high)


def test_a_head_with_little_uptake_is_on_the_scale_of_bodies() -> None:
    amyloid = replace(brain_pet(), data=brain_pet().data / 8, acquisition=Acquisition(body_part="HEAD"))
    assert choose_window(amyloid).window == Window(0, 5)


@pytest.mark.parametrize(("body", "brain"), [(7.0, 15.0), (3.5, 8.0)])
def test_a_preferred_scale_is_taken_and_said(body: float, brain: float) -> None:
    purpose = Purpose(scales=UptakeScales(body, brain))
    assert choose_window(thigh_pet(), "", purpose) == ChosenWindow(Window(0, body), f"SUV 0-{body:g}, preference")
    assert choose_window(brain_pet(), "", purpose) == ChosenWindow(Window(0, brain), f"SUV 0-{brain:g}, preference")


def test_uptake_by_lean_body_mass_is_called_so() -> None:
    assert choose_window(replace(thigh_pet(), unit="SUVlbm")).source == "SUL 0-5, body"


@pytest.mark.parametrize(("source", "part", "high"), [(brain_pet, "brain", 10), (thigh_pet, "body", 5)])
def test_a_brain_stays_one_by_lean_body_mass(source: Callable[[], Volume], part: str, high: float) -> None:
    for factor in (0.6, 0.8):
        lean = in_unit(replace(source(), acquisition=Acquisition(lean_factor=factor)), "SUVlbm")
        chosen = choose_window(lean)
        assert (chosen.window, chosen.source) == (Window(0, high), f"SUL 0-{high}, {part}")


@pytest.mark.parametrize(("modality", "unit"), [("PT", "Bq/ml"), ("PT", ""), ("NM", ""), ("NM", "SUVbw")])
@pytest.mark.parametrize("low", [0.0, -0.5, -40.0])
def test_counts_are_windowed_from_0_to_a_percentile_of_the_foreground(modality: str, unit: str, low: float) -> None:
    data = np.zeros((40, 40, 40), np.float32)
    data[10:30, 10:30, 10:30] = np.linspace(1, 101, 8000).reshape(20, 20, 20)
    data[0, 0, 0] = low
    chosen = choose_window(Volume(data, np.eye(4), modality, unit))
    assert chosen.window.low == 0
    assert chosen.window.high == pytest.approx(100.5, rel=0.01)


@pytest.mark.parametrize("factor", [0.01, 0.0001])
def test_a_scale_that_shows_nothing_raises_a_doubt_about_the_unit(factor: float) -> None:
    faint = replace(thigh_pet(), data=thigh_pet().data * factor)
    (finding,) = choose_window(faint).findings
    assert (finding.level, finding.rule) == ("warn", "window fit")
    assert choose_window(thigh_pet()).findings == ()


@pytest.mark.parametrize("volume", [thigh_pet(), brain_pet()], ids=["thigh", "brain"])
def test_activity_that_calls_itself_suv_is_said_and_not_shown_all_white_without_a_word(volume: Volume) -> None:
    (finding,) = choose_window(replace(volume, data=volume.data * 5000)).findings
    assert (finding.level, finding.rule) == ("warn", "window fit")
    assert "most of it is above SUV 5" in finding.sentence
    assert choose_window(volume).findings == ()


def test_none_of_the_real_legs_and_trunks_is_taken_for_a_brain(shared: Path) -> None:
    volumes = [open_volume(path) for path in sorted((shared / "data/petctmr").glob("*/*/*_pet.nii.gz"))]
    assert [shows_brain(one) for one in volumes] == [False] * 24

"""Which layout a pair begins with, and what of it may go from one patient to the next."""

import json
from dataclasses import replace

import pytest

from napari_refusion.session.layout import (
    AUTOMATIC,
    KINDS,
    HabitualWindow,
    Layout,
    habitual_window,
    is_turned,
    kind_of,
    layout_of,
    layout_text,
)


@pytest.mark.parametrize(
    ("modalities", "name"),
    [
        (("PT", "MR"), "function_mri"),
        (("MR", "NM"), "function_mri"),
        (("CT", "PT"), "function_ct"),
        (("MR", "CT"), "ct_mri"),
        (("MR", "MR"), "mri_mri"),
    ],
)
def test_the_kind_of_a_pair_follows_from_its_modalities_in_any_order(modalities: tuple[str, str], name: str) -> None:
    kind, turned = kind_of(modalities), kind_of(modalities[::-1])
    assert kind is turned is KINDS[name]


@pytest.mark.parametrize("modalities", [("PT", "PT"), ("CT", "CT"), ("", "MR"), ("OT", "MR"), ("XX", "MR")])
def test_pairs_that_nobody_reads_in_one_way_have_no_kind(modalities: tuple[str, str]) -> None:
    assert kind_of(modalities) is None


def test_pictures_are_pictures_whatever_they_are_called() -> None:
    assert kind_of(("", ""), is_medical=False) is kind_of(("MR", "PT"), is_medical=False) is KINDS["pictures"]


def test_a_pair_is_turned_where_its_first_source_has_the_second_part() -> None:
    assert is_turned(KINDS["function_ct"], ("CT", "PT"))
    assert not is_turned(KINDS["function_ct"], ("PT", "CT"))
    assert not is_turned(KINDS["mri_mri"], ("MR", "MR"))


def test_pet_ct_begins_with_all_planes_and_a_brain_with_one() -> None:
    assert (KINDS["function_ct"].layout.plane, KINDS["function_ct"].layout.planes) == ("axial", True)
    assert (KINDS["function_mri"].layout.plane, KINDS["function_mri"].layout.planes) == ("axial", False)


@pytest.mark.parametrize(
    ("choice", "unit", "kept"),
    [
        ("", "HU", AUTOMATIC),
        ("bone", "HU", HabitualWindow("bone", "HU")),
        ("-100,300", "HU", HabitualWindow("-100,300", "HU")),
        ("2.5, 8", "SUVbw", HabitualWindow("2.5,8", "SUVbw")),
        ("p1,p99", "", HabitualWindow("p1,p99")),
        ("P1, p99", "Bq/ml", HabitualWindow("p1,p99")),
        ("2,5 8", "SUVbw", HabitualWindow("2.5,8", "SUVbw")),
        ("p0,5 p99,5", "", HabitualWindow("p0.5,p99.5")),
        # kept as the reader's scale for bodies or for brains, whichever the patient shows
        ("suv10", "SUVbw", AUTOMATIC),
        ("0,12", "SUVbw", AUTOMATIC),
        # numbers of one patient
        ("12,340", "", AUTOMATIC),
        ("0,24000", "Bq/ml", AUTOMATIC),
        ("header 1", "HU", AUTOMATIC),
        ("frames 1.0,2.0", "", AUTOMATIC),
        ("x,y", "SUVbw", AUTOMATIC),
    ],
)
def test_only_windows_that_mean_the_same_in_every_patient_are_a_habit(
    choice: str, unit: str, kept: HabitualWindow
) -> None:
    assert habitual_window(choice, unit) == kept


def test_a_window_in_hu_does_not_fit_arbitrary_units() -> None:
    assert not HabitualWindow("-100,300", "HU").fits("")
    assert HabitualWindow("p1,p99").fits("")
    assert HabitualWindow("p1,p99").fits("HU")
    assert not AUTOMATIC.fits("HU")


def test_a_preference_holds_what_is_not_usual_and_gives_it_back() -> None:
    usual = KINDS["function_ct"].layout
    mine = replace(usual, plane="coronal", mode="overlay", windows=(AUTOMATIC, HabitualWindow("lung", "HU")))
    text = layout_text(mine, usual)
    assert set(json.loads(text)) == {"plane", "mode", "windows"}
    assert layout_of(text, usual) == mine
    assert layout_text(usual, usual) == ""
    assert layout_of("", usual) == usual


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "3", '{"plane": "upward"}', '{"windows": 3}', '{"colour_map": "no such"}', "[" * 100_000, "\0"],
)
def test_a_preference_that_is_damaged_is_no_preference(text: str) -> None:
    assert layout_of(text, Layout(planes=True)) == Layout(planes=True)


def test_words_of_a_later_version_are_passed_over() -> None:
    assert layout_of('{"plane": "coronal", "hanging": 4}', Layout()) == Layout(plane="coronal")

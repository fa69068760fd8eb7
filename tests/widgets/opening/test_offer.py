"""What is offered, what is taken unless somebody chooses, and in which words it is listed."""

from pathlib import Path

import pytest

from napari_refusion.widgets.opening.offer import ALL, COLUMNS, MEAN, everything, is_choice, likely
from tests.widgets.opening.listed import (
    CORRECTED,
    CT,
    DUAL_ECHO,
    DYNAMIC,
    ECHOES,
    FRAMES,
    SCOUT,
    UNCORRECTED,
    listed,
    offered,
)


@pytest.mark.parametrize(
    ("series", "asks"),
    [
        ([CT], False),
        ([CT, SCOUT], False),
        ([SCOUT], False),
        ([CT, CORRECTED], True),
        ([DYNAMIC], True),
        ([DUAL_ECHO], True),
        ([listed("", "bold", "MR", ("", ""))], True),
    ],
)
def test_there_is_a_choice_where_one_place_holds_several_usable_volumes(series: list, asks: bool) -> None:
    assert is_choice(offered(*series)) is asks


def test_files_that_were_chosen_one_by_one_are_not_asked_for_again() -> None:
    files = [*offered(listed("", "a", "CT"), where=Path("a.nii")), *offered(listed("", "b", "PT"), where=Path("b.nii"))]
    assert not is_choice(files)
    assert likely(files) == files


@pytest.mark.parametrize(
    ("series", "wanted"),
    [
        ([CORRECTED, UNCORRECTED], [CORRECTED]),
        ([CORRECTED, CT, UNCORRECTED, SCOUT], [CORRECTED, CT]),
        ([SCOUT, CT], [CT]),
        ([listed("7", "Report", "OT"), CT], [CT]),
        ([listed("7", "unknown", "")], [listed("7", "unknown", "")]),
    ],
)
def test_the_likely_one_of_each_modality_is_taken(series: list, wanted: list) -> None:
    assert [offer.listed for offer in likely(offered(*series))] == wanted


def test_everything_is_what_can_be_opened_in_the_order_of_the_list() -> None:
    offers = offered(CORRECTED, SCOUT, UNCORRECTED, DYNAMIC)
    assert everything(offers) == [(offers[0], (ALL,)), (offers[2], (ALL,)), (offers[3], (MEAN, ALL))]


def test_of_frames_one_can_take_the_mean_all_or_single_ones_and_of_echoes_no_mean() -> None:
    dynamic, echoes, single = offered(DYNAMIC, DUAL_ECHO, CT)
    assert list(dynamic.choices()) == [MEAN, ALL, 0, 1, 2]
    assert dynamic.choices()[2] == FRAMES[2]
    assert list(echoes.choices()) == [ALL, 0, 1]
    assert single.choices() == {}


def test_a_4d_file_without_times_has_a_mean() -> None:
    (bold,) = offered(listed("", "bold", "MR", ("", "", "")))
    assert list(bold.choices().values()) == [
        "Mean of the 3",
        "All 3 as one layer with a slider",
        "volume 0",
        "volume 1",
        "volume 2",
    ]


@pytest.mark.parametrize("parts", [ECHOES, ("volume 0, b-value 0 s/mm2", "volume 1, b-value 800 s/mm2")])
def test_a_4d_file_of_echoes_or_b_values_has_none(parts: tuple[str, ...]) -> None:
    (file,) = offered(listed("", "sub-01", "MR", parts))
    assert MEAN not in file.choices()
    assert file.by_default == (ALL,)


def test_very_many_volumes_are_offered_as_the_one_layer_that_they_become() -> None:
    offers = offered(*(listed("", "dwi", "MR", [f"direction {index}" for index in range(count)]) for count in (8, 9)))
    assert [offer.choices()[ALL] for offer in offers] == ["All 8, one layer each", "All 9 as one layer with a slider"]


def test_the_memory_is_that_of_float32_voxels_of_what_is_taken() -> None:
    (dynamic,) = offered(DYNAMIC)
    volume = 6 * 24 * 32 * 4 / 1e6
    assert dynamic.megabytes((MEAN,)) == pytest.approx(volume)
    assert dynamic.megabytes((MEAN, ALL)) == pytest.approx(4 * volume)
    assert dynamic.megabytes((0, 2)) == pytest.approx(2 * volume)
    assert dynamic.megabytes((ALL, 1)) == pytest.approx(3 * volume)


def test_a_row_says_number_name_modality_voxels_spacing_and_correction() -> None:
    (pet,) = offered(CORRECTED)
    assert dict(zip(COLUMNS, pet.row(), strict=True)) == {
        "No.": "3",
        "Description": "PET WB AC",
        "Modality": "PET",
        "Voxels": "6 x 24 x 32",
        "Spacing (mm)": "4.00 x 2.00 x 1.00",
        "Corrected": "yes",
        "Volumes": "",
        "Remark": "",
    }


def test_the_number_of_a_series_is_not_said_twice() -> None:
    (ct,) = offered(listed("12", "CT LUNG (series 12)", "CT"))
    assert ct.row()[:2] == ("12", "CT LUNG")


def test_what_is_not_known_is_left_blank() -> None:
    (bare,) = offered(listed("", "", "", shape=(0, 0, 0), spacing=None, refusal="It is damaged."))
    assert bare.row() == ("", "", "", "", "", "", "", "It is damaged.")

"""Which of several series is read by itself, and by which names one is chosen."""

from pathlib import Path

import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.listing import list_dicom
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from tests import dicom_series as phantom


def put(folder: Path, modality: str, number: int, description: str, **values: object) -> list[Dataset]:
    images = phantom.series(modality, number)
    for image in images:
        image.SeriesDescription = description
        for keyword, value in values.items():
            setattr(image, keyword, value)
    phantom.write(folder, images, prefix=f"S{number}_")
    return images


def uncorrected(folder: Path, number: int = 2) -> list[Dataset]:
    return put(folder, "PT", number, "WB NAC", CorrectedImage=["DECY", "NORM"])


def test_of_pet_with_and_without_attenuation_correction_the_corrected_one_is_read_and_said(tmp_path: Path) -> None:
    uncorrected(tmp_path, 1)
    put(tmp_path, "PT", 2, "WB AC")
    volume = read_dicom(tmp_path)
    assert volume.unit == "SUVbw"
    assert volume.acquisition.corrected == ("ATTN", "DECY")
    assert any("corrected for attenuation" in f.sentence and "WB NAC" in f.sentence for f in volume.findings)
    assert read_dicom(tmp_path, series="1").acquisition.corrected == ("DECY", "NORM")


def test_uncorrected_pet_is_not_read_by_itself_where_the_corrected_one_is_damaged(tmp_path: Path) -> None:
    uncorrected(tmp_path, 1)
    put(tmp_path, "PT", 2, "WB AC")
    (tmp_path / phantom.name_of(3, "S2_")).unlink()
    with pytest.raises(RefusedError, match=r"WB NAC.*not corrected.*by its number"):
        read_dicom(tmp_path)
    assert read_dicom(tmp_path, series="1").modality == "PT"


def test_two_corrected_series_are_for_the_reader_to_choose(tmp_path: Path) -> None:
    put(tmp_path, "PT", 2, "WB AC 3 mm")
    put(tmp_path, "PT", 3, "WB AC 5 mm")
    with pytest.raises(RefusedError, match=r"2 series.*--series-a"):
        read_dicom(tmp_path)


def test_pet_and_ct_are_for_the_reader_to_choose(tmp_path: Path) -> None:
    put(tmp_path, "PT", 2, "WB AC")
    uncorrected(tmp_path, 4)
    put(tmp_path, "CT", 3, "CT")
    with pytest.raises(RefusedError, match="3 series"):
        read_dicom(tmp_path)
    assert read_dicom(tmp_path, modality="PT").unit == "SUVbw"


@pytest.mark.parametrize(
    "image_type",
    [["ORIGINAL", "PRIMARY", "LOCALIZER"], ["DERIVED", "SECONDARY", "MPR"], ["DERIVED", "PRIMARY", "PROJECTION IMAGE"]],
)
def test_localizers_and_computed_series_do_not_count_beside_a_scan(tmp_path: Path, image_type: list[str]) -> None:
    put(tmp_path, "MR", 1, "other", ImageType=image_type)
    put(tmp_path, "MR", 2, "T1")
    assert "T1" in read_dicom(tmp_path).name
    assert "other" in read_dicom(tmp_path, series="1").name


@pytest.mark.parametrize(
    "name", ["2", "t1 mprage sag", "mprage", " MPRAGE ", "MRI T1 MPRAGE sag", "MRI T1 MPRAGE sag (series 2)"]
)
def test_a_series_is_chosen_by_number_description_or_a_part_of_it(tmp_path: Path, name: str) -> None:
    put(tmp_path, "MR", 1, "T2 TSE")
    put(tmp_path, "MR", 2, "T1 MPRAGE sag")
    assert "T1 MPRAGE" in read_dicom(tmp_path, series=name).name


def test_a_part_of_a_description_that_two_series_have_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "MR", 1, "T1 pre")
    put(tmp_path, "MR", 2, "T1 post")
    with pytest.raises(RefusedError, match="2 series"):
        read_dicom(tmp_path, series="T1")
    with pytest.raises(RefusedError, match=r"no series FLAIR, but: .*T1 pre"):
        read_dicom(tmp_path, series="FLAIR")


def test_series_with_one_number_are_told_apart_by_their_uids(tmp_path: Path) -> None:
    first = put(tmp_path / "a", "MR", 2, "T1")
    second = put(tmp_path / "b", "MR", 2, "T1")
    message = phantom.refusal(tmp_path)
    for images in (first, second):
        assert images[0].SeriesInstanceUID in message
        assert read_dicom(tmp_path, series=images[0].SeriesInstanceUID).shape == (8, 12, 10)


@pytest.mark.parametrize("stated", ["", "OT", "XX"])
def test_a_series_that_states_no_modality_is_read_as_the_one_that_is_given(tmp_path: Path, stated: str) -> None:
    put(tmp_path, "CT", 1, "exported", Modality=stated, RescaleSlope=1, RescaleIntercept=0)
    volume = read_dicom(tmp_path, modality="CT")
    phantom.assert_truth(volume)
    assert (volume.modality, volume.unit) == ("CT", "HU")


def test_a_modality_that_a_series_states_is_not_overruled(tmp_path: Path) -> None:
    put(tmp_path, "CT", 1, "thorax")
    put(tmp_path / "other", "MR", 2, "exported", Modality="OT")
    assert read_dicom(tmp_path, modality="CT").name.startswith("CT thorax")
    assert read_dicom(tmp_path, modality="CT", series="2").name.startswith("CT exported")
    with pytest.raises(RefusedError, match="holds no PT"):
        read_dicom(tmp_path, modality="PT", series="1")


def test_what_was_drawn_on_a_scan_is_no_scan_by_a_given_modality(tmp_path: Path) -> None:
    put(tmp_path, "MR", 1, "drawn", Modality="SEG")
    with pytest.raises(RefusedError, match="holds no MR"):
        read_dicom(tmp_path, modality="MR")


def test_two_echoes_of_an_export_without_modality_are_not_stacked(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.Modality, image.EchoTime = "OT", 90 if k == 3 else 20
    phantom.write(tmp_path, images)
    with pytest.raises(RefusedError, match="echo time 90 ms"):
        read_dicom(tmp_path, modality="MR")


def test_a_modality_of_an_examination_under_one_series_uid_is_read(tmp_path: Path) -> None:
    for folder, modality, number in (("a", "CT", 3), ("b", "PT", 4), ("c", "MR", 5)):
        put(tmp_path / folder, modality, number, "whole body", SeriesInstanceUID="1.2.3", StudyInstanceUID="1.2.4")
    for modality in ("CT", "PT", "MR"):
        assert read_dicom(tmp_path, modality=modality).modality == modality
    uids = {one.modality: one.uid for one in list_dicom(tmp_path)}
    assert uids == {"CT": "1.2.3 CT 3", "PT": "1.2.3 PT 4", "MR": "1.2.3 MR 5"}
    assert read_dicom(tmp_path, series=uids["PT"]).modality == "PT"
    assert read_dicom(tmp_path, series="4").modality == "PT"


def test_two_scans_of_one_modality_under_one_series_uid_are_told_apart_by_their_number(tmp_path: Path) -> None:
    for number, shift in ((3, 0.0), (4, 1.3)):
        images = phantom.series("MR", number)
        for image in images:
            image.SeriesInstanceUID, image.FrameOfReferenceUID = "1.2.3", "1.2.4"
            image.ImagePositionPatient[2] += shift
        phantom.write(tmp_path, images, prefix=f"S{number}_")
    low, high = read_dicom(tmp_path, series="3"), read_dicom(tmp_path, series="4")
    phantom.assert_truth(low)
    assert high.affine[2, 3] - low.affine[2, 3] == pytest.approx(1.3)
    assert [one.uid for one in list_dicom(tmp_path)] == ["1.2.3 MR 3", "1.2.3 MR 4"]
    assert read_dicom(tmp_path, series="1.2.3 MR 4").shape == high.shape


def with_scouts(count: int, number: int, orientation: tuple[float, ...]) -> list[Dataset]:
    """Return a CT and so many scouts under its Series Instance UID."""
    images, scouts = phantom.series("CT", 3), phantom.series("CT", number, count)
    for scout in scouts:
        scout.SeriesInstanceUID, scout.FrameOfReferenceUID = images[0].SeriesInstanceUID, images[0].FrameOfReferenceUID
        scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        scout.ImageOrientationPatient = list(orientation)
    return [*images, *scouts]


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("number", [3, 1])
def test_scouts_under_the_series_uid_of_a_scan_do_not_turn_it_away(tmp_path: Path, count: int, number: int) -> None:
    phantom.write(tmp_path, with_scouts(count, number, phantom.SAGITTAL))
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert [one.level for one in volume.findings if one.rule == "series"] == ["ok"]
    assert [row.shape[0] for row in list_dicom(tmp_path) if not row.refusal] == [phantom.SLICES]


def test_scouts_in_three_planes_under_the_series_uid_of_a_scan_do_not_turn_it_away(tmp_path: Path) -> None:
    images = with_scouts(9, 3, phantom.AXIAL)
    for plane, orientation in enumerate((phantom.SAGITTAL, (1.0, 0.0, 0.0, 0.0, 0.0, -1.0), phantom.AXIAL)):
        for scout in images[phantom.SLICES + 3 * plane : phantom.SLICES + 3 * plane + 3]:
            scout.ImageOrientationPatient = list(orientation)
    phantom.write(tmp_path, images)
    phantom.assert_truth(read_dicom(tmp_path))


def test_a_slice_that_is_called_a_scout_by_a_damaged_header_is_not_left_out(tmp_path: Path) -> None:
    images = phantom.series("CT")
    images[-1].ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    phantom.write(tmp_path, images)
    assert "CT scout" in phantom.refusal(tmp_path)


@pytest.mark.parametrize("numbers", [[3] * 7 + [4], list(range(8))], ids=["odd", "each"])
def test_series_numbers_that_jitter_make_no_series(tmp_path: Path, numbers: list[int]) -> None:
    images = phantom.series("CT")
    for image, number in zip(images, numbers, strict=True):
        image.SeriesNumber = number
    assert len(list_dicom(phantom.write(tmp_path, images))) == 1


def test_a_slice_whose_modality_was_damaged_is_no_series(tmp_path: Path) -> None:
    images = phantom.series("CT")
    images[3].Modality = "MR"
    phantom.write(tmp_path, images)
    assert "mixes modality" in phantom.refusal(tmp_path)


def test_the_studies_of_one_patient_are_told_apart_the_earliest_first(tmp_path: Path) -> None:
    for folder, year in (("a", 2024), ("b", 2019), ("c", 2022)):
        put(
            tmp_path / folder,
            "CT",
            3,
            "thorax",
            StudyInstanceUID=f"1.2.{year}",
            AcquisitionDate=f"{year}0101",
            AcquisitionTime="120000",
        )
    listed = {one.name: one.uid for one in list_dicom(tmp_path)}
    assert sorted(listed) == [f"CT thorax, study {number} of 3 (series 3)" for number in (1, 2, 3)]
    first = read_dicom(tmp_path, series=listed["CT thorax, study 1 of 3 (series 3)"])
    assert first.acquisition.study == "1.2.2019"
    for uid in listed.values():
        assert uid in phantom.refusal(tmp_path)


def test_of_several_series_each_way_to_choose_one_is_named_by_the_option_that_takes_it(tmp_path: Path) -> None:
    put(tmp_path, "CT", 1, "thorax")
    put(tmp_path, "PT", 2, "whole body")
    with pytest.raises(RefusedError) as refused:
        read_dicom(tmp_path)
    by_series, by_modality = str(refused.value).split("Choose one ")[1].split("or by its modality")
    assert "number, UID or description" in by_series
    assert "--series-a" in by_series
    assert "--modality-a" in by_modality
    assert read_dicom(tmp_path, modality="PT").name == "PET whole body (series 2)"
    with pytest.raises(RefusedError, match="holds no series PT"):
        read_dicom(tmp_path, series="PT")

"""Which of several series is read by itself, and by which names one is chosen."""

from pathlib import Path

import pytest
from pydicom import Dataset

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

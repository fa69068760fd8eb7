"""The day of an examination is read from its files when it is asked for."""

from datetime import date
from pathlib import Path

import pytest

from napari_refusion.io.dicom.acquisition_day import acquired_on
from napari_refusion.io.open import open_volume
from tests.dicom_series import series, write
from tests.lesion.uptake import blob, pet


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"AcquisitionDate": "20240302", "StudyDate": "20240301"}, date(2024, 3, 2)),
        ({"AcquisitionDateTime": "20240302101500.0"}, date(2024, 3, 2)),
        ({"StudyDate": "20240301"}, date(2024, 3, 1)),
        ({"AcquisitionDate": "", "StudyDate": "x"}, None),
    ],
)
def test_the_day_is_that_of_the_acquisition_else_of_the_study(
    tmp_path: Path, dates: dict[str, str], expected: date | None
) -> None:
    slices = series()
    for one in slices:
        for keyword in ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate"):
            if keyword in one:
                del one[keyword]
        for keyword, value in dates.items():
            setattr(one, keyword, value)
    write(tmp_path, slices)
    assert acquired_on(open_volume(tmp_path)) == expected


def test_what_came_from_no_dicom_has_no_day() -> None:
    assert acquired_on(pet(blob())) is None

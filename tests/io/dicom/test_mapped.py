"""Values of PET and SPECT that the header states a second time, by its mapping to real-world values."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.volume import Volume
from tests import dicom_series as phantom

STORED = np.arange(80, 0, -10)
"""Of the phantom's first column, from the last slice to the first."""

SUV_FACTOR = 74_000 / (74e6 * 0.5)
"""SUVbw of 1 Bq/ml in the phantom's PET: 74 kg, 74 MBq, one half-life before the scan."""


def mapped(image: Dataset, slope: float, unit: str = "Bq/ml", intercept: float = 0.0) -> Dataset:
    """Map the stored numbers of an image to a unit of UCUM."""
    code, mapping = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, "UCUM", unit
    mapping.MeasurementUnitsCodeSequence = [code]
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = slope, intercept
    mapping.RealWorldValueFirstValueMapped, mapping.RealWorldValueLastValueMapped = 0, 65535
    image.RealWorldValueMappingSequence = [mapping]
    return image


def spect(folder: Path, image: Dataset) -> Volume:
    phantom.write_file(folder / "spect", image)
    return read_dicom(folder / "spect")


def warned(volume: Volume) -> list[str]:
    return [one.sentence for one in volume.findings if one.level == "warn" and "(0040,9096)" in one.sentence]


@pytest.mark.parametrize("states_rescale", [False, True])
@pytest.mark.parametrize(("unit", "expected"), [("Bq/ml", "Bq/ml"), ("{SUVbw}g/ml", "SUVbw")])
def test_spect_whose_only_scale_is_the_mapping_is_in_the_unit_that_it_maps_to(
    tmp_path: Path, states_rescale: bool, unit: str, expected: str
) -> None:
    # PS3.3, C.7.6.16.2.11: the real-world value is slope x stored number + intercept
    image = mapped(phantom.spect(), 3.0, unit)
    if states_rescale:
        image.RescaleSlope, image.RescaleIntercept = 1, 0
    image.WindowCenter, image.WindowWidth = 100, 200
    volume = spect(tmp_path, image)
    assert volume.unit == expected
    np.testing.assert_allclose(volume.data[:, 0, 0], 3 * STORED, rtol=1e-6)
    assert warned(volume) == []
    shown = volume.acquisition.windows[0].window
    assert (shown.low, shown.high) == pytest.approx((0, 600), abs=3)


def test_spect_with_two_scales_that_differ_keeps_its_rescale_and_says_both(tmp_path: Path) -> None:
    image = mapped(phantom.spect(), 5.0)
    image.RescaleSlope, image.RescaleIntercept = 2, 0
    volume = spect(tmp_path, image)
    assert volume.unit == ""
    np.testing.assert_allclose(volume.data[:, 0, 0], 2 * STORED, rtol=1e-6)
    (sentence,) = warned(volume)
    assert "5 Bq/ml" in sentence
    assert "2" in sentence


def test_spect_whose_mapping_has_an_intercept_is_not_called_counts_without_a_word(tmp_path: Path) -> None:
    volume = spect(tmp_path, mapped(phantom.spect(), 3.0, intercept=7.0))
    assert volume.unit == ""
    assert len(warned(volume)) == 1


def test_spect_of_two_scales_that_agree_says_nothing(tmp_path: Path) -> None:
    image = mapped(phantom.spect(), 2.0)
    image.RescaleSlope, image.RescaleIntercept = 2, 0
    volume = spect(tmp_path, image)
    assert (volume.unit, warned(volume)) == ("Bq/ml", [])


@pytest.mark.parametrize(
    ("unit", "slope", "count"),
    [
        ("{SUVbw}g/ml", SUV_FACTOR, 0),
        ("{SUVbw}g/ml", 1.004 * SUV_FACTOR, 0),
        ("{SUVbw}g/ml", 1.3 * SUV_FACTOR, 1),
        ("Bq/ml", 1.0, 0),
        ("Bq/ml", 1000.0, 1),
        ("mm", 1000.0, 0),
    ],
)
def test_pet_whose_header_maps_to_other_values_than_those_that_are_read_is_warned_of(
    tmp_path: Path, unit: str, slope: float, count: int
) -> None:
    phantom.write(tmp_path, [mapped(image, slope, unit) for image in phantom.series("PT")])
    volume = read_dicom(tmp_path)
    assert volume.unit == "SUVbw"
    np.testing.assert_allclose(volume.data[:, 0, 0], SUV_FACTOR * STORED, rtol=1e-6)
    assert len(warned(volume)) == count

"""Reconstructed SPECT: frames are placed by vectors, distance and thickness, or refused for what is missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.dicom.scan import scan
from tests import dicom_series as phantom


def refusal_or_warning(path: Path) -> str:
    return " ".join(finding.sentence for finding in read_dicom(path).findings if finding.level == "warn")


@pytest.mark.parametrize("spacing", [None, "", "4,0", "0"])
def test_without_spacing_between_slices_a_spect_is_read_by_its_thickness_with_a_warning(
    tmp_path: Path, spacing: object
) -> None:
    image = phantom.spect()
    del image.SpacingBetweenSlices
    if spacing is not None:
        from pydicom import DataElement

        image[0x0018, 0x0088] = DataElement(0x00180088, "LO", spacing)
    phantom.write_file(tmp_path / "spect", image)
    phantom.assert_truth(read_dicom(tmp_path / "spect"))
    said = refusal_or_warning(tmp_path / "spect")
    assert "no usable Spacing Between Slices (0018,0088)" in said
    assert "4 mm" in said


def test_without_spacing_and_thickness_that_is_the_reason_of_the_refusal(tmp_path: Path) -> None:
    image = phantom.spect()
    del image.SpacingBetweenSlices
    del image.SliceThickness
    phantom.write_file(tmp_path / "spect", image)
    message = phantom.refusal(tmp_path / "spect")
    assert "no usable Spacing Between Slices (0018,0088) and no Slice Thickness" in message
    assert "missing:" not in message
    assert "screenshots" not in message


def gated(slots: int = 2, by_slot: bool = True) -> Dataset:
    """Return the good series as a gated SPECT; slot s holds its values plus s. By slot, or slice by slice."""
    image = phantom.spect()
    image.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    pairs = [(slot, k) for slot in range(slots) for k in range(phantom.SLICES)]
    if not by_slot:
        pairs.sort(key=lambda pair: pair[1])
    image.NumberOfFrames = len(pairs)
    image.SliceVector = [k + 1 for _, k in pairs]
    image.TimeSlotVector = [slot + 1 for slot, _ in pairs]
    image.PixelData = np.stack([phantom.stored_values(k) + slot for slot, k in pairs]).astype(np.uint16).tobytes()
    return image


@pytest.mark.parametrize("by_slot", [True, False])
def test_every_frame_of_a_gated_spect_has_its_place_and_its_time_slot(tmp_path: Path, by_slot: bool) -> None:
    phantom.write_file(tmp_path / "gated", gated(3, by_slot))
    (series,) = scan(tmp_path / "gated").series
    places = {(image.place.position, image.frame_numbers) for image in series.slices}
    assert len(places) == 3 * phantom.SLICES
    for slot in (1, 2, 3):
        heights = [image.place.position[2] for image in series.slices if image.frame_numbers == (("time slot", slot),)]
        np.testing.assert_allclose(heights, phantom.FIRST[2] + 4.0 * np.arange(phantom.SLICES))


def test_a_gated_spect_is_not_called_projections(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "gated", gated())
    try:
        said = " ".join(finding.sentence for finding in read_dicom(tmp_path / "gated").findings)
    except ValueError as error:
        said = str(error)
    assert "projections" not in said


@pytest.mark.parametrize("kind", ["TOMO", "GATED TOMO", "WHOLE BODY", "STATIC"])
def test_projections_are_called_so(tmp_path: Path, kind: str) -> None:
    image = phantom.spect()
    image.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    phantom.write_file(tmp_path / "nm", image)
    assert "projections" in phantom.refusal(tmp_path / "nm")


def _mapped(image: Dataset, slope: float) -> None:
    """Map stored numbers to Bq/ml."""
    code, mapping = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "Bq/ml", "UCUM", "Becquerels/milliliter"
    mapping.MeasurementUnitsCodeSequence = [code]
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = slope, 0.0
    image.RealWorldValueMappingSequence = [mapping]


def _units(image: Dataset) -> None:
    image.Units = "BQML"


def _type(image: Dataset) -> None:
    image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 2, 0, "BQML"


def _mapping(image: Dataset) -> None:
    image.RescaleSlope, image.RescaleIntercept = 2, 0
    _mapped(image, 2.0)


def _other_mapping(image: Dataset) -> None:
    image.RescaleSlope, image.RescaleIntercept = 2, 0
    _mapped(image, 5.0)


def _counts(image: Dataset) -> None:
    image.Units = "CNTS"


@pytest.mark.parametrize(
    ("state", "unit"),
    [(_units, "Bq/ml"), (_type, "Bq/ml"), (_mapping, "Bq/ml"), (_other_mapping, ""), (_counts, "")],
)
def test_a_quantitative_spect_is_in_the_unit_that_it_states(
    tmp_path: Path, state: Callable[[Dataset], None], unit: str
) -> None:
    image = phantom.spect()
    state(image)
    phantom.write_file(tmp_path / "spect", image)
    volume = read_dicom(tmp_path / "spect")
    assert volume.unit == unit
    (said,) = (finding for finding in volume.findings if finding.rule == "unit")
    assert said.sentence.startswith(f"Values are {unit or 'counts'}")
    slope = float(image.get("RescaleSlope", 1))
    np.testing.assert_allclose(volume.data[:, 0, 0], slope * np.arange(80, 0, -10), rtol=1e-6)

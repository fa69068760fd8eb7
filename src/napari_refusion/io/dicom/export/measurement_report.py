"""What was measured in lesions as a structured report (PS3.16, TID 1500), which refers to their Segmentation."""

from math import isfinite
from typing import Any, Final

from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion import __version__
from napari_refusion.io.dicom.decimal_string import to_digits
from napari_refusion.io.dicom.export.derivation import EQUIPMENT, LONG_STRING, shortened
from napari_refusion.io.dicom.export.identity import identity, mapped, write_identity
from napari_refusion.io.dicom.export.measure_codes import UNITS, concept, measure_code, private
from napari_refusion.io.dicom.export.measured import LesionExport, Measured, Row, tracking_words
from napari_refusion.io.dicom.export.references import instances
from napari_refusion.io.dicom.own import MANUFACTURER
from napari_refusion.notice import RESEARCH_ONLY

SERIES_NUMBER: Final = 9006

_PROCEDURE: Final = ("363679005", "SCT", "Imaging procedure")
"""The concept above all procedures: the series does not say in codes which one it was."""


def measurement_report(export: LesionExport, segments: Dataset) -> Dataset:
    """Return the measurements as a Comprehensive 3D SR with new UIDs: preliminary, and verified by nobody.

    Parameters
    ----------
    segments
        The Segmentation of the same lesions, one segment for each in their order.
    """
    from highdicom.sr import Comprehensive3DSR, MeasurementReport
    from pydicom.sr.codedict import codes

    groups = [_group(export, segments, number, one) for number, one in enumerate(export.lesions, 1)]
    content = MeasurementReport(
        _observer(),
        concept(_PROCEDURE),
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    dataset = Comprehensive3DSR(
        [*_images(export), segments],
        content[0],
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
    )
    dataset.ManufacturerModelName = EQUIPMENT["manufacturer_model_name"]
    dataset.SoftwareVersions = dataset.DeviceSerialNumber = __version__
    dataset.SeriesDescription = shortened(f"Measurements of lesions, {RESEARCH_ONLY}", LONG_STRING)
    write_identity(dataset, export.reference, export.pseudonym)
    del dataset.Laterality
    return dataset


def _images(export: LesionExport) -> list[Dataset]:
    """Return what highdicom needs to know of each image of the series, which the segments refer to."""
    images = []
    for one in instances(export.reference, export.pseudonym):
        image = identity(export.reference, export.frame_of_reference, export.pseudonym)
        image.SOPClassUID, image.SOPInstanceUID = one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID
        images.append(image)
    return images


def _observer() -> Any:  # noqa: ANN401, a class of highdicom
    """Return the observation context (TID 1001): this program; who read is in the review's record."""
    from highdicom.sr import DeviceObserverIdentifyingAttributes, ObservationContext, ObserverContext
    from pydicom.sr.codedict import codes

    device = DeviceObserverIdentifyingAttributes(
        generate_uid(), MANUFACTURER, MANUFACTURER, EQUIPMENT["manufacturer_model_name"], __version__
    )
    return ObservationContext(observer_device_context=ObserverContext(codes.DCM.Device, device))


def _group(export: LesionExport, segments: Dataset, number: int, one: Measured) -> Any:  # noqa: ANN401, of highdicom
    """Return the measurement group of one lesion (TID 1411)."""
    from highdicom.sr import (
        FindingSite,
        ReferencedSegment,
        SourceSeriesForSegmentation,
        TrackingIdentifier,
        VolumetricROIMeasurementsAndQualitativeEvaluations,
    )
    from pydicom.sr.codedict import codes

    site = one.lesion.site.strip()
    return VolumetricROIMeasurementsAndQualitativeEvaluations(
        TrackingIdentifier(export.tracking_uid(one), tracking_words(one.lesion)),
        referenced_segment=ReferencedSegment(
            segments.SOPClassUID,
            segments.SOPInstanceUID,
            number,
            source_series=SourceSeriesForSegmentation(mapped(export.reference.series, export.pseudonym)),
        ),
        finding_type=codes.SCT.Lesion,
        finding_sites=[FindingSite(concept(_site(site)))] if site else None,
        measurements=[_measurement(row) for row in one.rows if isfinite(row[1])],
    )


def _measurement(row: Row) -> Any:  # noqa: ANN401, a class of highdicom
    """Return one measurement (TID 1419)."""
    from highdicom.sr import Measurement

    name, value, unit = row
    code = measure_code(name)
    return Measurement(
        concept(code.name),
        to_digits(value),
        concept((unit, "UCUM", UNITS.get(unit, unit))),
        derivation=None if code.derivation is None else concept(code.derivation),
    )


def _site(words: str) -> tuple[str, str, str]:
    """Return the code of a finding site: of SNOMED CT where it knows the words, else the words themselves.

    TID 1411 has no place for a site in free text, so that it is the meaning of a code of this program's.
    """
    from pydicom.sr.codedict import codes

    found = getattr(codes.SCT, "".join(word.capitalize() for word in words.split()), None)
    return private(words) if found is None else (found.value, found.scheme_designator, found.meaning)

"""What an exported object refers to: its images, and the registration that laid them over one another."""

from pydicom import Dataset

from napari_refusion.io.dicom.export.identity import Pseudonym, mapped
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.header import text


def source_images(export: Export) -> list[Dataset]:
    """Return the items of Source Image Sequence (0008,2112): every image of both series; purpose of CID 7202."""
    from pydicom.sr.codedict import codes

    purpose = codes.DCM.SourceImageForImageProcessingOperation
    items = [item for one in export.references for item in instances(one, export.pseudonym)]
    for item in items:
        item.PurposeOfReferenceCodeSequence = [code(purpose.value, purpose.scheme_designator, purpose.meaning)]
    return items


def source_registration(dataset: Dataset, export: Export) -> None:
    """Add the registration that the images were moved by as a source (General Reference module, PS3.3 C.12.4).

    CID 7013 (Non-Image Source Instance Purposes of Reference), which may be extended, has a deformable one only.
    """
    from pydicom.sr.codedict import codes

    if export.registration is None:
        return
    purpose = codes.DCM.SpatialRegistrationReference
    item = _instance(export.registration)
    item.PurposeOfReferenceCodeSequence = [code(purpose.value, purpose.scheme_designator, purpose.meaning)]
    dataset.SourceInstanceSequence = [item]


def registration_in_study(registration: Dataset) -> Dataset:
    """Return a reference to a registration by its study and series (PS3.3, Table C.17-3)."""
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID = registration.SeriesInstanceUID
    series.ReferencedSOPSequence = [_instance(registration)]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = registration.StudyInstanceUID, [series]
    return study


def registration_series(registration: Dataset) -> Dataset:
    """Return the item of the Common Instance Reference module for a registration, which is of the object's study."""
    series = Dataset()
    series.SeriesInstanceUID = registration.SeriesInstanceUID
    series.ReferencedInstanceSequence = [_instance(registration)]
    return series


def _instance(one: Dataset) -> Dataset:
    """Return a reference to an object that is written in the same export."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
    return item


def instances(reference: ReferenceSeries, pseudonym: Pseudonym | None) -> list[Dataset]:
    """Return a reference to every image of a series, as sequences of references hold them."""
    items = []
    for header in reference.headers:
        item = Dataset()
        item.ReferencedSOPClassUID = text(header, "SOPClassUID")
        item.ReferencedSOPInstanceUID = mapped(text(header, "SOPInstanceUID"), pseudonym)
        items.append(item)
    return items


def refer(dataset: Dataset, export: Export) -> None:
    """Add the Common Instance Reference module (PS3.3, C.12.2): both series and the registration.

    A series of another study stands by itself.
    """
    own, others = Dataset(), []
    own.ReferencedSeriesSequence = []
    for one in export.references:
        item = Dataset()
        item.SeriesInstanceUID = mapped(one.series, export.pseudonym)
        item.ReferencedInstanceSequence = instances(one, export.pseudonym)
        if one.study == export.reference.study:
            own.ReferencedSeriesSequence.append(item)
            continue
        study = Dataset()
        study.StudyInstanceUID, study.ReferencedSeriesSequence = mapped(one.study, export.pseudonym), [item]
        others.append(study)
    if export.registration is not None:
        own.ReferencedSeriesSequence.append(registration_series(export.registration))
    dataset.ReferencedSeriesSequence = own.ReferencedSeriesSequence
    if others:
        dataset.StudiesContainingOtherReferencedInstancesSequence = others


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence (PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item

"""Which images a Segmentation of lesions was drawn on: all of the series, and for each frame its own."""

import numpy as np
from pydicom import Dataset

from napari_refusion.io.dicom.export.identity import mapped
from napari_refusion.io.dicom.export.measured import LesionExport
from napari_refusion.io.dicom.export.references import code, instances
from napari_refusion.io.dicom.header import Numbers, decimals

SAME: float = 0.01
"""mm; a frame this near to an image lies in it. Lesions lie on an even grid, images need not."""


def add_sources(dataset: Dataset, export: LesionExport) -> None:
    """Write the references to the images, which highdicom made of the one header that it was given."""
    from pydicom.sr.codedict import codes

    series = Dataset()
    series.SeriesInstanceUID = mapped(export.reference.series, export.pseudonym)
    series.ReferencedInstanceSequence = instances(export.reference, export.pseudonym)
    dataset.ReferencedSeriesSequence = [series]
    dataset.pop("SourceImageSequence", None)
    images = instances(export.reference, export.pseudonym)
    places = [decimals(header, "ImagePositionPatient", 3, "", []) for header in export.reference.headers]
    how, why = codes.DCM.Segmentation, codes.DCM.SourceImageForImageProcessingOperation
    for group in dataset.PerFrameFunctionalGroupsSequence:
        here = group.PlanePositionSequence[0].ImagePositionPatient
        own = [image for image, place in zip(images, places, strict=True) if _is_at(place, here)]
        group.DerivationImageSequence = []
        for image in own[:1] or (images if len(images) == 1 else []):
            source = Dataset()
            source.update(image)
            source.PurposeOfReferenceCodeSequence = [code(why.value, why.scheme_designator, why.meaning)]
            source.SpatialLocationsPreserved = "YES"
            item = Dataset()
            item.DerivationCodeSequence = [code(how.value, how.scheme_designator, how.meaning)]
            item.SourceImageSequence = [source]
            group.DerivationImageSequence.append(item)


def _is_at(place: Numbers | None, here: Numbers) -> bool:
    return place is not None and float(np.abs(np.subtract(place, np.array(here, np.float64))).max()) < SAME

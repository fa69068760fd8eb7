"""The classic overlay of the stored sources: an Advanced Blending Presentation State (PS3.3, A.33.7), no pixels."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion.fusion.fuse import Fused
from napari_refusion.fusion.provenance import SourceRecord
from napari_refusion.io.dicom.decimal_string import to_digits
from napari_refusion.io.dicom.export.derivation import EQUIPMENT, series_description
from napari_refusion.io.dicom.export.identity import identity, mapped, write_identity
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.export.references import instances, registration_in_study, registration_series
from napari_refusion.io.dicom.export.registration import has_move
from napari_refusion.io.dicom.header import quiet, text, whole
from napari_refusion.io.dicom.real_world import is_parametric_map
from napari_refusion.numerics.colour import DEFAULT_PALETTE, PALETTES
from napari_refusion.numerics.colour_maps import colour_table

SERIES_NUMBER: Final = 9003
OPACITY: Final = 0.5
"""Of the coloured source over the grey one."""
COLOURS: Final = 256
"""Entries of a palette."""

Rescale = tuple[float, float, str]
"""Slope, intercept and Rescale Type (0028,1054)."""


def blending_obstacle(fused: Fused, references: Sequence[ReferenceSeries]) -> str:
    """Return why the stored sources cannot be shown over one another, as a sentence; empty where they can."""
    a, b = references
    spaces = {a.frame_of_reference, b.frame_of_reference}
    if fused.provenance.a.move or fused.provenance.b.move:
        # in one frame of reference, what does not follow the registration overlays them all the same
        if not has_move(fused) or "" in spaces or len(spaces) == 1:
            return "The sources were registered, and an overlay of the stored images would show them unregistered."
    elif "" in spaces or len(spaces) == 2:
        return "The sources are not in one frame of reference, so the stored images must not be overlaid."
    if a.study != b.study:
        return "The sources are from two studies, and an overlay can hold images of one study only."
    for one in references:
        for header in one.headers:
            if "ModalityLUTSequence" in header or is_parametric_map(header) or len(_rescales(header)) > 1:
                return f"The {one.modality} images rescale their values in a way that an overlay cannot hold."
    return ""


def blending(export: Export) -> Dataset:
    """Return the overlay of source a, in the palette of the fused colours, over source b in grey.

    Both in the windows in which they were fused, for sources without a `blending_obstacle`.
    """
    from highdicom.pr import AdvancedBlending, AdvancedBlendingPresentationState, BlendingDisplay, BlendingDisplayInput

    legend, made = export.fused.legend, export.fused.provenance
    palette = legend.palette if legend and legend.palette else DEFAULT_PALETTE
    with quiet():
        images = [_images(export, one) for one in export.references]
        layers = [  # of the first image alone: highdicom takes no series of several multi-frame files
            AdvancedBlending(of_series[:1], number, palette_color_lut_transformation=_palette(colours))
            for number, (of_series, colours) in enumerate(zip(images, (palette, ""), strict=True), 1)
        ]
        for layer, one, record in zip(layers, export.references, (made.a, made.b), strict=True):
            layer.ReferencedImageSequence = instances(one, export.pseudonym)
            _add_window(layer, one, record, export)
            layer.GeometryForDisplay = "TRUE" if one is export.reference else "FALSE"
            _add_registration(layer, one, export)
        display = BlendingDisplay("FOREGROUND", [BlendingDisplayInput(1), BlendingDisplayInput(2)], None, OPACITY)
        description = series_description(export, "overlay of sources")
        dataset = AdvancedBlendingPresentationState(
            [*images[0], *images[1]],
            layers,
            [display],
            series_instance_uid=generate_uid(),
            series_number=SERIES_NUMBER,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            content_label="OVERLAY",
            content_description=description,
            series_description=description,
            **EQUIPMENT,
        )
        dataset.DisplayedAreaSelectionSequence = [_whole_area(one, export) for one in export.references]
        dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = export.frame_of_reference, ""
        _name_registration(dataset, export)
        write_identity(dataset, export.reference, export.pseudonym)
    return dataset


def _name_registration(dataset: Dataset, export: Export) -> None:
    """Add the registration to the Common Instance Reference module."""
    if export.registration is not None:
        dataset.ReferencedSeriesSequence.append(registration_series(export.registration))


def _add_registration(layer: Dataset, reference: ReferenceSeries, export: Export) -> None:
    """Add the registration to a layer of images that lie in another frame of reference than the overlay (C.11.33)."""
    if export.registration is not None and reference.frame_of_reference != export.fused.volume.frame_of_reference:
        layer.ReferencedSpatialRegistrationSequence = [registration_in_study(export.registration)]


def _images(export: Export, reference: ReferenceSeries) -> list[Dataset]:
    """Return what highdicom needs to know of each image of a series; the patient is in each."""
    patient = identity(export.reference, export.frame_of_reference, export.pseudonym)
    images = []
    for header in reference.headers:
        # Copied, since data sets that share an element share its value.
        image = deepcopy(patient)
        image.SOPClassUID = text(header, "SOPClassUID")
        image.SOPInstanceUID = mapped(text(header, "SOPInstanceUID"), export.pseudonym)
        image.SeriesInstanceUID = mapped(reference.series, export.pseudonym)
        image.Rows, image.Columns, image.SamplesPerPixel = header.Rows, header.Columns, 1
        # Looked at where the SOP class is a multi-frame one; their windows and rescales are given below.
        image.NumberOfFrames = max(1, whole(header, "NumberOfFrames"))
        image.SharedFunctionalGroupsSequence, image.PerFrameFunctionalGroupsSequence = [Dataset()], []
        images.append(image)
    return images


def _whole_area(reference: ReferenceSeries, export: Export) -> Dataset:
    """Return an item of Displayed Area Selection Sequence: all of the images of one series.

    highdicom gives one item with the size of the first series, which cuts or pads the images of the other.
    """
    item = Dataset()
    item.ReferencedImageSequence = instances(reference, export.pseudonym)
    item.DisplayedAreaTopLeftHandCorner = [1, 1]
    item.DisplayedAreaBottomRightHandCorner = [reference.headers[0].Columns, reference.headers[0].Rows]
    item.PresentationSizeMode = "SCALE TO FIT"
    item.PresentationPixelAspectRatio = [1, 1]
    return item


def _palette(name: str) -> Any:  # noqa: ANN401, a class of highdicom
    """Return highdicom's form of one of `numerics.colour_maps.FUSED_MAPS`, or of a grey ramp for an empty name."""
    from highdicom import PaletteColorLUTTransformation
    from pydicom.pixels import apply_color_lut

    uid = PALETTES.get(name)
    if uid is not None:
        colours = apply_color_lut(np.arange(COLOURS, dtype=np.uint8), palette=uid)
    else:
        colours = np.rint(colour_table(name or "grey") * 255)
    table: NDArray[np.uint16] = colours.astype(np.uint16) * 257
    return PaletteColorLUTTransformation.from_combined_lut(table, palette_color_lut_uid=uid)


def _add_window(layer: Dataset, reference: ReferenceSeries, record: SourceRecord, export: Export) -> None:
    """Add the window of the fusion to a layer, in rescaled values, or image by image in stored ones.

    A layer has one rescale for all its images. Where theirs differ, as those of PET slices do, it has none and the
    window of each image is turned into that image's stored values, which comes to the same.
    """
    low, high = (limit / reference.factor for limit in record.window)
    rescales = [next(iter(_rescales(header))) for header in reference.headers]
    if len(set(rescales)) == 1:
        slope, intercept, kind = rescales[0]
        if (slope, intercept) != (1.0, 0.0):
            layer.RescaleIntercept, layer.RescaleSlope, layer.RescaleType = intercept, slope, kind
        layer.SoftcopyVOILUTSequence = [_window(low, high)]
        return
    layer.SoftcopyVOILUTSequence = []
    for (slope, intercept, _), image in zip(rescales, instances(reference, export.pseudonym), strict=True):
        item = _window((low - intercept) / slope, (high - intercept) / slope)
        item.ReferencedImageSequence = [image]
        layer.SoftcopyVOILUTSequence.append(item)


def _window(low: float, high: float) -> Dataset:
    """Return an item of Softcopy VOI LUT Sequence (0028,3110)."""
    from pydicom.valuerep import DS

    item = Dataset()
    item.WindowCenter, item.WindowWidth = (
        DS(to_digits(one), auto_format=True) for one in ((low + high) / 2, high - low)
    )
    item.VOILUTFunction = "LINEAR_EXACT"
    return item


def _rescales(header: Dataset) -> set[Rescale]:
    """Return the rescales of a file: one, except where the frames of a multi-frame file have their own."""
    groups = [
        *(header.get("SharedFunctionalGroupsSequence") or []),
        *(header.get("PerFrameFunctionalGroupsSequence") or []),
    ]
    holders = [item for group in groups for item in group.get("PixelValueTransformationSequence") or []]
    return {
        (
            float(holder.get("RescaleSlope") or 1.0),
            float(holder.get("RescaleIntercept") or 0.0),
            text(holder, "RescaleType") or "US",
        )
        for holder in holders or [header]
    }

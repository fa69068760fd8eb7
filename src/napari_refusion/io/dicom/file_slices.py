"""The slices of a DICOM file: one, or one for each frame or each tile of a mosaic, as its header says; no pixels."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from pydicom import Dataset
from pydicom.uid import UID

from napari_refusion.io.dicom.content import content_of
from napari_refusion.io.dicom.frame_count import frames_to_list
from napari_refusion.io.dicom.functional_groups import Groups, groups_of, holder, holders
from napari_refusion.io.dicom.grey import is_grey_palette
from napari_refusion.io.dicom.header import Numbers, decimals, element_of, text, whole
from napari_refusion.io.dicom.mosaic import Mosaic, grid_finding, is_mosaic, mosaic_of
from napari_refusion.io.dicom.nuclear import distance_finding, frame_numbers, frame_position, is_reconstructed
from napari_refusion.io.dicom.own import is_own
from napari_refusion.io.dicom.quantity import PetQuantity, pet_quantity
from napari_refusion.io.dicom.real_world import is_parametric_map, map_rescale, mapped_window, real_world_of
from napari_refusion.io.dicom.slice import ImagePlane, Pixels, Slice
from napari_refusion.io.dicom.spect import modality_of, spect_units
from napari_refusion.io.dicom.stored import Rescale, Stored, rescale_of, states_vr, stored_of
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import patient_mark

_PATIENT: Final = ("PatientID", "IssuerOfPatientID", "PatientBirthDate")

_FRAME_TYPES: Final = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence")


def slices_of(path: Path, header: Dataset, after_header: BinaryIO) -> list[Slice]:
    """Return one entry per frame of a file.

    Parameters
    ----------
    header
        Its header, read until the pixels.
    after_header
        The open file, standing where the pixel data begin.

    Raises
    ------
    RefusedError
        If it cannot hold the frames that it declares.
    """
    size = os.fstat(after_header.fileno()).st_size
    shared = _shared(header, after_header, size)
    if is_mosaic(header):
        return _tiles(path, header, shared)
    there = frames_to_list(path, header, shared.stored, shared.found)
    return [_slice(path, header, frame, shared.stored.frames, shared) for frame in range(there)]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all frames of a file have in common."""

    found: int | None
    """Bytes of pixels."""
    tracer: PetQuantity | None
    """None where each frame has its own."""
    stored: Stored
    patient: str
    is_own: bool


def _shared(header: Dataset, after_header: BinaryIO, size: int) -> _Shared:
    is_pet = text(header, "Modality") == "PT" and element_of(header, "PerFrameFunctionalGroupsSequence") is None
    stored = stored_of(header, after_header, size)  # before the file's place is lost
    return _Shared(
        found=_pixel_bytes(header, after_header, size),
        tracer=pet_quantity(header) if is_pet else None,
        stored=stored,
        patient=patient_mark(*(text(header, keyword) for keyword in _PATIENT)),
        is_own=is_own(header),
    )


def _slice(path: Path, header: Dataset, frame: int, frames: int, shared: _Shared) -> Slice:
    faults: list[Finding] = []
    name = f"{path.name} frame {frame + 1}" if frames > 1 else path.name
    groups = groups_of(header, frame)
    image_type = _image_type(header, groups)
    tracer = shared.tracer
    if tracer is None and text(header, "Modality") == "PT":
        tracer = pet_quantity(header, groups)
    place = _place(header, groups, frame, name, faults)
    faults += grid_finding(header, name) if frames == 1 else []
    rescale = rescale_of(list(holders(groups, "PixelValueTransformationSequence")), name, faults)
    content = content_of(groups, image_type)
    if is_parametric_map(header):
        rescale = map_rescale(groups, rescale, name, faults)
        content = replace(content, windows=tuple(mapped_window(one, rescale) for one in content.windows))
    return Slice(
        path=path,
        frame=frame,
        frames=frames,
        sop_instance=text(header, "SOPInstanceUID"),
        series_uid=text(header, "SeriesInstanceUID"),
        modality=modality_of(header),
        description=text(header, "SeriesDescription"),
        series_number=text(header, "SeriesNumber"),
        instance_number=text(header, "InstanceNumber"),
        image_type=image_type,
        slices_stated=whole(header, "NumberOfSlices"),
        place=place,
        pixels=_pixels(header, groups, frames, shared.found, rescale),
        pet_quantity=tracer,
        content=content,
        patient=shared.patient,
        is_own=shared.is_own,
        stored=shared.stored,
        rescale=rescale,
        spect_units=spect_units(header, groups) if text(header, "Modality") == "NM" else "",
        real_world=real_world_of(groups) if text(header, "Modality") in ("PT", "NM") else (),
        frame_numbers=frame_numbers(header, frame) if frames > 1 else (),
        faults=tuple(faults),
    )


def _image_type(header: Dataset, groups: Groups) -> tuple[str, ...]:
    """Return Frame Type (0008,9007) of a frame that has one of its own, else Image Type (0008,0008)."""
    for macro in _FRAME_TYPES if len(groups) > 1 else ():
        if words := text(_held(groups[:-1], macro, "FrameType"), "FrameType"):
            return tuple(words.split("\\"))
    return tuple(text(header, "ImageType").split("\\"))


def _tiles(path: Path, header: Dataset, shared: _Shared) -> list[Slice]:
    """Return one entry for each slice of a Siemens mosaic, or one for all of it, which is refused with the reason."""
    whole_image = _slice(path, header, 0, 1, shared)
    place = whole_image.place
    if place.position is None or place.orientation is None or place.pixel_spacing is None:
        return [whole_image]
    between = abs(place.spacing or 0.0)
    mosaic, said = mosaic_of(header, place.position, place.orientation, place.pixel_spacing, between, path.name)
    if mosaic is None:
        return [replace(whole_image, faults=(*whole_image.faults, *said))]
    stored = replace(shared.stored, tiles=mosaic.across)
    return [
        replace(
            whole_image,
            frame=tile,
            frames=mosaic.count,
            place=_tile_place(place, mosaic, tile),
            stored=stored,
            faults=(*whole_image.faults, *said) if tile == 0 else (),
        )
        for tile in range(mosaic.count)
    ]


def _tile_place(place: ImagePlane, mosaic: Mosaic, tile: int) -> ImagePlane:
    return replace(
        place,
        position=tuple((mosaic.first + mosaic.steps[tile]).tolist()),
        rows=place.rows // mosaic.across,
        columns=place.columns // mosaic.across,
    )


def _held(groups: Groups, macro: str, keyword: str) -> Dataset:
    """Return the data set that holds an attribute, an empty one where none does."""
    found = holder(groups, macro, keyword)
    return Dataset() if found is None else found


def _place(header: Dataset, groups: Groups, frame: int, name: str, faults: list[Finding]) -> ImagePlane:
    def numbers(macro: str, keyword: str, count: int, used: bool = True) -> Numbers | None:
        return decimals(_held(groups, macro, keyword), keyword, count, name, faults, used)

    position = numbers("PlanePositionSequence", "ImagePositionPatient", 3)
    orientation = numbers("PlaneOrientationSequence", "ImageOrientationPatient", 6)
    # Positions tell the distance of the slices; where these two are needed and missing, that is refused or warned of.
    thickness = numbers("PixelMeasuresSequence", "SliceThickness", 1, used=False)
    spacing = numbers("PixelMeasuresSequence", "SpacingBetweenSlices", 1, used=False)
    if frame and "PerFrameFunctionalGroupsSequence" not in header:
        between = next((one[0] for one in (spacing, thickness) if one and one[0]), None)
        position = frame_position(header, position, orientation, between, frame)
        is_slice = text(header, "Modality") == "NM" and is_reconstructed(tuple(text(header, "ImageType").split("\\")))
        if frame == 1 and is_slice and not (spacing and spacing[0]):
            faults.append(distance_finding(name.partition(" frame ")[0], thickness[0] if thickness else None))
    return ImagePlane(
        position=position,
        orientation=orientation,
        pixel_spacing=numbers("PixelMeasuresSequence", "PixelSpacing", 2),
        rows=whole(header, "Rows"),
        columns=whole(header, "Columns"),
        thickness=thickness[0] if thickness else None,
        spacing=spacing[0] if spacing else None,
        frame_of_reference=text(header, "FrameOfReferenceUID"),
    )


def _pixels(header: Dataset, groups: Groups, frames: int, found: int | None, rescale: Rescale) -> Pixels:
    macro = "PixelValueTransformationSequence"
    bits = whole(header, "Rows") * whole(header, "Columns") * frames * whole(header, "BitsAllocated")
    meta = getattr(header, "file_meta", Dataset())
    return Pixels(
        photometric=text(header, "PhotometricInterpretation"),
        transfer_syntax=text(meta, "TransferSyntaxUID"),
        lossy=text(header, "LossyImageCompression") == "01",
        burned_in=text(header, "BurnedInAnnotation") == "YES",
        expected=(bits * _samples(header) + 7) // 8,
        found=found,
        rescaled=rescale.table or (rescale.has_slope and rescale.has_intercept),
        rescale_type=text(_held(groups, macro, "RescaleType"), "RescaleType"),
        grey_palette=is_grey_palette(header),
    )


def _samples(header: Dataset) -> int:
    """Return how many numbers a pixel has; two pixels share their chroma where it is halved (PS3.3, C.7.6.3.1.2)."""
    is_halved = text(header, "PhotometricInterpretation") in ("YBR_FULL_422", "YBR_PARTIAL_422")
    return 2 if is_halved else max(1, whole(header, "SamplesPerPixel"))


def _pixel_bytes(header: Dataset, file: BinaryIO, size: int) -> int | None:
    """Return how many bytes of pixels a file really has; None where they are compressed."""
    syntax = UID(text(getattr(header, "file_meta", Dataset()), "TransferSyntaxUID"))
    if syntax and (not syntax.is_transfer_syntax or syntax.is_compressed or syntax.is_deflated):
        return None
    _, little = header.original_encoding
    place = file.tell()
    head = file.read(12)
    explicit = states_vr(head)
    stated = int.from_bytes(head[8:12] if explicit else head[4:8], "little" if little else "big")
    found = min(stated, max(0, size - place - (12 if explicit else 8)))
    file.seek(place)
    return found

"""The geometry gate: the places of the slices must be stated and alike, and make one stack (`io.dicom.stack`).

MONAI, ITK and SimpleITK load most of the series that are refused here, with wrong places for the voxels.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Final

import numpy as np

from napari_refusion.io.dicom.even_grid import FARTHEST, SHARE_OF_STEP
from napari_refusion.io.dicom.header import Numbers
from napari_refusion.io.dicom.slice import SEND_AGAIN, ImagePlane, Slice, named
from napari_refusion.io.dicom.stack import check_stack, normal, slice_distance
from napari_refusion.volume.finding import Finding, blocking

RIGHT_ANGLE: Final = 2e-3
"""How far the products of two directions may be from those of perpendicular ones of length 1; 3
decimals give 1.7e-3. What comes of it is judged in mm (`io.dicom.straight`)."""


def check_places(slices: Sequence[Slice]) -> list[Finding]:
    """Return what is wrong with the places of the slices, or that they are good.

    Parameters
    ----------
    slices
        Of one series, sorted along the normal.
    """
    findings = [*_check_stated(slices), *_check_alike(slices), *_check_frame_of_reference(slices[0])]
    if blocking(findings) or any(image.place.position is None for image in slices):
        return findings
    if len(slices) == 1:
        return [*findings, _check_single(slices[0])]
    return [*findings, *check_stack(slices)]


def _check_stated(slices: Sequence[Slice]) -> list[Finding]:
    """Return a finding for each attribute of the geometry that is missing, or makes no sense."""
    findings = []
    missing: dict[str, Callable[[Slice], bool]] = {
        "Image Position (Patient) (0020,0032)": lambda image: image.place.position is None,
        "Image Orientation (Patient) (0020,0037)": lambda image: image.place.orientation is None,
        "Pixel Spacing (0028,0030)": lambda image: min(image.place.pixel_spacing or (0.0,)) <= 0,
    }
    for words, lacks in missing.items():
        without = [image for image in slices if lacks(image) and not _said_before(image)]
        if without:
            sentence = (
                f"{named(without)} without a usable {words}: the position of the voxels is unknown. "
                "Export the series again as original images, not as screenshots."
            )
            findings.append(Finding("block", "position", sentence, f"{len(without)} of {len(slices)} images"))
    for image in slices:
        cosines = image.place.orientation
        if cosines and not _is_orthonormal(cosines):
            stored = "\\".join(f"{cosine:g}" for cosine in cosines)
            sentence = (
                f"{image.name}: Image Orientation (Patient) {stored} is not two perpendicular directions of length 1; "
                f"a number was cut off or changed. {SEND_AGAIN}"
            )
            findings.append(Finding("block", "orientation", sentence, stored))
            break
    return findings


def _said_before(image: Slice) -> bool:
    """Return whether a frame has no place because the distance of the slices is unknown, which its file is told of."""
    return image.frame > 0 and image.modality == "NM" and not (image.place.spacing or image.place.thickness)


def _is_orthonormal(cosines: Numbers) -> bool:
    directions = np.reshape(cosines, (2, 3))
    return bool(np.abs(directions @ directions.T - np.eye(2)).max() <= RIGHT_ANGLE)


def _check_alike(slices: Sequence[Slice]) -> list[Finding]:
    """Return a finding for each attribute that must be the same in all slices and is not."""
    findings = _check_one_orientation(slices)
    if findings:
        return findings
    rules: list[tuple[str, Callable[[Slice], Hashable], Callable[[Slice], str]]] = [
        (
            "matrix",
            lambda s: (s.place.rows, s.place.columns),
            lambda s: f"{s.place.rows} x {s.place.columns} pixels",
        ),
        ("frame of reference", lambda s: s.place.frame_of_reference, lambda s: s.place.frame_of_reference or "none"),
    ]
    for rule, key, value in rules:
        common = Counter(map(key, slices)).most_common(1)[0][0]
        odd = [image for image in slices if key(image) != common]
        if odd:
            usual = next(image for image in slices if key(image) == common)
            findings.append(_unlike(rule, odd, value(odd[0]), value(usual)))
    return findings + _check_pixel_spacing(slices)


def _check_pixel_spacing(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where pixels are larger or smaller than in the other slices, by what shows at the corners."""
    spacings = [image.place.pixel_spacing for image in slices if image.place.pixel_spacing]
    orientations = [image.place.orientation for image in slices if image.place.orientation]
    if not spacings or not orientations:
        return []
    usual, limit = Counter(spacings).most_common(1)[0][0], _limit(slices, orientations[0])
    odd = [image for image in slices if _apart_by_spacing(image.place, usual) > limit]
    return [_unlike("pixel spacing", odd, _spoken(odd[0].place.pixel_spacing), _spoken(usual))] if odd else []


def _unlike(rule: str, odd: Sequence[Slice], value: str, usual: str) -> Finding:
    sentence = (
        f"{named(odd, 'has', 'have')} a different {rule} ({value}) from the rest of the series ({usual}): these are "
        "not one volume. Remove the odd images from the folder or export the series again."
    )
    return Finding("block", rule, sentence, value)


def _spoken(numbers: Numbers | None) -> str:
    return " x ".join(f"{number:g}" for number in numbers or ()) + " mm"


def _limit(slices: Sequence[Slice], orientation: Numbers) -> float:
    """Return how far the corner of a slice may lie from where the usual slice has it, mm.

    Parameters
    ----------
    orientation
        The usual one.
    """
    places = np.array([image.place.position for image in slices if image.place.position], dtype=np.float64)
    if len(places) < 2:
        return FARTHEST
    step = float(np.ptp(places @ normal(orientation))) / (len(places) - 1)
    return min(FARTHEST, SHARE_OF_STEP * step) if step > 0 else FARTHEST


def _apart_by_spacing(place: ImagePlane, usual: Numbers) -> float:
    """Return how far another pixel spacing moves the corner of a slice against its middle, mm."""
    if place.pixel_spacing == usual:
        return 0.0
    half = np.array([place.rows - 1, place.columns - 1]) / 2
    return float(np.linalg.norm(half * np.subtract(place.pixel_spacing or usual, usual)))


def _apart_by_orientation(place: ImagePlane, usual: Numbers) -> float:
    """Return how far another orientation moves the corner of a slice against its middle, mm."""
    if place.orientation == usual:
        return 0.0
    turned = np.subtract(place.orientation or usual, usual).reshape(2, 3)
    between_rows, between_columns = place.pixel_spacing or (1.0, 1.0)
    right = turned[0] * between_columns * (place.columns - 1) / 2
    down = turned[1] * between_rows * (place.rows - 1) / 2
    return max(float(np.linalg.norm(right + down)), float(np.linalg.norm(right - down)))


def _check_frame_of_reference(image: Slice) -> list[Finding]:
    if image.place.frame_of_reference:
        return []
    sentence = (
        "The series has no Frame of Reference UID (0020,0052): the headers do not show whether another "
        "series was acquired without moving the patient, so compare the two images by eye."
    )
    return [Finding("warn", "frame of reference", sentence)]


def _check_one_orientation(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where slices are tilted against each other: a localizer, or several stacks in one series."""
    oriented = [image for image in slices if image.place.orientation]
    if not oriented:
        return []
    common = Counter(image.place.orientation for image in oriented).most_common(1)[0][0] or ()
    limit = _limit(slices, common)
    odd = [image for image in oriented if _apart_by_orientation(image.place, common) > limit]
    if not odd:
        return []
    planes = Counter(image.place.orientation for image in oriented)
    if max(planes.values()) <= len(oriented) // 3:
        sentence = (
            f"{named(oriented[:1])} one of {len(oriented)} images in {len(planes)} orientations: a localizer, rotating "
            "projections (MIP) or radial slices, which make no volume. Choose another series."
        )
        return [Finding("block", "orientation", sentence, f"{len(planes)} orientations")]
    cosine = float(np.dot(normal(odd[0].place.orientation or common), normal(common)))
    angle = f"{np.degrees(np.arccos(np.clip(abs(cosine), 0, 1))):.1f} degrees"
    sentence = (
        f"{named(odd, 'lies', 'lie')} in a different orientation ({angle} off) from the other "
        f"{len(oriented) - len(odd)} images: a localiser, or several stacks in one series. Remove the odd images or "
        "export each stack separately."
    )
    return [Finding("block", "orientation", sentence, angle)]


def _check_single(image: Slice) -> Finding:
    """Return what a series of one image is taken for."""
    thickness = slice_distance([image])
    if not thickness:
        sentence = (
            f"{image.name} is a single image without Slice Thickness (0018,0050): its depth is unknown. "
            "Open the folder of the whole series."
        )
        return Finding("block", "slice spacing", sentence)
    sentence = (
        f"{image.name} is a single image, taken as one slice of {thickness:g} mm as its header states; "
        "open the folder to load a whole series."
    )
    return Finding("warn", "slice spacing", sentence, f"{thickness:g} mm")

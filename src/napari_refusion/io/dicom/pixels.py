"""The pixel gate: the pixels must be there and decodable, and hold one grey value per voxel of a scan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import HTJ2K, JPEG2000, UID, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

from napari_refusion.io.boundary import decoding
from napari_refusion.io.dicom.decode import decoded
from napari_refusion.io.dicom.grey import equal_colours
from napari_refusion.io.dicom.nuclear import is_reconstructed
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice, named
from napari_refusion.volume.finding import Finding, Level, RefusedError, blocking

MOST_VOXELS: Final = 1_000_000_000
"""Voxels of one series; more fills the memory of an ordinary computer, or is a damaged header."""

COLOURS: Final = ("RGB", "PALETTE COLOR", "YBR_", "ARGB", "CMYK", "HSV")
"""How values of Photometric Interpretation (PS3.3, C.7.6.3.1.2) of colours begin, withdrawn ones too."""

LOSSY: Final = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K)
"""Transfer syntaxes that may lose information even where the header does not admit it."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """Something that no image of a series may be."""

    level: Level
    name: str
    broken: Callable[[Slice], bool]
    value: Callable[[Slice], str]
    sentence: str
    """With ``{images}`` (names and is/are) and ``{value}`` (of the first odd image)."""


_RULES: Final = (
    _Rule(
        "warn",
        "grey scale",
        lambda image: image.pixels.photometric == "MONOCHROME1",
        lambda image: image.pixels.photometric,
        "Choose a series with high values bright if there is one: {images} stored with low values bright ({value}); "
        "the values are kept, so the image looks inverted here, and what was shown dark is fused as bright.",
    ),
    _Rule(
        "block",
        "truncated file",
        lambda image: image.pixels.found is not None and image.pixels.found < image.pixels.expected,
        lambda image: f"{image.pixels.found} of {image.pixels.expected} bytes",
        "{images} truncated: {value} of pixels are present. " + SEND_AGAIN,
    ),
    _Rule(
        "block",
        "localizer",
        lambda image: "LOCALIZER" in image.image_type and image.modality == "CT",
        lambda image: "LOCALIZER",
        "{images} a CT scout ({value}), a projection and not a slice; choose the axial series.",
    ),
    _Rule(
        "block",
        "projections",
        lambda image: image.modality == "NM" and image.frames > 1 and not is_reconstructed(image.image_type),
        lambda image: " ".join(image.image_type),
        "{images} nuclear medicine projections ({value}), not slices; choose the reconstructed series (RECON TOMO).",
    ),
    _Rule(
        "block",
        "modality",
        lambda image: image.modality in ("SEG", "RTDOSE"),
        lambda image: image.modality,
        "{images} not a scan but {value}; choose an MR, CT, PT or NM series.",
    ),
    _Rule(
        "warn",
        "compression",
        lambda image: image.pixels.lossy or image.pixels.transfer_syntax in LOSSY,
        lambda image: UID(image.pixels.transfer_syntax).name,
        "{images} lossily compressed ({value}): fine detail may be lost and values changed; "
        "use the original images if available.",
    ),
    _Rule(
        "warn",
        "burned-in annotation",
        lambda image: image.pixels.burned_in,
        lambda image: "YES",
        "{images} marked as having text burned into the pixels (Burned In Annotation {value}): it would be fused like "
        "anatomy and may name the patient; use images without it.",
    ),
)


def check_pixels(slices: Sequence[Slice]) -> list[Finding]:
    """Return what is wrong with the way the pixels of a series are stored; nothing where all is well."""
    findings = [*_check_size(slices), *_check_decoder(slices), *_check_colours(slices)]
    findings += [fault for image in slices for fault in image.faults if fault.rule == "mosaic" and blocking([fault])]
    for rule in _RULES:
        odd = [image for image in slices if rule.broken(image)]
        if odd:
            value = rule.value(odd[0])
            findings.append(Finding(rule.level, rule.name, rule.sentence.format(images=named(odd), value=value), value))
    return findings


def _check_size(slices: Sequence[Slice]) -> list[Finding]:
    voxels = sum(image.place.rows * image.place.columns for image in slices)
    if voxels <= MOST_VOXELS:
        return []
    sentence = (
        f"{slices[0].name}: the series declares {voxels:.2g} voxels, more than this program loads ({MOST_VOXELS:.2g}); "
        "check its Rows and Columns, or export a smaller part."
    )
    return [Finding("block", "size", sentence, f"{voxels:.2g} voxels")]


def _check_colours(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block for images in colour, a warning where all their colours are grey.

    Of colours without a palette one image is looked at, the middle one: the others are when the series is read.
    """
    unstated = [image for image in slices if not image.pixels.photometric.startswith(("MONOCHROME", *COLOURS))]
    if unstated:
        value = unstated[0].pixels.photometric
        sentence = (
            f"{named(unstated)} without a known Photometric Interpretation (0028,0004; here {value or 'none'}), so "
            f"whether high values are bright, dark or colours is not known. {SEND_AGAIN}"
        )
        return [Finding("block", "colour", sentence, value)]
    coloured = [image for image in slices if not image.pixels.photometric.startswith("MONOCHROME")]
    if not coloured:
        return []
    value = coloured[0].pixels.photometric
    unpaletted = [image for image in coloured if not image.pixels.grey_palette]
    if unpaletted and not _shows_grey(unpaletted[len(unpaletted) // 2]):
        sentence = (
            f"{named(coloured)} in colour ({value}), and colours are not measurements; choose the greyscale series "
            "they came from."
        )
        return [Finding("block", "colour", sentence, value)]
    sentence = (
        f"{named(coloured)} stored as colours ({value}) that are all grey: the grey is read, as it is displayed and "
        "not as it was measured, so prefer the original series if there is one."
    )
    return [Finding("warn", "colour", sentence, value)]


def _shows_grey(image: Slice) -> bool:
    """Return whether an image in colour shows nothing but grey."""
    if image.stored is None or image.stored.samples == 1:
        return False
    try:
        with decoding(image.path):
            ((_, pixels),) = decoded(image.path.read_bytes(), [image], image.stored)
    except RefusedError:
        return False  # the image stays one in colour
    return equal_colours(pixels) is not None


def _check_decoder(slices: Sequence[Slice]) -> list[Finding]:
    findings = []
    for syntax in sorted({image.pixels.transfer_syntax for image in slices}):
        missing = _missing_decoder(syntax)
        if missing:
            odd = [image for image in slices if image.pixels.transfer_syntax == syntax]
            name = UID(syntax).name
            sentence = (
                f"{named(odd)} compressed as {name}, which cannot be read here ({missing}). "
                "Export the series uncompressed (Explicit VR Little Endian)."
            )
            findings.append(Finding("block", "compression", sentence, name))
    return findings


def _missing_decoder(syntax: str) -> str:
    """Return what is missing to decode a transfer syntax, empty where it can be decoded."""
    if not syntax:
        return ""  # without file meta information the pixels are uncompressed little endian
    try:
        decoder = get_decoder(UID(syntax))
    except NotImplementedError:
        return "no decoder exists for it"
    return "" if decoder.is_available else f"needs {' or '.join(decoder.missing_dependencies)}"

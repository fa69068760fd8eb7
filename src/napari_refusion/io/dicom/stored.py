"""How an image's values are stored: where in the file, in which bits, and what turns them into measured values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_refusion.io.dicom.header import decimals, text, whole
from napari_refusion.volume.finding import Finding

PIXEL_ELEMENTS: Final = {
    (0x7FE0, 0x0010): "PixelData",
    (0x7FE0, 0x0008): "FloatPixelData",
    (0x7FE0, 0x0009): "DoubleFloatPixelData",
}
"""Tag -> keyword of the elements that hold pixels."""

UNDEFINED: Final = 0xFFFFFFFF
"""Length of an element that ends with a delimiter (PS3.5, 7.1.1)."""

NOT_FOUND: Final = (0, None, "PixelData", "OW")
"""Start, length, keyword and VR of a pixel element that only a parser finds."""

OVERLAY_GROUPS: Final = range(0x6000, 0x6020, 2)
"""Groups of the overlay planes (PS3.3, C.9.2)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How the pixels of a file are stored; all of its frames alike."""

    size: int
    """Bytes of the file when its header was read."""
    start: int
    """Where the value of the pixel element begins; 0 where only a parser finds it (a deflated file)."""
    length: int | None
    """Bytes of that value; None where the file does not say, as in compressed ones."""
    offsets: tuple[bytes, bytes] | None
    """Extended Offset Table and its Lengths (7FE0,0001), (7FE0,0002)."""
    rows: int
    """Of a stored image: of the whole mosaic, where it is one."""
    columns: int
    frames: int
    """Stored images in the file."""
    tiles: int
    """Slices side by side in each row of a mosaic; 0 for other images."""
    keyword: str
    """``PixelData``, ``FloatPixelData``, ``DoubleFloatPixelData``."""
    vr: str
    """Value representation of that element, ``OB`` or ``OW``: tells the order of 8-bit pixels in big endian files."""
    syntax: UID
    """Transfer syntax, also where the file does not state it."""
    bits_allocated: int
    bits_stored: int
    high_bit: int
    """Number of the most significant bit of a value; the bits above it may hold overlays."""
    signed: bool
    samples: int
    planar: int
    """Planar Configuration (0028,0006): colours side by side or plane by plane."""
    padding: tuple[int, int] | None
    """Pixel Padding Value and Range Limit (0028,0120), (0028,0121), the smaller first: stored numbers of no pixel."""
    overlay: bool
    """Whether the header says that an overlay lies in the bits that are not used by pixels."""


@dataclass(frozen=True, slots=True)
class Rescale:
    """What turns the stored numbers of one image into its values (PS3.3, C.11.1.1.2)."""

    slope: float = 1.0
    intercept: float = 0.0
    table: bool = False
    """Whether the header has a Modality LUT instead, which is read together with the pixels."""
    has_slope: bool = False
    """Whether the header states a slope..."""
    has_intercept: bool = False
    """...and an intercept; what it does not state counts for none."""


NO_RESCALE: Final = Rescale()
"""Of stored numbers that are the values."""


def stored_of(header: Dataset, after_header: BinaryIO, size: int, tiles: int = 0) -> Stored:
    """Return how the pixels of a file are stored.

    Parameters
    ----------
    header
        Read until the pixels.
    after_header
        The open file, standing where the pixel element begins; its place is kept.
    size
        Bytes of the file.
    tiles
        Slices in each row of a Siemens mosaic.
    """
    syntax = syntax_of(header)
    start, length, keyword, vr = NOT_FOUND if syntax.is_deflated else _element(after_header, syntax)
    bits_allocated = whole(header, "BitsAllocated")
    bits_stored, high_bit = _bits(header, bits_allocated)
    signed = bool(whole(header, "PixelRepresentation"))
    tables = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
    return Stored(
        size=size,
        start=start,
        length=length,
        offsets=tables if all(isinstance(table, bytes) for table in tables) else None,
        rows=whole(header, "Rows"),
        columns=whole(header, "Columns"),
        frames=max(1, whole(header, "NumberOfFrames")),
        tiles=tiles,
        keyword=keyword,
        vr=vr,
        syntax=syntax,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=high_bit,
        signed=signed,
        samples=max(1, whole(header, "SamplesPerPixel")),
        planar=whole(header, "PlanarConfiguration"),
        padding=_padding(header, bits_allocated, signed),
        overlay=any(whole_at(header, (group, 0x0102)) > 0 for group in OVERLAY_GROUPS),
    )


def rescale_of(holders: Sequence[Dataset], name: str, faults: list[Finding]) -> Rescale:
    """Return the rescale of one image; half of one counts with the other half for none.

    Parameters
    ----------
    holders
        Where it may stand, the image's own functional groups first; the first that has any of it counts.
    name
        What to call the image in a finding.
    faults
        What is wrong with the numbers is appended here.
    """
    for holder in holders:
        if "RescaleSlope" in holder or "RescaleIntercept" in holder:
            slope = decimals(holder, "RescaleSlope", 1, name, faults)
            intercept = decimals(holder, "RescaleIntercept", 1, name, faults)
            return Rescale(
                slope[0] if slope else 1.0,
                intercept[0] if intercept else 0.0,
                has_slope=bool(slope),
                has_intercept=bool(intercept),
            )
        if "ModalityLUTSequence" in holder:
            return Rescale(table=True)
    return NO_RESCALE


def whole_at(header: Dataset, tag: tuple[int, int]) -> int:
    """Return a whole number by its tag, 0 where it is missing or unreadable."""
    try:
        return int(header[tag].value)
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return 0


def syntax_of(header: Dataset) -> UID:
    """Return the transfer syntax of a file; without file meta information that in which it could be read."""
    stated = text(getattr(header, "file_meta", Dataset()), "TransferSyntaxUID")
    if stated:
        return UID(stated)
    implicit, little = header.original_encoding
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else explicit


def _element(file: BinaryIO, syntax: UID) -> tuple[int, int | None, str, str]:
    """Return where the value of the pixel element begins, its length, keyword and VR; see `NOT_FOUND`."""
    place = file.tell()
    head = file.read(12)
    file.seek(place)
    order: Literal["little", "big"] = "big" if syntax == ExplicitVRBigEndian else "little"
    tag = int.from_bytes(head[:2], order), int.from_bytes(head[2:4], order)
    if tag not in PIXEL_ELEMENTS or len(head) < 12:
        return NOT_FOUND
    explicit = states_vr(head)
    length = int.from_bytes(head[8:12] if explicit else head[4:8], order)
    start, vr = (place + 12, head[4:6].decode("ascii")) if explicit else (place + 8, "OW")
    return start, None if length == UNDEFINED else length, PIXEL_ELEMENTS[tag], vr


def states_vr(head: bytes) -> bool:
    """Return whether the head of a pixel element, 12 bytes, states its value representation (PS3.5, 7.1.2).

    Some files do so although their transfer syntax says that they do not, or the reverse. No length looks like it: read
    as one, the letters are an odd number.
    """
    return head[4:6] in (b"OB", b"OW", b"OF", b"OD", b"OV", b"UN") and head[6:8] == b"\0\0"


def _bits(header: Dataset, allocated: int) -> tuple[int, int]:
    """Return Bits Stored and High Bit; where they are missing or contradict each other, the lowest bits count."""
    stored, high = whole(header, "BitsStored"), whole(header, "HighBit")
    if not 0 < stored <= allocated:
        return allocated, allocated - 1
    return stored, high if stored - 1 <= high < allocated else stored - 1


def _padding(header: Dataset, bits: int, signed: bool) -> tuple[int, int] | None:
    """Return the stored numbers that stand for no pixel, as numbers of the pixels' type: some writers mix the two.

    None where the header has none, or one that no pixel of so many bits can hold.
    """
    try:
        first = int(header["PixelPaddingValue"].value)
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return None
    last = first if text(header, "PixelPaddingRangeLimit") == "" else whole(header, "PixelPaddingRangeLimit")
    span = 1 << bits
    if not all(-span // 2 <= number < span for number in (first, last)):
        return None
    low, high = sorted(
        number % span - span if signed and number % span >= span // 2 else number % span for number in (first, last)
    )
    return low, high

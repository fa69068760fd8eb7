"""How large a compressed frame says that it is: decoders take memory by that, and not by Rows and Columns.

Sources: JPEG (ITU-T T.81, B.2.2), JPEG-LS (T.87, C.2.2), JPEG 2000 (T.800, A.5.1).
"""

from collections.abc import Iterator
from typing import Final

_SIZ: Final = b"\xff\x4f\xff\x51"
"""Start of a JPEG 2000 codestream and of its size."""
_BOXES: Final = 512
"""Bytes within which it begins, behind the boxes of a JP2 file that some writers leave."""
_SIZES: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of a frame header, that of JPEG-LS last."""
_SCAN: Final = 0xDA


def declared_bits(frame: bytes) -> int:
    """Return the bits of a sample that a JPEG or JPEG-LS frame declares, 0 where it does not say or is of another kind.

    A frame of up to 8 bits is decoded to bytes, whatever Bits Allocated (0028,0100) of its file is.
    """
    return max((bits for bits, _, _ in _jpeg_headers(frame)), default=0)


def declared_pixels(frame: bytes) -> int:
    """Return how many pixels a compressed frame declares, 0 where it does not say or is of another kind."""
    if (start := frame.find(_SIZ, 0, _BOXES)) >= 0:
        right, bottom, left, top = (int.from_bytes(frame[start + at : start + at + 4], "big") for at in (8, 12, 16, 20))
        return max(0, right - left) * max(0, bottom - top)
    return max((height * width for _, height, width in _jpeg_headers(frame)), default=0)


def _jpeg_headers(frame: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield bits, lines and samples in a line of the frame headers before the first scan of a JPEG or JPEG-LS image."""
    if not frame.startswith(b"\xff\xd8"):
        return
    place = 2
    while place + 9 <= len(frame) and frame[place] == 0xFF and (marker := frame[place + 1]) != _SCAN:
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if marker in _SIZES:
            height, width = (int.from_bytes(frame[place + at : place + at + 2], "big") for at in (5, 7))
            yield frame[place + 4], height, width
        place += 2 + int.from_bytes(frame[place + 2 : place + 4], "big")

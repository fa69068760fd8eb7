"""Lossless JPEG by hand (ITU-T T.81, annex H), for no library here writes it."""

import numpy as np

_CODE_BITS = 4
"""Every difference of up to 14 bits has a Huffman code of this length, its number of bits."""


def jpeg_lossless(pixels: np.ndarray, bits: int = 8) -> bytes:
    """Return an image (rows, columns) of unsigned numbers as one scan, each predicted by its left neighbour.

    The first of a line is predicted by the one above it, the very first by half of the range (H.1.2.1).
    """
    rows, columns = pixels.shape
    values = pixels.astype(np.int64)
    predicted = np.empty_like(values)
    predicted[:, 1:], predicted[1:, 0], predicted[0, 0] = values[:, :-1], values[:-1, 0], 1 << (bits - 1)
    coded = "".join(_coded(difference) for difference in (values - predicted).ravel().tolist())
    coded += "1" * (-len(coded) % 8)
    scan = bytes(int(coded[at : at + 8], 2) for at in range(0, len(coded), 8)).replace(b"\xff", b"\xff\x00")
    kinds = bytes(range(bits + 1))
    lengths = bytes(len(kinds) if length == _CODE_BITS else 0 for length in range(1, 17))
    size = rows.to_bytes(2, "big") + columns.to_bytes(2, "big")
    return b"".join(
        (
            b"\xff\xd8",
            b"\xff\xc3\x00\x0b" + bytes([bits]) + size + b"\x01\x01\x11\x00",
            b"\xff\xc4" + (19 + len(kinds)).to_bytes(2, "big") + b"\x00" + lengths + kinds,
            b"\xff\xda\x00\x08\x01\x01\x00\x01\x00\x00",
            scan,
            b"\xff\xd9",
        )
    )


def _coded(difference: int) -> str:
    """Return the Huffman code of a difference's number of bits, then these (H.1.2.2 and F.1.2.1)."""
    count = abs(difference).bit_length()
    extra = difference if difference >= 0 else difference + (1 << count) - 1
    return f"{count:0{_CODE_BITS}b}" + (f"{extra:0{count}b}" if count else "")

"""What a broken disk, a broken program or an attacker does to bytes, whatever they mean."""

import gzip
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

Edit = Callable[[bytes, Random], bytes]

INTEGERS = (
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
)

FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-45,
    1e-6,
    1e6,
    3.4e38,
    -3.4e38,
    1e300,
    float("nan"),
    float("inf"),
    -float("inf"),
)

_WIDTHS = "BHIQ"


def place(content: bytes, random: Random) -> int:
    """Return a place in some bytes, half of the time among the first 512: headers are there."""
    most = len(content) if random.random() < 0.5 else min(512, len(content))
    return random.randrange(most) if most else 0


def flipped(content: bytes, random: Random) -> bytes:
    """Flip some bits."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        if changed:
            changed[place(content, random)] ^= 1 << random.randrange(8)
    return bytes(changed)


def replaced(content: bytes, random: Random) -> bytes:
    """Put other bytes in the place of some."""
    at, length = place(content, random), random.choice((1, 2, 4, 8, 32))
    new = random.choice((random.randbytes(length), bytes(length), b"\xff" * length))
    return content[:at] + new + content[at + length :]


def extreme(content: bytes, random: Random) -> bytes:
    """Put a number at the end of its range somewhere, mostly where numbers are aligned."""
    order, kind = random.choice("<>"), random.choice("BHIQfd")
    if kind in _WIDTHS:
        new = struct.pack(order + kind, random.choice(INTEGERS) & (2 ** (8 * struct.calcsize(kind)) - 1))
    else:
        new = struct.pack(
            order + kind, random.choice(FLOATS) if kind == "d" else random.choice(FLOATS[:10] + FLOATS[11:])
        )
    at = place(content, random) // 2 * 2
    return content[:at] + new + content[at + len(new) :]


def cut(content: bytes, random: Random) -> bytes:
    """Take the end away."""
    return content[: place(content, random)]


def lengthened(content: bytes, random: Random) -> bytes:
    """Put something behind the end."""
    return content + random.choice((random.randbytes(random.randrange(1, 4096)), bytes(4096), content[: 2**16]))


def _block(content: bytes, random: Random) -> tuple[int, int]:
    start = place(content, random)
    return start, start + random.choice((1, 2, 4, 16, 64, 512))


def inserted(content: bytes, random: Random) -> bytes:
    """Put some bytes between others."""
    at, end = _block(content, random)
    return content[:at] + random.choice((random.randbytes(end - at), bytes(end - at))) + content[at:]


def doubled(content: bytes, random: Random) -> bytes:
    """Repeat a block."""
    start, end = _block(content, random)
    return content[:end] + content[start:end] * random.choice((1, 1, 64)) + content[end:]


def deleted(content: bytes, random: Random) -> bytes:
    """Take a block out."""
    start, end = _block(content, random)
    return content[:start] + content[end:]


def moved(content: bytes, random: Random) -> bytes:
    """Put a block elsewhere."""
    start, end = _block(content, random)
    rest, at = content[:start] + content[end:], place(content, random)
    return rest[:at] + content[start:end] + rest[at:]


EDITS: Sequence[Edit] = (
    flipped,
    flipped,
    replaced,
    extreme,
    extreme,
    cut,
    lengthened,
    inserted,
    doubled,
    deleted,
    moved,
)


def edited(content: bytes, random: Random, edits: Sequence[Edit] = EDITS) -> bytes:
    """Return bytes that one to four things were done to; half of the time inside what is compressed with gzip."""
    if content[:2] == b"\x1f\x8b" and random.random() < 0.6:
        try:
            return gzip.compress(edited(gzip.decompress(content), random, edits), compresslevel=1, mtime=0)
        except (OSError, EOFError, zlib.error):
            pass
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        content = random.choice(edits)(content, random)
    return content

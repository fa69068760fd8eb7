"""PNG, TIFF, JPEG and MGH: chunks, directories, segments and fields."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

import nibabel
import numpy as np
import tifffile
from PIL import Image

from tests.fuzz.case import Case
from tests.fuzz.edits import FLOATS, INTEGERS, edited
from tests.fuzz.samples import of_nibabel

_GREY = np.arange(24 * 20, dtype=np.uint8).reshape(24, 20)


def _saved(data: np.ndarray, kind: str, **options: object) -> bytes:
    with io.BytesIO() as file:
        Image.fromarray(data).save(file, kind, **options)
        return file.getvalue()


def _tiff(data: np.ndarray, **options: object) -> bytes:
    with io.BytesIO() as file:
        tifffile.imwrite(file, data, **options)
        return file.getvalue()


@cache
def seeds() -> dict[str, dict[str, bytes]]:
    """Return format -> file names -> contents."""
    rgb = np.stack([_GREY, _GREY.T.reshape(24, 20), _GREY[::-1]], -1)
    wide = _GREY.astype(np.uint16) * 257
    floats = (_GREY / 255).astype(np.float32)
    png = {
        "grey.png": _saved(_GREY, "PNG"),
        "rgb.png": _saved(rgb, "PNG"),
        "wide.png": _saved(wide, "PNG"),
        "palette.png": _palette(),
        "bits.png": _saved(_GREY > 100, "PNG"),
    }
    tif = {
        "grey.tif": _tiff(_GREY),
        "rgb.tif": _tiff(rgb, photometric="rgb"),
        "floats.tif": _tiff(floats),
        "big.tif": _tiff(wide, bigtiff=True),
        "msb.tif": _tiff(wide, byteorder=">"),
        "pages.tif": _tiff(np.stack([wide] * 3), photometric="minisblack"),
        "imagej.tif": _tiff(
            np.stack([wide] * 3), imagej=True, resolution=(2, 2), metadata={"spacing": 3, "unit": "mm"}
        ),
        "ome.tif": _tiff(np.stack([wide] * 3), ome=True, metadata={"axes": "ZYX"}),
        "tiled.tif": _tiff(wide, tile=(16, 16)),
        "deflate.tif": _tiff(wide, compression="zlib", predictor=True),
        "lzw.tif": _saved(_GREY, "TIFF", compression="tiff_lzw"),
        "bits.tif": _saved(_GREY > 100, "TIFF", compression="packbits"),
        "jpeg.tif": _saved(rgb, "TIFF", compression="jpeg"),
    }
    jpg = {
        "grey.jpg": _saved(_GREY, "JPEG"),
        "rgb.jpg": _saved(rgb, "JPEG"),
        "steps.jpg": _saved(rgb, "JPEG", progressive=True),
    }
    affine = np.diag([2.0, 3, 4, 1])
    volume = np.arange(5 * 6 * 7).reshape(5, 6, 7)
    mgh = {f"sample {name}": content for name, content in of_nibabel((".mgz", ".mgh"))}
    mgh = {name.replace("sample ", ""): content for name, content in mgh.items()}
    for name, dtype in (("a", np.int16), ("b", np.float32), ("c", np.uint8)):
        mgh[f"{name}.mgh"] = nibabel.MGHImage(volume.astype(dtype), affine).to_bytes()
    return {"png": png, "tiff": tif, "jpeg": jpg, "mgh": mgh}


def _palette() -> bytes:
    with io.BytesIO() as file:
        Image.fromarray(_GREY).convert("P").save(file, "PNG")
        return file.getvalue()


def _inflated(data: bytes) -> bytes | None:
    """Return what a chunk inflates to; None for one that is not deflated, or was broken before."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return None


def chunks_edited(content: bytes, random: Random) -> bytes:
    """Change a chunk of a PNG and give it a right checksum, or repeat, move or remove one, or add one."""
    chunks, at = [], 8
    while at + 12 <= len(content):
        length = min(struct.unpack_from(">I", content, at)[0], len(content))
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    if not chunks:
        return content
    where = random.randrange(len(chunks))
    name, data = chunks[where]
    match random.randrange(6):
        case 0:
            chunks[where] = name, edited(data, random)
        case 1 if (inflated := _inflated(data)) is not None:
            chunks[where] = name, zlib.compress(edited(inflated, random))
        case 2:
            chunks[where:where] = [chunks[where]] * random.choice((1, 2, 200))
        case 3:
            chunks.insert(random.randrange(len(chunks)), chunks.pop(where))
        case 4:
            kinds = (b"zTXt", b"iTXt", b"iCCP", b"tRNS", b"acTL", b"fcTL", b"gAMA", b"eXIf", b"pHYs", b"sBIT", b"IDAT")
            packed = b"a\0\0" + zlib.compress(bytes(2 ** random.choice((4, 20, 25))))
            chunks.insert(where, (random.choice(kinds), random.choice((packed, random.randbytes(20), b""))))
        case _:
            head = bytearray(chunks[0][1])
            if len(head) == 13:
                field = random.randrange(7)
                if field < 2:
                    struct.pack_into(">I", head, 4 * field, random.choice(INTEGERS) & 0xFFFFFFFF)
                else:
                    head[6 + field] = random.choice((0, 1, 2, 3, 4, 6, 8, 16, 32, 255))
            chunks[0] = chunks[0][0], bytes(head)
    return content[:8] + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def directory_edited(content: bytes, random: Random) -> bytes:
    """Change one entry of a directory of a TIFF: its tag, type, count or value, or the place of the next directory."""
    if len(content) < 16 or content[:2] not in (b"II", b"MM"):
        return content
    order = "<" if content[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", content, 2)[0] == 43
    offset, count, entry, word = ("Q", "Q", 20, 8) if big else ("I", "H", 12, 4)
    start = struct.unpack_from(order + offset, content, word if big else 4)[0]
    changed = bytearray(content)
    try:
        entries = min(struct.unpack_from(order + count, content, start)[0], 60)
        first = start + struct.calcsize(count)
        at = first + entry * random.randrange(max(entries, 1))
        match random.randrange(6):
            case 0:
                struct.pack_into(
                    order + "H", changed, at, random.choice((*range(254, 342), 320, 330, 347, 34665, 50838))
                )
            case 1:
                struct.pack_into(order + "H", changed, at + 2, random.randrange(0, 20))
            case 2:
                struct.pack_into(order + offset, changed, at + 4, random.choice(INTEGERS) & (2 ** (8 * word) - 1))
            case 3:
                places = (0, start, first, 8, len(content) - 2, len(content))
                struct.pack_into(order + offset, changed, first + entry * entries, random.choice(places))
            case _:
                value = random.choice((*INTEGERS, *range(40), len(content), start))
                wide = random.choice(("H", offset))
                struct.pack_into(order + wide, changed, at + 4 + word, value & (2 ** (8 * struct.calcsize(wide)) - 1))
    except struct.error:
        return content
    return bytes(changed)


def segments_edited(content: bytes, random: Random) -> bytes:
    """Change a segment of a JPEG, or repeat, move or remove one."""
    at, segments = 2, []
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        length = struct.unpack_from(">H", content, at + 2)[0]
        segments.append(content[at : at + 2 + length])
        at += 2 + length
    if not segments:
        return content
    where = random.randrange(len(segments))
    match random.randrange(5):
        case 0:
            segments.pop(where)
        case 1:
            segments[where:where] = [segments[where]] * random.choice((1, 300))
        case 2:
            segments.insert(random.randrange(len(segments)), segments.pop(where))
        case _:
            segments[where] = segments[where][:2] + edited(segments[where][2:], random)
    return content[:2] + b"".join(segments) + content[at:]


def fields_edited(content: bytes, random: Random) -> bytes:
    """Change a field of the header of an MGH file."""
    changed = bytearray(content)
    if random.random() < 0.5:
        at, kind = 4 * random.randrange(7), ">i"
        value: float = random.choice((*INTEGERS[:14], -1)) & 0xFFFFFFFF
        kind = ">I"
    else:
        at, kind, value = 30 + 4 * random.randrange(15), ">f", random.choice(FLOATS[:10] + FLOATS[11:])
    if at + 4 <= len(changed):
        struct.pack_into(kind, changed, at, value)
    return bytes(changed)


_OWN: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "png": chunks_edited,
    "tiff": directory_edited,
    "jpeg": segments_edited,
    "mgh": fields_edited,
}


def picture_case(random: Random) -> Case:
    """Return a picture or an MGH file that something was done to."""
    kind = random.choice(("png", "tiff", "tiff", "jpeg", "mgh"))
    name = random.choice(list(seeds()[kind]))
    content = seeds()[kind][name]
    packed = content[:2] == b"\x1f\x8b"
    if random.random() < 0.6 and not packed:
        for _ in range(random.choice((1, 1, 2, 3))):
            content = _OWN[kind](content, random)
        if random.random() < 0.15:
            content = edited(content, random)
    else:
        content = edited(content, random)
    return Case({name: content}, name, name)

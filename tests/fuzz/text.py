"""NRRD and MetaImage: headers of text lines."""

import gzip
import zlib
from functools import cache
from random import Random

import numpy as np

from tests.fuzz.case import Case
from tests.fuzz.edits import FLOATS, INTEGERS, edited

_WORDS = (
    *("raw", "gzip", "gz", "bzip2", "hex", "ascii", "txt", "LIST", "LIST 2", "LOCAL", "True", "False", "none", "???"),
    *("short", "float", "double", "uchar", "block", "uint64", "MET_SHORT", "MET_FLOAT", "MET_UCHAR_ARRAY", "MET_LONG"),
    *("left-posterior-superior", "right-anterior-superior", "scanner-xyz", "3D-right-handed", "RAI", "LPS", "little"),
    *("/dev/zero", "/dev/full", "../../etc/hostname", ".", "a.nhdr", "a.mhd", "%03d.raw 1 3 1", "a%s.raw 0 9999999 1"),
    *("(1,0,0) (0,1,0) (0,0,1)", "(0,0,0) (0,0,0) (0,0,0)", "(1,0) (0,1)", "none (1,0,0) (0,1,0) (0,0,1)", "()", '"'),
    *("1e400", "0x10", "-", "", "\\n", "\u00b5\udcff".encode("utf-8", "replace").decode(), "1 " * 5000, "9" * 5000),
)

_LINES = (
    *("byte skip: -1", "byte skip: 999999999999", "line skip: 4", "line skip: 99999999", 'labels: "a" "b" "c"'),
    *('space units: "mm" "mm" "mm"', "measurement frame: (1,0,0) (0,1,0) (0,0,1)", "kinds: list domain domain"),
    *(
        "thicknesses: 1 1 1",
        "spacings: 1 1 1",
        "axis mins: 0 0 0",
        "centers: node node node",
        "old min: 0",
        "modality:=MR",
    ),
    *("CompressedDataSize = 99999999999", "HeaderSize = -1", "HeaderSize = 999999999", "ElementNumberOfChannels = 3"),
    *("ElementByteOrderMSB = True", "BinaryData = False", "ElementDataFile = LOCAL", "Color = 1 1 1 1", "Comment = x"),
    *("TransformMatrix = 0 0 0 0 0 0 0 0 0", "Offset = nan nan nan", "NDims = 99", "NDims = 4", "ElementSize = 0 0 0"),
)


_NRRD = """NRRD0004
type: {pixel}
dimension: {axes}
space: left-posterior-superior
sizes: {channels}5 4 3
space directions: {none}(0.6,0.8,0) (-1.6,1.2,0) (0,0,3)
kinds: {colour}domain domain domain
endian: little
encoding: {packing}
space origin: (-10,20,30){place}
"""

_META = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
CompressedData = {packed}{size}
TransformMatrix = 0.6 0.8 0 -0.8 0.6 0 0 0 1
Offset = -10 20 30
CenterOfRotation = 0 0 0
AnatomicalOrientation = ALI
ElementSpacing = 1 2 3
DimSize = 5 4 3
{colour}ElementType = {pixel}
ElementDataFile = {place}
"""


@cache
def seeds() -> dict[str, dict[str, bytes]]:
    """Return names -> the files of each seed, the one to be opened first; ITK would start threads that no child has."""
    found = {}
    for pixel, names in (
        ("<i2", ("short", "MET_SHORT")),
        ("<f4", ("float", "MET_FLOAT")),
        ("u1", ("uchar", "MET_UCHAR")),
    ):
        is_colour = pixel == "u1"
        data = np.arange(3 * 4 * 5 * (3 if is_colour else 1)).astype(pixel).tobytes()
        for packed in (False, True):
            kept, packing = (gzip.compress(data, mtime=0), "gzip") if packed else (data, "raw")
            about = {"pixel": names[0], "axes": 4 if is_colour else 3, "packing": packing, "place": ""}
            about |= (
                {"channels": "3 ", "none": "none ", "colour": "RGB-color "}
                if is_colour
                else dict.fromkeys(("channels", "none", "colour"), "")
            )
            found[f"{pixel} nrrd {packing}"] = {"a.nrrd": _NRRD.format(**about).encode() + b"\n" + kept}
            apart = _NRRD.format(**about | {"place": f"\ndata file: a.{packing}"})
            found[f"{pixel} nhdr {packing}"] = {"a.nhdr": apart.encode(), f"a.{packing}": kept}
            kept = zlib.compress(data) if packed else data
            size = f"\nCompressedDataSize = {len(kept)}" if packed else ""
            about = {"pixel": names[1], "packed": packed, "size": size, "place": "LOCAL"}
            about["colour"] = "ElementNumberOfChannels = 3\n" if is_colour else ""
            found[f"{pixel} mha {packing}"] = {"a.mha": _META.format(**about).encode() + kept}
            name = "a.zraw" if packed else "a.raw"
            found[f"{pixel} mhd {packing}"] = {"a.mhd": _META.format(**about | {"place": name}).encode(), name: kept}
    return found


def line_edited(content: bytes, random: Random) -> bytes:
    """Change, repeat, move or remove a line of a header, or a word of it, or add a line."""
    head, gap, rest = _parted(content)
    lines = head.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at : at + 1] = [lines[at]] * random.choice((2, 300, 20_000))
        case 3:
            lines.insert(at, lines.pop(random.randrange(len(lines))))
        case 4:
            lines.insert(random.randrange(len(lines)), random.choice(_LINES).encode())
        case 5:
            mark = b"=" if b"=" in lines[at] else b":"
            lines[at] = lines[at].split(mark)[0] + mark + b" " + random.choice(_WORDS).encode()
        case _:
            lines[at] = _word_changed(lines[at], random)
    return b"\n".join(lines) + gap + rest


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the header without its last line break, that, and what comes behind."""
    at = content.find(b"ElementDataFile")
    if at >= 0:
        end = content.find(b"\n", at)
        return (content[:end], b"\n", content[end + 1 :]) if end >= 0 else (content, b"", b"")
    end = content.find(b"\n\n")
    return (content[:end], b"\n\n", content[end + 2 :]) if end >= 0 else (content, b"", b"")


def _word_changed(line: bytes, random: Random) -> bytes:
    words = line.split(b" ")
    new = random.choice(
        (
            str(random.choice(INTEGERS)),
            str(-random.choice(INTEGERS)),
            str(random.choice(FLOATS)),
            random.choice(_WORDS),
            f"({random.choice(FLOATS)},{random.choice(FLOATS)},0)",
        )
    )
    words[random.randrange(len(words))] = new.encode()
    return b" ".join(words)


def text_case(random: Random) -> Case:
    """Return a NRRD or MetaImage file that something was done to."""
    name = random.choice(list(seeds()))
    files = dict(seeds()[name])
    opened = next(iter(files))
    if random.random() < 0.65:
        for _ in range(random.choice((1, 1, 2, 3))):
            files[opened] = line_edited(files[opened], random)
    else:
        target = random.choice(list(files))
        files[target] = edited(files[target], random)
    if "a.gzip" in files and random.random() < 0.1:
        files["a.gzip"] = gzip.compress(bytes(2**26), compresslevel=1)
    return Case(files, opened, name)

"""NRRD and MetaImage: headers of text lines."""

import gzip
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import SimpleITK

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
    *("byte skip: -1", "byte skip: 999999999999", "line skip: 4", "line skip: 99999999", "labels: \"a\" \"b\" \"c\""),
    *("space units: \"mm\" \"mm\" \"mm\"", "measurement frame: (1,0,0) (0,1,0) (0,0,1)", "kinds: list domain domain"),
    *("thicknesses: 1 1 1", "spacings: 1 1 1", "axis mins: 0 0 0", "centers: node node node", "old min: 0", "modality:=MR"),
    *("CompressedDataSize = 99999999999", "HeaderSize = -1", "HeaderSize = 999999999", "ElementNumberOfChannels = 3"),
    *("ElementByteOrderMSB = True", "BinaryData = False", "ElementDataFile = LOCAL", "Color = 1 1 1 1", "Comment = x"),
    *("TransformMatrix = 0 0 0 0 0 0 0 0 0", "Offset = nan nan nan", "NDims = 99", "NDims = 4", "ElementSize = 0 0 0"),
)


@cache
def seeds() -> dict[str, dict[str, bytes]]:
    """Return names -> the files of each seed, the one to be opened first."""
    found = {}
    with TemporaryDirectory() as folder:
        for pixel in ("int16", "float32", "colours"):
            image = _image(pixel)
            for ending, packed in ((".nrrd", 0), (".nrrd", 1), (".nhdr", 0), (".mha", 0), (".mha", 1), (".mhd", 0), (".mhd", 1)):
                for old in Path(folder).iterdir():
                    old.unlink()
                SimpleITK.WriteImage(image, f"{folder}/a{ending}", bool(packed))
                names = sorted((path.name for path in Path(folder).iterdir()), key=lambda name: not name.endswith(ending))
                found[f"{pixel} {ending} {packed}"] = {name: (Path(folder) / name).read_bytes() for name in names}
    return found


def _image(pixel: str) -> SimpleITK.Image:
    data = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    image = (
        SimpleITK.GetImageFromArray(np.stack([data] * 3, -1).astype(np.uint8), isVector=True)
        if pixel == "colours"
        else SimpleITK.GetImageFromArray(data.astype(pixel))
    )
    image.SetSpacing((1.0, 2.0, 3.0))
    image.SetOrigin((-10.0, 20.0, 30.0))
    image.SetDirection((0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1))
    return image


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
    if ".raw.gz" in str(list(files)) and random.random() < 0.1:
        files = {one: gzip.compress(b"\0" * 2**24) if one.endswith(".gz") else content for one, content in files.items()}
    return Case(files, opened, name)

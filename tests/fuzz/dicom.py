"""DICOM: small series and sample files with edited bytes and edited elements."""

import copy
import io
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pydicom import Dataset, config, dcmread
from pydicom.dataelem import DataElement
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from napari_refusion.io.open import open_volume
from tests import dicom_series
from tests.fuzz.case import Case
from tests.fuzz.edits import edited
from tests.fuzz.place import Place, place_of
from tests.fuzz.samples import of_pydicom

_COUNT = 4

_TEXTS = (
    "",
    "\\",
    "\\\\\\",
    "a\\b\\c",
    "1e400",
    "nan",
    "inf",
    "-0",
    "99999999999",
    "x" * 70_000,
    "\0",
    "\u00e9\u4e2d",
    "..",
    "1.2.3",
)

_NUMBERS = (0, 1, -1, 2, 3, 255, 32767, 65535, 2**31 - 1, 2**32 - 1)

_PLACE = (
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    *("Rows", "Columns", "SliceLocation", "InstanceNumber", "NumberOfFrames", "BitsAllocated", "BitsStored", "HighBit"),
    *("SamplesPerPixel", "PhotometricInterpretation", "PixelRepresentation", "RescaleSlope", "RescaleIntercept"),
)

_SYNTAXES = (
    *(ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.5", "1.2.3"),
    *("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", ""),
)


@cache
def seeds() -> dict[str, list[Dataset] | bytes]:
    """Return names -> the images of a series, or the content of a sample file."""
    found: dict[str, list[Dataset] | bytes] = {}
    for modality in ("MR", "CT", "PT"):
        images = dicom_series.series(modality, count=_COUNT)
        for k, image in enumerate(images):
            image.SpacingBetweenSlices = image.SliceThickness
            image.SliceLocation = dicom_series.FIRST[2] + k * dicom_series.BETWEEN_SLICES
            if modality == "PT":
                image.NumberOfSlices = _COUNT
        found[modality] = images
    found["enhanced"] = [dicom_series.multi_frame()]
    found["spect"] = [dicom_series.spect()]
    found.update((f"sample {name}", content) for name, content in of_pydicom())
    return found


@cache
def _content(name: str) -> tuple[bytes, ...]:
    images = seeds()[name]
    assert not isinstance(images, bytes)
    return tuple(_bytes(image) for image in images)


def _bytes(image: Dataset, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        dicom_series.write_file(path, image, syntax)
        return path.read_bytes()


@cache
def _places(name: str) -> Place:
    with TemporaryDirectory() as folder:
        return place_of(open_volume(_folder(name, list(_content(name))).write(Path(folder))))


def _folder(name: str, contents: list[bytes], place: Place | None = None) -> Case:
    return Case({f"series/IM{k:03d}": content for k, content in enumerate(contents)}, "series", name, place)


def element_edited(image: Dataset, random: Random) -> None:
    """Change, remove, repeat or replace one element, also inside sequences."""
    places = [(image, one) for one in image if one.tag != 0x7FE00010]
    for one in image:
        if one.VR == "SQ":
            places += [(item, inner) for item in one.value for inner in item]
    named = [(image, image[name]) for name in _PLACE if name in image]
    holder, element = random.choice(named if named and random.random() < 0.5 else places)
    match random.randrange(8):
        case 0:
            del holder[element.tag]
        case 1:
            holder[element.tag] = DataElement(
                element.tag, random.choice(("UN", "LO", "DS", "US", "OB", "SQ", "AT")), None
            )
        case 2 if element.VR == "SQ":
            items = list(element.value)
            element.value = random.choice(([], items * 3, items[:1], items[::-1], items[1:]))
        case 3:
            other = Dataset()
            other.update({one.tag: one for _, one in random.sample(places, min(3, len(places)))})
            holder.add_new(random.choice((0x00082112, 0x52009229, 0x52009230, 0x00540016, 0x00283010)), "SQ", [other])
        case _:
            holder[element.tag] = DataElement(element.tag, element.VR, _value(element, random))


def _value(element: DataElement, random: Random) -> Any:  # noqa: ANN401
    """Return another value for an element: the end of a range, a near one, or one of another kind."""
    old = element.value
    several = list(old) if isinstance(old, (list, tuple)) or hasattr(old, "append") else [old]
    if element.VR == "SQ":
        return old
    if element.VR in ("DS", "IS", "FD", "FL", "US", "SS", "UL", "SL") and random.random() < 0.6:
        at = random.randrange(max(len(several), 1))
        if several and several[0] is not None:
            near = (several[at] * 1.1, several[at] + 1, -several[at], several[at] * 10, several[at] + 0.02)
            several[at] = random.choice((*near, *_NUMBERS, 1e300, 1e-300))
            if element.VR in ("US", "UL", "IS", "SS", "SL"):
                several[at] = int(min(several[at], 2**32))
        return random.choice((several, several, several, several[:-1], several * 2))
    if element.VR in ("US", "UL", "SS", "SL", "FD", "FL"):
        return random.choice(_NUMBERS)
    if element.VR in ("OB", "OW", "UN", "OF", "OD"):
        return random.randbytes(random.choice((0, 1, 2, 100)))
    return random.choice(_TEXTS)


def dicom_case(random: Random) -> Case:
    """Return a file or a series that something was done to."""
    name = (
        random.choice(("MR", "CT", "PT", "enhanced", "spect"))
        if random.random() < 0.7
        else random.choice(list(seeds()))
    )
    seed = seeds()[name]
    if isinstance(seed, bytes):
        return Case({"a.dcm": _sample_edited(seed, random)}, "a.dcm", name)
    contents, at = list(_content(name)), random.randrange(len(seed))
    kind = random.random()
    if kind < 0.25:
        contents[at] = edited(contents[at], random)
        return _folder(name, contents)
    if kind < 0.30:
        contents = random.choice(([*contents, contents[at]], contents[:at] + contents[at + 1 :], contents[::-1]))
        return _folder(name, contents)
    everywhere = random.random() < 0.3
    state = random.getstate()
    for one in range(len(seed)) if everywhere else (at,):
        random.setstate(state)  # the same is done to each
        contents[one] = _changed(seed[one], contents[one], random)
    return _folder(name, contents, None if everywhere or len(seed) == 1 else _places(name))


def _changed(image: Dataset, content: bytes, random: Random) -> bytes:
    image = copy.deepcopy(image)
    mode, config.settings.writing_validation_mode = config.settings.writing_validation_mode, config.IGNORE
    try:
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            element_edited(image, random)
        if random.random() < 0.06:
            content = _bytes(image)
            at, new = content.find(b"1.2.840.10008.1.2.1"), random.choice(_SYNTAXES).encode()
            return content[:at] + new[:19].ljust(19, b"\0") + content[at + 19 :]
        return _bytes(image)
    except Exception:  # what pydicom does not write at all is changed as bytes
        return edited(content, random)
    finally:
        config.settings.writing_validation_mode = mode


def _sample_edited(content: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        return edited(content, random)
    mode, config.settings.writing_validation_mode = config.settings.writing_validation_mode, config.IGNORE
    try:
        image = dcmread(io.BytesIO(content), force=True)
        for _ in range(random.choice((1, 1, 2, 3))):
            element_edited(image, random)
        with io.BytesIO() as file:
            image.save_as(file)
            return file.getvalue()
    except Exception:
        return edited(content, random)
    finally:
        config.settings.writing_validation_mode = mode

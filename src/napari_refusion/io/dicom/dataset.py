"""A DICOM data set as pydicom reads it, after a look at how far a deflated one inflates (PS3.5, A.5).

pydicom inflates such a file as a whole before it looks at anything: 2 MB can become 4 GB.
"""

import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from pydicom import Dataset, dcmread, filereader
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pydicom.values import convert_SQ

from napari_refusion.volume.finding import refuse

WINDOW: Final = 2**27
"""Bytes of inflated data over which a file is judged; what is shorter is harmless."""

MOST_DEFLATED: Final = 100
"""Times by which a whole `WINDOW` may have been compressed; scans are 2 to 20 times, air included."""

_LONG: Final = 0xFFFF
"""Bytes from which pydicom takes no value of unknown type for what its dictionary says."""

_PREAMBLE: Final = 132
"""Bytes before the file meta information, the mark DICM being the last of them."""

_PIECE: Final = 2**14
"""Bytes that are taken from the file at a time."""


def read_dataset(source: Path | BinaryIO | bytes, *, stop_before_pixels: bool = False, force: bool = True) -> Dataset:
    """Return the data set of a file.

    Parameters
    ----------
    source
        A path, an open file standing at its beginning, or its content.
    force
        Whether it may lack the file meta information.

    Raises
    ------
    RefusedError
        If it inflates to more than a scan.
    Exception
        Whatever pydicom raises on damaged data.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return read_dataset(opened, stop_before_pixels=stop_before_pixels, force=force)
    file = BytesIO(source) if isinstance(source, bytes) else source
    _check_inflation(file)
    return _with_sequences(dcmread(file, stop_before_pixels=stop_before_pixels, force=force))


def _with_sequences(dataset: Dataset) -> Dataset:
    """Return a data set, its own, with the sequences that were stored as of unknown type (UN).

    Programs that turn implicit into explicit VR store so what is not in their dictionary, the functional groups of an
    enhanced image too; the items stay in implicit VR little endian (PS3.5, 6.2.2). pydicom leaves those of 64 KB and
    more as bytes.
    """
    for element in list(dataset.elements()):
        value = element.value if isinstance(element, RawDataElement) and element.VR == "UN" else None
        if value is None or len(value) < _LONG or not dictionary_has_tag(element.tag):
            continue
        if dictionary_VR(element.tag) == "SQ":
            dataset[element.tag] = DataElement(element.tag, "SQ", convert_SQ(value, True, True))
    return dataset


def _check_inflation(file: BinaryIO) -> None:
    """Refuse a deflated file that inflates too far; the file stands at its beginning again."""
    if file.read(_PREAMBLE)[-4:] != b"DICM":
        file.seek(0)
    meta = filereader._read_file_meta_info(file)  # not public, but what dcmread goes by
    if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        _inflate(file)
    file.seek(0)


def _inflate(file: BinaryIO) -> None:
    """Inflate what follows in a file without keeping it, and refuse more of it than a scan has."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = inflated = 0
    while not stream.eof and (piece := file.read(_PIECE)):
        packed += len(piece)
        while piece and not stream.eof:  # PS3.5 pads to an even length, behind the end of the stream
            inflated += len(stream.decompress(piece, 2**20))
            piece = stream.unconsumed_tail
            if inflated >= WINDOW:
                if inflated > packed * MOST_DEFLATED:
                    words = f"Do not use it: its data inflate more than {MOST_DEFLATED} times, which no scan's do"
                    raise refuse("size", f"{words}: {Path(file.name).name}.", f"{inflated // 2**20} MB and more")
                packed = inflated = 0

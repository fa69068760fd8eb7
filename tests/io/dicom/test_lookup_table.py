"""Tables from stored numbers to values, as PS3.3, C.11.1 has them."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests import dicom_series as phantom

NUMBERS = np.array([-32768, -20000, -101, -100, -1, 0, 1, 1000, 20000, 32767], np.int16)
"""Of each row of every image."""


def read(folder: Path, table: Dataset, numbers: np.ndarray, syntax: str = ExplicitVRLittleEndian) -> Volume:
    """Return a series whose rows all hold the same numbers, by its table."""
    folder.mkdir()
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    rows = np.broadcast_to(numbers, (phantom.ROWS, phantom.COLUMNS))
    for k, image in enumerate(phantom.series()):
        image.PixelRepresentation = int(numbers.dtype.kind == "i")
        image.BitsStored, image.HighBit = 16, 15
        image.PixelData = rows.astype(f"{order}{numbers.dtype.kind}2").tobytes()
        image.ModalityLUTSequence = [table]
        phantom.write_file(folder / f"{k}", image, syntax)
    return read_dicom(folder)


def table_of(descriptor: list[int], data: bytes | list[int], signed: bool = True) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS" if signed and max(descriptor) < 32768 else "US", descriptor)
    item.ModalityLUTType = "US"
    item.add_new(0x00283006, "OW" if isinstance(data, bytes) else "US", data)
    return item


def row(volume: Volume) -> list[float]:
    (values,) = np.unique(volume.data.reshape(-1, phantom.COLUMNS), axis=0)
    return values.tolist()


def test_a_table_over_all_signed_numbers_has_an_entry_for_each(tmp_path: Path) -> None:
    # 65536 entries are written as 0, the first number mapped is -32768: entry of n is n + 32768
    item = table_of([0, -32768, 16], np.arange(65536).astype("<u2").tobytes())
    assert row(read(tmp_path / "lut", item, NUMBERS)) == [int(number) + 32768 for number in NUMBERS]


def test_numbers_far_above_a_table_that_begins_below_zero_have_its_last_value(tmp_path: Path) -> None:
    item = table_of([1101, -100, 16], (np.arange(1101) * 2).astype("<u2").tobytes())
    wanted = [2 * min(max(int(number) + 100, 0), 1100) for number in NUMBERS]
    assert row(read(tmp_path / "lut", item, NUMBERS)) == wanted


def test_a_first_number_below_zero_that_is_written_without_a_sign_is_one(tmp_path: Path) -> None:
    item = table_of([1101, 65536 - 100, 16], (np.arange(1101) * 2).astype("<u2").tobytes())
    wanted = [2 * min(max(int(number) + 100, 0), 1100) for number in NUMBERS]
    assert row(read(tmp_path / "lut", item, NUMBERS)) == wanted


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("entries", [200, 201])
def test_a_table_of_8_bits_is_read_whether_or_not_two_share_a_word(
    tmp_path: Path, entries: int, packed: bool, syntax: str
) -> None:
    values = (np.arange(entries) * 7 % 256).astype(np.uint8)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    padded = np.append(values, np.zeros(entries % 2, np.uint8))
    words = np.frombuffer(padded.tobytes(), "<u2") if packed else values
    numbers = np.arange(phantom.COLUMNS, dtype=np.uint16) * 25
    item = table_of([entries, 10, 8], words.astype(f"{order}u2").tobytes(), signed=False)
    wanted = [values[min(max(int(number) - 10, 0), entries - 1)] for number in numbers]
    assert row(read(tmp_path / "lut", item, numbers, syntax)) == wanted


def test_a_table_that_is_shorter_than_it_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="10 of 300 entries"):
        read(tmp_path / "lut", table_of([300, 0, 16], bytes(20)), NUMBERS)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("entries", "bits"), [(4096, 8), (4096, 16), (301, 8)])
def test_a_palette_of_greys_has_an_entry_for_each_stored_number(
    tmp_path: Path, entries: int, bits: int, syntax: str
) -> None:
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    values = (np.arange(entries) * 7 % 2**bits).astype("u1" if bits == 8 else "<u2")
    padded = np.append(values, np.zeros(entries * bits // 8 % 2, values.dtype))
    words = np.frombuffer(padded.tobytes(), "<u2").astype(f"{order}u2").tobytes()
    numbers = np.arange(phantom.COLUMNS, dtype=np.uint16) * 440
    (tmp_path / "palette").mkdir()
    for k, image in enumerate(phantom.series()):
        image.PhotometricInterpretation = "PALETTE COLOR"
        for colour in ("Red", "Green", "Blue"):
            setattr(image, f"{colour}PaletteColorLookupTableDescriptor", [entries, 0, bits])
            setattr(image, f"{colour}PaletteColorLookupTableData", words)
        rows = np.broadcast_to(numbers, (phantom.ROWS, phantom.COLUMNS))
        image.PixelData = rows.astype(f"{order}u2").tobytes()
        phantom.write_file(tmp_path / "palette" / f"{k}", image, syntax)
    wanted = [values[min(int(number), entries - 1)] for number in numbers]
    assert row(read_dicom(tmp_path / "palette")) == wanted

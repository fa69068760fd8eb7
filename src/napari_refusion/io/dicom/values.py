"""The values of a DICOM series: decoded, rescaled slice by slice and stacked by highdicom, with their affine."""

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pydicom.valuerep import DS

from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice
from napari_refusion.io.dicom.stack import DRIFT, UNEVEN, slice_distance, stack_affine
from napari_refusion.volume.affine import LPS_TO_RAS, Affine, corners
from napari_refusion.volume.finding import refuse

Stack = tuple[NDArray[np.float32], Affine]
"""Values (slice, row, column) and their affine to RAS+ mm."""

PLAIN: Final[dict[str, Any]] = {
    "dtype": np.float32,
    "apply_real_world_transform": False,
    "apply_voi_transform": False,
    "apply_presentation_lut": False,
    "rtol": UNEVEN,
    # The gate has judged the tilt, in mm; highdicom's limit of 2.6 degrees would be wrong in both directions.
    "perpendicular_tol": 0.1,
}
"""highdicom's options for measured values: the rescale of each slice, and nothing that serves display only."""


def load_stack(series: Series) -> tuple[NDArray[np.float32], Affine, str]:
    """Return values (slice, row, column), their affine to RAS+ mm, and the sha256 over the files in slice order.

    Parameters
    ----------
    series
        One that passed the gate.

    Raises
    ------
    RefusedError
        A file cannot be opened or decoded, or highdicom places the voxels elsewhere than the header says.
    """
    with quiet():
        headers, digest = _read_files(series)
        values, affine = _stack(series, headers)
    return values, affine, digest


def _read_files(series: Series) -> tuple[list[Dataset], str]:
    """Return the decoded data sets in slice order, and the sha256 over the files."""
    digest = sha256()
    headers = []
    for path in series.files:
        try:
            content = path.read_bytes()
            header = _open(content)
            _ = header.pixel_array  # decoded here, where the file is known; pydicom keeps the result
        # Codecs raise anything on damaged data.
        except Exception as error:
            words = f"{path.name} cannot be read ({type(error).__name__}: {str(error)[:120]}). {SEND_AGAIN}"
            raise refuse("pixels", words) from error
        digest.update(content)
        headers.append(header)
    return headers, digest.hexdigest()


def _open(content: bytes) -> Dataset:
    """Return the data set of a file; one without file meta information gets the transfer syntax it was read in."""
    header = dcmread(BytesIO(content), force=True)
    if "TransferSyntaxUID" not in header.file_meta:
        implicit, little = header.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    return header


def _stack(series: Series, headers: Sequence[Dataset]) -> Stack:
    slices = series.slices
    try:
        if slices[0].frames > 1 and "PerFrameFunctionalGroupsSequence" not in headers[0]:
            return _from_frames(slices, headers[0])
        values, affine = _from_multiframe(headers[0]) if slices[0].frames > 1 else _from_images(slices, headers)
    # highdicom's own checks raise several kinds of errors; whatever passes our gate and not theirs is refused.
    except Exception as error:
        words = f"{series.name} ({slices[0].name}) cannot be stacked: {str(error)[:200]} {SEND_AGAIN}"
        raise refuse("geometry", words) from error
    _cross_check(series, values, affine)
    return values, affine


def _from_images(slices: Sequence[Slice], headers: Sequence[Dataset]) -> Stack:
    """Return the stack of single-frame files."""
    from highdicom import get_volume_from_series

    place = slices[0].place
    # highdicom compares these character by character and needs a frame of reference; the gate compared the numbers.
    frame_of_reference = place.frame_of_reference or generate_uid()
    for header in headers:
        header.FrameOfReferenceUID = frame_of_reference
        header.ImageOrientationPatient = _decimal_strings(_perpendicular(place.orientation or ()))
        header.PixelSpacing = _decimal_strings(place.pixel_spacing or ())
    if len(headers) == 1:
        headers[0].SpacingBetweenSlices = _decimal_strings([slice_distance(slices)])[0]
    volume = get_volume_from_series(headers, **PLAIN)
    return volume.array, LPS_TO_RAS @ volume.affine


def _from_multiframe(header: Dataset) -> Stack:
    """Return the stack of an enhanced multi-frame file."""
    from highdicom import Image

    if "FrameOfReferenceUID" not in header:
        header.FrameOfReferenceUID = generate_uid()
    volume = Image.from_dataset(header, copy=False).get_volume(**PLAIN)
    return volume.array, LPS_TO_RAS @ volume.affine


def _from_frames(slices: Sequence[Slice], header: Dataset) -> Stack:
    """Return the stack of a reconstructed SPECT, whose frames highdicom does not place."""
    stored = header.pixel_array.astype(np.float32)
    slope, intercept = (float(header.get(key, usual)) for key, usual in (("RescaleSlope", 1), ("RescaleIntercept", 0)))
    values = stored[[image.frame for image in slices]] * np.float32(slope) + np.float32(intercept)
    return values, stack_affine(slices)


def _perpendicular(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Return the two directions made exactly perpendicular and of length 1, (6,); undoes rounding only."""
    row, column = np.reshape(orientation, (2, 3))
    row = row / np.linalg.norm(row)
    column = column - row * np.dot(row, column)
    return np.concatenate([row, column / np.linalg.norm(column)])


def _decimal_strings(numbers: Sequence[float] | NDArray[np.float64]) -> list[object]:
    return [DS(float(number), auto_format=True) for number in numbers]


def _cross_check(series: Series, values: np.ndarray, affine: Affine) -> None:
    """Refuse where highdicom's affine and the one computed from the header put a corner voxel in different places."""
    ours = corners(values.shape, stack_affine(series.slices))
    theirs = corners(values.shape, affine)
    # highdicom may count the slices from the other end: the two halves of the corners change places.
    apart = min(float(np.linalg.norm(ours - np.roll(theirs, turn, axis=0), axis=1).max()) for turn in (0, 4))
    if apart > DRIFT:
        sentence = (
            f"{series.name} ({series.slices[0].name}): two ways of computing the positions differ by {apart:.2f} mm. "
            f"{SEND_AGAIN}"
        )
        raise refuse("geometry", sentence, f"{apart:.2f} mm")

"""Good and broken synthetic NIfTI files, made with nibabel and by patching bytes, never with the code under test."""

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np

SHAPE = (5, 6, 7)
RAS_2_3_4 = np.array([[2, 0, 0, -10], [0, 3, 0, -20], [0, 0, 4, 30], [0, 0, 0, 1]], dtype=np.float64)
"""Stored right, anterior, superior; voxels of 2 x 3 x 4 mm."""

FIELDS = {
    "dim0": (40, "h"),
    "dim1": (42, "h"),
    "dim2": (44, "h"),
    "dim3": (46, "h"),
    "intent_code": (68, "h"),
    "datatype": (70, "h"),
    "bitpix": (72, "h"),
    "pixdim0": (76, "f"),
    "pixdim1": (80, "f"),
    "pixdim3": (88, "f"),
    "vox_offset": (108, "f"),
    "scl_slope": (112, "f"),
    "xyzt_units": (123, "B"),
    "qform_code": (252, "h"),
    "sform_code": (254, "h"),
    "quatern_b": (256, "f"),
    "srow_z3": (320, "f"),
}
"""Header field -> its byte and type (NIfTI-1, nifti1.h)."""


def voxels(shape: tuple[int, ...] = SHAPE, dtype: str = "int16") -> np.ndarray:
    """All different values, so that no exchange of axes goes unnoticed."""
    return np.arange(1, 1 + int(np.prod(shape))).reshape(shape).astype(dtype)


def save(
    path: Path,
    data: np.ndarray | None = None,
    affine: np.ndarray = RAS_2_3_4,
    qform: int = 1,
    sform: int = 1,
    qform_affine: np.ndarray | None = None,
    units: str = "mm",
    slope: tuple[float, float] | None = None,
    kind: type = nibabel.Nifti1Image,
) -> Path:
    """A file as a conforming program writes it."""
    data = voxels() if data is None else data
    image = kind(data, affine)
    image.header.set_data_dtype(data.dtype)
    image.set_sform(affine if sform else None, sform)
    image.set_qform(affine if qform_affine is None else qform_affine, qform)
    image.header.set_xyzt_units(units)
    if slope:
        image.header.set_slope_inter(*slope)
        image = kind(image.dataobj, affine, image.header)
    image.to_filename(path)
    if slope:  # nibabel would scale to other integers; the plain ones and the factors are wanted
        patch(path, scl_slope=slope[0])
        _edit(path, 116, struct.pack("<f", slope[1]))
        raw = plain(path)
        write(path, raw[:352] + data.tobytes(order="F"))
    return path


def patch(path: Path, **fields: float) -> Path:
    """Overwrite fields of the header of a little-endian NIfTI-1 file."""
    for name, value in fields.items():
        at, kind = FIELDS[name]
        _edit(path, at, struct.pack(f"<{kind}", value))
    return path


def plain(path: Path) -> bytes:
    """A file's bytes, decompressed."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.name.endswith(".gz") else content


def write(path: Path, content: bytes) -> None:
    """Write plain bytes, compressed where the name says so."""
    path.write_bytes(gzip.compress(content, mtime=0) if path.name.endswith(".gz") else content)


def _edit(path: Path, at: int, new: bytes) -> None:
    content = plain(path)
    write(path, content[:at] + new + content[at + len(new) :])


def flip_bit(path: Path, at: int) -> Path:
    """Flip one bit of a file as it lies on the disk."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(bytes(content))
    return path


def cut(path: Path, n_bytes: int) -> Path:
    """Take bytes off the end of a file."""
    path.write_bytes(path.read_bytes()[:-n_bytes])
    return path


def world_values(data: np.ndarray, affine: np.ndarray) -> dict[tuple[float, float, float], float]:
    """Place in the patient (RAS mm, rounded to 1 um) -> value: the same for every way of storing a volume."""
    indices = np.stack(np.meshgrid(*map(np.arange, data.shape[:3]), indexing="ij"), -1).reshape(-1, 3)
    places = np.round(indices @ affine[:3, :3].T + affine[:3, 3], 3) + 0.0
    return {tuple(place): float(value) for place, value in zip(places.tolist(), data.ravel(), strict=True)}

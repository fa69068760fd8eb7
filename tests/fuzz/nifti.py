"""NIfTI-1, NIfTI-2 and Analyze files with edited headers."""

import gzip
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import nibabel
import numpy as np

from napari_refusion.io.open import open_volume
from tests.fuzz.case import Case
from tests.fuzz.edits import EDITS, FLOATS, INTEGERS, Edit, edited
from tests.fuzz.place import Place, place_of
from tests.fuzz.samples import of_nibabel

SHAPE = (5, 6, 7)

_TURN = np.array([[2, 0.1, 0, -10], [-0.1, 3, 0.2, -20], [0, -0.2, 4, 30], [0, 0, 0, 1]])

_NEAR = (-1.0, 1.1, 0.5, 2.0, 10.0, 0.1, 0.999)
"""Factors that make another number that is just as plausible."""


def _affine() -> np.ndarray:
    """Return an oblique affine without shear."""
    left, _, right = np.linalg.svd(_TURN[:3, :3] / np.array([2, 3, 4]))
    affine = _TURN.copy()
    affine[:3, :3] = (left @ right) * np.array([2, 3, 4])
    return affine


@cache
def seeds() -> dict[str, dict[str, bytes]]:
    """Return names -> the files of each seed, the one to be opened first."""
    found = {f"sample {name}": {name: content} for name, content in of_nibabel((".nii", ".nii.gz", ".hdr"))}
    voxels = np.arange(1, 1 + int(np.prod(SHAPE))).reshape(SHAPE)
    kinds = {"int16": voxels.astype("<i2"), "float": voxels.astype("<f4"), "big": voxels.astype(">i2")}
    kinds["several"] = np.stack([voxels, voxels + 1], -1).astype("<i2")
    kinds["colours"] = np.zeros(SHAPE, [("R", "u1"), ("G", "u1"), ("B", "u1")])
    with TemporaryDirectory() as folder:
        for name, data in kinds.items():
            for kind, ending in (
                (nibabel.Nifti1Image, ".nii"),
                (nibabel.Nifti2Image, ".nii"),
                (nibabel.Nifti1Pair, ".hdr"),
            ):
                header = kind.header_class(endianness=">" if name == "big" else "<")
                header.set_data_dtype(data.dtype)
                header.set_xyzt_units("mm", "sec")
                image = kind(data, _affine(), header)
                image.set_sform(_affine(), 1)
                image.set_qform(_affine(), 1)
                path = Path(folder) / f"sub-1_T1w{ending}"
                image.to_filename(path)
                files = {path.name: path.read_bytes()}
                if ending == ".hdr":
                    files["sub-1_T1w.img"] = path.with_suffix(".img").read_bytes()
                found[f"{name} {kind.__name__}"] = files
        plain = found["int16 Nifti1Image"]["sub-1_T1w.nii"]
        nibabel.save(nibabel.Nifti1Image.from_bytes(plain), Path(folder) / "a.nii.gz")
        packed = {"sub-1_pet.nii.gz": (Path(folder) / "a.nii.gz").read_bytes()}
        found["packed"] = packed
        found["described"] = packed | {"sub-1_pet.json": b'{"Units": "Bq/ml", "Modality": "PT", "FrameDuration": [60]}'}
    return found


@cache
def _places(name: str) -> Place:
    files = seeds()[name]
    with TemporaryDirectory() as folder:
        return place_of(open_volume(Case(files, next(iter(files))).write(Path(folder))))


def _fields(content: bytes) -> list[tuple[str, str, int, int]]:
    """Return name, type, offset and count of the fields of a header."""
    kind = nibabel.Nifti2Header if content[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") else nibabel.Nifti1Header
    order = ">" if content[:1] == b"\0" else "<"
    found = []
    for name, (dtype, offset, *_) in kind.template_dtype.fields.items():
        base = dtype.base
        letter = {"S": "B"}.get(base.kind, base.char)
        count = dtype.itemsize if base.kind == "S" else max(1, int(np.prod(dtype.shape)))
        found.append((name, order + letter, offset, count))
    return found


def field_edited(content: bytes, random: Random) -> bytes:
    """Change one field of a header: to the end of its range, or to something plausible."""
    _, kind, offset, count = random.choice(_fields(content))
    if random.random() < 0.5:  # what says where the voxels lie
        wanted = ("dim", "pixdim", "srow_x", "srow_y", "srow_z", "quatern_b", "qoffset_x", "sform_code", "qform_code")
        _, kind, offset, count = random.choice([one for one in _fields(content) if one[0] in wanted])
    at, size = offset + random.randrange(count) * struct.calcsize(kind), struct.calcsize(kind)
    if at + size > len(content):
        return content
    [old] = struct.unpack_from(kind, content, at)
    if kind[1] in "fd":
        new = old * random.choice(_NEAR) if random.random() < 0.6 else random.choice(FLOATS)
    else:
        new = random.choice((old + 1, old - 1, -old, *INTEGERS))
        bits = 8 * size
        new &= 2**bits - 1
        if kind[1] in "bhilq" and new >= 2 ** (bits - 1):
            new -= 2**bits
    try:
        packed = struct.pack(kind, new)
    except OverflowError:
        return content
    return content[:at] + packed + content[at + size :]


_ALL: Sequence[Edit] = (*EDITS, *[field_edited] * 12)


def nifti_case(random: Random) -> Case:
    """Return a NIfTI file that something was done to."""
    name = random.choice(list(seeds()))
    files = dict(seeds()[name])
    opened = next(iter(files))
    target = opened if random.random() < 0.85 else random.choice(list(files))
    header_only = random.random() < 0.4
    files[target] = edited(files[target], random, [field_edited] if header_only and target == opened else _ALL)
    return Case(files, opened, name, _redundant(name, files))


def sound_case() -> Case:
    """Return a NIfTI file that nothing was done to."""
    files = seeds()["int16 Nifti1Image"]
    return Case(files, next(iter(files)))


def _redundant(name: str, files: dict[str, bytes]) -> Place | None:
    """Return the place of a seed whose forms agreed, if one of them was changed and the other says so still."""
    opened = next(iter(files))
    if name.startswith(("sample", "several")):
        return None
    old, new = (_said(one[opened]) for one in (seeds()[name], files))
    if old is None or new is None or old["dim"] != new["dim"] or old["units"] != new["units"]:
        return None
    kept = [new[form][0] and new[form] == old[form] for form in ("sform", "qform")]
    return _places(name) if sum(kept) == 1 else None


def _said(content: bytes) -> dict[str, tuple[float, ...]] | None:
    """Return what a header says of the place, each form behind whether it is to be used; None for no header."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return None
    values: dict[str, tuple[float, ...]] = {}
    for name, kind, offset, count in _fields(content):
        if offset + count * struct.calcsize(kind) > len(content):
            return None
        values[name] = struct.unpack_from(f"{kind[0]}{count}{kind[1]}", content, offset)
    names = ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
    return {
        "dim": values["dim"][:4],
        "units": values["xyzt_units"],
        "sform": (values["sform_code"][0] > 0, *values["srow_x"], *values["srow_y"], *values["srow_z"]),
        "qform": (values["qform_code"][0] > 0, *(values[one][0] for one in names), *values["pixdim"][:4]),
    }

"""What NRRD and MetaImage headers declare, read by ourselves before SimpleITK reads the voxels.

SimpleITK fills in what a header leaves out: no direction becomes the identity, no spacing 1 mm. It returns the voxels
of a damaged compressed MetaImage with nothing but a line on the console. So both must be known beforehand.

Sources: NRRD0005 (teem.sourceforge.net/nrrd/format.html), MetaIO (itk.org/Wiki/ITK/MetaIO/Documentation).
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from napari_refusion.io.formats import ending
from napari_refusion.volume.finding import RefusedError, refuse

_LONGEST_HEADER: Final = 2**20
"""Bytes; real headers take a few kilobytes."""

_NRRD_BYTES: Final = {
    1: "char signed_char int8 int8_t uchar unsigned_char uint8 uint8_t",
    2: "short short_int signed_short signed_short_int int16 int16_t "
    "ushort unsigned_short unsigned_short_int uint16 uint16_t",
    4: "int signed_int int32 int32_t uint unsigned_int uint32 uint32_t float",
    8: "longlong long_long long_long_int signed_long_long signed_long_long_int int64 int64_t "
    "ulonglong unsigned_long_long unsigned_long_long_int uint64 uint64_t double",
}
"""Bytes of a number -> NRRD names of the types, spaces as underscores."""

_META_BYTES: Final = {
    1: "MET_CHAR MET_UCHAR",
    2: "MET_SHORT MET_USHORT",
    4: "MET_INT MET_UINT MET_FLOAT",
    8: "MET_LONG_LONG MET_ULONG_LONG MET_DOUBLE",
}
"""Bytes of a number -> MetaImage types; MET_LONG is left out because its size depends on the computer."""

_PATIENT_SPACES: Final = {
    "lps",
    "ras",
    "las",
    "left-posterior-superior",
    "right-anterior-superior",
    "left-anterior-superior",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What the header of an NRRD or MetaImage file declares."""

    sizes: tuple[int, ...]
    """All sizes, that of the colours or other values per voxel included."""
    spatial: int
    """How many of them are axes in space."""
    n_bytes: int
    """Of the voxels, not compressed."""
    compressed: bool
    data_file: Path
    """Where the voxels are; the file itself or another one beside it."""
    offset: int
    """Bytes before the voxels in `data_file`."""
    modality: str
    """As written, empty where the header has none."""


def read_header(path: Path) -> Declared:
    """Return what a ``.nrrd``, ``.nhdr``, ``.mha`` or ``.mhd`` file declares.

    Raises
    ------
    RefusedError
        If the header is damaged, leaves out how the image lies in the patient, or points to files that are not read.
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as file:
        first = file.read(_LONGEST_HEADER)
    try:
        return _nrrd(path, first) if ending(path) in (".nrrd", ".nhdr") else _meta(path, first)
    except (KeyError, ValueError, IndexError) as error:
        if isinstance(error, RefusedError):
            raise
        sentence = f"The header of {path} is damaged or incomplete ({error}): export it again."
        raise refuse("header", sentence, str(error)) from error


def _nrrd(path: Path, first: bytes) -> Declared:
    """Return what an NRRD header declares."""
    if not first.startswith(b"NRRD000"):
        raise refuse("file", f"{path} is not an NRRD file (no NRRD signature): export it again.")
    text, fields = first.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace"), {}
    for line in text.split("\n")[1:]:
        key, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[key.strip().lower()] = value.removeprefix("=").strip()
    directions = fields.get("space directions", "")
    if fields.get("space", "").lower() not in _PATIENT_SPACES or not directions:
        raise _no_orientation(path, "space and space directions")
    units = set(fields.get("space units", "mm").replace('"', " ").split())
    if units - {"mm"}:
        value = " ".join(sorted(units))
        raise refuse("unit of length", f"{path} is measured in {value}: export it in millimetres.", value)
    if any(float(fields.get(key, "0")) for key in ("line skip", "lineskip", "byte skip", "byteskip")):
        raise refuse("header", f"{path} points into the middle of another file: export it as one .nrrd file.")
    encoding = fields["encoding"].lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise refuse("header", f"{path} is stored as {encoding}: export it as raw or gzip.", encoding)
    named = fields.get("data file", fields.get("datafile", ""))
    return _declared(
        path,
        first,
        end=_end_of_nrrd_header(first),
        sizes=tuple(int(size) for size in fields["sizes"].split()),
        spatial=len([vector for vector in directions.replace(", ", ",").split() if vector.lower() != "none"]),
        width=_width(_NRRD_BYTES, fields["type"].strip().lower().replace(" ", "_")),
        compressed=encoding != "raw",
        named=named,
        modality=fields.get("modality", ""),
    )


def _end_of_nrrd_header(first: bytes) -> int:
    """Return where the voxels begin: after the first empty line."""
    ends = [place + len(mark) for mark in (b"\n\n", b"\n\r\n") if (place := first.find(mark)) >= 0]
    return min(ends, default=len(first))


def _meta(path: Path, first: bytes) -> Declared:
    """Return what a MetaImage header declares."""
    fields: dict[str, str] = {}
    end = 0
    while "ElementDataFile" not in fields:
        line, newline, _ = first[end:].partition(b"\n")
        key, equals, value = line.decode("utf-8", "replace").partition("=")
        if not equals or not (newline or key.strip() == "ElementDataFile"):
            raise refuse("file", f"{path} is not a MetaImage file or ends within its header: export it again.")
        fields[key.strip()] = value.strip()
        end += len(line) + len(newline)
    if not {"TransformMatrix", "Rotation", "Orientation"}.intersection(fields):
        raise _no_orientation(path, "TransformMatrix")
    if "ElementSpacing" not in fields:
        raise refuse("voxel size", f"{path} does not state its voxel size (no ElementSpacing): export it again.")
    if fields.get("BinaryData", "True").lower() != "true" or int(fields.get("HeaderSize", "0")):
        raise refuse("header", f"{path} is stored as text or points into another file: export it as one .mha file.")
    sizes = tuple(int(size) for size in fields["DimSize"].split())
    named = fields["ElementDataFile"]
    return _declared(
        path,
        first,
        end=end,
        sizes=(*sizes, int(fields.get("ElementNumberOfChannels", "1"))),
        spatial=len(sizes),
        width=_width(_META_BYTES, fields["ElementType"]),
        compressed=fields.get("CompressedData", "False").lower() == "true",
        named="" if named.upper() == "LOCAL" else named,
        modality=fields.get("Modality", "").removeprefix("MET_MOD_"),
    )


def _declared(
    path: Path,
    first: bytes,
    end: int,
    sizes: tuple[int, ...],
    spatial: int,
    width: int,
    compressed: bool,
    named: str,
    modality: str,
) -> Declared:
    """Return the declaration; `named` is the data file as the header names it, empty for the file itself."""
    if min(sizes) < 1:
        raise ValueError(" x ".join(map(str, sizes)))
    if named and (set(named) & set(" %*?") or named.upper() == "LIST"):
        raise refuse("header", f"{path} is spread over several files ({named}): export it as one file.", named)
    parts = {*PurePosixPath(named).parts, *PureWindowsPath(named).parts}
    if named and (".." in parts or PurePosixPath(named).is_absolute() or PureWindowsPath(named).anchor):
        raise refuse("header", f"{path} points to a file outside its own folder ({named}): copy both together.", named)
    data_file = path.with_name(path.name).parent / named if named else path
    if not data_file.is_file():
        raise refuse("file", f"{path} is only half of an image: {named} belongs beside it, copy both.", named)
    n_bytes = width
    for size in sizes:
        n_bytes *= size
    return Declared(sizes, spatial, n_bytes, compressed, data_file, 0 if named else end, modality)


def _width(table: dict[int, str], name: str) -> int:
    """Return the bytes of a number of the named type."""
    for width, names in table.items():
        if name in names.split():
            return width
    raise KeyError(name)


def _no_orientation(path: Path, missing: str) -> RefusedError:
    """Return the error for an image that does not say how it lies in the patient."""
    sentence = f"{path} does not state how it lies in the patient (no {missing}): orientation unknown. Export it again"
    return refuse("orientation", f"{sentence} from the original images.", missing)

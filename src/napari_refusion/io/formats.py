"""The file formats that are read, one table: which endings each has, and which function reads it.

Readers, help, worklists and what napari offers to this plugin follow from it. Another format is one module that reads
it, one entry here, and its endings among the manifest's ``filename_patterns``, which a test compares with this table.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from napari_refusion.io.boundary import bounded
from napari_refusion.volume.volume import Volume

if TYPE_CHECKING:
    from napari_refusion.io.listing import Listed


class Reader(Protocol):
    """Reads one volume, or raises `RefusedError`."""

    def __call__(self, path: Path, modality: str | None = None, **choice: Any) -> Volume:  # noqa: ANN401 - as `chooses`
        """Return the volume at a path; `modality` is the DICOM Modality that the user chose."""


class AllReader(Protocol):
    """Reads every volume of a file or series, or raises `RefusedError`."""

    def __call__(self, path: Path, modality: str | None = None, **choice: Any) -> tuple[Volume, ...]:  # noqa: ANN401
        """Return the volumes at a path, each with its part."""


class Lister(Protocol):
    """Lists what a path holds without reading voxels, or raises `RefusedError`."""

    def __call__(self, path: Path) -> tuple["Listed", ...]:
        """Return what is there, the likely one first."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    name: str
    """What help calls it."""
    endings: tuple[str, ...]
    """Of file names, lower case."""
    module: str
    """Imported when such a file is read, and not before."""
    function: str
    """A `Reader` in it."""
    reads_all: str = ""
    """An `AllReader` in it; empty for a format whose files hold one volume."""
    lister: str = ""
    """A `Lister`, as ``module:function``; empty where a file is read to be listed."""
    chooses: frozenset[str] = frozenset()
    """What its reader lets choose where a path holds several images, ``series`` or ``volume``."""
    points_to_voxels: bool = False
    """Whether the header of such a file may name another file, of any name, that holds the voxels."""
    is_claimed: bool = True
    """Whether napari offers such files to this plugin; napari has a reader of its own for pictures."""

    def reader(self) -> Reader:
        """Return the function that reads it, behind the boundary."""
        reader: Reader = bounded(getattr(import_module(self.module), self.function))
        return reader

    def all_reader(self) -> AllReader | None:
        """Return the function that reads all volumes, None where there is only one."""
        found: AllReader | None = (
            bounded(getattr(import_module(self.module), self.reads_all)) if self.reads_all else None
        )
        return found

    def list_reader(self) -> Lister | None:
        """Return the function that lists a path, None where there is none."""
        module, _, function = self.lister.partition(":")
        found: Lister | None = bounded(getattr(import_module(module), function)) if module else None
        return found


DICOM: Final = Format(
    "DICOM",
    (".dcm", ".ima", ".zip"),
    "napari_refusion.io.dicom.read",
    "read_dicom",
    reads_all="read_volumes",
    lister="napari_refusion.io.dicom.listing:list_dicom",
    chooses=frozenset({"series", "volume"}),
)
"""Folders, several files together, and files with its signature are DICOM, too, whatever they are called."""

PACKED: Final = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
"""Endings of archives and compressed files that are not unpacked here."""

UNREAD: Final = {
    "Unpack it": PACKED,
    "Save it as PNG": (".bmp", ".gif", ".webp", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".pdf"),
    "Develop it to a 16-bit TIFF": (
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".orf", ".rw2", ".raf"),
        *(".pef", ".srw", ".x3f", ".iiq", ".3fr", ".erf", ".kdc", ".mrw", ".rwl"),
    ),
    "Choose the header beside it (.mhd, .nhdr)": (".raw", ".zraw"),
    "Convert it to NIfTI": (".mnc", ".par", ".rec", ".v", ".ecat", ".head", ".brik", ".npy", ".npz", ".mat"),
}
"""What to do first -> endings of files that are not read: packed ones, pictures, raw ones, other volumes."""

UNNAMED: Final = ("*[0-9][0-9][0-9]", "*.[0-9]", "*.[0-9][0-9]", *("[!.]" * length for length in range(1, 9)))
"""Patterns of DICOM files without an ending: images named by a number or their UID, and what lies on media.

There a name has at most eight characters and no dot (PS3.10, 8.2), ``DICOMDIR`` among them. They are spelled without
letters, for npe2 compares a file's name with the pattern in lower case.
"""

NRRD, META_IMAGE = (
    Format(
        name,
        endings,
        "napari_refusion.io.itk.read",
        "read_itk",
        reads_all="read_itk_volumes",
        lister="napari_refusion.io.itk.read:list_itk",
        chooses=frozenset({"volume"}),
        points_to_voxels=True,
    )
    for name, endings in (("NRRD", (".nrrd", ".nhdr")), ("MetaImage", (".mha", ".mhd")))
)

FORMATS: Final = (
    Format(
        "NIfTI",
        (".nii", ".nii.gz", ".hdr", ".img"),
        "napari_refusion.io.nifti.read",
        "read_nifti",
        reads_all="read_nifti_volumes",
        lister="napari_refusion.io.nifti.read:list_nifti",
        chooses=frozenset({"volume"}),
    ),
    Format(
        "MGH",
        (".mgh", ".mgz"),
        "napari_refusion.io.mgh.read",
        "read_mgh",
        reads_all="read_mgh_volumes",
        lister="napari_refusion.io.mgh.read:list_mgh",
        chooses=frozenset({"volume"}),
    ),
    NRRD,
    META_IMAGE,
    Format("PNG", (".png",), "napari_refusion.io.picture.read", "read_image", is_claimed=False),
    Format("TIFF", (".tif", ".tiff"), "napari_refusion.io.picture.read", "read_image", is_claimed=False),
    Format("JPEG", (".jpg", ".jpeg"), "napari_refusion.io.picture.read", "read_image", is_claimed=False),
    DICOM,
)
"""In the order of help."""


def ending(path: Path) -> str:
    """Return the ending of a file's name in lower case; ``.nii.gz`` is one ending."""
    return ".nii.gz" if path.name.lower().endswith(".nii.gz") else path.suffix.lower()


def format_by_name(path: Path) -> Format | None:
    """Return the format that a file's name says, None for none."""
    return next((one for one in FORMATS if ending(path) in one.endings), None)


def format_of(path: Path) -> Format | None:
    """Return the format of what lies at a path, by its name, else by its signature; a folder is DICOM, and a DICOMDIR.

    Raises
    ------
    OSError
        If the system does not hand over the file.
    """
    if path.is_dir():
        return DICOM
    named = format_by_name(path)
    return named or (DICOM if not ending(path) or has_dicom_signature(path) else None)


def has_dicom_signature(path: Path) -> bool:
    """Return whether a file carries the signature of DICOM; scanners name files by their UID, which has dots in it."""
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def claimed_endings() -> tuple[str, ...]:
    """Return the endings of all files that napari offers to this plugin."""
    return tuple(one for kind in FORMATS if kind.is_claimed for one in kind.endings)


def remedy_for(path: Path) -> str:
    """Return what to do first with a file of no format that is read."""
    return next((one for one, endings in UNREAD.items() if ending(path) in endings), "Choose a file of a known format")


def names_of_formats() -> str:
    """Return what help says, as ``NIfTI, NRRD, PNG or DICOM``."""
    *first, last = (one.name for one in FORMATS)
    return f"{', '.join(first)} or {last}"

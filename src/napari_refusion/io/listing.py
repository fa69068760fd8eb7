"""What a path holds, before anything of it is read: the list that a user chooses from."""

from dataclasses import dataclass
from pathlib import Path

from napari_refusion.io.formats import Format
from napari_refusion.io.given_path import GivenPaths, given_paths
from napari_refusion.io.open import known_format, open_volumes
from napari_refusion.volume.finding import RefusedError, blocking


@dataclass(frozen=True, slots=True)
class Listed:
    """One series of a DICOM folder, or one file of another format, with the volumes in it."""

    series: str
    """Series Number, or what else `open_volume` takes as its series; empty for files without series."""
    uid: str
    """Series Instance UID, with more words where another series has the same one; empty for files without series."""
    name: str
    """What to call it, without patient data."""
    modality: str
    """DICOM Modality, empty where unknown."""
    shape: tuple[int, int, int]
    """Voxels of each volume along (I, P, L), or slices, rows, columns where its place is not known."""
    spacing: tuple[float, float, float] | None
    """mm along the same axes; None where it is not known."""
    corrected: bool | None
    """Whether PET was corrected for attenuation; None for everything else."""
    parts: tuple[str, ...] = ("",)
    """What tells each of its volumes from the others (`Acquisition.part`), in the order of their numbers, from 0."""
    refusal: str = ""
    """Why it cannot be read, empty where it can."""


def list_path(paths: GivenPaths) -> tuple[Listed, ...]:
    """Return what a file, a folder or several files hold, the likely one first.

    Voxels are read only of formats whose headers do not tell it alone.

    Raises
    ------
    RefusedError
        If there is no such file, or nothing in it that is read.
    """
    one, found = known_format(given_paths(paths))
    lister = found.list_reader()
    return lister(one) if lister else (_read_to_list(one, found),)


def _read_to_list(path: Path, found: Format) -> Listed:
    """Return what a file of a format without a lister holds."""
    try:
        volumes = open_volumes(path)
    except RefusedError as error:
        reason = blocking(error.findings)[0].sentence
        return Listed("", "", path.name, "", (0, 0, 0), None, None, refusal=reason)
    first = volumes[0]
    is_placed = not first.is_photograph
    return Listed(
        series="",
        uid="",
        name=first.name or f"{found.name} {path.name}",
        modality=first.modality,
        shape=first.shape,
        spacing=first.spacing if is_placed else None,
        corrected=None,
        parts=tuple(volume.acquisition.part for volume in volumes),
    )

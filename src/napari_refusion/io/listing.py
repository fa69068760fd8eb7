"""What a path holds, before anything of it is read: the list that a user chooses from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """One series of a DICOM folder, or one file of another format, with the volumes in it."""

    series: str
    """Series Number, or what else `open_volume` takes as its series; empty for files without series."""
    uid: str
    """Series Instance UID; empty for files without series."""
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

"""A DICOM series: its images in order, what it is called, and which part of several volumes it is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from napari_refusion.io.dicom.slice import Slice
from napari_refusion.volume.modality import modality_name


@dataclass(frozen=True, slots=True)
class Series:
    """The images with one Series Instance UID."""

    uid: str
    slices: tuple[Slice, ...]
    """Sorted along the normal of the images; those without a place last."""
    part: str = ""
    """Which of several volumes of the series it is: ``echo time 20 ms``; empty where it is all of it."""
    time: tuple[float, float] | None = None
    """Start and end of a frame, s after the start of the first one."""
    began: datetime | None = None
    """First acquisition after the same injection in all parts of the series, where it is one of them, and PET."""
    lost: int = 0
    """Slices that the other parts of the series have and this one lacks."""
    has_mean: bool = False
    """Whether its parts are frames in time of the same image, which have a mean."""
    copies: tuple[Path, ...] = ()
    """Files that are copies of some of its own."""
    study: str = ""
    """``study 1 of 2``, the earliest first, where images of several studies lie together; else empty."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files in the order of the slices, each once."""
        return tuple(dict.fromkeys(image.path for image in self.slices))

    @property
    def modality(self) -> str:
        """DICOM Modality (0008,0060)."""
        return self.slices[0].modality

    @property
    def description(self) -> str:
        """Series Description (0008,103E)."""
        return self.slices[0].description

    @property
    def number(self) -> str:
        """Series Number (0020,0011)."""
        return self.slices[0].series_number

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        place = self.slices[0].place
        return len(self.slices), place.rows, place.columns

    @property
    def name(self) -> str:
        """What to call it, without patient data: ``PET FDG AC (series 5)``."""
        word = modality_name(self.modality, self.modality)
        words = [self.description] if _begins_with(self.description, word, self.modality) else [word, self.description]
        number = f"(series {self.number})" if self.number else ""
        words = [" ".join(word for word in words if word), self.study]
        name = " ".join(word for word in [", ".join(filter(None, words)), number] if word) or "DICOM series"
        return f"{name}, {self.part}" if self.part else name

    @property
    def label(self) -> str:
        """One line for a list to choose from: name, number of slices, matrix."""
        count, rows, columns = self.shape
        return f"{self.name}, {count} slice{'s' if count > 1 else ''} of {rows}x{columns}"


def _begins_with(description: str, *words: str) -> bool:
    """Return whether a description names the modality itself, as ``CT soft tissue`` does."""
    text = description.lower()
    behind = (text.removeprefix(word.lower()) for word in words if word and text.startswith(word.lower()))
    return any(not (rest[:1].isascii() and rest[:1].isalnum()) for rest in behind)

"""A lesion of a reader's list."""

from dataclasses import dataclass

from napari_refusion.lesion.voi import VolumeOfInterest


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """A volume of interest that a reader named."""

    number: int
    """From 1, in the order in which they were added; never given twice in a case."""
    voi: VolumeOfInterest
    source: str
    """SHA-256 of the source's files (`Origin.sha256`) that it is drawn on; what it says holds for that source alone."""
    name: str = ""
    """What the reader calls it; ``Lesion 1`` where it is empty."""
    site: str = ""
    """Where in the body, in the reader's words."""
    comment: str = ""
    is_key: bool = False
    """Whether the slice through its middle is a key image."""
    group: str = ""
    """What joins a lesion of a baseline with the same one of a follow-up; empty where it is not matched."""

    @property
    def title(self) -> str:
        """What table and report call it."""
        return self.name or f"Lesion {self.number}"

"""One file, or folder of files, that something was done to, and what reading it must not end in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.fuzz.place import Place

Result = Literal["read", "refused", "traceback", "hang", "over memory", "silent"]
"""``silent``: read with another content or place than the seed's, and without a word although the file tells."""

RESULTS: tuple[Result, ...] = ("read", "refused", "traceback", "hang", "over memory", "silent")

FAILURES: tuple[Result, ...] = RESULTS[2:]


@dataclass(frozen=True, slots=True)
class Case:
    """Files to be written into an empty folder, and which of them is to be opened."""

    files: Mapping[str, bytes]
    opened: str = ""
    """Empty for the folder itself."""
    seed: str = ""
    """What it was made from."""
    place: Place | None = None
    """Where the voxels of the seed lie, if a part of the header that was not touched still says so."""

    def write(self, folder: Path) -> Path:
        """Return what is to be opened, after writing all files."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / self.opened


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case."""

    number: int
    result: Result
    words: str = ""
    """The last lines of a traceback, or how the place differs."""
    seconds: float = 0.0
    megabytes: float = field(default=0.0)
    """By which the memory in use rose while it was read."""

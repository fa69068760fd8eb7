"""A project: a folder with the reviews of some cases, and what holds for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

SCHEMA: Final = "refusion-project/1"

ADJUDICATORS: Final = ("adjudicator", "second_adjudicator")
"""Who decides where readers differ; two must come to the same verdict, blind to each other."""

ROLES: Final = ("first", "second", *ADJUDICATORS)
"""Who may be named in a project: two readers who do not see each other's review, and who decides between them."""

FOLDERS: Final = ("reviews", "reports", "exports")

MOST_REPEATS: Final = 0.5
"""Share of the cases; 0.05 to 0.1 is usual."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with the reviews of some cases, and what holds for all of them."""

    folder: Path
    key: str = field(repr=False)
    """32 bytes in hexadecimal, drawn once: pseudonyms are made with it."""
    seed: int
    """Of the order in which readers see the cases."""
    identified: bool = False
    """Whether records and reports may say what files and patients are called."""
    minimum_seconds: float = 10.0
    """How long a case must be viewed, at least, before its verdict."""
    body_share: float = 0.9
    """Share of the slices that show the body, 0 to 1, that is seen before a verdict."""
    readers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """One of `ROLES` -> the reader; roles without a reader are missing."""
    roster: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Everybody who recorded something here -> hash of the first event; empty where that is not known."""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Reader who signs -> public key, 32 bytes in hexadecimal, see `signing`."""
    repeats: float = 0.0
    """Share of the cases, 0 to `MOST_REPEATS`, that each reader gets a second time without being told."""

    @property
    def adjudicators(self) -> tuple[str, ...]:
        """Return who decides where readers differ."""
        return tuple(self.readers[role] for role in ADJUDICATORS if role in self.readers)

    @property
    def reports(self) -> Path:
        """Return where reports are written."""
        return self.folder / "reports"

    @property
    def exports(self) -> Path:
        """Return where mirrors and fused volumes are written."""
        return self.folder / "exports"

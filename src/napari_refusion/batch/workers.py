"""Where the cases of a cohort run, as it is chosen; importing this loads neither Dask nor torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

RETRIES: Final = 2
"""How often a case is tried again whose worker was killed."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Where cases run."""

    count: int = 0
    """Processes of this machine; 0 for one on each of its GPUs or processors, or one where Dask is not installed."""
    scheduler: str = ""
    """Address of a Dask scheduler that is running, in place of own processes."""
    megabytes: int = 0
    """Of memory for all processes together; 0 for no limit but the machine's."""
    retries: int = RETRIES
    work: Path | None = None
    """Where Dask puts what is temporary; None for where the system does."""

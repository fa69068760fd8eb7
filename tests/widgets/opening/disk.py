"""A disk in place of the readers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_refusion.io.listing import Listed
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

FOLDER = Path("study")


@dataclass
class Disk:
    """What the readers find, and what they were asked for."""

    lists: dict[Path, Sequence[Listed] | RefusedError] = field(default_factory=dict)
    volumes: dict[str, Sequence[Volume] | RefusedError] = field(default_factory=dict)
    """By UID, or by the name of the file."""
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def list_path(self, where: Path) -> tuple[Listed, ...]:
        self.asked.append(("list", where))
        return tuple(self._give(self.lists[where]))

    def open_volumes(self, where: Path, modality: str | None = None, series: str | None = None) -> tuple[Volume, ...]:
        self.asked.append(("volumes", where, series))
        return tuple(self._give(self.volumes[series or str(where)]))

    def open_volume(
        self, where: Path, modality: str | None = None, series: str | None = None, volume: int | str | None = None
    ) -> Volume:
        self.asked.append(("volume", where, series, volume))
        found = self._give(self.volumes[series or str(where)])
        return found[volume if isinstance(volume, int) else 0]

    @staticmethod
    def _give(found: Any) -> Any:  # noqa: ANN401 - lists of two kinds
        if isinstance(found, RefusedError):
            raise found
        return found


def names(layers: list) -> list[str]:
    return [properties["name"] for _, properties, _ in layers]

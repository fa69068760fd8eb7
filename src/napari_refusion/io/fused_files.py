"""The files of a fused volume: in grey, in colours where it has some, and the record of how it was made."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.formats import ending
from napari_refusion.io.identify import stem
from napari_refusion.io.write import check_target, write_json, write_volume
from napari_refusion.volume.finding import refuse

ENDINGS: Final = (".nii.gz", ".nii", ".png")
"""In which a fused volume is written; a picture for one slice only."""


@dataclass(frozen=True, slots=True)
class FusedFiles:
    """Where a fusion is written."""

    grey: Path
    colour: Path | None
    """None where no colours are wanted."""
    provenance: Path

    def all(self) -> tuple[Path, ...]:
        """Return every file that may be written."""
        return tuple(path for path in (self.grey, self.colour, self.provenance) if path is not None)

    def check(self, overwrite: bool, keep: Iterable[Path]) -> None:
        """Refuse before the work what could not be written after it, see `write.check_target`."""
        sources = tuple(keep)
        for path in self.all():
            check_target(path, overwrite, sources)

    def write(self, fused: Fused, overwrite: bool = False, keep: Iterable[Path] = ()) -> tuple[Path, ...]:
        """Write a fused volume, and return the files; without colours there is no coloured one.

        Parameters
        ----------
        keep
            Files that are never replaced, see `write.atomic`.

        Raises
        ------
        RefusedError
            See `write.write_volume`.
        """
        sources = tuple(keep)
        write_volume(fused.volume, self.grey, overwrite, keep=sources)
        if self.colour is not None and fused.colour is not None:
            write_volume(fused.colour, self.colour, overwrite, keep=sources)
        write_json(fused.record(), self.provenance, overwrite, keep=sources)
        return tuple(path for path in self.all() if path != self.colour or fused.colour is not None)


def fused_files(output: Path, *, with_colour: bool = True) -> FusedFiles:
    """Return the files beside each other that a fusion is written to, named after the grey one.

    Raises
    ------
    RefusedError
        If its ending is not one of `ENDINGS`.
    """
    suffix = ending(output)
    if suffix not in ENDINGS:
        raise refuse("output", f"{output}: results are written as .nii.gz, .nii or .png, not {suffix or 'this'}.")
    name = stem(output)
    colour = output.with_name(f"{name}_colour{suffix}") if with_colour else None
    return FusedFiles(output, colour, output.with_name(f"{name}.json"))

"""The files of a fused volume: in grey, in colours where it has some, and the record of how it was made.

They are one result: whatever fails, all of them appear or none. The record comes last and holds the hashes of the
images, so a program that is killed between two renamings leaves images without a record, never beside another's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.formats import ending
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.identify import stem
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.own_result import is_marked, is_record, record_of
from napari_refusion.io.sealed import sealed
from napari_refusion.io.sidecar import described_in, read_sidecar
from napari_refusion.io.whole_files import check_target, together
from napari_refusion.io.write import save_volume
from napari_refusion.io.write_json import as_json
from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

ENDINGS: Final = (".nii.gz", ".nii", ".png")
"""In which a fused volume is written; a picture for one slice only."""

FILES: Final = "files"
"""Entry of a record that holds the SHA-256 of each image by its name."""


@dataclass(frozen=True, slots=True)
class FusedFiles:
    """Where a fusion is written."""

    grey: Path
    colour: Path
    """Also where no colours are wanted: a coloured image of a former fusion must not stay beside the new one."""
    provenance: Path
    with_colour: bool = True

    def all(self) -> tuple[Path, ...]:
        """Return every file that may be written or removed."""
        return (self.grey, self.colour, self.provenance)

    def check(self, overwrite: bool, keep: Iterable[Path]) -> None:
        """Refuse before the work what could not be written after it, see `whole_files.check_target`.

        Raises
        ------
        RefusedError
            Also if a JSON file of other origin is where the record would be: it may describe a source.
        """
        sources = tuple(keep)
        for path in self.all():
            check_target(path, overwrite, sources)
        self._check_names(sources)
        if self.provenance.exists() and not self._is_replaced:
            raise refuse(
                "output",
                f"Choose another name, or remove the file that stands where the record would be: {self.provenance} is "
                f"no record of this program and may describe a source.",
                str(self.provenance),
            )

    def _check_names(self, sources: Iterable[Path]) -> None:
        """Refuse names under which the record would describe another image, or an image would leave its record."""
        for source in sources:
            if not source.is_file() or source == self.provenance:
                continue
            if described_in(source).absolute() == self.provenance.absolute():
                raise refuse(
                    "output",
                    f"Choose another name than {self.grey.name}: its record would stand where a description of the "
                    f"source {source} is looked for.",
                    self.grey.name,
                )
        former = (read_sidecar(self.provenance).content or {}).get(FILES)
        mine = {path.name for path in self.all()}
        for name in former if isinstance(former, dict) else ():
            if name not in mine and Path(name).name == name and (other := self.grey.with_name(name)).exists():
                raise refuse(
                    "output",
                    f"Choose another name than {self.grey.name}, or remove the former result first: its record would "
                    f"be replaced and leave {other} without one.",
                    self.grey.name,
                )
        owner = record_of(self.grey)
        if owner.path != self.provenance and self.grey.name in ((owner.content or {}).get(FILES) or ()):
            raise refuse(
                "output",
                f"Choose another name than {self.grey.name}: it is the coloured image of another result, whose record "
                f"is {owner.path}.",
                self.grey.name,
            )

    @property
    def _is_replaced(self) -> bool:
        """Return whether a result was written here before, with a record of any version."""
        found = read_sidecar(self.provenance)
        return is_record(found) or isinstance((found.content or {}).get(FILES), dict)

    def write(
        self, fused: Fused, overwrite: bool = False, keep: Iterable[Path] = (), *, identified: bool = False
    ) -> tuple[Path, ...]:
        """Write a fused volume, and return the files; without colours there is no coloured one.

        Parameters
        ----------
        keep
            Files that are never replaced, see `whole_files.atomic`.
        identified
            Whether the record names files and series, see `Fused.record`.

        Raises
        ------
        RefusedError
            See `check` and `whole_files.together`; what was there before is then still there.
        """
        self.check(overwrite, sources := tuple(keep))
        images = {self.grey: fused.volume}
        if self.with_colour and fused.painted is not None:
            images[self.colour] = fused.painted
        record = fused.record(identified=identified)
        return write_recorded(images, self.provenance, record, overwrite, keep=sources, stale=self.stale(images))

    def stale(self, images: Iterable[Path]) -> tuple[Path, ...]:
        """Return the coloured image of a former result where these images, which replace it, have none."""
        if self.colour in images:
            return ()
        # a program that was killed while it replaced a result can leave images without their record
        recorded = self.provenance.exists() or described_in(self.colour).exists()
        is_left = not recorded and self.colour.is_file() and is_marked(self.colour)
        return (self.colour,) if self._is_replaced or is_left else ()


def write_recorded(
    images: Mapping[Path, Volume],
    record: Path,
    content: Mapping[str, Any],
    overwrite: bool = False,
    description: str = DESCRIPTION,
    keep: Iterable[Path] = (),
    stale: Sequence[Path] = (),
) -> tuple[Path, ...]:
    """Write images and their record, all or none of them, and return the files, the record last.

    Parameters
    ----------
    images
        What is written where, in one folder.
    record, content
        Where the record is written, and what it says beside the SHA-256 of the images.
    description
        What the images say about themselves, see `write.write_volume`.
    keep, stale
        Files that are never replaced, and those that disappear, see `whole_files.together`.

    Raises
    ------
    RefusedError
        See `whole_files.together`.
    """
    written = (*images, record)
    with together(written, overwrite, keep, stale) as temporary:
        for path, volume in images.items():
            save_volume(volume, path, temporary[path], description)
        hashes = {path.name: sha256_of(temporary[path]) for path in images}
        whole = {**content, FILES: hashes}
        as_json(whole, record)  # refuses what JSON lacks
        temporary[record].write_text(as_json(sealed(whole), record), encoding="utf-8", newline="\n")
    return written


def fused_files(output: GivenPath, *, with_colour: bool = True) -> FusedFiles:
    """Return the files beside each other that a fusion is written to, named after the grey one.

    Raises
    ------
    RefusedError
        If its ending is not one of `ENDINGS`.
    """
    output = given_path(output)
    suffix = ending(output)
    if suffix not in ENDINGS:
        found = suffix or "no ending"
        words = f"End the name of the result in .nii.gz, .nii or, for one slice, .png; it has {found}: {output}"
        raise refuse("output", words, found)
    name = stem(output)
    colour = output.with_name(f"{name}_colour{suffix}")
    return FusedFiles(output, colour, output.with_name(f"{name}.json"), with_colour)

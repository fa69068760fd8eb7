"""Files that tell what a reader said and are no record themselves: whether they are what was written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from napari_refusion.io.one_pass import sha256_of
from napari_refusion.record.events import Event
from napari_refusion.record.names import is_reader
from napari_refusion.record.project import Project
from napari_refusion.record.witness import files_told, name_of
from napari_refusion.volume.finding import refuse

_NAMED: Final = re.compile(r"case-[0-9a-f]{16}_(.+)_\d{8}T\d{6}(\.html|\.pdf|_nifti|_dicom|_lesions)")
"""Reports and exported volumes: the case, the reader and the moment."""

_COPIES: Final = ("_review.json", "_slices.tsv", "_lesions.tsv")


def written_files(project: Project) -> Iterator[tuple[str, Path]]:
    """Yield whose words are in which exported copy, report, record of a volume, table of lesions, and DICOM object."""
    for path in sorted(project.exports.glob("*/*")):
        if path.name.endswith(_COPIES) and is_reader(path.parent.name):
            yield path.parent.name, path
    for path in sorted((*project.reports.glob("case-*"), *project.exports.glob("case-*"))):
        named = _NAMED.fullmatch(path.name)
        if named and is_reader(named[1]):
            objects = sorted(path.glob("*.dcm"))
            inside = {
                "_nifti": [path / "fused.json"],
                "_dicom": objects,
                "_lesions": [path / "lesions.tsv", *objects],
            }
            yield from ((named[1], one) for one in inside.get(named[2]) or [path])


def hashes_of(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of those among some files just written that tell what a reader said.

    Raises
    ------
    RefusedError
        If one cannot be read.
    """
    told = [path for path in files if path.suffix in (".html", ".pdf", ".json", ".tsv", ".dcm")]
    try:
        return {path: sha256_of(path) for path in told}
    except OSError as error:
        raise refuse("review", f"What was written cannot be read again: {error.strerror or error}.") from error


def written_faults(project: Project, reader: str, chain: Sequence[Event]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of a reader's files are not what was written, and of which that is not known; both in words."""
    told = files_told(chain)
    faults, notes = [], []
    for path in (one for who, one in written_files(project) if who == reader and one.is_file()):
        name = name_of(path)
        expected = told.get(name)
        try:
            found = sha256_of(path)
        except OSError as error:
            faults.append(f"{name}: expected a file that can be read, found: {error.strerror or error}")
            continue
        if expected is None:
            notes.append(f"{name}: no event covers it, so a change of it is not noticed")
        elif found not in expected:
            newest = " or ".join(sorted(one[:12] for one in expected))
            faults.append(f"{name}: expected the SHA-256 {newest}, as it was written, found {found[:12]}")
    return tuple(faults), tuple(notes)

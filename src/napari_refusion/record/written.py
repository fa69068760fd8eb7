"""Files that tell what a reader said and are no record themselves: whether they are what was written."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from napari_refusion.io.one_pass import sha256_of
from napari_refusion.record.events import Event
from napari_refusion.record.names import is_reader
from napari_refusion.record.project import Project
from napari_refusion.record.witness import files_told, name_of
from napari_refusion.volume.finding import refuse

_NAMED: Final = re.compile(r"case-[0-9a-f]{16}_(.+)_\d{8}T\d{6}(?:_\d+)?(\.html|\.pdf|_nifti|_dicom|_lesions)")
"""Reports and exported volumes: the case, the reader, the moment, and a number where others have its name."""

_RECORD: Final = "fused.json"
"""Beside an exported volume: says the SHA-256 of its voxels' file."""

_LABELS: Final = "_dseg.nii.gz"
"""Ends the names of label maps of lesions."""

_COPIES: Final = ("_review.json", "_slices.tsv", "_lesions.tsv")


def written_files(project: Project) -> Iterator[tuple[str, Path]]:
    """Yield whose words are in which exported copy, report, record of a volume, file of lesions, and DICOM object."""
    for path in sorted(project.exports.glob("*/*")):
        if path.name.endswith(_COPIES) and is_reader(path.parent.name):
            yield path.parent.name, path
    for path in sorted((*project.reports.glob("case-*"), *project.exports.glob("case-*"))):
        named = _NAMED.fullmatch(path.name)
        if named and is_reader(named[1]):
            objects = sorted(path.glob("*.dcm"))
            inside = {
                "_nifti": [path / _RECORD],
                "_dicom": objects,
                "_lesions": [*sorted(path.glob("*.tsv")), *sorted(path.glob(f"*{_LABELS}")), *objects],
            }
            yield from ((named[1], one) for one in inside.get(named[2]) or [path])


def hashes_of(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of those among some files just written that tell what a reader said.

    Raises
    ------
    RefusedError
        If one cannot be read.
    """
    endings = (".html", ".pdf", ".json", ".tsv", ".dcm", _LABELS)
    told = [path for path in files if path.name.endswith(endings)]
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
        if expected is None:
            notes.append(f"{name}: no event covers it, so a change of it is not noticed")
        elif found := _fault(path, expected):
            faults.append(found)
        elif path.name == _RECORD:
            faults += filter(None, (_fault(one, {digest}) for one, digest in _volumes(path).items()))
    return tuple(faults), tuple(notes)


def _fault(path: Path, expected: Collection[str]) -> str:
    """Return in words that a file has none of the SHA-256 that were told of; empty where it has one."""
    try:
        found = sha256_of(path)
    except OSError as error:
        return f"{name_of(path)}: expected a file that can be read, found: {error.strerror or error}"
    newest = " or ".join(sorted(one[:12] for one in expected))
    words = f"{name_of(path)}: expected the SHA-256 {newest}, as it was written, found {found[:12]}"
    return "" if found in expected else words


def _volumes(record: Path) -> dict[Path, str]:
    """Return the files that are there of an exported volume -> their SHA-256, by a record that is as it was written.

    Nothing by a record that names none.
    """
    try:
        named = dict(json.loads(record.read_text(encoding="utf-8"))["files"])
        files = {record.with_name(name): str(digest) for name, digest in named.items()}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {path: digest for path, digest in files.items() if path.is_file()}

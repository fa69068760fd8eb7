"""Cases in a manifest: a table (TSV, CSV) or JSON file that names the two sources of each case.

Columns are ``case_id``, ``a_path``, ``b_path`` and, if the files do not say it, ``a_role`` and ``b_role`` (or
``a_modality``, ``b_modality``): a DICOM code or its name (PET, MRI). ``a_volume`` and ``b_volume`` say which volume is
meant of a file that holds several, see `io.choice`. ``fused_path`` names the fused volume of a case that was fused
before, and a column ``rank`` says that the rows are in the order in which they are to be read. Cells are parted by
tabs, semicolons or commas, whichever parts the header into these columns. JSON holds a list of objects with these
names, or an object with the list as ``cases``.

Paths are relative to the folder of the manifest and stay in it. One that leaves it with ``..`` is left out, since a
manifest that was sent from elsewhere could then name any file by counting steps; to mean such a file, write its
absolute path, which can be seen. Paths are only read from: what is written is never named or placed by a manifest.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from napari_refusion.cohort.work_case import WorkCase, Worklist, left_out, no_worklist, work_case
from napari_refusion.io.identify import as_dicom, modality_from_name
from napari_refusion.io.whole_files import atomic
from napari_refusion.volume.finding import Finding

MANIFESTS: Final = (".tsv", ".csv", ".json")
"""Endings of manifests, lower case."""

NEEDED: Final = ("case_id", "a_path", "b_path")
"""Columns that a manifest must have."""

VOLUMES: Final = ("a_volume", "b_volume")
"""Columns that say which volume is meant of files that hold several, as ``--volume-a`` does."""

FUSED, RANK = "fused_path", "rank"
"""Columns of a cohort that was fused."""

_READ: Final = (*NEEDED, "a_role", "b_role", "a_modality", "b_modality", *VOLUMES, FUSED, RANK)
"""Columns that say something here; a table may have others."""

_PARTING: Final = "\t;,"
"""What parts the cells of a table: in a .tsv, in a .csv where a comma stands in numbers, and elsewhere."""

LARGEST: Final = 2**26
"""Bytes; ten thousand cases take one or two million."""


def is_manifest(path: Path) -> bool:
    """Return whether a file is a table or a list of cases, whatever is wrong with them."""
    try:
        if path.suffix.lower() not in MANIFESTS or not path.is_file() or path.stat().st_size > LARGEST:
            return False
        rows = _rows(path.read_text(encoding="utf-8-sig"), path)
    except (OSError, ValueError, RecursionError, csv.Error):
        return False
    return bool(rows) and all(any(name in row for row in rows) for name in NEEDED)


def in_manifest(path: Path) -> Worklist:
    """Return the cases that a manifest names, in its order; what is wrong with the others is in the findings."""
    try:
        if not path.is_file():
            return no_worklist(path, "it is no file")
        if path.stat().st_size > LARGEST:
            return no_worklist(path, f"it is larger than {LARGEST // 2**20} MB")
        text = path.read_text(encoding="utf-8-sig")
        rows = _rows(text, path)
    except OSError as error:
        return no_worklist(path, f"it cannot be read ({error.strerror or error})")
    except UnicodeDecodeError:
        return no_worklist(path, "its letters are not in UTF-8: save it again as UTF-8, in Excel as CSV UTF-8")
    except (ValueError, RecursionError, csv.Error) as error:
        return no_worklist(path, f"it is neither a table nor a JSON list ({error})")
    if text.strip() and not rows:
        return no_worklist(path, "there is no case in it")
    missing = [name for name in NEEDED if not any(name in row for row in rows)]
    if missing:
        parted = "cells of a table are parted by tabs, semicolons or commas"
        return no_worklist(path, f"it has no column {', '.join(missing)}; {parted}")
    if twice := _twice(text, path):
        return no_worklist(path, f"its column {twice} stands there twice: leave the right one")
    return _listed(rows, path.parent)


def _listed(rows: Iterable[Mapping[str, Any]], folder: Path) -> Worklist:
    """Return the cases of rows whose labels are all different."""
    cases: dict[str, WorkCase] = {}
    findings: list[Finding] = []
    known = list(rows)
    for number, row in enumerate(known, 1):
        label = _text(row, "case_id") or f"Row {number}"
        found = _case(label, row, folder)
        if isinstance(found, Finding):
            findings.append(found)
        elif label in cases:
            findings.append(left_out(label, f"row {number} repeats it", "Give each row a case_id of its own."))
        else:
            cases[label] = found
    return Worklist(tuple(cases.values()), tuple(findings), is_ranked=any(RANK in row for row in known))


def _case(label: str, row: Mapping[str, Any], folder: Path) -> WorkCase | Finding:
    """Return the case of one row, or why it is none."""
    sources = []
    for side in ("a", "b"):
        path = _path(label, row, f"{side}_path", folder)
        if isinstance(path, Finding):
            return path
        role = _text(row, f"{side}_role") or _text(row, f"{side}_modality")
        if role and not as_dicom(role):
            remedy = "Write MRI, CT, PET, SPECT or other."
            return left_out(label, f"{role[:30]!r} is not a known modality", remedy)
        sources.append((path, as_dicom(role) if role else modality_from_name(path)[0]))
    first, second = (_text(row, name) for name in VOLUMES)
    case = work_case(label, sources, (first, second))
    if not _text(row, FUSED):
        return case
    fused = _path(label, row, FUSED, folder)
    return fused if isinstance(fused, Finding) else replace(case, fused=fused)


def _path(label: str, row: Mapping[str, Any], column: str, folder: Path) -> Path | Finding:
    """Return what a row names in a column, or why it names nothing that can be read.

    Why is written on the page of a cohort: it names row and column, and not the file, which may be the patient's name.
    """
    name = _text(row, column)
    if not name:
        return left_out(label, f"its {column} is empty", "Fill it in.")
    path = Path(os.path.normpath(folder / name))
    if not Path(name).is_absolute() and not path.is_relative_to(os.path.normpath(folder)):
        remedy = "Write the absolute path if that file is meant."
        return left_out(label, f"its {column} leads out of the folder of the manifest", remedy)
    try:
        exists = path.exists()
    except OSError as error:
        return left_out(label, f"its {column} is not a path ({error.strerror or error})", "Correct it.")
    if not exists:
        remedy = "Write / between folders" if "\\" in name and os.sep == "/" else "Correct the path"
        return left_out(label, f"what its {column} names does not exist", f"{remedy}, or supply the file.")
    return path


def write_manifest(cases: Iterable[WorkCase], path: Path) -> None:
    """Write cases in the order in which they are to be read, as `in_manifest` reads them.

    Paths within the manifest's folder are written relative to it, so that both may move.

    Raises
    ------
    RefusedError
        See `io.whole_files.atomic`.
    """
    folder, stream = path.parent.absolute(), io.StringIO()
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    writer.writerow((*NEEDED, "a_role", "b_role", *VOLUMES, FUSED, RANK))
    for rank, case in enumerate(cases, 1):
        places = (case.first, case.second, *((case.fused,) if case.fused is not None else ()))
        names = [_written(place.absolute(), folder) for place in places]
        writer.writerow((case.label, *names[:2], *case.modalities, *case.volumes, *(names[2:] or [""]), rank))
    with atomic(path, overwrite=True) as temporary:
        temporary.write_text(stream.getvalue(), encoding="utf-8", newline="\n")


def _written(place: Path, folder: Path) -> str:
    return place.relative_to(folder).as_posix() if place.is_relative_to(folder) else str(place)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _rows(text: str, path: Path) -> list[dict[str, Any]]:
    """Return the rows of the text of a file; raises what is wrong with it."""
    return _json_rows(text) if path.suffix.lower() == ".json" else list(_table_rows(text))


def _table_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a table that hold anything; spreadsheets write empty ones behind the last."""
    if not text.strip():
        return []
    header, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=_parting(text), strict=True)
    names = [name.strip() for name in header]
    return [dict(zip(names, cells, strict=False)) for cells in lines if any(cell.strip() for cell in cells)]


def _parting(text: str) -> str:
    """Return what parts the cells of a table."""
    first = text.partition("\n")[0]
    return next((one for one in _PARTING if set(NEEDED) <= set(_cells(first, one))), _PARTING[0])


def _twice(text: str, path: Path) -> str:
    """Return a column of a table that stands in it twice, of those that are read; empty for none."""
    names = [] if path.suffix.lower() == ".json" else _cells(text.partition("\n")[0], _parting(text))
    return next((name for name in _READ if names.count(name) > 1), "")


def _cells(line: str, parted: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=parted), [])]


def _json_rows(text: str) -> list[dict[str, Any]]:
    content = json.loads(text)
    rows = content.get("cases") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it holds no list of objects")
    return rows

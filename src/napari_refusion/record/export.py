"""The portable copy of a review that others can read: a JSON file, and its slices as a table."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from napari_refusion.io.spreadsheet import cell
from napari_refusion.io.whole_files import atomic
from napari_refusion.io.write_json import as_json
from napari_refusion.lesion.written import to_json
from napari_refusion.record import lesion_table
from napari_refusion.record.case import CaseReview, SliceReview
from napari_refusion.record.coverage import Coverage
from napari_refusion.record.names import check_reader, inside, safe_name
from napari_refusion.record.run import Run
from napari_refusion.volume.finding import RefusedError, refuse

SCHEMA: Final = "refusion-review/1"

COLUMNS: Final = ("k", "mm", "state", "reasons", "comment", "dwell_s", "key", "caption")


def export_review(
    folder: Path,
    run: Run,
    review: CaseReview,
    coverage: Coverage,
    reader: str,
    chain_head: str,
    events: int,
    label: str = "",
    tell: Callable[[Mapping[Path, str]], None] = lambda _hashes: None,
) -> tuple[Path, Path]:
    """Return where a review was written: ``<case>_review.json`` and ``<case>_slices.tsv`` in the reader's folder.

    Where lesions were drawn, ``<case>_lesions.tsv`` stands beside them; the JSON file holds their voxels, too.

    An older mirror of the same reader and case is replaced, each file as a whole; no other file is.

    Parameters
    ----------
    folder
        Of the mirrors of all readers; made if it is not there.
    chain_head, events
        Hash of the reader's newest event, and how many events there are of this case.
    label
        What the case is called: a pseudonym, or in an identified project a name. Empty for its identity.
    tell
        Called with the SHA-256 of what is about to be written, before it is: what stands there can be compared with
        what was recorded, also if the program ends in between.

    Raises
    ------
    RefusedError
        If there is another file of that name, or if the files cannot be written.
    """
    place = _made(folder, check_reader(reader))
    name = safe_name(label or run.case_id)
    summary, *tables = (inside(place, f"{name}_{which}") for which in ("review.json", "slices.tsv", "lesions.tsv"))
    _check_own(summary, tables, run.case_id, reader)
    content = {"schema": SCHEMA, "case": label or run.case_id, "reader": reader, **_content(run, review, coverage)}
    told = _encodable({**content, "events": events, "chain_head": chain_head})
    # The summary first: it tells whose table it is.
    written = {summary: as_json(told, summary).encode(), tables[0]: "".join(_lines(review)).encode()}
    if review.lesions.last:  # also when all of them were removed: an older table may be there
        written[tables[1]] = "".join(lesion_table.lines(review.lesions)).encode()
    tell({path: hashlib.sha256(text).hexdigest() for path, text in written.items()})
    for path, text in written.items():
        with atomic(path, overwrite=True) as temporary:
            temporary.write_bytes(text)
    return summary, tables[0]


def _content(run: Run, review: CaseReview, coverage: Coverage) -> dict[str, Any]:
    """Return what a mirror says; k counts from 0, mm is RAS+ along the direction of the slices."""
    return {
        "case_id": run.case_id,
        "run": run.run_id,
        "sources": run.words,
        "axis": run.axis,
        "model_sha256": run.weights_sha256,
        "research_use_only": True,
        "registration": {"answer": review.registration or None},
        "slices": [_slice(index, one) for index, one in sorted(review.slices.items())],
        "verdict": asdict(review.verdict) if review.verdict else None,
        "overrides": dict(review.overrides),
        **({"lesions": _lesions(review)} if review.lesions.last else {}),
        **({"two_patients": review.two_patients} if review.two_patients else {}),
        "locked": review.is_locked,
        "coverage": {
            "body_slices": coverage.body,
            "seen": coverage.seen,
            "qc_flagged": coverage.flagged,
            "qc_seen": coverage.flagged_seen,
            "seconds": round(coverage.seconds, 1),
        },
    }


def _lesions(review: CaseReview) -> dict[str, Any]:
    """Return the list of lesions as a table, and as it stands in the record, with their voxels."""
    rows = [dict(lesion_table.row_of(one)) for one in review.lesions]
    return {"rows": rows, "drawn": to_json(review.lesions)}


def _slice(index: int, one: SliceReview) -> dict[str, Any]:
    """Return what was said about a slice, in the order of `COLUMNS`."""
    values = (index, one.mm, one.state, list(one.reasons), one.comment, round(one.seconds, 1), one.is_key, one.caption)
    return dict(zip(COLUMNS, values, strict=True))


def _lines(review: CaseReview) -> Iterator[str]:
    """Yield the lines of the table: no cell breaks it, and none is taken for a formula."""
    yield "\t".join(COLUMNS) + "\n"
    for index, one in sorted(review.slices.items()):
        cells = _slice(index, one) | {"reasons": ",".join(one.reasons), "key": int(one.is_key)}
        yield "\t".join(cell(value) if isinstance(value, str) else str(value) for value in cells.values()) + "\n"


def _encodable(value: Any) -> Any:  # noqa: ANN401
    """Return plain values whose texts can be written as UTF-8: half a character becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(content) for name, content in value.items()}
    return [_encodable(one) for one in value] if isinstance(value, list) else value


def _made(folder: Path, reader: str) -> Path:
    """Return the folder of a reader's mirrors; readers who must not see each other's review have one each."""
    place = inside(folder, reader)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("output", f"{place} cannot be made: {error.strerror or error}.", str(place)) from error
    return place


def _check_own(summary: Path, tables: Sequence[Path], case_id: str, reader: str) -> None:
    """Refuse to replace anything but an older mirror of the same case and reader."""
    try:
        if not summary.exists():
            for table in tables:
                if table.exists():
                    raise _of_another(table)
            return
        found = json.loads(summary.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _of_another(summary) from error
    known = isinstance(found, dict) and str(found.get("schema", "")).startswith("refusion-review/")
    if not known or (found.get("case_id"), found.get("reader")) != (case_id, reader):
        raise _of_another(summary)


def _of_another(path: Path) -> RefusedError:
    sentence = f"{path} already exists and is not a review of this case by this reader: move it, or rename the case."
    return refuse("output", sentence, str(path))

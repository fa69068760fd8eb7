"""Files that are replaced whole or not at all, and tables that grow so.

Not by the package's `io.whole_files.atomic`, which comes with readers that a bare GPU machine lacks.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from napari_refusion.replacing import replacing


def replace_file(path: Path, content: bytes) -> None:
    """Write a file under another name, force it to the disk and rename it over `path`; its folder is made.

    Raises
    ------
    OSError
        If it cannot be written; the former file is then still there, and nothing else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def append_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a CSV file again with more rows; a column that is new is empty in the older rows.

    A file that is no table with the same first column, as older programs wrote, is kept as ``NAME.old``.

    Raises
    ------
    OSError
        If it cannot be written; see `replace_file`.
    """
    if not rows:
        return
    header, *lines = _complete_lines(path) or [[]]
    if header and header[0] != next(iter(rows[0])):
        path.replace(path.with_name(path.name + ".old"))
        header, lines = [], []
    older = [dict(zip(header, line, strict=False)) for line in lines]
    columns = list(dict.fromkeys(name for row in (*older, *rows) for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*older, *rows])
    replace_file(path, text.getvalue().encode())


def _complete_lines(path: Path) -> list[list[str]]:
    """Return the lines of a CSV file; what a cut-off program left after the last line's end is none."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return list(csv.reader(text[: text.rfind("\n") + 1].splitlines()))

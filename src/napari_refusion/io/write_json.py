"""Records as JSON, without numbers that JSON does not have."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.whole_files import atomic
from napari_refusion.volume.finding import refuse

_NO_LETTER: Final = re.compile("[\ud800-\udfff]")
"""What Python makes of a byte in a file's name that is no UTF-8, as of an old archive in Latin-1; UTF-8 cannot write
it, JSON can, as an escape."""


def write_json(content: Mapping[str, Any], path: GivenPath, overwrite: bool = False, keep: Iterable[Path] = ()) -> None:
    """Write named values (a provenance) as UTF-8 JSON; NaN and other things that JSON lacks are refused."""
    path = given_path(path)
    text = as_json(content, path)
    with atomic(path, overwrite, keep) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def as_json(content: Mapping[str, Any], path: Path) -> str:
    """Return named values as the text of a JSON file that will be at `path`.

    Raises
    ------
    RefusedError
        If they hold NaN or another thing that JSON lacks.
    """
    try:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        sentence = f"Report this: the record holds what JSON cannot ({error}), so this cannot be written: {path}"
        raise refuse("output", sentence, str(path)) from error
    return _NO_LETTER.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

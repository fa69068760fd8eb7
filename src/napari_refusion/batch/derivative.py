"""The output as a whole: a BIDS derivative that says what made it."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, Final

from napari_refusion import __version__
from napari_refusion.cohort.bids_tree import subjects
from napari_refusion.io.whole_files import REMEDIES, unwritable
from napari_refusion.io.write_json import as_json, write_json
from napari_refusion.notice import NOTICE
from napari_refusion.report.page import write_page
from napari_refusion.volume.finding import refuse

PROGRAM: Final = "napari-refusion"

DESCRIPTION: Final = "dataset_description.json"

BIDS: Final = "1.10.0"
"""Version of the standard that names and descriptions follow."""

_README: Final = f"""# Fused images

{NOTICE}

Made by {PROGRAM}. `sub-*/`: for each case the fused volume, in colours where a source has some, the record of its
making, a table of its slices, pictures, and `*_outcome.json` with all that was measured. `sub-*.html`: a page for each
subject. `group.html`, `group.tsv`: all cases. `worklist.tsv` names the sources, and with them maybe patients: keep it
as safe as these.
"""


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises
    ------
    RefusedError
        If that cannot be done; the sentence says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        known = {**REMEDIES, errno.EEXIST: REMEDIES[errno.ENOTDIR]}
        raise unwritable(folder, known.get(error.errno or 0, f"{error.strerror}: choose another place")) from error


def begin_derivative(output: Path, source: Path) -> None:
    """Make the folder of a derivative, or go on with the one that is there.

    Raises
    ------
    RefusedError
        If another program's data are there, the cases are, or it cannot be written.
    """
    _check_apart(output, source)
    make_folder(output)
    described = output / DESCRIPTION
    if described.exists():
        _check_ours(described)
    elif subjects(output):
        raise refuse("output", f"Choose another output: there are subjects of another dataset in {output}", str(output))
    content = _description(source)
    if not described.exists() or described.read_text(encoding="utf-8") != as_json(content, described):
        write_json(content, described, overwrite=True)
    if not (output / "README.md").exists():
        write_page(_README, output / "README.md")


def check_derivative(output: Path, source: Path) -> None:
    """Refuse to write pages where no cohort was fused: files of that name would be another program's.

    Raises
    ------
    RefusedError
        If the folder is none that `begin_derivative` began.
    """
    _check_apart(output, source)
    described = output / DESCRIPTION
    if not described.exists():
        sentence = f"Run the level participant first, or correct the output: no cohort was fused into {output}"
        raise refuse("output", sentence, str(output))
    _check_ours(described)


def _check_apart(output: Path, source: Path) -> None:
    """Refuse an output that would be taken for cases of the input: BIDS trees have a folder for derivatives."""
    inside, above = output.resolve(), source.resolve()
    in_derivatives = inside.is_relative_to(above / "derivatives") and inside != above / "derivatives"
    is_case = inside == above or (inside.is_relative_to(above) and not (in_derivatives and subjects(source)))
    if source.is_dir() and is_case:
        sentence = (
            "Choose a folder outside the input, or one in the derivatives of a BIDS tree: results would be taken for "
            f"cases in {output}"
        )
        raise refuse("output", sentence, str(output))


def _check_ours(described: Path) -> None:
    try:
        known = json.loads(described.read_text(encoding="utf-8"))
        makers = [one.get("Name") for one in known.get("GeneratedBy", [])]
    except (OSError, ValueError, AttributeError, TypeError):
        makers = []
    if PROGRAM not in makers:
        raise refuse("output", f"Choose another output: this dataset is not of this program: {described}")


def _description(source: Path) -> dict[str, Any]:
    content: dict[str, Any] = {
        "Name": "Fused images",
        "BIDSVersion": BIDS,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": PROGRAM, "Version": __version__, "Description": "Fusion of pairs by ReFusion"}],
    }
    return content | ({"SourceDatasets": [found]} if (found := _source_dataset(source)) else {})


def _source_dataset(source: Path) -> dict[str, str]:
    """Return what a BIDS tree says of itself that can be cited; its place on this disk is nobody else's business."""
    try:
        known = json.loads((source / DESCRIPTION).read_text(encoding="utf-8"))
        found = {"DOI": known.get("DatasetDOI"), "Version": known.get("DatasetVersion")}
    except (OSError, ValueError, AttributeError):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}

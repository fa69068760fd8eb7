"""The worklist: cases to review, and in which order a reader gets them."""

import hashlib
from collections.abc import Container, Iterable, Sequence
from typing import Final

from napari_refusion.cohort.bids_tree import EVERYTHING, BidsChoice
from napari_refusion.cohort.case_folders import in_folder
from napari_refusion.cohort.case_manifest import MANIFESTS, in_manifest
from napari_refusion.cohort.work_case import WorkCase, Worklist, no_worklist
from napari_refusion.io.given_path import GivenPath, given_path

WORKLIST: Final = "worklist.tsv"
"""The manifest in the folder of a cohort that was fused."""


def list_cases(path: GivenPath, choice: BidsChoice = EVERYTHING) -> Worklist:
    """Return the cases at a place; problems become findings that name what is missing, none is raised.

    Parameters
    ----------
    path
        A folder (see `case_folders.in_folder`), that of a cohort that was fused, or a manifest (see `case_manifest`).
    choice
        What is taken of a BIDS tree.
    """
    path = given_path(path)
    try:
        if (path / WORKLIST).is_file():
            return in_manifest(path / WORKLIST)
        if path.is_dir():
            return in_folder(path, choice)
        if not path.exists():
            return no_worklist(path, "it does not exist")
    except (OSError, ValueError) as error:
        return no_worklist(path, f"it cannot be read ({getattr(error, 'strerror', '') or error})")
    if path.suffix.lower() in MANIFESTS:
        return in_manifest(path)
    return no_worklist(path, f"a worklist is a folder, or a manifest ({', '.join(MANIFESTS)})")


def shuffled(cases: Iterable[WorkCase], seed: int, reader: str) -> tuple[WorkCase, ...]:
    """Return cases in the order in which a reader gets them: random, and the same every time.

    Two readers get different orders, so that tiredness and learning do not meet the same cases. A case that is added
    later leaves the order of the others as it was.

    Parameters
    ----------
    seed
        Of the project.
    """

    def place(case: WorkCase) -> bytes:
        return hashlib.sha256(f"{seed}\0{reader}\0{case.label}".encode("utf-8", "surrogatepass")).digest()

    return tuple(sorted(cases, key=place))


def next_case(cases: Sequence[WorkCase], done: Container[str], current: str = "") -> WorkCase | None:
    """Return the case after the current one that is not done, from the beginning again after the last; None for none.

    Parameters
    ----------
    done
        Labels of cases that need not come again; the current one never does.
    current
        Label of the case that is open; empty for none.
    """
    labels = [case.label for case in cases]
    start = labels.index(current) + 1 if current in labels else 0
    ahead = [*cases[start:], *cases[:start]]
    return next((case for case in ahead if case.label not in done and case.label != current), None)

"""The folder of a case: everything that is written about it, there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.batch.derivative import make_folder
from napari_refusion.batch.metrics import slice_metrics
from napari_refusion.batch.outcome import Measured, Missed, Noticed, Picture, outcome_file, outcome_text
from napari_refusion.evidence.missed_uptake import spot_in_words
from napari_refusion.io.fused_files import fused_files, write_recorded
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.whole_folder import whole_folder
from napari_refusion.io.write import research_only
from napari_refusion.record.case import CaseReview
from napari_refusion.report.content import choose_panels
from napari_refusion.report.gathering import evidence_of
from napari_refusion.report.pictures import panel
from napari_refusion.report.summary import write_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.batch.cases import BatchCase
    from napari_refusion.batch.fusing import FusedCase
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.evidence.examination import Examination

DRAWN: Final = 3
"""Slices with a warning that are drawn, beside the middle one of the body."""

Numbers = Mapping[str, "NDArray[np.float64]"]
"""Name of an indicator or a figure of merit -> (n,) its values in the slices."""


def fused_name(case: BatchCase) -> str:
    """Return what the fused volume of a case is called."""
    return f"{case.name}_fused.nii.gz"


def keep_fused(outcome: Outcome, made: FusedCase, case: BatchCase, output: Path) -> Outcome:
    """Write a fused case with its outcome in place of what was there, and return the outcome with all it measured.

    Raises
    ------
    RefusedError
        If it cannot be written.
    """
    numbers = dict(made.examination.numbers) | slice_metrics(made.examination.partial, made.examination.body)
    with _new_folder(case, output) as folder:
        _write_images(made, folder / fused_name(case))
        _write_slices(made.examination, numbers, folder / f"{case.name}_slices.tsv")
        pictures = _write_pictures(made, folder, case.name)
        whole = replace(
            outcome,
            findings=tuple(Noticed(one.level, one.rule, one.sentence) for one in made.findings),
            measured=_measured(made, numbers, pictures),
            files={path.name: sha256_of(path) for path in sorted(folder.iterdir())},
        )
        _write_outcome(whole, case, folder)
    return whole


def keep_other(outcome: Outcome, case: BatchCase, output: Path) -> Outcome:
    """Write that a case is not fused, and why, in place of what was there; see `keep_fused`."""
    with _new_folder(case, output) as folder:
        _write_outcome(outcome, case, folder)
    return outcome


def _new_folder(case: BatchCase, output: Path) -> AbstractContextManager[Path]:
    path = output / case.folder
    make_folder(path.parent)
    return whole_folder(path, overwrite=True)


def _write_outcome(outcome: Outcome, case: BatchCase, folder: Path) -> None:
    path = folder / outcome_file(case, Path()).name
    path.write_text(outcome_text(outcome, path), encoding="utf-8", newline="\n")


def _write_images(made: FusedCase, grey: Path) -> None:
    """Write the fused volume, in colours as well where it has some, and the record of its making."""
    files = fused_files(grey)
    images = {grey: made.fused.volume}
    if made.fused.colour is not None:
        images[files.colour] = made.fused.colour
    described = research_only(made.check_failed)
    write_recorded(images, files.provenance, made.record, description=described)


def _write_slices(examination: Examination, numbers: Numbers, path: Path) -> None:
    """Write a row for each slice; numbers that were not run are ``n/a``, as in tables of BIDS."""
    rows = (
        (index + 1, int(examination.body[index]), *(_cell(values[index]) for values in numbers.values()))
        for index in range(len(examination.body))
    )
    write_rows(("slice", "body", *numbers), rows, path)


def _cell(value: float) -> float | str:
    return "n/a" if np.isnan(value) else round(float(value), 5)


def _write_pictures(made: FusedCase, folder: Path, name: str) -> tuple[Picture, ...]:
    """Write pictures of the slices with most warnings, and of the middle one of the body."""
    body = np.flatnonzero(made.examination.body)
    chosen, _ = choose_panels(CaseReview(), made.flagged, DRAWN)
    if len(body):
        chosen.setdefault(int(body[len(body) // 2]), "middle of the body")
    partial = made.examination.partial
    found = []
    for index, why in chosen.items():
        picture = Picture(f"{name}_slice-{index + 1}.png", f"slice {index + 1}, {why}")
        drawn = panel(partial, index, made.colouring, evidence_of(made.examination, index), made.check_failed)
        (folder / picture.file).write_bytes(drawn)
        found.append(picture)
    return tuple(found)


def _measured(made: FusedCase, numbers: Numbers, pictures: tuple[Picture, ...]) -> Measured:
    examination = made.examination
    body, study = examination.body, examination.partial.study
    medians = {
        name: round(float(np.nanmedian(values[body])), 5)
        for name, values in numbers.items()
        if not np.isnan(values[body]).all()
    }
    is_photograph = study.fixed.is_photograph
    return Measured(
        pair=" + ".join(side.word for side in study.sides),
        slices=len(body),
        body=int(body.sum()),
        checks={one.check: one.colour for one in made.outcomes},
        sentences={one.check: one.sentence for one in made.outcomes},
        medians=medians,
        flagged=made.flagged,
        missed_run=examination.missed_run,
        missed=tuple(
            Missed(one.index, spot_in_words(one, is_photograph=is_photograph), round(one.transfer, 3))
            for one in examination.missed
        ),
        pictures=pictures,
        device=made.device,
    )

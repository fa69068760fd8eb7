"""From two volumes to a study: order, grid, checks, windows. "As given" ends here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.tasks import DEFAULT_TASK, TASKS, Task
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.checks import content, noticed_before, one_patient, overlap, pictured_values, space
from napari_refusion.study.order import finer, ordered
from napari_refusion.study.study import Side, Study
from napari_refusion.volume.align import align, finite_only
from napari_refusion.volume.finding import Finding, RefusedError, blocking, check_name, refuse
from napari_refusion.volume.registration.self_test import registration_findings
from napari_refusion.volume.rigid import RigidMove, moved
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import volume_window

Given = Literal["first", "second"]

NOTHING_TO_WINDOW = Window(0.0, 1.0)
"""Of a volume that a blocking finding calls empty: it is never fused."""


def pair(
    first: Volume,
    second: Volume,
    task: str = DEFAULT_TASK,
    *,
    windows: Sequence[Window | str] = ("", ""),
    reference: Given | None = None,
    moves: tuple[RigidMove | None, RigidMove | None] = (None, None),
    keys: tuple[str, str] = ("", ""),
) -> Study:
    """Return two volumes as a study: in the order of the weights, on one grid, with everything that was noticed.

    The order of medical sources follows from their modalities: functional (PET, SPECT) before CT before MRI. Giving
    them the other way round gives the same study, except where the modalities do not tell: then the given order is
    kept and a finding says so. Blocking findings are returned, not raised: see `Study.check`.

    Parameters
    ----------
    task
        One of `model.tasks.TASKS`; sources of tasks that are not medical are given in the order of their weights.
    windows
        Of the first and the second volume: a window in its unit, or a choice as `volume.window.choose_window` takes it.
    reference
        Whose grid to use. By default the anatomical volume's, of two anatomical (or two other) ones the finer, of two
        equally fine ones the last in the study.
    moves
        Registrations that were accepted, of the first and the second volume.
    keys
        What the caller calls them, see `Side.key`.

    Raises
    ------
    RefusedError
        For an unknown task, reference or window, if photographs differ in size, or if an affine places no volume in
        space.
    """
    check_name("task", task, TASKS)
    _check_choices(windows, reference)
    known = TASKS[task]
    given = [
        Side(one, moved(one, move) if move else one, _window(one, window), move, key)
        for one, window, move, key in zip((first, second), windows, moves, keys, strict=True)
    ]
    a, b, order = _in_order(known, *given)
    chosen = finer(a.volume, b.volume) if reference is None else "a" if given[reference == "second"] is a else "b"
    fixed, moving = (a.volume, b.volume) if chosen == "a" else (b.volume, a.volume)
    aligned = align(fixed, moving)
    kept, has_data = finite_only(fixed)
    covered = aligned.covered & has_data
    findings = (
        *noticed_before(a.volume, b.volume),
        *one_patient(a.volume, b.volume),
        *order,
        *content(a.volume),
        *content(b.volume),
        *space(fixed, moving),
        *aligned.findings,
        *overlap(fixed, moving, aligned.covered),
    )
    on_grid = (kept, aligned.volume) if chosen == "a" else (aligned.volume, kept)
    a, b = (replace(side, volume=volume) for side, volume in zip((a, b), on_grid, strict=True))
    if known.is_medical:
        findings = (*findings, *_medical(a.volume, b.volume, covered, findings))
    return Study(known, a, b, chosen, covered, findings)


def _check_choices(windows: Sequence[Window | str], reference: str | None) -> None:
    """Refuse a reference that is not known, and other than two windows."""
    if reference is not None:
        check_name("grid", reference, get_args(Given), "reference")
    if isinstance(windows, str) or len(windows) != 2:
        sentence = f"Give two windows, for the first and for the second volume, not {windows!r}."
        raise refuse("window", sentence, str(windows))


def _in_order(task: Task, first: Side, second: Side) -> tuple[Side, Side, tuple[Finding, ...]]:
    """Return two sides in the order of the weights, and what is to be said about it."""
    if not task.is_medical:
        return first, second, ()
    a, _, findings = ordered(first.volume, second.volume)
    return (first, second, findings) if a is first.volume else (second, first, findings)


def _medical(a: Volume, b: Volume, covered: NDArray[np.bool_], before: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is asked of volumes of one patient only."""
    pictured = (*pictured_values(a), *pictured_values(b))
    return pictured if blocking(before) else (*pictured, *registration_findings(a, b, covered))


def _window(volume: Volume, choice: Window | str) -> Window:
    """Return a window by choice, `NOTHING_TO_WINDOW` for a volume that is empty or constant."""
    if isinstance(choice, Window):
        return choice
    try:
        return volume_window(volume, choice)
    except RefusedError:
        if choice:
            raise
        return NOTHING_TO_WINDOW

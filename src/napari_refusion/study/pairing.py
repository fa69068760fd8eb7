"""From two volumes to a study: order, grid, checks, windows. "As given" ends here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from napari_refusion.model.tasks import DEFAULT_TASK, TASKS, Task
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.beyond import beyond_the_grid
from napari_refusion.study.checks import (
    compared_only,
    content,
    dark_pictures,
    inverted_greys,
    noticed_before,
    one_patient,
    overlap,
    pictured_values,
    space,
)
from napari_refusion.study.order import Order, finer, ordered
from napari_refusion.study.picture_checks import photographs
from napari_refusion.study.source_checks import hounsfield, slice_sequence
from napari_refusion.study.study import Side, Study, is_same_file
from napari_refusion.volume.align import align, finite_only
from napari_refusion.volume.chosen_window import CHOSEN, DEFAULT_SCALES, ChosenWindow, Purpose, UptakeScales
from napari_refusion.volume.finding import Finding, RefusedError, blocking, check_name, refuse
from napari_refusion.volume.finite import finite_range
from napari_refusion.volume.lean import in_unit_of
from napari_refusion.volume.origin import what_differs
from napari_refusion.volume.registration.self_test import registration_findings
from napari_refusion.volume.rigid import RigidMove, moved
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window, purpose_beside

Given = Literal["first", "second"]

NOTHING_TO_WINDOW = ChosenWindow(Window(0.0, 1.0), "empty volume")
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
    scales: UptakeScales = DEFAULT_SCALES,
    two_patients: str = "",
) -> Study:
    """Return two volumes as a study: in the order of the weights, on one grid, with everything that was noticed.

    The order of medical sources follows from their modalities and contrasts, see `order.ordered`: giving them the other
    way round gives the same study. Two PET, or two SPECT, are compared and not fused: they keep the order given, have
    one window, and a finding forbids fusing them. Blocking findings are returned, not raised: see `Study.check`.

    Parameters
    ----------
    task
        One of `model.tasks.TASKS`; sources of tasks that are not medical are given in the order of their weights.
    windows
        Of the first and the second volume: a window in its unit, or a choice as `volume.window.choose_window` takes it.
    reference
        Whose grid to use. By default the anatomical volume's, of two anatomical (or two other) ones that with the
        thinner slices, of two with about as thick ones the finer, of two equally fine ones the last in the study.
    moves
        Registrations that were accepted, of the first and the second volume.
    keys
        What the caller calls them, see `Side.key`.
    scales
        On which scales PET in SUV is shown where no window is given.
    two_patients
        Why volumes whose files name two patients are paired all the same, in the words of who decides that; it is
        recorded. Empty forbids such a pair.

    Raises
    ------
    RefusedError
        For an unknown task, reference or window, a blank reason, if photographs differ in size, if an affine places
        no volume in space, or for voxels that are no real numbers.
    """
    check_name("task", task, TASKS)
    _check_choices(windows, reference)
    _check_moves(moves)
    reason = reason_of(two_patients)
    known = TASKS[task]
    both = _in_units((_in_floats(first), _in_floats(second)), windows)
    chosen_windows = _windows(both, windows, known.is_medical, scales)
    given = [
        Side(one, moved(one, move) if move else one, shown.window, move, key, shown.source)
        for one, shown, move, key in zip(both, chosen_windows, moves, keys, strict=True)
    ]
    order = ordered(*given) if known.is_medical else Order(given[0], given[1], "the order given")
    a, b = order.a, order.b
    chosen = finer(a.volume, b.volume) if reference is None else "a" if given[reference == "second"] is a else "b"
    fixed, moving = (a.volume, b.volume) if chosen == "a" else (b.volume, a.volume)
    aligned = align(fixed, moving)
    kept, has_data = finite_only(fixed)
    covered = aligned.covered & has_data
    findings = (
        *_of_pair(known, order, reason),
        *(finding for one in chosen_windows for finding in one.findings),
        *dark_pictures(a.volume, a.window),
        *dark_pictures(b.volume, b.window),
        *space(fixed, moving),
        *aligned.findings,
        *overlap(fixed, moving, aligned.covered),
        *beyond_the_grid(fixed, moving),
    )
    on_grid = (kept, aligned.volume) if chosen == "a" else (aligned.volume, kept)
    a, b = (replace(side, volume=volume) for side, volume in zip((a, b), on_grid, strict=True))
    if known.is_medical:
        findings = (*findings, *_medical(a.volume, b.volume, covered, findings))
    elif not blocking(findings):
        findings = (*findings, *photographs(known, a, b))
    overridden = reason if what_differs(a.source.origin.mark, b.source.origin.mark) else ""
    study = Study(known, a, b, chosen, covered, findings, order.reason, overridden)
    if not study.is_comparison:
        return study
    # in the order given, as a comparison is
    return study.in_one_scale(*chosen_windows, chosen=(bool(windows[0]), bool(windows[1])))


def _of_pair(task: Task, order: Order, reason: str) -> tuple[Finding, ...]:
    """Return what is noticed about two sides wherever they lie."""
    a, b = order.a, order.b
    return (
        *noticed_before(a, b),
        *one_patient(a.source, b.source, reason),
        *(compared_only(a.source, b.source) if task.is_medical else ()),
        *order.findings,
        *content(a.volume),
        *content(b.volume),
        *(_of_sources(a.volume, b.volume) if task.is_medical else ()),
    )


def _of_sources(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what is noticed about the voxels of each source, of one file in two windows once."""
    both = (a,) if is_same_file(a, b) else (a, b)
    return tuple(finding for one in both for finding in (*hounsfield(one), *slice_sequence(one)))


def reason_of(two_patients: str) -> str:
    """Return why two patients are paired, without blanks around it; `RefusedError` for a reason of nothing but blanks.

    Parameters
    ----------
    two_patients
        As it was typed; empty where two patients must not be paired.
    """
    reason = " ".join(two_patients.split()) if isinstance(two_patients, str) else ""
    if not reason and (not isinstance(two_patients, str) or two_patients):
        raise refuse("override", "Type why two patients are paired: the reason is kept with the result.")
    return reason


def _check_choices(windows: object, reference: str | None) -> None:
    """Refuse a reference that is not known, and other than two windows; a notebook may give anything."""
    if reference is not None:
        check_name("grid", reference, get_args(Given), "reference")
    if isinstance(windows, str) or not isinstance(windows, Sequence) or len(windows) != 2:
        sentence = f"Give two windows, for the first and for the second volume, not {windows!r}."
        raise refuse("window", sentence, str(windows))
    for one in windows:
        if not isinstance(one, Window | str):
            sentence = f"Give a window as text ('0,8', 'bone', '' for its own) or as Window(0, 8), not {one!r}."
            raise refuse("window", sentence, str(one))


def _check_moves(moves: object) -> None:
    """Refuse other than two moves, each of which may be None."""
    given = moves if isinstance(moves, tuple | list) else ()
    if len(given) != 2 or not all(one is None or isinstance(one, RigidMove) for one in given):
        sentence = f"Give two moves, for the first and for the second volume, None where it stays, not {moves!r}."
        raise refuse("registration", sentence, str(moves))


def _medical(a: Volume, b: Volume, covered: NDArray[np.bool_], before: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is asked of volumes of one patient only."""
    pictured = (*pictured_values(a), *pictured_values(b), *inverted_greys(a), *inverted_greys(b))
    return pictured if blocking(before) else (*pictured, *registration_findings(a, b, covered))


def _in_floats(volume: Volume) -> Volume:
    """Return a volume whose voxels are float32, as those of files are; a notebook may make one of other numbers.

    What is interpolated or subtracted in whole numbers would be cut to them, or wrap round below 0.
    """
    if not isinstance(volume.data, np.ndarray):
        named = type(volume.data).__name__
        raise refuse("content", f"Give the voxels of {volume.title} as a NumPy array: they are a {named}.", named)
    if isinstance(volume.data, np.ma.MaskedArray):
        sentence = f"Fill the masked voxels of {volume.title} first, with filled(np.nan) where they are not known."
        raise refuse("content", sentence, "masked")
    if not volume.data.size:
        size = " x ".join(map(str, volume.shape))
        raise refuse("content", f"Export {volume.title} again: it holds no voxels ({size}).", size)
    if volume.data.dtype == np.float32:  # of this machine's byte order
        return volume
    if volume.data.dtype.kind not in "fbiu":
        sentence = f"Convert {volume.title} to real numbers first: its voxels are {volume.data.dtype}."
        raise refuse("content", sentence, str(volume.data.dtype))
    _check_size_of_values(volume)
    return replace(volume, data=volume.data.astype(np.float32))


def _check_size_of_values(volume: Volume) -> None:
    """Refuse values that float32 does not hold; NaN and infinity are told of as `content`."""
    values = finite_range(volume.data)
    largest = max(abs(values.low or 0), abs(values.high or 0))
    if largest > np.finfo(np.float32).max:
        sentence = f"Scale {volume.title} to smaller numbers first: its voxels reach {largest:.3g}, beyond float32."
        raise refuse("content", sentence, f"{largest:.3g}")


def _in_units(volumes: tuple[Volume, Volume], choices: Sequence[Window | str]) -> tuple[Volume, Volume]:
    """Return both volumes, PET in the unit of the scale that is chosen for it."""
    first, second = (
        volume if isinstance(choice, Window) else in_unit_of(volume, choice)
        for volume, choice in zip(volumes, choices, strict=True)
    )
    return first, second


def _windows(
    volumes: tuple[Volume, Volume], choices: Sequence[Window | str], is_medical: bool, scales: UptakeScales
) -> list[ChosenWindow]:
    """Return both windows by choice, `NOTHING_TO_WINDOW` for a volume that is empty or constant."""
    return [
        _window(one, choice, purpose_beside(one, other, scales, is_medical=is_medical))
        for one, other, choice in zip(volumes, volumes[::-1], choices, strict=True)
    ]


def _window(volume: Volume, choice: Window | str, purpose: Purpose) -> ChosenWindow:
    if isinstance(choice, Window):
        return ChosenWindow(choice, CHOSEN)
    try:
        return choose_window(volume, choice, purpose)
    except RefusedError:
        if choice:
            raise
        return NOTHING_TO_WINDOW

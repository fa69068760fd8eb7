"""Lesions that the fused image hides, and whether the list of missed uptake names them."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.examiner import Examiner
from napari_refusion.evidence.missed_uptake import missed_uptake
from napari_refusion.evidence.peaks import find_peaks, transfer_in_slice
from training.contrast_transfer import HIDDEN, SIGMA, Position, contrast_transfer, lesion_positions, plant_lesions
from training.error_table import Lesion
from training.good_cases import GoodCase, chosen

NEAR: Final = 8.0
"""mm between a lesion and a peak of the list that counts as its detection."""

Slice = NDArray[np.float32]
"""(H, W) in [0, 1]."""


def planted_lesions(examiner: Examiner, cases: Sequence[GoodCase], each: int) -> Iterator[Lesion]:
    """Yield lesions planted one at a time in `each` single slices of PET and of SPECT, and each slice without one.

    All positions of `contrast_transfer` that hide the lesion are taken, and one that shows it well.
    """
    random = np.random.default_rng(3)
    for case, index in chosen([case for case in cases if case.modality != "CT" and not case.study], each):
        a, b = case.a[index], case.b[index]
        before, listed = _fused_and_listed(examiner, case, a, b)
        yield Lesion(case.name, case.modality, float("nan"), float("nan"), False, len(listed))
        double_a, double_b = a.astype(np.float64), b.astype(np.float64)

        def fuse(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
            both = first.astype(np.float32), second.astype(np.float32)
            return examiner.engine.fuse(*both).astype(np.float64)

        transfers = contrast_transfer(fuse, double_a, double_b)
        positions = lesion_positions(double_a, double_b)
        hidden = [where for where, one in zip(positions, transfers, strict=True) if one < HIDDEN]
        shown = [where for where, one in zip(positions, transfers, strict=True) if one > 2 * HIDDEN]
        for where in [*hidden, *(shown[one] for one in random.permutation(len(shown))[:1])]:
            yield _planted_lesion(examiner, case, (a, b, before), where)


def _planted_lesion(examiner: Examiner, case: GoodCase, slices: tuple[Slice, Slice, Slice], where: Position) -> Lesion:
    a, b, before = slices
    planted = plant_lesions(a.astype(np.float64), [where]).astype(np.float32)
    after, listed = _fused_and_listed(examiner, case, planted, b)
    rows, columns = np.indices(a.shape)
    spot = np.hypot(rows - where[0], columns - where[1]) <= SIGMA
    return Lesion(
        case=case.name,
        modality=case.modality,
        transfer=float((after - before)[where] / (planted - a)[where]),
        whole=float((after - before)[spot].sum() / (planted - a)[spot].sum()),
        is_listed=any(np.hypot(row - where[0], column - where[1]) <= NEAR for row, column in listed),
        listed=len(listed),
    )


def _fused_and_listed(examiner: Examiner, case: GoodCase, a: Slice, b: Slice) -> tuple[Slice, list[Position]]:
    """Return the fused slice and where its list of missed uptake points to."""
    peaks = find_peaks(a[None], "axial", case.affine)
    fused, without = (examiner.engine.fuse(one, b) for one in (a, peaks.levelled(a[None], 0)))
    transfer = transfer_in_slice(a[None], peaks, fused[None], 0, without)
    found = missed_uptake(peaks, transfer, "axial", case.affine)
    return fused, [(one.voxel[1], one.voxel[2]) for one in found]

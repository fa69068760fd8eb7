"""Rigid registration: the shift and the rotation that lay one volume on another.

The measure is the mutual information of Mattes et al. 2003, DOI 10.1109/TMI.2003.809072, which needs no common
contrast; the optimiser is a gradient descent of bounded steps on three resolutions, both as in SimpleITK (Lowekamp et
al. 2013, DOI 10.3389/fninf.2013.00045). It looks at the common field of both, inside the body and in a rim of air about
it. It starts from where the files place the volumes and from shifts of that, never from their moments, since PET and
MRI do not show the same part of a body; another start is followed only where it ends clearly better.

Measured on 16 pairs of heads (three of the sample data, 13 real; moved by 10 and 20 mm, 5 and 10 degrees, 8 mm with 8
degrees): where the truth is known, in the sample data, the place found is 0.1 to 0.4 mm from it, averaged over the
head. In the real pairs it differs by 0.5 mm at most from that found without a move, and by 0.4 to 4.8 mm from their
positions in the files, which are not the truth. Of legs and trunks (14 patients, each moved thrice by 12 to 21 mm for
each kind of pair) the moves of a patient end in one place but for two with PET and MRI. From the position in the files
that is 5 mm in PET with CT of one scanner, 8 mm in PET with MRI, 3 mm in CT with MRI (medians of 11 patients; 7, 6 and
6 mm of the three others; 9, 21 and 17 mm at most). It takes 1 to 3 s of one thread.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import product
from threading import Event
from typing import Any, Final

import numpy as np

from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.registration.doubt import check_volume, overlap, refuse_doubtful
from napari_refusion.volume.registration.images import body_mask, coarser, common_field, image_of
from napari_refusion.volume.registration.optimiser import STEPS, measured, method_for, metric_of, optimise
from napari_refusion.volume.registration.transforms import from_fixed, shifted, to_fixed
from napari_refusion.volume.rigid import RigidMove, middle_of, move_of
from napari_refusion.volume.volume import Volume

VOXELS: Final = (8.0, 4.0, 2.0)
"""mm; both volumes are averaged to about this, level by level."""

START: Final = 20.0
"""mm; from where the files place the volumes and from so far along each axis a search begins."""

TRIED: Final = 3
"""Starts that are optimised on the coarsest level: that of the files, and the best of the others."""

PREFERRED: Final = 1.02
"""By which factor the measure of another start's end must be higher than that of the files' to be followed."""

APART: Final = 6.0
"""mm; ends that are nearer to each other are one place."""


_End = tuple[float, Any]
"""Mutual information in nats, and the SimpleITK transform that gives it."""


@dataclass(frozen=True, slots=True)
class RegistrationStep:
    """One step of the optimiser."""

    level: int
    """Index into `VOXELS`: 0 is the coarsest."""
    metric: float
    """Mutual information in nats, 0 or more, higher is better; comparable within a level only."""
    start: int = 0
    """Which of the `TRIED` starts it belongs to; 0, that of the files, also on the finer levels."""

    @property
    def words(self) -> str:
        """Return how far the search is, as ``Resolution 1 of 3 (8 mm), start 2 of 3: agreement 0.412``."""
        start = f", start {self.start + 1} of {TRIED}" if self.level == 0 else ""
        where = f"Resolution {self.level + 1} of {len(VOXELS)} ({VOXELS[self.level]:g} mm)"
        return f"{where}{start}: agreement {self.metric:.3f}"


@dataclass(frozen=True, slots=True)
class _Images:
    """Two volumes as SimpleITK images."""

    fixed: Any
    """The common field."""
    moving: Any
    mask: Any
    """1 where the body of the fixed one is."""

    def at(self, level: int) -> tuple[Any, Any]:
        """Return both on one level."""
        return coarser(self.fixed, VOXELS[level]), coarser(self.moving, VOXELS[level])


def register_rigidly(
    fixed: Volume, moving: Volume, stopped: Event | None = None
) -> Iterator[RegistrationStep | RigidMove]:
    """Yield the steps of laying `moving` on `fixed`, and at last the move.

    The same volumes give the same move to a millionth of a millimetre, and to the last bit where SimpleITK was told to
    use one thread (``ProcessObject.SetGlobalDefaultNumberOfThreads``). Closing the iterator stops the optimiser after
    the step that it is at, a tenth of a second later.

    Parameters
    ----------
    stopped
        Set it in another thread to stop the optimiser; the iterator then ends without a move. For workers that drop an
        iterator without closing it, as napari's do when they are cancelled.

    Raises
    ------
    RefusedError
        If the volumes cannot be registered (photographs, fewer than `FEWEST_SLICES` slices, no overlap, no contrast),
        or if the move found is none to trust: implausibly far, out of the overlap, or not clearly better than before.
    """
    stopped = stopped or Event()
    for volume in (fixed, moving):
        check_volume(volume)
    before = _overlap_before(fixed, moving)
    images = _Images(common_field(image_of(fixed), fixed, moving), image_of(moving), body_mask(fixed))
    try:
        found = yield from _search(images, middle_of(fixed, LPS_TO_RAS @ fixed.affine).tolist(), stopped)
    except RuntimeError as error:
        reason = " ".join(str(error).partition("ERROR")[2].split()) or str(error)
        sentence = f"{moving.title} and {fixed.title} overlap too little to be registered ({reason})."
        raise refuse("registration", sentence, reason) from error
    if found is None:
        return
    matrix, metrics, coarse = found
    move = replace(move_of(fixed, moving, matrix, metrics), coarse_metrics=coarse)
    refuse_doubtful(move, overlap(fixed, moving, matrix) / before)
    yield move


_Found = tuple[Affine, tuple[float, float], tuple[float, ...]]
"""The move, (4, 4) RAS+ mm; the measure before and after it; those on the coarsest level, see `RigidMove`."""


def _search(images: _Images, centre: list[float], stopped: Event) -> Generator[RegistrationStep, None, _Found | None]:
    """Yield the steps on all levels, and return what was found; None where it was stopped."""
    here = metric_of(images.at(-1), images.mask, shifted(centre))
    ends = yield from _coarse_ends(images, centre, stopped)
    if stopped.is_set():
        return None
    transform = ends[0][1]
    for level in range(1, len(VOXELS)):
        yield from _steps(images, transform, level, stopped)
        if stopped.is_set():
            return None
    there = metric_of(images.at(-1), images.mask, transform)
    return to_fixed(transform), (here, there), tuple(metric for metric, _ in ends[:2])


def _overlap_before(fixed: Volume, moving: Volume) -> float:
    """Return which share of the fixed grid the moving one covers where their files place them; refuse none."""
    before = overlap(fixed, moving, np.eye(4))
    if before == 0.0:
        sentence = (
            f"{moving.title} and {fixed.title} do not overlap at their positions in the files: check that both are of "
            f"the same patient and examination."
        )
        raise refuse("registration", sentence, "0 %")
    return before


def _coarse_ends(images: _Images, centre: list[float], stopped: Event) -> Generator[RegistrationStep, None, list[_End]]:
    """Yield the steps on the coarsest level; return the measures and the transforms of the ends, that to take first.

    Ends near that one are left out.
    """
    pair = images.at(0)
    starts = [shifted(centre, axis, sign * START) for axis, sign in product(range(3), (-1, 1))]
    starts.sort(key=lambda transform: -measured(pair, images.mask, transform))
    ends: list[_End] = []
    for start, transform in enumerate([shifted(centre), *starts[: TRIED - 1]]):
        try:
            for step in _steps(images, transform, 0, stopped):
                yield replace(step, start=start)
            ends.append((metric_of(pair, images.mask, transform), transform))
        except RuntimeError:  # it left the overlap
            if not ends:
                raise
        if stopped.is_set():
            return ends
    first, *others = ends
    better = max(others, key=lambda end: end[0], default=first)
    best = better if better[0] > PREFERRED * first[0] else first
    place = np.array(best[1].TransformPoint(centre))
    apart = [end for end in ends if np.linalg.norm(np.array(end[1].TransformPoint(centre)) - place) > APART]
    return [best, *sorted(apart, key=lambda end: -end[0])]


def _steps(images: _Images, transform: Any, level: int, stopped: Event) -> Iterator[RegistrationStep]:  # noqa: ANN401
    """Yield the steps of one level, which change `transform` in place."""
    pair = images.at(level)
    for metric in optimise(method_for(transform, images.mask, STEPS[level]), *pair, stopped):
        yield RegistrationStep(level, metric)


def with_agreement(fixed: Volume, moving: Volume, move: RigidMove) -> RigidMove:
    """Return a move that was not found here with the mutual information before and after it, over the same voxels.

    Raises
    ------
    RefusedError
        If the volumes cannot be registered, or do not overlap after the move.
    """
    for volume in (fixed, moving):
        check_volume(volume)
    there = np.array(move.matrix)
    if overlap(fixed, moving, there) == 0.0:
        sentence = f"{move.moving} would not overlap {move.fixed} any more: the registration is of other images."
        raise refuse("registration", sentence, "0 %")
    field = common_field(image_of(fixed), fixed, replace(moving, affine=there @ moving.affine))
    pair, mask = (field, image_of(moving)), body_mask(fixed)
    before, after = (measured(pair, mask, from_fixed(matrix)) for matrix in (np.eye(4), there))
    return replace(move, metric_before=before, metric_after=after)

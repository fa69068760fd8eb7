"""The examination of the fusion that is reviewed: computed wherever the caller likes, in a thread or straight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination, ExaminedSlice
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """What an examination found, with what to judge it by."""

    examination: Examination
    limits: Limits | None
    """Of the weights that fused it; None where none were calibrated."""


def examined(engine: Engine, partial: PartialFusion, looked_at: int = 0) -> Iterator[ExaminedSlice | Examined]:
    """Yield each examined slice, the nearest to `looked_at` first, and at last all of them with the limits.

    Touches no file of a review, so that it may run in any thread.

    Parameters
    ----------
    engine
        What fused the partial fusion.
    partial
        Complete.

    Raises
    ------
    RefusedError
        See `evidence.examination.examine`.
    """
    from napari_refusion.evidence.examination import Examination, examine
    from napari_refusion.evidence.examiner import start_examiner
    from napari_refusion.evidence.limits import find_limits

    for found in examine(start_examiner(engine), partial, looked_at):
        if isinstance(found, Examination):
            yield Examined(found, find_limits(partial.weights_sha256))
        else:
            yield found


def examination_record(examination: Examination, flagged: Mapping[int, tuple[str, ...]]) -> dict[str, Any]:
    """Return what an examination found, as plain values that a reader's file keeps; NaN is None.

    Parameters
    ----------
    flagged
        Index of a slice -> what the indicators say against it.
    """
    return {
        "numbers": {
            name: [None if np.isnan(value) else round(float(value), 5) for value in values]
            for name, values in examination.numbers.items()
        },
        "body": [int(index) for index in np.flatnonzero(examination.body)],
        "flagged": {str(index): list(sentences) for index, sentences in flagged.items()},
        "missed": [
            [one.index, *(round(value, 1) for value in one.point), round(one.transfer, 3)] for one in examination.missed
        ],
    }

"""Lists of what a path holds, and volumes for them, whatever the readers can read."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_refusion.io.listing import Listed
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.opening.offer import Offer
from tests.small_pair import IPL_AFFINE, blob

FOLDER = Path("study")
MINUTE = 60.0


def listed(series: str, name: str, modality: str, parts: Sequence[str] = ("",), **more: object) -> Listed:
    """Return what a list says of a series of 6 x 24 x 32 voxels."""
    one = Listed(series, series and f"1.2.{series}", name, modality, (6, 24, 32), (4.0, 2.0, 1.0), None, tuple(parts))
    return replace(one, **more)  # type: ignore[arg-type]


def offered(*several: Listed, where: Path = FOLDER) -> list[Offer]:
    return [Offer((where,), one) for one in several]


FRAMES = tuple(f"frame {index}, {index:02d}:00 to {index + 1:02d}:00" for index in range(3))
ECHOES = ("echo time 20 ms", "echo time 80 ms")

CORRECTED = listed("3", "PET WB AC", "PT", corrected=True)
UNCORRECTED = listed("4", "PET WB NAC", "PT", corrected=False)
CT = listed("2", "CT soft tissue", "CT")
SCOUT = listed("1", "Topogram", "CT", refusal="Leave out series 1: a scout is a projection and has no slices.")
DYNAMIC = listed("5", "PET dynamic", "PT", FRAMES, corrected=True)
DUAL_ECHO = listed("6", "PD and T2", "MR", ECHOES)


def frames(count: int = 3, **changes: object) -> tuple[Volume, ...]:
    """Return frames of a dynamic PET, one minute each; the voxels of frame n are those of frame 0 plus 10 n."""
    first = blob((6, 24, 32), 2)
    made = [
        Volume(
            first + np.float32(10 * index),
            IPL_AFFINE,
            "PT",
            "Bq/ml",
            name="dynamic",
            origin=Origin(sha256="5" * 64),
            acquisition=Acquisition(
                part=f"frame {index}, {index:02d}:00 to {index + 1:02d}:00",
                time=(index * MINUTE, (index + 1) * MINUTE),
            ),
        )
        for index in range(count)
    ]
    return tuple(replace(one, **changes) for one in made)  # type: ignore[arg-type]


def echoes() -> tuple[Volume, ...]:
    """Return both echoes of an MRI."""
    times = (20.0, 80.0)
    return tuple(
        Volume(
            blob((6, 24, 32), index),
            IPL_AFFINE,
            "MR",
            name="PD and T2",
            origin=Origin(sha256=str(index) * 64),
            acquisition=Acquisition(part=part, echo_time=times[index]),
        )
        for index, part in enumerate(ECHOES)
    )

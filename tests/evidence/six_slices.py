"""An examination of six slices with numbers that a test chooses, and limits for them."""

import numpy as np

from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.examiner import start_examiner
from napari_refusion.evidence.indicators import per_slice
from napari_refusion.evidence.limits import Limits, limits_from
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.partial import new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])
SHA = "ab" * 32
COUNT = 6
MISSED = MissedUptake(index=4, voxel=(4, 1, 2), point=(6.0, 18.0, 22.0), contrast=0.4, transfer=0.08)


def examination(missed: tuple[MissedUptake, ...] = (), **numbers: list[float]) -> Examination:
    """Six slices, the last one outside the body; all numbers harmless but those that are given."""
    data = np.random.default_rng(0).random((COUNT, 4, 4), dtype=np.float32)
    pet = Volume(data, IPL_AT_2_MM, modality="PT", name="Jane Doe", origin=Origin(sha256="p"))
    mri = Volume(data[::-1].copy(), IPL_AT_2_MM, modality="MR", name="Jane Doe", origin=Origin(sha256="m"))
    partial = new_partial(pair(pet, mri, windows=(Window(0, 1), Window(0, 1))), "axial", SHA)
    good = {name: 0.9 if name.startswith(("recovered", "occupied")) else 0.001 for name in per_slice()}
    table = {name: np.array(numbers.get(name, [value] * COUNT)) for name, value in good.items()}
    body = np.array([True] * (COUNT - 1) + [False])
    return Examination(
        start_examiner(start_engine(engine="average")), partial, {}, table, body, missed, missed_run=True, findings=()
    )


def made_limits() -> Limits:
    """What shall be low is amber from 0.04 and red from 0.10, what shall be high amber below 0.3 and red below 0.1."""
    above, below = {"amber": 0.04, "red": 0.10}, {"amber": 0.3, "red": 0.1}
    names = {name: below if name.startswith(("recovered", "occupied")) else above for name in per_slice()}
    calibrated_on = "Made up for a test."
    record = {"schema": "refusion-limits/1", "weights_sha256": SHA, "calibrated_on": calibrated_on, "limits": names}
    return limits_from(record, "made.json")

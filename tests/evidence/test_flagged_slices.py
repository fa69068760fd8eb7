"""The slices of a case to look at, with why."""

import numpy as np
import pytest

from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.examiner import start_examiner
from napari_refusion.evidence.flagged_slices import flagged_slices
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


@pytest.fixture
def limits() -> Limits:
    above, below = {"amber": 0.04, "red": 0.10}, {"amber": 0.3, "red": 0.1}
    names = {name: below if name.startswith(("recovered", "occupied")) else above for name in per_slice()}
    calibrated_on = "Made up for a test."
    record = {"schema": "refusion-limits/1", "weights_sha256": SHA, "calibrated_on": calibrated_on, "limits": names}
    return limits_from(record, "made.json")


def test_flagged_slices_come_in_order_with_their_reasons(limits: Limits) -> None:
    overshoot, step = [0.0, 0.05, 0.0, 0.0, 0.0, 0.0], [0.0, 0.2, 0.0, 0.0, 0.05, 0.0]
    found = flagged_slices(examination(missed=(MISSED,), overshoot=overshoot, step=step), limits)
    assert list(found) == [1, 4]
    assert set(found[1]) == {
        "Overshoot 5.0 % in slice 2 of 6, S 28.0 mm, above the limit of 4.0 %.",
        "Step to the next slice 0.200 in slice 2 of 6, S 28.0 mm, above the limit of 0.100.",
    }
    assert found[4][-1] == "Uptake at R 6.0  A 18.0  S 22.0 mm in slice 5 of 6: 8 % of it shows in the fused image."

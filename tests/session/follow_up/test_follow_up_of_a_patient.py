"""A follow-up made from one patient: the lesion has 0.7 times the uptake, and everything lies 5 mm away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from napari_refusion.io.open import open_volume
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.session.examinations import baseline_of, follow_up_of

SHIFT = np.array([3.0, -4.0, 0.0])
"""RAS+ mm, 5 mm long."""


def shifted(volume: Volume, data: np.ndarray) -> Volume:
    affine = volume.affine.copy()
    affine[:3, 3] += SHIFT
    return replace(volume, affine=affine, data=data, origin=Origin(), name=f"later {volume.name}")


@pytest.mark.parametrize("patient", ["STS_003"])
def test_the_change_that_was_made_is_the_change_reported_and_the_shift_is_found(shared: Path, patient: str) -> None:
    folder = shared / "data/petctmr/devtest" / patient
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    pet, ct = (open_volume(folder / f"{patient}_{kind}.nii.gz") for kind in ("pet", "ct"))
    overlay = read_overlay(folder / f"{patient}_label-gtv_pet_mask.nii.gz", pet)
    around = binary_dilation(overlay.segments[0].voi.whole(), iterations=4)
    later = shifted(pet, np.where(around, np.float32(0.7) * pet.data, pet.data)), shifted(ct, ct.data)
    session = follow_up_of(later)
    session.choose_baseline(baseline_of((pet, ct)))
    session.take_overlay(overlay)
    own = overlay.segments[0].voi
    session.later.add_voi(replace(own, grid=later[0].grid))
    (row,) = session.found.rows
    assert row.status == "proposed, 5 mm apart"
    for name in ("maximum", "mean", "peak", "tlg"):
        assert row.change.deltas[name].percent == pytest.approx(-30, abs=1), name
    assert row.change.deltas["volume"].percent == pytest.approx(0, abs=1)

    session.moving.register()
    session.moving.accept()
    assert session.found.rows[0].proposed is not None
    assert session.found.rows[0].proposed.millimetres < 1
    np.testing.assert_allclose(session.in_follow_up(np.zeros(3)), SHIFT, atol=1)


def test_two_patients_of_the_data_set_are_told_apart(shared: Path) -> None:
    """Their files are NIfTI and name nobody; the folder does not either: what tells them is a BIDS label alone."""
    folder = shared / "data/petctmr/devtest"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    pets, cts = (
        [open_volume(folder / one / f"{one}_{kind}.nii.gz") for one in ("STS_003", "STS_019")] for kind in ("pet", "ct")
    )
    named = [replace(one, origin=replace(one.origin, opened=Path(f"sub-{i}_pet.nii"))) for i, one in enumerate(pets)]
    session = follow_up_of((named[0], cts[0]))
    session.choose_baseline(baseline_of((named[1], cts[1])))
    assert session.rule == "patient"

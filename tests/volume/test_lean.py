"""SUV by lean body mass."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.lean import in_unit, units_of
from napari_refusion.volume.volume import Volume
from tests.phantoms import thigh_ct, thigh_pet

FACTOR = 0.75
"""Of a man of 1.80 m and 80 kg, whose lean body mass is about 60 kg (James)."""


def measured(factor: float | None = FACTOR) -> Volume:
    return replace(thigh_pet(), acquisition=Acquisition(lean_factor=factor))


def test_values_unit_and_finding_go_together_and_back() -> None:
    lean = in_unit(measured(), "SUVlbm")
    np.testing.assert_allclose(lean.data, measured().data * FACTOR, rtol=1e-6)
    assert (lean.unit, units_of(lean)) == ("SUVlbm", ("SUVlbm", "SUVbw"))
    assert (lean.findings[-1].rule, lean.findings[-1].value) == ("SUV", "0.75 SUVlbm per SUVbw")
    back = in_unit(lean, "SUVbw")
    np.testing.assert_allclose(back.data, measured().data, rtol=1e-6)
    assert back.unit == "SUVbw"


@pytest.mark.parametrize(
    "volume", [measured(None), replace(measured(), unit="Bq/ml"), thigh_ct()], ids=["no height", "Bq/ml", "CT"]
)
def test_it_is_offered_only_where_it_is_known(volume: Volume) -> None:
    assert units_of(volume) == (volume.unit,)
    with pytest.raises(RefusedError, match="height, weight and sex"):
        in_unit(volume, "SUVlbm")


@pytest.mark.parametrize(("choice", "high"), [("sul5", 5), (" SUL10 ", 10)])
def test_a_pair_is_fused_in_the_unit_of_the_scale_that_is_chosen(choice: str, high: float) -> None:
    study = pair(thigh_ct(), measured(), windows=("", choice))
    assert study.a.source.unit == study.a.volume.unit == "SUVlbm"
    assert study.a.window == Window(0, high)
    assert study.a.window_source == f"chosen, {choice.strip().lower()}"


def test_a_scale_by_lean_body_mass_is_refused_where_height_or_sex_is_missing() -> None:
    with pytest.raises(RefusedError, match="height, weight and sex"):
        pair(thigh_ct(), measured(None), windows=("", "sul5"))

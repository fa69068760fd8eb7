from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_refusion.evidence.examination import (
    Examination,
    ExaminedSlice,
    body_slices,
    examine,
)
from napari_refusion.evidence.examiner import Examiner, start_examiner
from napari_refusion.evidence.indicators import per_slice
from napari_refusion.evidence.maps import examine_slice
from napari_refusion.evidence.measures import fused_images
from napari_refusion.evidence.peaks import find_peaks
from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.fusion.slices import window_sources
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.weights import Weights
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])
WINDOWS = (Window(0, 1), Window(0, 1))
NOTHING_ELSE = (Finding("ok", "evidence", "Not run: R and P."),)


class Fixed(nn.Module):
    """Fuses to fixed shares of the two sources."""

    def __init__(self, share_a: float, share_b: float) -> None:
        super().__init__()
        self.shares = nn.Parameter(torch.tensor([share_a, share_b]).reshape(1, 2, 1, 1))

    def forward(self, sources: Tensor) -> Tensor:
        return (sources * self.shares).sum(dim=1, keepdim=True)


def examiner(share_a: float = 0.5, share_b: float = 0.5) -> Examiner:
    weights = Weights(state={}, sha256="feed")
    engine = TorchEngine(Fixed(share_a, share_b), weights, torch.device("cpu"), ())  # type: ignore[arg-type]
    return Examiner(engine, None, None, NOTHING_ELSE)


def uptake(modality: str = "PT") -> Volume:
    """A spot of uptake, sigma 4 mm, on 0.2 in slice 3 of 7; the last slice is empty."""
    place = np.stack(np.meshgrid(*(2.0 * np.arange(n) for n in (7, 26, 24)), indexing="ij"), axis=-1)
    spot = np.exp(-((place - [6, 26, 24]) ** 2).sum(axis=-1) / (2 * 4**2))
    data = (0.2 + 0.6 * spot).astype(np.float32)
    data[6] = 0
    return Volume(data, IPL_AT_2_MM, modality=modality, name="Jane Doe", origin=Origin(sha256="p"))


def anatomy(seed: int = 0) -> Volume:
    data = (0.4 + 0.1 * np.random.default_rng(seed).random((7, 26, 24))).astype(np.float32)
    data[6] = 0
    return Volume(data, IPL_AT_2_MM, modality="MR", name="Jane Doe", origin=Origin(sha256="m"))


def fused(by: Examiner, a: Volume | None = None, axis: str = "axial") -> PartialFusion:
    partial = new_partial(pair(a or uptake(), anatomy(), windows=WINDOWS), axis, "feed")
    for message in missing_slices(partial, by.engine):
        assert isinstance(message, FusedSlice)
        partial.put(message.index, message.image)
    return partial


def examined(by: Examiner, partial: PartialFusion) -> Examination:
    *slices, last = examine(by, partial)
    assert all(isinstance(one, ExaminedSlice) for one in slices)
    assert isinstance(last, Examination)
    return last


def test_the_slice_that_is_looked_at_comes_first_and_the_examination_last() -> None:
    by = examiner()
    *slices, last = examine(by, fused(by), looked_at=3)
    assert [one.index for one in slices if isinstance(one, ExaminedSlice)] == [3, 4, 2, 5, 1, 6, 0]
    assert isinstance(last, Examination)


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_maps_and_numbers_lie_where_their_slices_do(axis: str) -> None:
    by = examiner(0.25, 0.5)
    partial = fused(by, axis=axis)
    found = examined(by, partial)
    sources = window_sources(partial.study)
    assert list(found.kinds) == ["contribution_a", "contribution_b", "overshoot", "saturation"]
    for index in range(len(partial.done)):
        a, b = (np.moveaxis(data, AXES[axis], 0)[index] for data in sources)
        np.testing.assert_allclose(found.map_of("contribution_a", index), 0.25 * a, atol=1e-3)
        np.testing.assert_allclose(found.map_of("contribution_b", index), 0.5 * b, atol=1e-3)
    assert not found.maps, "without R no map is kept"
    assert set(found.numbers) == set(per_slice())
    assert all(values.shape == partial.done.shape for values in found.numbers.values())
    assert np.isnan(found.numbers["residual_a"]).all()
    assert found.findings == NOTHING_ELSE


def test_an_empty_slice_is_no_part_of_the_body_and_has_no_numbers() -> None:
    by = examiner()
    found = examined(by, fused(by))
    assert found.body.tolist() == [True] * 6 + [False]
    assert np.isnan([values[6] for values in found.numbers.values()]).all()


def test_slices_belong_to_the_body_from_a_twentieth_of_the_largest_foreground_on() -> None:
    assert body_slices(np.array([100, 5, 4, 0])).tolist() == [True, True, False, False]
    assert not body_slices(np.zeros(4, np.int64)).any()


@dataclass(eq=False)
class Counting:
    """An engine that fuses to the mean and counts its slices."""

    engine: Engine
    count: int = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)

    def fuse(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        self.count += 1
        return self.engine.fuse(a, b)


def test_examining_fuses_only_slices_with_a_peak_and_each_of_them_once() -> None:
    by = Counting(examiner().engine)
    partial = fused(examiner())
    with_peak = find_peaks(window_sources(partial.study)[0], "axial", partial.study.grid.affine).is_levelled
    found = examined(Examiner(by, None, None, ()), partial)  # type: ignore[arg-type]  # passes all else on
    assert by.count == with_peak.sum() > 0
    found.map_of("contribution_a", 3)
    assert by.count == with_peak.sum() + 1


def test_the_maps_that_numbers_are_taken_from_are_kept_and_are_what_is_made_again() -> None:
    engine = start_engine()
    by = start_examiner(engine)
    partial = new_partial(pair(uptake(), anatomy(), windows=WINDOWS), "axial", engine.identity)
    for message in missing_slices(partial, engine):
        assert isinstance(message, FusedSlice)
        partial.put(message.index, message.image)
    found = examined(by, partial)
    assert set(found.maps) == {"residual_a", "residual_b"}
    images = fused_images(partial, 3)
    again = examine_slice(by, images.a, images.b, images.fused)
    for name in found.kinds:
        np.testing.assert_allclose(found.map_of(name, 3), again[name], atol=1e-3)


def test_a_slice_of_other_brightness_steps_from_both_its_neighbours() -> None:
    by = examiner()
    flat = replace(anatomy(), data=np.full((7, 26, 24), 0.5, np.float32))
    spot = replace(uptake("CT"), data=np.pad(np.full((7, 25, 24), 0.5, np.float32), ((0, 0), (0, 1), (0, 0))))
    partial = new_partial(pair(spot, flat, windows=WINDOWS), "axial", "feed")
    for index in range(7):
        partial.put(index, np.full((26, 24), 0.53 if index == 3 else 0.5, np.float32))
    steps = examined(by, partial).numbers["step"]
    np.testing.assert_allclose(steps, [0, 0, 0.03, 0.03, 0.03, 0, 0], atol=1e-6)


def test_uptake_that_the_fusion_drops_is_missed() -> None:
    dropping = examiner(0.0, 1.0)
    found = examined(dropping, fused(dropping))
    assert found.missed_run
    assert 3 in {one.index for one in found.missed}
    assert all(one.transfer == pytest.approx(0, abs=1e-3) for one in found.missed)


def test_uptake_that_the_fusion_keeps_is_not_missed() -> None:
    keeping = examiner(0.5, 0.5)
    found = examined(keeping, fused(keeping))
    assert found.missed_run
    assert found.missed == ()


def test_missed_uptake_is_not_looked_for_in_ct() -> None:
    dropping = examiner(0.0, 1.0)
    found = examined(dropping, fused(dropping, uptake("CT")))
    assert not found.missed_run
    assert found.missed == ()


def test_an_unfinished_volume_is_refused() -> None:
    by = examiner()
    partial = fused(by)
    partial.done[4] = False
    with pytest.raises(RefusedError, match="Only 6 of 7 slices are fused"):
        examine(by, partial)


def test_a_volume_that_other_weights_fused_is_refused() -> None:
    by = examiner()
    with pytest.raises(RefusedError, match="fused with other weights"):
        examine(by, replace(fused(by), weights_sha256="beef"))


def test_sources_are_called_by_their_modality_and_never_by_their_name() -> None:
    assert pair(uptake(), anatomy()).words == ("PET", "MRI")
    assert pair(replace(anatomy(1), origin=Origin(sha256="n")), anatomy()).words == ("source a", "source b")
    assert pair(uptake(""), anatomy()).words == ("source a", "source b")

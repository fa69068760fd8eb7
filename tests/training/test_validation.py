"""Which weights are kept: figures of fusions whose answer is known, and what decides between them."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from napari_refusion.fusion.baselines import average, maximum
from training.data import PairImages, list_pairs
from training.recipe import Recipe
from training.validation import VALIDATED, Schedule, lesion_figures, sanity_figures, score, validate

Image = np.ndarray
GOOD = {"hidden": 0.0, "transfer": 0.6, "above": 0.03, "identity": 0.005, "qabf": 0.6, "vif": 0.5}


@pytest.fixture
def sources() -> tuple[Image, Image]:
    """A disc of middling uptake in a disc of middling tissue, 96 x 96."""
    radius = np.hypot(*(np.indices((96, 96)) - 48.0))
    return np.where(radius < 40, 0.5, 0.0), np.where(radius < 40, 0.5, 0.0)


def test_an_average_passes_half_of_every_kind_of_lesion_and_hides_none(sources: tuple[Image, Image]) -> None:
    assert lesion_figures(average, *sources) == pytest.approx({"hidden": 0.0, "transfer": 0.5})


def test_the_kind_of_lesion_that_shows_least_is_the_transfer(sources: tuple[Image, Image]) -> None:
    """The brighter source passes bright lesions of both sources whole, and dark ones not at all."""
    assert lesion_figures(maximum, *sources) == pytest.approx({"hidden": 0.5, "transfer": 0.0})


def test_a_fusion_that_shows_one_source_alone_hides_the_lesions_of_the_other(sources: tuple[Image, Image]) -> None:
    for fuse in (lambda a, _b: a, lambda _a, b: b):
        assert lesion_figures(fuse, *sources) == pytest.approx({"hidden": 0.5, "transfer": 0.0})


def test_a_slice_in_which_no_lesion_fits_has_no_figures_of_lesions() -> None:
    found = lesion_figures(average, np.zeros((32, 32)), np.zeros((32, 32)))
    assert all(math.isnan(value) for value in found.values())


def test_the_share_above_both_sources_is_of_the_foreground(sources: tuple[Image, Image]) -> None:
    a, b = sources
    fused = np.maximum(a, b)
    inside = np.argwhere(a > 0)
    raised = inside[: len(inside) // 4]
    fused[tuple(raised.T)] += 0.06
    fused[tuple(inside[-9:].T)] += 0.04  # within the tolerance
    fused[0, 0] = 0.5  # background
    assert sanity_figures(average, a, b, fused)["above"] == pytest.approx(len(raised) / len(inside))


def test_the_error_of_a_source_fused_with_itself_is_that_of_the_worse_source() -> None:
    a, b = np.full((16, 16), 0.2), np.full((16, 16), 0.6)

    def brighter(first: Image, second: Image) -> Image:
        return 1.1 * np.maximum(first, second)

    assert sanity_figures(brighter, a, b, a)["identity"] == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"hidden": 0.02, "transfer": 0.9, "qabf": 0.8, "vif": 1.0}, {}),
        ({"transfer": 0.5, "qabf": 0.7, "vif": 0.9}, {}),
        ({"above": 0.20, "qabf": 0.8, "vif": 1.0}, {}),
        ({"identity": 0.02, "qabf": 0.8, "vif": 1.0}, {}),
        ({}, {"qabf": 0.65}),
        ({}, {"vif": 0.6}),
        ({"hidden": 0.02}, {"hidden": 0.01}),
    ],
)
def test_what_a_reader_needs_decides_before_what_the_field_counts(
    worse: dict[str, float], better: dict[str, float]
) -> None:
    assert score(GOOD | worse) < score(GOOD | better)


def test_what_is_allowed_costs_nothing() -> None:
    assert score(GOOD | {"hidden": 0.005, "above": 0.05, "identity": 0.01}) == score(GOOD)


def test_figures_that_no_pair_has_do_not_decide() -> None:
    missing = GOOD | {"hidden": math.nan, "transfer": math.nan}
    assert score(missing) == pytest.approx(0.6 + 0.5 / 2)
    assert score({}) == 0


class Mean(nn.Module):
    """Fuses to the mean of both sources."""

    def __init__(self) -> None:
        super().__init__()
        self.more = nn.Parameter(torch.tensor(0.0))

    def forward(self, sources: Tensor) -> Tensor:
        return sources.mean(dim=1, keepdim=True) + self.more


def test_held_out_pairs_are_measured_by_all_figures(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    figures = validate(Mean(), pairs)  # type: ignore[arg-type]
    assert tuple(figures) == VALIDATED
    assert figures["transfer"] == pytest.approx(0.5, abs=0.01)
    assert (figures["hidden"], figures["identity"]) == (0.0, pytest.approx(0.0, abs=1e-6))
    assert 0 < figures["qabf"] < 1
    assert validate(Mean(), None) == {}  # type: ignore[arg-type]


def test_a_run_is_validated_every_so_many_cycles_and_at_its_end(recipe: Recipe) -> None:
    schedule = Schedule(replace(recipe, cycles=11, validate_every=4))
    assert [cycle for cycle in range(1, 12) if schedule.is_due(cycle)] == [4, 8, 11]


def test_a_run_is_validated_after_so_many_minutes_too(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = iter([0.0, 1.0, 1.9, 2.0, 3.9, 4.1, 6.0])
    monkeypatch.setattr("training.validation.time.monotonic", lambda: 60 * next(minutes))
    schedule = Schedule(replace(recipe, cycles=99, validate_every=99, validate_minutes=2.0))
    assert [schedule.is_due(cycle) for cycle in range(1, 7)] == [False, False, True, False, True, False]

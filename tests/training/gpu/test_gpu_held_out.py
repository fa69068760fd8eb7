from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from training.gpu.held_out import HeldOut, figures_of, held_out
from training.gpu.kinds import Kind, Side
from training.pack.reading import Channel, PackedSet

CPU = torch.device("cpu")


def average(pair: Tensor) -> Tensor:
    return pair.mean(dim=1, keepdim=True)


def maximum(pair: Tensor) -> Tensor:
    return pair.amax(dim=1, keepdim=True)


def _one(first: float = 0.5, second: float = 0.5) -> HeldOut:
    """A pair of two grey pictures with some texture on which no lesion is clipped."""
    texture = 0.02 * torch.rand(1, 2, 96, 112, generator=torch.Generator().manual_seed(0))
    return HeldOut("made up", (texture + torch.tensor([first, second]).view(1, 2, 1, 1),))


@pytest.mark.parametrize("task", ["medical", "infrared_visible"])
def test_an_average_shows_half_of_every_lesion_and_hides_none(task: str) -> None:
    figures = figures_of(average, _one(), task)
    for name in ("A+", "A-", "B+", "B-"):
        assert figures[name] == pytest.approx(0.5, abs=1e-4)
    assert figures["hidden"] == 0


def test_a_maximum_shows_the_brighter_source_and_hides_the_other() -> None:
    # 0.6 over 0.3: a dark lesion of 0.3 in A sinks to B, a bright one of 0.3 in B rises to A
    figures = figures_of(maximum, _one(0.64, 0.32), "medical")
    assert figures["A+"] == pytest.approx(1, abs=1e-4)
    assert figures["A-"] == pytest.approx(1, abs=0.1)
    assert figures["B+"] < 0.1
    assert figures["B-"] == pytest.approx(0, abs=1e-4)
    assert figures["hidden"] == pytest.approx(0.5)


def test_a_fusion_that_drops_what_is_small_hides_faint_lesions_and_shows_the_others() -> None:
    # beside 0.5 in both sources nothing below 0.15 passes: of 0.3 all, of 0.1 nothing
    def without_small(pair: Tensor) -> Tensor:
        change = pair - 0.5
        return 0.5 + torch.where(change.abs() > 0.15, change, 0.0).sum(dim=1, keepdim=True)

    figures = figures_of(without_small, _one(0.49, 0.49), "medical")
    assert figures["A+"] == pytest.approx(1, abs=0.1)
    assert (figures["hidden"], figures["faint"]) == (0, 1)


def test_a_maximum_leaves_what_both_sources_agree_on_and_the_range() -> None:
    figures = figures_of(maximum, _one(), "medical")
    assert figures["same"] == 0
    assert figures["range"] == 0
    assert figures["above"] == 0


def test_a_picture_that_is_too_bright_is_above_both_sources() -> None:
    figures = figures_of(lambda pair: maximum(pair) + 0.1, _one(), "medical")
    assert figures["above"] == 1
    assert figures["same"] == pytest.approx(0.1, abs=1e-5)


def test_exposures_are_judged_by_their_structure_and_not_by_lesions() -> None:
    detail = 0.3 + 0.4 * torch.rand(1, 1, 64, 64)
    one = HeldOut("exposure", (torch.cat([detail, torch.ones_like(detail)], dim=1),))
    kept, blown = (
        figures_of(lambda pair: pair[:, :1], one, "multi_exposure"),
        figures_of(maximum, one, "multi_exposure"),
    )
    assert kept["mef"] == pytest.approx(1, abs=1e-2)
    assert (kept["clipped"], kept["blown"]) == pytest.approx((0, 0), abs=1e-3)
    assert (blown["clipped"], blown["blown"]) == pytest.approx((1, 1), abs=1e-2)
    assert "hidden" not in kept


def test_figures_of_several_pairs_are_their_means() -> None:
    (first,), (second,) = _one(0.5, 0.5).pairs, _one(0.64, 0.32).pairs
    both = figures_of(maximum, HeldOut("both", (first, second)), "multi_focus")
    alone = [figures_of(maximum, HeldOut("one", (pair,)), "multi_focus") for pair in (first, second)]
    for name, value in both.items():
        assert value == pytest.approx((alone[0][name] + alone[1][name]) / 2, rel=1e-5)


def test_pictures_without_room_for_lesions_have_no_figure_of_them() -> None:
    one = HeldOut("dark", (torch.full((1, 2, 64, 64), 0.05),))
    assert figures_of(average, one, "medical").keys().isdisjoint({"A+", "A-", "B+", "B-", "hidden"})


def test_held_out_pairs_are_spread_over_their_set_and_seen_in_the_middle_window(
    make_set: Callable[..., PackedSet],
) -> None:
    channels = Channel("PET", 0.0, 20.0, root=True), Channel("CT", -190.0, 310.0, root=False)
    images = np.arange(20, dtype=np.uint8).reshape(10, 2, 1, 1).repeat(40, axis=2).repeat(40, axis=3) + 100
    packed = {"body:validation": make_set("body", images, channels, "validation")}
    pet, ct = Side("PET", high=(4.0, 8.0)), Side("CT", (-150.0, -90.0), (150.0, 260.0))
    kinds = (Kind("PET+CT", "body", pet, ct, 1.0), Kind("absent", "mr", pet, ct, 1.0))
    (found,) = held_out(packed, kinds, 4, CPU)
    assert found.kind == "PET+CT"
    shown = [pair[0, :, 0, 0].tolist() for pair in found.pairs]
    expected = [
        # middle windows: 0 to 6 SUV, and -120 to 205 HU
        [min(20 * ((100 + 2 * n) / 255) ** 2 / 6, 1), (-190 + 500 * (101 + 2 * n) / 255 + 120) / 325]
        for n in (2, 4, 5, 7)
    ]
    assert np.allclose(shown, expected, atol=1e-5)


def test_of_a_small_set_every_pair_is_taken_once(make_set: Callable[..., PackedSet]) -> None:
    channels = Channel("a", 0.0, 1.0, root=False), Channel("b", 0.0, 1.0, root=False)
    kind = Kind("one", "one", Side("a"), Side("b"), 1.0)
    for count in (1, 2):
        packed = {"one:validation": make_set("one", np.zeros((count, 2, 8, 8), np.uint8), channels, "validation")}
        assert len(held_out(packed, (kind,), 4, CPU)[0].pairs) == count

import io
import math
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from napari_refusion.model.loss_proposal_net import Proposal
from training.curves import PANELS, draw, drawn_panels, read_log
from training.display import Display
from training.log import COLUMNS, CycleFigures, Log, leaning
from training.picture.shares import Shares
from training.recipe import read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"
FIGURES = CycleFigures(0.5, 1.5, 2.5, 1e-6, 0.25, 0.75, 0.9, 0.8)


def weights(first: float) -> torch.Tensor:
    return torch.stack([torch.full((4, 4), first), torch.full((4, 4), 1 - first)])[None]


def test_undecided_weights_have_an_entropy_of_one_bit_and_decided_ones_of_none() -> None:
    leans = leaning(Proposal(weights(0.5), weights(1.0)))
    assert leans.intensity_weight_a == pytest.approx(0.5)
    assert leans.intensity_entropy == pytest.approx(1)
    assert leans.gradient_weight_a == pytest.approx(1)
    assert leans.gradient_entropy == pytest.approx(0)


def test_the_entropy_is_shannons_averaged_over_pixels() -> None:
    half_of_each = torch.cat([weights(0.25), weights(0.5)], dim=3)
    shannon = -(0.25 * math.log2(0.25) + 0.75 * math.log2(0.75))
    leans = leaning(Proposal(half_of_each, half_of_each))
    assert leans.intensity_entropy == pytest.approx((shannon + 1) / 2)
    assert leans.gradient_weight_a == pytest.approx(0.375)


def test_a_log_that_goes_on_drops_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    log = Log(path, 0)
    for cycle in range(3):
        log.write(cycle, FIGURES, 0.1, {})
    three = path.read_text().splitlines()
    Log(path, 2)
    assert path.read_text().splitlines() == three[:3]


def test_a_log_with_other_columns_goes_on_with_those_it_shares(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("cycle,fusion_loss,forgotten\n0,0.25,7\n")
    Log(path, 1).write(1, FIGURES, 0.1, {"qabf": 0.6})
    log = read_log(path)
    assert log["fusion_loss"] == [(0, 0.25), (1, 0.5)]
    assert log["qabf"] == [(1, 0.6)]
    assert "forgotten" not in log


def test_the_words_of_a_cycle_hold_losses_entropies_weights_and_the_meta_gradient() -> None:
    words = FIGURES.in_words()
    for shown in ("0.5000", "1.5000", "2.5000", "0.25", "0.75", "0.90 bit", "0.80 bit", "1.0e-06"):
        assert shown in words


def test_the_screen_shows_the_steps_done_and_the_figures_of_the_last_cycle() -> None:
    recipe = replace(read_recipe(DEBUG), cycles=10, meta_steps=2, refine_steps=3)
    console = Console(record=True, width=100, file=io.StringIO())
    display = Display(recipe, 4, visible=False)
    assert (display.tasks[0].completed, display.tasks[0].total) == (20, 50)
    for _ in range(5):
        display.step()
    display.cycle(5, FIGURES)
    assert display.tasks[0].completed == 25
    console.print(*display.get_renderables())
    shown = console.export_text()
    assert "5 of 10 cycles" in shown
    assert "0.5000" in shown


def test_every_curve_is_a_column_of_the_log() -> None:
    assert {column for panel in PANELS if not panel.timed for column in panel.columns} <= set(COLUMNS)


def test_every_curve_of_a_timed_run_is_a_term_of_its_loss() -> None:
    terms = {field.name for field in fields(Shares)} | {"shown"}
    assert {column for panel in PANELS if panel.timed for column in panel.columns} <= terms


def test_a_timed_run_is_drawn_over_its_steps(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text("steps,seconds,qabf,shown\n10,60,0.5,0.4\n20,120,0.4,0.6\n")
    log = read_log(tmp_path / "losses.csv")
    assert log["shown"] == [(10, 0.4), (20, 0.6)]
    assert [set(panel.columns) & log.keys() for panel in drawn_panels(log)] == [{"qabf"}, {"shown"}]
    draw(log, tmp_path / "curves.svg")
    assert (tmp_path / "curves.svg").read_text().count("<svg") == 1


@pytest.mark.parametrize("cycles", [0, 1, 3])
def test_the_curves_of_a_log_of_any_length_are_drawn(tmp_path: Path, cycles: int) -> None:
    log = Log(tmp_path / "log.csv", 0)
    for cycle in range(cycles):
        log.write(cycle, FIGURES, 0.1, {})
    draw(read_log(tmp_path / "log.csv"), tmp_path / "curves.svg")
    assert (tmp_path / "curves.svg").read_text().count("<svg") == 1

"""What TensorBoard would show, read back from the event files."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.board import PICTURES, pictures
from training.checkpoint import load_checkpoint
from training.recipe import Recipe
from training.start import new_networks
from training.train import train

events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
CPU = torch.device("cpu")


def read(folder: Path) -> "events.EventAccumulator":
    board = events.EventAccumulator(str(folder), size_guidance={"images": 0, "scalars": 0})
    return board.Reload()


def test_every_cycle_has_its_figures_and_every_validation_its_pictures(
    images: Path, recipe: Recipe, tmp_path: Path
) -> None:
    every_second = replace(recipe, cycles=4, validate_every=2)
    train(every_second, images, tmp_path / "run", resume=False, device=CPU, tensorboard=True)
    board = read(tmp_path / "run/tensorboard")
    logged = (tmp_path / "run/log.csv").read_text().splitlines()
    for position, column in enumerate(logged[0].split(",")):
        if column in ("fusion_loss", "largest_meta_gradient", "gradient_entropy"):
            shown = {point.step: point.value for point in board.Scalars(f"training/{column}")}
            expected = {cycle: float(logged[cycle + 1].split(",")[position]) for cycle in range(4)}
            assert shown == pytest.approx(expected, rel=1e-5)
    assert [point.step for point in board.Scalars("held out/qabf")] == [1, 3]
    assert set(board.Tags()["images"]) == {f"pair/{name}" for name in PICTURES}
    for name in PICTURES:
        shown = board.Images(f"pair/{name}")
        assert [(picture.step, picture.width, picture.height) for picture in shown] == [(1, 16, 16), (3, 16, 16)]


def test_a_resumed_run_has_no_point_twice(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    two = replace(recipe, cycles=2)
    with monkeypatch.context() as patched:  # after the events of the first cycle, before its checkpoint
        patched.setattr("training.records.save_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            train(two, images, tmp_path / "run", resume=False, device=CPU, tensorboard=True)
    train(two, images, tmp_path / "run", resume=True, device=CPU, tensorboard=True)
    board = read(tmp_path / "run/tensorboard")
    assert len(list((tmp_path / "run/tensorboard").iterdir())) == 2
    assert [point.step for point in board.Scalars("training/fusion_loss")] == [0, 1]
    assert [picture.step for picture in board.Images("pair/3 fused")] == [0, 1]


def test_the_pictures_are_what_the_networks_make_of_the_pair(recipe: Recipe) -> None:
    cycle, _ = new_networks(recipe, CPU)
    pair = torch.rand(2, 16, 20, generator=torch.Generator().manual_seed(0))
    panel = pictures(cycle, pair)
    assert {picture.shape for picture in panel.values()} == {(1, 16, 20)}
    assert torch.equal(panel["1 source a"], pair[:1])
    assert torch.equal(panel["2 source b"], pair[1:])
    for weights in (PICTURES[5:7], PICTURES[7:9]):
        torch.testing.assert_close(panel[weights[0]] + panel[weights[1]], torch.ones(1, 16, 20))
    with torch.no_grad():
        torch.testing.assert_close(panel["3 fused"], cycle.fusion(pair[None])[0])
        torch.testing.assert_close(panel["5 rebuilt b"][0], cycle.reconstruction(panel["3 fused"][None])[0, 1])


def test_without_the_package_the_run_says_what_to_do_and_does_not_start(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*sys.modules]:
        if name == "torch.utils.tensorboard" or name.startswith(("torch.utils.tensorboard.", "tensorboard.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ValueError, match="pip install tensorboard"):
        train(recipe, images, tmp_path / "run", resume=False, device=CPU, tensorboard=True)


def test_a_run_with_and_one_without_tensorboard_learn_the_same(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    one = replace(recipe, cycles=1)
    for shown in (True, False):
        train(one, images, tmp_path / str(shown), resume=False, device=CPU, tensorboard=shown)
    states = [new_networks(one, CPU)[1] for _ in range(2)]
    for state, shown in zip(states, (True, False), strict=True):
        load_checkpoint(state, one, tmp_path / str(shown) / "checkpoint.pt")
    for name, network in states[0].networks.items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, states[1].networks[name].state_dict()[key]), (name, key)

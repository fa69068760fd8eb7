from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.fusion.baselines import average
from training.contenders import contenders
from training.figures.reconstruction import fresh_readers, reader_figures, train_reader
from training.figures.sets import folder_set


@pytest.fixture
def images(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for side in ("PET", "MRI"):
        (tmp_path / "set" / side).mkdir(parents=True)
        for index in range(2):
            coarse = Image.fromarray(random.integers(60, 200, (6, 6), dtype=np.uint8))
            coarse.resize((24, 20), Image.Resampling.BICUBIC).save(tmp_path / "set" / side / f"{index}.png")
    return tmp_path / "set"


def error(reader: torch.nn.Module, images: Path) -> float:
    pair = folder_set(images).readers[0][1]()
    return reader_figures(reader, pair.a, pair.b, average(pair.a, pair.b))["reader_loss"]


def test_a_reader_learns_to_rebuild_and_the_same_seed_gives_the_same_reader(images: Path) -> None:
    sets = [folder_set(images)]
    untrained, trained, again = (train_reader(average, sets, steps) for steps in (0, 12, 12))
    assert error(trained, images) < error(untrained, images)
    assert error(trained, images) == error(again, images)


def test_training_a_reader_leaves_the_random_numbers_of_others_alone(images: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    train_reader(average, [folder_set(images)], 1)
    assert torch.equal(torch.rand(1), expected)


class Grey(torch.nn.Module):
    """Rebuilds mid-grey whatever it is given."""

    def forward(self, fused: torch.Tensor) -> torch.Tensor:
        return torch.full_like(fused, 0.5).repeat(1, 2, 1, 1)


def test_the_error_is_that_of_both_sources_in_grey_levels() -> None:
    grey, bright = np.full((16, 16), 0.5), np.full((16, 16), 0.7)
    assert reader_figures(Grey(), grey, bright, grey)["reader_rms"] == pytest.approx(255 * 0.2 / 2**0.5, rel=1e-5)
    assert reader_figures(Grey(), grey, grey, bright) == {"reader_loss": 0, "reader_rms": 0}


def test_every_contender_gets_a_reader_of_its_own_and_none_without_steps(images: Path) -> None:
    chosen = {label: engine.fuse for label, engine in contenders(["average", "maximum"]).items()}
    assert fresh_readers(chosen, 0, []) == {}
    readers = fresh_readers(chosen, 1, [str(images)])
    assert list(readers) == ["average", "maximum"]


@pytest.mark.parametrize(("steps", "data"), [(5, []), (0, ["folder"]), (-1, ["folder"])])
def test_steps_and_data_go_together(steps: int, data: list[str]) -> None:
    with pytest.raises(ValueError, match="--fresh-reader STEPS and --reader-data SET go together"):
        fresh_readers({}, steps, data)


def test_a_set_that_is_black_is_refused(tmp_path: Path) -> None:
    for side in ("PET", "MRI"):
        (tmp_path / "dark" / side).mkdir(parents=True)
        Image.fromarray(np.zeros((16, 16), dtype=np.uint8)).save(tmp_path / "dark" / side / "0.png")
    with pytest.raises(ValueError, match="dark: all pairs are black"):
        train_reader(average, [folder_set(tmp_path / "dark")], 1)

import csv
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, save_weights
from training.evaluate import find_partners, main, means


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for side in ("PET", "MRI"):
        (tmp_path / "set" / side).mkdir(parents=True)
        for index in range(2):
            levels = random.integers(0, 256, (40, 40), dtype=np.uint8)
            levels[:, :8] = 0
            Image.fromarray(levels).save(tmp_path / "set" / side / f"{index}.png")
    return tmp_path / "set"


def test_functional_sources_come_first(pairs: Path) -> None:
    first, second = find_partners(pairs)
    assert [path.parent.name for path in first] == ["PET", "PET"]
    assert [path.name for path in first] == [path.name for path in second]


def test_images_without_partner_are_refused(pairs: Path) -> None:
    (pairs / "MRI" / "1.png").unlink()
    with pytest.raises(ValueError, match="same file names"):
        find_partners(pairs)


def test_a_folder_without_known_pairs_names_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="CT/MRI"):
        find_partners(tmp_path)


def test_a_mean_leaves_out_images_that_have_no_value() -> None:
    rows = [{"vif": 1.0, "qabf": 2.0, "ssim_sum": 3.0, "background": value} for value in (math.nan, 0.5)]
    assert means(rows)["background"] == 0.5
    assert math.isnan(means(rows[:1])["background"])


@pytest.mark.parametrize("weights", ["maximum", "file"])
def test_every_image_gets_its_row(
    pairs: Path, tmp_path: Path, weights: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    file = tmp_path / "random.safetensors"
    save_weights(Weights(state=FusionNet().state_dict()), file)
    chosen = str(file) if weights == "file" else weights
    table = tmp_path / "figures.csv"
    monkeypatch.setattr(sys, "argv", ["evaluate", "--weights", chosen, "--data", str(pairs), "--output", str(table)])
    main()
    with table.open() as opened:
        rows = list(csv.DictReader(opened))
    assert [row["name"] for row in rows] == ["0.png", "1.png"]
    if weights == "maximum":
        assert all(float(row["background"]) == 0 for row in rows)
    assert "2 pairs" in capsys.readouterr().out

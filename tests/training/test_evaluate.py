"""Expected figures are from the definitions, and from an evaluation published with the reference data."""

import csv
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from training.baselines import BASELINES
from training.evaluate import COLUMNS, METRICS, VALIDATION_METRICS, evaluate, main, measure
from training.figures.averages import means
from training.figures.catalogue import FIELD

MAXIMUM = {
    "MRI-CT": (4.472, 84.22, 33.53, 7.178, 3.630, 1.500, 0.636, 0.629, 1.504, 1.123),
    "MRI-PET": (3.853, 75.49, 27.33, 7.197, 3.036, 1.705, 0.920, 0.714, 1.527, 1.045),
    "MRI-SPECT": (3.541, 59.47, 18.39, 4.412, 2.879, 1.333, 0.739, 0.685, 1.594, 1.100),
}
"""EN, SD, SF, AG, MI, SCD, VIF, Qabf, SSIM (sum) and SSIM on the foreground, as the reference evaluation printed."""

COMPARED = ("en", "sd", "sf", "ag", "mi", "scd", "vif", "qabf", "ssim_sum", "ssim_fg")


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Two pairs of 40 x 40 images in the folders PET and MRI, with a black stripe."""
    return write_pairs(tmp_path / "set", "PET", "MRI")


def write_pairs(folder: Path, *sides: str) -> Path:
    random = np.random.default_rng(0)
    for side in sides:
        (folder / side).mkdir(parents=True)
        for index in range(2):
            levels = random.integers(0, 256, (40, 40), dtype=np.uint8)
            levels[:, :8] = 0
            Image.fromarray(levels).save(folder / side / f"{index}.png")
    return folder


def save_random_weights(file: Path) -> Path:
    torch.manual_seed(0)
    file.parent.mkdir(exist_ok=True)
    save_weights(Weights(state=FusionNet().state_dict()), file)
    return file


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate", *map(str, arguments)])
    main()


def test_a_mean_leaves_out_images_that_have_no_value() -> None:
    rows = [{"vif": 1.0, "background": value} for value in (math.nan, 0.5)]
    assert means(rows) == {"vif": 1.0, "background": 0.5}
    assert math.isnan(means(rows[:1])["background"])


def test_an_image_fused_with_itself_has_both_sums_doubled() -> None:
    image = np.random.default_rng(1).integers(0, 256, (48, 48)).astype(float)
    row = measure(image, image, image)
    assert tuple(row) == METRICS
    assert set(VALIDATION_METRICS) <= set(row)
    assert row["mi"] == pytest.approx(2 * row["en"] * math.log(2))
    assert (row["vif"], row["ssim_sum"], row["ssim_mean"]) == pytest.approx((2, 2, 1))
    assert row["ssim_fg"] == pytest.approx(2)


def test_only_medical_sets_get_lesions(pairs: Path, tmp_path: Path) -> None:
    medical = evaluate(BASELINES["average"].fuse, pairs)
    scene = evaluate(BASELINES["average"].fuse, write_pairs(tmp_path / "scenes", "ir", "vi"))
    assert tuple(medical["0.png"]) == tuple(scene["0.png"]) == COLUMNS
    assert all(row["contrast_transfer"] == pytest.approx(0.5) for row in medical.values())
    assert all(row["hidden"] == 0 for row in medical.values())
    assert all(math.isnan(row[name]) for row in scene.values() for name in ("contrast_transfer", "hidden"))


def test_several_contenders_share_one_table_and_every_image_gets_its_row(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, output = save_random_weights(tmp_path / "random.safetensors"), tmp_path / "figures.csv"
    run(monkeypatch, "--weights", weights, "--weights", "maximum", "--data", pairs, "--output", output)
    with output.open() as opened:
        rows = list(csv.DictReader(opened))
    assert tuple(rows[0]) == ("weights", "name", *COLUMNS)
    written = [(row["weights"], row["name"]) for row in rows]
    assert written == [(label, name) for label in ("random", "maximum") for name in ("0.png", "1.png")]
    assert all(float(row["background"]) == 0 for row in rows if row["weights"] == "maximum")
    published, of_a_reader = capsys.readouterr().out.split("\n\n")
    caption, head, *lines = published.splitlines()
    assert "2 pairs" in caption
    assert head.replace("|", " ").split() == ["set", "weights", *FIELD]
    assert of_a_reader.splitlines()[0].replace("|", " ").split()[-2:] == ["random", "maximum"]
    assert [line.replace("|", " ").split()[1] for line in lines[1:]] == ["random", "maximum"]


def test_several_sets_share_one_run_and_their_images_are_told_apart(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes, output = write_pairs(tmp_path / "scenes", "near", "far"), tmp_path / "figures.csv"
    run(monkeypatch, "--weights", "average", "--data", pairs, "--data", scenes, "--output", output)
    with output.open() as opened:
        assert [row["name"] for row in csv.DictReader(opened)] == [
            "set/0.png",
            "set/1.png",
            "scenes/0.png",
            "scenes/1.png",
        ]
    printed = capsys.readouterr().out
    assert printed.startswith("set: 2 pairs, scenes: 2 pairs; means")
    halos = [line.split("|")[1].strip() for line in printed.splitlines() if "halo" in line]
    assert halos == ["scenes"]


def test_a_fresh_reader_is_trained_on_other_pairs_and_measured_on_each_image(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, output = write_pairs(tmp_path / "other", "PET", "MRI"), tmp_path / "figures.csv"
    readers = ("--fresh-reader", 1, "--reader-data", other)
    run(monkeypatch, "--weights", "average", "--data", pairs, "--output", output, *readers)
    with output.open() as opened:
        assert all(float(row["reader_rms"]) > 0 for row in csv.DictReader(opened))


def test_figures_that_do_not_exist_are_empty_in_file_and_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes, output = write_pairs(tmp_path / "scenes", "near", "far"), tmp_path / "figures.csv"
    run(monkeypatch, "--weights", "average", "--data", scenes, "--output", output)
    with output.open() as opened:
        assert all(row["contrast_transfer"] == row["hidden"] == "" for row in csv.DictReader(opened))
    assert "nan" not in capsys.readouterr().out


@pytest.mark.parametrize("target", ["missing/figures.csv", "set", "set/PET/0.png"])
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_measured(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr("training.evaluate.evaluate", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit, match=r"Not evaluated: .*(does not exist|folder|one of the sources)"):
        run(monkeypatch, "--weights", "average", "--data", pairs, "--output", tmp_path / target)


def test_an_evaluation_that_fails_leaves_the_older_file(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "figures.csv"
    output.write_text("older")
    (pairs / "PET" / "1.png").write_bytes(b"broken")
    with pytest.raises(SystemExit, match=r"1\.png"):
        run(monkeypatch, "--weights", "average", "--data", pairs, "--output", output)
    assert output.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.csv", "set"]


@pytest.mark.slow
@pytest.mark.parametrize("name", MAXIMUM)
def test_the_maximum_has_the_figures_of_the_reference_evaluation(shared: Path, name: str) -> None:
    figures = means(list(evaluate(BASELINES["maximum"].fuse, shared / "data/mif/devtest" / name).values()))
    for metric, expected in zip(COMPARED, MAXIMUM[name], strict=True):
        printed = 0.005 if metric in ("sd", "sf") else 0.0005
        assert figures[metric] == pytest.approx(expected, abs=1.1 * printed), metric


@pytest.mark.slow
def test_the_average_of_mri_pet_has_the_figures_of_the_reference_evaluation(shared: Path) -> None:
    figures = means(list(evaluate(BASELINES["average"].fuse, shared / "data/mif/devtest/MRI-PET").values()))
    expected = (3.814, 49.89, 15.41, 4.340, 2.125, 1.102, 0.638, 0.399, 1.475, 0.941)
    for metric, value in zip(COMPARED, expected, strict=True):
        assert figures[metric] == pytest.approx(value, abs=0.006 if metric in ("sd", "sf") else 0.0006), metric
    assert figures["contrast_transfer"] == pytest.approx(0.5)
    assert figures["hidden"] == 0

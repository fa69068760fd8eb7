import csv
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import training.gpu
from napari_refusion.model.weights_files import load_weights
from training.gpu.__main__ import main

CHECKOUT = Path(__file__).parents[3]

KERNELS = frozenset({"norm_kernel", "depthwise_kernel"})
"""Modules that need Triton, which comes with PyTorch for GPUs alone."""

ABSENT = (
    *("monai", "nibabel", "pydicom", "SimpleITK", "napari", "qtpy", "highdicom", "tifffile"),
    *("typer", "superqt", "scipy", "skimage", "triton"),
)


def _train(recipe: Path, pack: Path, output: Path, *more: str, minutes: str = "0.015") -> None:
    main([str(recipe), "--pack", str(pack), "--output", str(output), "--minutes", minutes, "--device", "cpu", *more])


def test_a_tiny_run_leaves_weights_losses_and_figures_and_can_go_on(
    recipe_file: Path, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _train(recipe_file, pack, tmp_path / "run")
    assert "100%" in capsys.readouterr().out
    assert load_weights(tmp_path / "run/fusion.safetensors").task == "infrared_visible"
    first = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert first["pack"] == json.loads((pack / "pack.json").read_text())["sha256"]
    _train(recipe_file, pack, tmp_path / "run", "--resume")
    second = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert second["steps"] > first["steps"] > 0
    with (tmp_path / "run/losses.csv").open(newline="") as file:
        assert [int(row["steps"]) for row in csv.DictReader(file)] == [first["steps"], second["steps"]]
    with (tmp_path / "run/figures.csv").open(newline="") as file:
        assert {row["kind"] for row in csv.DictReader(file)} == {"infrared"}


def test_several_recipes_have_a_folder_each_and_may_go_on_from_one_another(
    recipe_file: Path, pack: Path, tmp_path: Path
) -> None:
    second = tmp_path / "after.toml"
    second.write_text('start_from = "tiny"\n' + recipe_file.read_text())
    options = ["--pack", str(pack), "--output", str(tmp_path / "runs"), "--minutes", "0.01", "--device", "cpu"]
    main([str(recipe_file), str(second), *options])
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"tiny", "after"}


def _refused(recipe: Path, pack: Path, output: Path, *more: str, minutes: str = "0.015") -> str:
    with pytest.raises(SystemExit) as stopped:
        _train(recipe, pack, output, *more, minutes=minutes)
    sentence = str(stopped.value)
    assert sentence.startswith("Training stopped: ")
    assert "\n" not in sentence
    return sentence


def test_a_run_that_is_there_is_not_begun_again_and_one_that_is_not_does_not_go_on(
    recipe_file: Path, pack: Path, tmp_path: Path
) -> None:
    assert "there is no run to resume" in _refused(recipe_file, pack, tmp_path / "run", "--resume")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/checkpoint.pt").write_bytes(b"a checkpoint")
    assert "add --resume, or choose another --output" in _refused(recipe_file, pack, tmp_path / "run")
    assert (tmp_path / "run/checkpoint.pt").read_bytes() == b"a checkpoint"
    assert "not a readable checkpoint" in _refused(recipe_file, pack, tmp_path / "run", "--resume")


def test_a_set_that_the_pack_lacks_is_named(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    recipe_file.write_text(recipe_file.read_text().replace("infrared_visible", "multi_focus"))
    assert "no training set 'multi_focus'" in _refused(recipe_file, pack, tmp_path / "run")


def test_a_pack_of_another_format_or_changed_data_is_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    assert "is not a finished pack" in _refused(recipe_file, tmp_path / "nowhere", tmp_path / "run")
    index = json.loads((pack / "pack.json").read_text())
    (pack / "pack.json").write_text(json.dumps(index | {"format": 0}))
    assert "format 0" in _refused(recipe_file, pack, tmp_path / "run")
    (pack / "pack.json").write_text(json.dumps(index))
    (pack / "infrared_visible.train.zip").write_bytes(b"other data")
    assert "is damaged or of another pack" in _refused(recipe_file, pack, tmp_path / "run")


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_a_time_that_is_none_is_refused(recipe_file: Path, pack: Path, tmp_path: Path, minutes: str) -> None:
    assert f"--minutes {minutes} is not a training time" in _refused(
        recipe_file, pack, tmp_path / "run", minutes=minutes
    )


def test_an_output_that_cannot_be_written_is_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written (Not a directory)" in _refused(recipe_file, pack, tmp_path / "file/run")


def test_a_gpu_that_is_not_there_is_refused(
    recipe_file: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "finds no GPU here" in _refused(recipe_file, pack, tmp_path / "run", "--device", "cuda")


def test_recipes_of_one_name_are_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="would share a folder"):
        main([str(recipe_file)] * 2 + ["--pack", str(pack), "--output", str(tmp_path / "runs"), "--minutes", "1"])


def test_the_program_runs_where_medical_readers_scipy_and_napari_are_not_installed(
    recipe_file: Path, pack: Path, tmp_path: Path
) -> None:
    names = [module.name for module in pkgutil.iter_modules(training.gpu.__path__) if module.name not in KERNELS]
    program = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({ABSENT}))\n"
        f"for name in {names}:\n"
        "    importlib.import_module(f'training.gpu.{name}')\n"
        "import torch\n"
        "torch.set_num_threads(1)\n"
        "from training.gpu.__main__ import main\n"
        "main(sys.argv[1:])\n"
    )
    options = ["--pack", str(pack), "--output", str(tmp_path / "run"), "--minutes", "0.01", "--device", "cpu"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(CHECKOUT / "src"), str(CHECKOUT)])}
    ended = subprocess.run(
        [sys.executable, "-c", program, str(recipe_file), *options],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "run/fusion.safetensors").is_file()

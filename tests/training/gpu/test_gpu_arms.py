import csv
from pathlib import Path
from shutil import copy

import pytest

from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights
from training.gpu.arms import arms_left, forget, main
from training.gpu.comparing import ARMS

EFFORT = {"updates": 2, "count": 1, "seeds": 2, "steps": 1, "reader-steps": 1, "side": 32, "pixels": 4096}


def test_a_tiny_comparison_writes_every_arm_and_the_networks(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    fusion = installed_weights()["infrared_visible"]
    files = ["--pack", str(pack), "--fusion", str(fusion), "--output", str(tmp_path / "arms")]
    effort = [word for name, value in EFFORT.items() for word in (f"--{name}", str(value))]
    main([str(recipe_file), *files, *effort, "--device", "cpu"])
    with (tmp_path / "arms/arms.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    arms = {(row["seed"], row["form"], row["arm"]) for row in rows}
    assert arms == {
        (seed, form, arm) for seed in "01" for form in ("alone", "joined") for arm in ("learned", "taught", "even")
    }
    assert {row["figure"] for row in rows} >= {"reader", "hidden", "qabf", "vif"}
    for seed in range(2):
        assert load_weights(tmp_path / f"arms/proposal_{seed}.safetensors").symmetry == "logits"
        assert load_weights(tmp_path / f"arms/reconstruction_{seed}.safetensors").network == "reconstruction"


def test_a_comparison_that_was_cut_off_does_the_arms_that_are_left_with_the_loss_that_was_learned(
    recipe_file: Path, pack: Path, tmp_path: Path
) -> None:
    files = ["--pack", str(pack), "--fusion", str(installed_weights()["infrared_visible"])]
    effort = [word for name, value in (EFFORT | {"seeds": 1}).items() for word in (f"--{name}", str(value))]
    command = [str(recipe_file), *files, "--output", str(tmp_path), *effort, "--device", "cpu"]
    main(command)
    table, proposal = tmp_path / "arms.csv", tmp_path / "proposal_0.safetensors"
    whole, written = table.read_text(), proposal.stat().st_mtime_ns
    first, *others = [line for line in whole.splitlines() if "joined,even" not in line]
    table.write_text("\n".join([first, *others, ""]))
    assert arms_left(table, 0) == (("joined", "even"),)
    main(command)
    assert table.read_text() == whole
    assert proposal.stat().st_mtime_ns == written
    proposal.unlink()
    forget(table, 0)
    assert arms_left(table, 0) == ARMS


def test_a_learned_loss_of_another_recipe_is_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    files = ["--pack", str(pack), "--fusion", str(installed_weights()["infrared_visible"])]
    results = Path(__file__).parents[3] / "training/results/arms_cpu"
    for name in ("proposal_0", "reconstruction_0"):
        copy(results / f"{name}.safetensors", tmp_path)
    with pytest.raises(SystemExit, match="name an empty output folder: P and R of seed 0 are of another recipe"):
        main([str(recipe_file), *files, "--output", str(tmp_path), "--device", "cpu"])


def test_missing_weights_are_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Comparison stopped: .*no such weights file: .*absent\.safetensors"):
        main([str(recipe_file), "--pack", str(pack), "--fusion", str(tmp_path / "absent.safetensors"), "--output", "x"])

import csv
from pathlib import Path

import pytest

from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights import load_weights
from training.gpu.arms import main, unfinished
from training.gpu.whole_files import append_rows

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


def test_a_comparison_goes_on_with_the_seeds_that_lack_an_arm(tmp_path: Path) -> None:
    arms = [(form, arm) for form in ("alone", "joined") for arm in ("learned", "taught", "even")]
    rows = [{"seed": "0", "form": form, "arm": arm, "value": "0.5"} for form, arm in arms]
    append_rows(tmp_path / "arms.csv", [*rows, {"seed": "1", "form": "alone", "arm": "learned", "value": "0.5"}])
    assert unfinished(tmp_path / "arms.csv", 3) == [1, 2]
    with (tmp_path / "arms.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == rows, "the complete seed stays, the other begins anew"
    assert unfinished(tmp_path / "absent.csv", 2) == [0, 1]


def test_missing_weights_are_refused(recipe_file: Path, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Comparison stopped: .*absent\.safetensors: no such weights file"):
        main([str(recipe_file), "--pack", str(pack), "--fusion", str(tmp_path / "absent.safetensors"), "--output", "x"])

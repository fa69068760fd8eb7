"""One more entry in a table is all that another format, modality, task, engine, mode or rule needs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Where the dummies of `tests.table_dummies` turn up."""
    folder = tmp_path_factory.mktemp("dummies")
    command = [sys.executable, "-m", "tests.table_dummies", str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("word", ["dummy_task", "darker", "DUMMY", "|US"])
def test_help_names_another_task_engine_format_and_modality(seen: dict[str, Any], word: str) -> None:
    assert word in seen["help"].replace("\n", "").replace(" ", "")


def test_another_task_and_engine_are_in_the_menus(seen: dict[str, Any]) -> None:
    assert (seen["menu of tasks"], seen["menu of engines"]) == ("dummy title", "the darker one")


def test_another_modality_is_known_by_the_name_of_a_file(seen: dict[str, Any]) -> None:
    assert seen["modality by name"] == "US"


def test_another_format_is_claimed_read_and_put_on_a_worklist_with_its_modality(seen: dict[str, Any]) -> None:
    assert seen["claimed by napari"]
    assert seen["opened"] == "ultrasound"
    assert seen["worklist"] == [["US", "MR"]]


def test_another_way_to_compare_is_offered(seen: dict[str, Any]) -> None:
    assert seen["compare modes"][-1] == "dummy mode"


def test_another_rule_lights_the_check_that_it_names_and_no_other(seen: dict[str, Any]) -> None:
    assert {check for check, colour in seen["checks"].items() if colour == "amber"} - {"Registration"} == {"Geometry"}

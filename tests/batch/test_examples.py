"""The examples for other engines, run where these are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cohorts import corrupt, write_tree

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.mark.skipif(shutil.which("snakemake") is None, reason="needs Snakemake, which brings 29 packages")
def test_the_snakemake_example_fuses_a_tree_with_a_bad_case(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    corrupt(root / "sub-02/pet/sub-02_pet.nii.gz")
    chosen = [f"input={root}", f"output={output}", "options=--engine maximum"]
    command = ["snakemake", "-s", str(EXAMPLES / "Snakefile"), "--cores", "1", "--config", *chosen]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, cwd=tmp_path, env=os.environ | {"PATH": path}, check=True)
    table = (output / "group.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[:2] for line in table[1:]] == [
        ["sub-02_desc-pet", "refused"],
        ["sub-01_desc-pet", "fused"],
    ]


def test_the_examples_are_programs() -> None:
    compile((EXAMPLES / "dask_slurm.py").read_text(encoding="utf-8"), "dask_slurm.py", "exec")
    if bash := shutil.which("bash"):
        subprocess.run([bash, "-n", str(EXAMPLES / "cohort.slurm")], check=True)

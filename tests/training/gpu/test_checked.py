"""The meta-gradient of a machine is compared with an answer that is kept."""

import json
from pathlib import Path

import pytest
import torch

from tests.training.double_backward import meta_gradient
from training.batch import with_swapped
from training.gpu import checked

CPU = torch.device("cpu")


def test_the_kept_answer_is_that_of_double_backward() -> None:
    cycle, (train, test) = checked.question(CPU, torch.float64)
    _, gradient = meta_gradient(cycle, with_swapped(train), with_swapped(test), checked.RATE)
    expected = checked.projected(torch.cat([part.flatten() for part in gradient.values()]))
    kept = json.loads(checked.ANSWER.read_text(encoding="utf-8"))
    assert kept == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_this_machine_agrees_with_the_kept_answer_in_float32() -> None:
    assert checked.check_meta_gradient(CPU) < 1e-4


def test_another_answer_is_refused_with_the_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = json.loads(checked.ANSWER.read_text(encoding="utf-8"))
    other = tmp_path / "answer.json"
    other.write_text(json.dumps([1.1 * value for value in kept]), encoding="utf-8")
    monkeypatch.setattr(checked, "ANSWER", other)
    with pytest.raises(ValueError, match=r"differs from the kept answer by 9\.1e-02"):
        checked.check_meta_gradient(CPU)

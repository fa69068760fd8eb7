import sys
from pathlib import Path

import pytest

from training.gpu.speed import main

MEDICAL = Path(__file__).parents[3] / "training/recipes/timed/medical.toml"


def test_a_pack_that_is_none_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["speed", str(MEDICAL), "--pack", str(tmp_path), "--device", "cpu"])
    with pytest.raises(SystemExit, match=r"^Not measured: "):
        main()

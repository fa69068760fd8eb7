"""Records are JSON that everybody reads."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.write_json import write_json
from napari_refusion.volume.finding import RefusedError

IPL_AFFINE = np.array([[0, 0, -2, 8], [0, -3, 0, 15], [-4, 0, 0, 54], [0, 0, 0, 1]], dtype=np.float64)
"""Head to foot, front to back, right to left; 4 x 3 x 2 mm."""


def test_provenance_is_readable_json(tmp_path: Path) -> None:
    write_json({"weights": "MIF ä", "window": [0, 1.5]}, tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"weights": "MIF ä", "window": [0, 1.5]}
    assert "ä" in text


def test_a_name_in_latin_1_comes_back_as_it_was(tmp_path: Path) -> None:
    name = os.fsdecode(b"M\xfcller.nii") if sys.platform != "win32" else "M\udcfcller.nii"
    write_json({"file": name, name: "é"}, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"file": name, name: "é"}


@pytest.mark.parametrize("value", [float("nan"), Path("x"), {1, 2}])
def test_what_json_cannot_hold_is_refused_and_leaves_nothing(tmp_path: Path, value: object) -> None:
    with pytest.raises(RefusedError, match=r"a\.json"):
        write_json({"x": value}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from training import faint
from training.baselines import BASELINES
from training.faint import compared, fused_by, of_kind, peaks_shown
from training.gpu.held_out import HeldOut


def _peaks(height: float, at: tuple[tuple[int, int], ...] = ((24, 24), (24, 72))) -> np.ndarray:
    rows, columns = np.mgrid[:64, :96]
    spots = [np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * 3**2)) for row, column in at]
    return (0.3 + height * sum(spots)).astype(np.float32)


def test_of_a_picture_of_half_the_contrast_half_of_every_peak_is_shown() -> None:
    source = _peaks(0.4)
    assert peaks_shown(source, 0.2 + source / 2) == pytest.approx([0.5, 0.5], abs=1e-4)


def test_a_peak_that_the_fused_picture_lacks_is_not_shown() -> None:
    # one of the two is there, the other is gone
    assert peaks_shown(_peaks(0.4), _peaks(0.4, ((24, 24),))) == pytest.approx([1, 0], abs=0.01)


def test_noise_and_hills_lower_than_a_peak_are_none() -> None:
    # by the convolution of Gaussians, one of height h and width 3 stands out by h (9 / (9 + 4) - 9 / (9 + 36)) = .49 h
    assert len(peaks_shown(_peaks(0.09), _peaks(0.09))) == 0
    assert len(peaks_shown(_peaks(0.12), _peaks(0.12))) == 2


def _held(first: np.ndarray, second: np.ndarray) -> HeldOut:
    return HeldOut("made up", (torch.from_numpy(np.stack([first, second]))[None],))


def second(pair: Tensor) -> Tensor:
    return pair[:, 1:]


def test_a_copy_of_the_second_source_hides_all_of_the_first() -> None:
    parts = of_kind(second, _held(_peaks(0.4), np.full((64, 96), 0.5, np.float32)))
    assert set(parts["A+"]) == set(parts["A-"]) == {0}
    assert parts["B+"] == pytest.approx(1, abs=1e-4)
    assert parts["peaks"] == pytest.approx(0, abs=1e-4)


def test_the_table_has_a_row_for_each_contender_and_says_where_nothing_can_be_planted() -> None:
    dark = np.zeros((64, 96), np.float32)
    table = compared([_held(dark, dark)], {"one": second, "other": second})
    assert [line.split("|")[2].strip() for line in table.splitlines()[2:]] == ["one", "other"]
    assert table.count("-, -") == 8
    assert table.count("- of 0") == 2


def test_an_engine_fuses_the_two_sources_of_a_pair() -> None:
    pair = torch.rand(1, 2, 8, 9)
    assert torch.equal(fused_by(BASELINES["maximum"])(pair), pair.amax(dim=1, keepdim=True))


def test_a_folder_that_is_no_pack_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["faint", "--weights", "maximum", "--pack", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"Not judged: .*pack"):
        faint.main()

"""Lesions of a baseline that are read from a file."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.follow_up.window import FollowUpWindow
from tests.widgets.follow_up.test_window import window_of


@pytest.fixture
def window(make_napari_viewer: object, qtbot: QtBot) -> FollowUpWindow:
    return window_of(make_napari_viewer(), qtbot)  # type: ignore[operator]


def test_a_label_map_of_the_baseline_becomes_its_lesions_and_their_number_is_said(
    window: FollowUpWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    baseline = window.session.baseline.measured
    mask = np.zeros(baseline.shape, np.uint8)
    mask[2:4, 4:6, 6:8] = 1
    path = tmp_path / "labels.nii.gz"
    nib.save(nib.Nifti1Image(mask, baseline.affine), path)
    window.list_file.read(path)
    qtbot.waitUntil(lambda: len(window.session.lesions) > 0, timeout=20_000)
    [lesion] = window.session.lesions
    assert np.array_equal(lesion.voi.whole(), mask.astype(bool))
    assert window.form.message.text() == "Lesions of the baseline from labels.nii.gz: 1."


def test_a_file_that_holds_no_lesions_is_refused_in_a_sentence(
    window: FollowUpWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "note.nii"
    path.write_text("no image")
    window.list_file.read(path)
    qtbot.waitUntil(lambda: not window.form.message.text().startswith("Reading"), timeout=20_000)
    assert "note.nii" in window.form.message.text()
    assert len(window.session.lesions) == 0

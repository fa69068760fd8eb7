"""A cohort that was fused is read from the first moment: nothing is fused again that was fused before."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.batch.cases import listed
from napari_refusion.batch.gathered import gather
from napari_refusion.batch.group import write_group
from napari_refusion.batch.participants import Participants
from napari_refusion.batch.recipe import Recipe
from napari_refusion.batch.workers import Workers
from napari_refusion.cohort.fused_case import finished_slices
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.cohorts import PLAIN, write_tree


def fused_cohort(folder: Path, recipe: Recipe = PLAIN) -> Path:
    root, output = write_tree(folder / "in", ["01", "02"]), folder / "out"
    list(Participants.begin(listed(root), recipe.prepared(), root, output).run(Workers(count=1)))
    write_group(gather(listed(root), output), output)
    return output


def test_a_case_of_a_cohort_is_fused_when_it_opens(
    make_napari_viewer: Callable[..., Viewer], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = fused_cohort(tmp_path, Recipe())
    get_plugin_settings("napari-refusion").fusion.live = False
    _, panel = make_napari_viewer().window.add_plugin_dock_widget("napari-refusion", "Worklist")
    assert isinstance(panel, WorklistPanel)
    panel.cases.setText(str(output))
    panel.folder.setText(str(tmp_path / "project"))
    panel.reader.setText("R1")
    panel.refresh()
    assert panel.message.text() == "2 cases, worst first, in a new project"
    fused: list[object] = []
    monkeypatch.setattr("napari_refusion.fusion.filling._fuse_slices", lambda *given: fused.append(given))
    widget = panel._window.fuse_widget()
    panel.open_next()
    qtbot.waitUntil(lambda: widget.panels.review.session is not None and widget.is_idle, timeout=120_000)
    partial = widget.session.partial
    assert partial is not None
    assert partial.is_complete
    case = panel.listed.cases[0] if panel.listed is not None else None
    assert case is not None
    assert case.fused is not None
    assert np.array_equal(partial.fused, finished_slices(case.fused).fused)
    assert not fused
    widget.panels.review.end()


def test_a_fused_volume_that_was_exchanged_is_not_taken_over(tmp_path: Path) -> None:
    output = fused_cohort(tmp_path)
    one, other = sorted(output.rglob("*_fused.nii.gz"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(RefusedError, match="not the volume that its record belongs to"):
        finished_slices(one)


def test_a_fused_volume_without_its_record_is_not_taken_over(tmp_path: Path) -> None:
    output = fused_cohort(tmp_path)
    one = sorted(output.rglob("*_fused.nii.gz"))[0]
    one.with_name(one.name.replace(".nii.gz", ".json")).unlink()
    with pytest.raises(RefusedError, match="is lost"):
        finished_slices(one)

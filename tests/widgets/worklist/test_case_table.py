"""The names of cases in a table that is too narrow for them."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.cohort.reader_list import ReaderList
from napari_refusion.widgets.worklist.case_table import CaseTable

BEHIND = [f"patient-number-{number:02d}-baseline-fluorodeoxyglucose-dementia-study" for number in (5, 1, 3)]
BEFORE = [f"sub-phantom_ses-20261127_acq-fluorodeoxyglucose_run-{number}" for number in (2, 1, 3)]


@pytest.mark.parametrize("labels", [BEHIND, BEFORE])
def test_a_name_that_is_cut_still_tells_its_case_from_the_others(
    labels: list[str], tmp_path: Path, qtbot: QtBot
) -> None:
    for label in labels:
        for name in ("pet", "T1w"):
            (tmp_path / "cases" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "cases" / label / f"{name}.nii.gz").touch()
    listed = ReaderList.read(tmp_path / "cases", tmp_path / "project", "R1")
    table = CaseTable()
    qtbot.addWidget(table)
    table.show_cases(listed, listed.cases, "", labels[0])
    table.resize(table.minimumSize())
    table.show()
    room = table.columnWidth(0) - 8
    seen = {table.fontMetrics().elidedText(label, table.textElideMode(), room) for label in labels}
    assert all("…" in name for name in seen)
    assert len(seen) == len(labels)

"""The next case is read ahead: at most one, never a stale one, and silent when it fails."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QWidget

from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.worklist import case_reading
from napari_refusion.widgets.worklist.case_reading import CaseReading
from tests.small_pair import IPL_AFFINE


def write(path: Path, value: float) -> None:
    write_nifti(Volume(np.full((2, 3, 4), value, np.float32), IPL_AFFINE), path, overwrite=True)


@pytest.fixture
def cases(tmp_path: Path) -> list[WorkCase]:
    found = []
    for number in range(3):
        folder = tmp_path / f"case{number}"
        folder.mkdir()
        for name in ("pet", "T1w"):
            write(folder / f"{name}.nii.gz", number)
        found.append(WorkCase(folder.name, folder / "pet.nii.gz", folder / "T1w.nii.gz", ("PT", "MR")))
    return found


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Labels of cases, in the order in which their files were read."""
    done, really = list[str](), case_reading._layers

    def counted(case: WorkCase) -> case_reading.Found:
        done.append(case.label)
        return really(case)

    monkeypatch.setattr(case_reading, "_layers", counted)
    return done


@pytest.fixture
def reading(qtbot: QtBot) -> Iterator[CaseReading]:
    owner = QWidget()
    qtbot.addWidget(owner)
    made = CaseReading(owner)
    yield made
    made.close()
    made.forget()


def ahead(reading: CaseReading, case: WorkCase, qtbot: QtBot) -> None:
    reading.read_ahead(case)
    qtbot.waitUntil(lambda: reading._ahead is None, timeout=30_000)


def opened(reading: CaseReading, case: WorkCase, qtbot: QtBot) -> Any:  # noqa: ANN401 - layers or a refusal
    with qtbot.waitSignal(reading.read, timeout=30_000) as found:
        reading.open(case)
    assert found.args is not None
    assert found.args[0] == case
    return found.args[1]


def value_in(found: case_reading.ReadCase) -> float:
    return float(np.asarray(found.layers[0][0]).max())


def test_a_case_that_was_read_ahead_is_not_read_again(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    ahead(reading, cases[1], qtbot)
    assert reads == ["case1"]
    assert value_in(opened(reading, cases[1], qtbot)) == 1
    assert reads == ["case1"]
    assert reading.kept is None


def test_a_case_that_is_being_read_ahead_is_waited_for(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    reading.read_ahead(cases[1])
    assert value_in(opened(reading, cases[1], qtbot)) == 1
    assert reads == ["case1"]


def test_one_case_is_kept_and_another_takes_its_place(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    ahead(reading, cases[1], qtbot)
    ahead(reading, cases[1], qtbot)
    assert reads == ["case1"]
    ahead(reading, cases[2], qtbot)
    assert reading.kept is not None
    assert reading.kept.case == cases[2]
    reading.read_ahead(None)
    assert reading.kept is None


def test_another_case_than_the_one_read_ahead_is_read_now(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    ahead(reading, cases[1], qtbot)
    assert value_in(opened(reading, cases[2], qtbot)) == 2
    assert reads == ["case1", "case2"]
    assert reading.kept is None


def test_files_that_were_changed_since_are_read_again(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    ahead(reading, cases[1], qtbot)
    write(cases[1].first, 7)
    assert value_in(opened(reading, cases[1], qtbot)) == 7
    assert reads == ["case1", "case1"]


def test_a_list_that_changes_throws_it_away(
    reading: CaseReading, cases: list[WorkCase], reads: list[str], qtbot: QtBot
) -> None:
    reading.read_ahead(cases[1])
    reading.forget()
    qtbot.wait(300)
    assert reading.kept is None
    assert value_in(opened(reading, cases[1], qtbot)) == 1


def test_a_case_that_cannot_be_read_is_silent_until_it_is_opened(
    reading: CaseReading, cases: list[WorkCase], qtbot: QtBot
) -> None:
    cases[1].first.write_bytes(b"no image")
    said: list[object] = []
    reading.read.connect(lambda *found: said.append(found))
    ahead(reading, cases[1], qtbot)
    assert said == []
    found = opened(reading, cases[1], qtbot)
    assert isinstance(found, RefusedError)
    assert "pet.nii.gz" in str(found)


def test_a_failure_that_is_no_refusal_is_silent_too_and_comes_again_when_the_case_is_opened(
    reading: CaseReading, cases: list[WorkCase], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    told: list[Exception] = []
    monkeypatch.setattr(
        "napari_refusion.widgets.worker.notification_manager.receive_error",
        lambda _kind, error, _trace: told.append(error),
    )

    def broken(_case: WorkCase) -> case_reading.Found:
        raise MemoryError("too large")

    monkeypatch.setattr(case_reading, "_layers", broken)
    ahead(reading, cases[1], qtbot)
    assert reading.kept is None
    assert told == []
    reading.open(cases[1])
    qtbot.waitUntil(lambda: len(told) == 1, timeout=30_000)


def test_what_was_asked_for_first_does_not_come_after_what_was_asked_for_then(
    reading: CaseReading, cases: list[WorkCase], qtbot: QtBot
) -> None:
    came: list[str] = []
    note: Callable[..., None] = lambda case, _found: came.append(case.label)  # noqa: E731
    reading.read.connect(note)
    reading.read_ahead(cases[0])
    reading.open(cases[0])
    reading.open(cases[1])
    reading.open(cases[2])
    qtbot.waitUntil(lambda: bool(came), timeout=30_000)
    qtbot.wait(300)
    assert came == ["case2"]

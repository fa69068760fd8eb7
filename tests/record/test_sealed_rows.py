"""Cases, fusions and examinations come back as they were kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.record.store import Store
from tests.record.reader_files import CASE, RUN_ID, record
from tests.recorded import RUN, runs_of


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    other = replace(RUN, axis="coronal")
    moved = replace(RUN, a=replace(RUN.a, move={"matrix": [[1.0, 0.0, 0.0, 2.0]], "words": "shifted"}))
    with Store.open(tmp_path, "R1") as store:
        store.rows.keep_case(CASE, {"words": "PET"})
        for run in (RUN, other, RUN, moved):
            store.rows.keep_run(run)
        store.rows.keep_case(CASE, {"words": "PET + MRI"})
        store.rows.keep_case("case-2", {})
        store.rows.keep_examination(RUN_ID, {"numbers": {"I2": [0.5, None]}})
        store.rows.keep_examination(RUN_ID, {"numbers": {"I2": [0.25, None]}})
    with Store.open(tmp_path, "R1") as store:
        assert store.rows.cases() == {CASE: {"words": "PET + MRI"}, "case-2": {}}
        assert runs_of(store, CASE) == (RUN, other, moved)
        assert [run.run_id for run in runs_of(store, CASE)] == [RUN_ID, other.run_id, moved.run_id]
        assert runs_of(store, "case-2") == ()
        assert store.rows.examination(RUN_ID) == {"numbers": {"I2": [0.25, None]}}
        assert store.rows.examination(other.run_id) is None
        assert store.all_events() == ()


def test_a_record_of_something_unknown_is_an_error_and_holds_nothing_up(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        with pytest.raises(ValueError, match="Record the case or the run first"):
            store.rows.keep_examination("run-unknown", {})
        record(store, 1)
        assert store.unsaved == ()

"""What events of lesions add up to: one list of a case, whatever it is fused to, undone like the rest of a record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.voi import voi_of
from napari_refusion.lesion.written import to_json
from napari_refusion.record.case import NOT_UNDERSTOOD, CaseReview
from napari_refusion.record.coverage import coverage
from napari_refusion.record.events import Event, Kind
from napari_refusion.record.export import export_review
from napari_refusion.record.lesions_said import LesionsSaid, in_brief, payloads
from napari_refusion.record.merging import acts
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import follow, replay
from napari_refusion.record.store import Store
from napari_refusion.record.undoing import to_undo
from tests.recorded import RUN, chain

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


def drawn(*names: str) -> Lesions:
    """Return a list of boxes, one behind the other."""
    lesions = Lesions()
    for place, name in enumerate(names):
        mask = np.zeros((8, 4, 4), bool)
        mask[place : place + 2, 1:3, 1:3] = True
        lesions = lesions.added(voi_of(mask, AFFINE, "sphere of 4 mm"), "ab" * 32, name)
    return lesions


class Reader:
    """A reader who makes a list what it is to be, event by event."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Kind, Any]] = []

    def make(self, change: Callable[[Lesions], Lesions], run_id: str = "run-1") -> None:
        review = replay(chain(self.said), run_id)
        for payload in payloads(review.lesions_said, tuple(change(review.lesions))):
            self.said.append((run_id, "lesion", payload))

    def names(self, run_id: str = "run-1") -> list[tuple[int, str]]:
        return [(one.number, one.name) for one in replay(chain(self.said), run_id).lesions]


def adding(name: str) -> Callable[[Lesions], Lesions]:
    [one] = drawn(name)
    return lambda lesions: lesions.added(one.voi, one.source, name)


def test_added_changed_and_removed_the_list_is_what_the_reader_made_it() -> None:
    reader = Reader()
    reader.make(adding("liver"))
    reader.make(adding("node"))
    reader.make(lambda lesions: lesions.renamed(1, "liver, dome"))
    reader.make(lambda lesions: lesions.removed(2))
    reader.make(adding("bone"))
    assert reader.names() == [(1, "liver, dome"), (3, "bone")]
    assert [said["action"] for _, _, said in reader.said] == ["add", "add", "change", "remove", "add"]
    voxels = replay(chain(reader.said), "run-1").lesions.items[0].voi
    assert voxels.equals(drawn("liver").items[0].voi)


def test_followed_event_by_event_it_is_what_it_is_replayed() -> None:
    reader = Reader()
    for name in ("liver", "node"):
        reader.make(adding(name))
    reader.make(lambda lesions: lesions.removed(1))
    review = CaseReview()
    for event in chain(reader.said):
        review = follow(review, event)
    assert to_json(review.lesions) == to_json(replay(chain(reader.said), "run-1").lesions)


def test_nothing_is_recorded_where_nothing_is_different() -> None:
    said = LesionsSaid(drawn("a"), ("mark",))
    assert list(payloads(said, tuple(said.lesions))) == []
    assert replay(chain([("run-1", "seen", {"axis": "axial", "index": 1, "mm": 0.0, "seconds": 1.0})]), "run-2") == (
        CaseReview()
    )


def test_undone_and_redone_and_numbers_are_not_given_again() -> None:
    reader = Reader()
    reader.make(adding("liver"))
    reader.make(adding("node"))
    reader.said.append(("run-1", "undo", {}))
    assert reader.names() == [(1, "liver")]
    assert replay(chain(reader.said), "run-1").lesions.last == 2
    redone = [*reader.said, ("run-1", "redo", {})]
    assert len(replay(chain(redone), "run-1").lesions) == 2
    reader.make(adding("bone"))
    assert reader.names() == [(1, "liver"), (3, "bone")]


def test_the_list_holds_for_every_fusion_of_the_case_and_each_undoes_its_own_words() -> None:
    reader = Reader()
    reader.make(adding("liver"), "run-1")
    reader.make(lambda lesions: lesions.renamed(1, "dome"), "run-2")
    assert reader.names("run-3") == [(1, "dome")]
    assert to_undo(chain(reader.said), "run-2")
    assert to_undo(chain(reader.said), "run-3") is None
    reader.said.append(("run-1", "undo", {}))  # what is said of it later says nothing then
    assert reader.names("run-2") == []
    reader.said.append(("run-1", "redo", {}))
    assert reader.names("run-2") == [(1, "dome")]


def test_locked_a_fusion_keeps_the_list_that_it_was_locked_with() -> None:
    reader = Reader()
    reader.make(adding("liver"), "run-1")
    reader.said.append(("run-1", "lock", {}))
    reader.make(adding("node"), "run-2")
    assert (reader.names("run-1"), reader.names("run-2")) == ([(1, "liver")], [(1, "liver"), (2, "node")])


def test_read_again_from_the_beginning_the_list_is_empty() -> None:
    reader = Reader()
    reader.make(adding("liver"))
    reader.said.append(("run-1", "again", {}))
    assert reader.names() == []


def test_lesions_drawn_on_two_computers_are_all_there_after_merging(tmp_path: Path) -> None:
    here, there = (open_project(tmp_path / name) for name in ("here", "there"))
    for project, name in ((here, "liver"), (there, "node")):
        with Store.open(project.folder, "R1") as store:
            said = LesionsSaid()
            for lesions in (drawn(name), drawn(name).renamed(1, f"{name}, large")):
                for payload in payloads(said, tuple(lesions)):
                    store.append(RUN.case_id, RUN.run_id, "lesion", payload)
                said = replay(store.events(RUN.case_id), RUN.run_id).lesions_said
    with Store.open(there.folder, "R1", read_only=True) as store:
        theirs = store.chain()
    with Store.open(here.folder, "R1") as store:
        for clock, place, event in ((one.utc, place, one) for place, one in enumerate(theirs) if one.kind == "lesion"):
            store.take_over((clock, place, event))
        assert len(acts(store.chain())) == 4
        lesions = replay(store.events(RUN.case_id), RUN.run_id).lesions
    assert [(one.number, one.name) for one in lesions] == [(1, "liver, large"), (2, "node, large")]


def forged(event: dict[str, Any]) -> list[Event]:
    return chain([("run-1", "lesion", event)])


[GOOD] = payloads(LesionsSaid(), tuple(drawn("liver")))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        GOOD | {"action": "paint"},
        GOOD | {"marks": []},
        GOOD | {"marks": ["one", "two"]},
        GOOD | {"marks": [7]},
        GOOD | {"lesions": {"version": 1, "last": 1, "lesions": [{"number": 1}]}},
        GOOD | {"lesions": {"version": 99}},
        GOOD | {"lesions": "liver"},
        {"action": "remove", "marks": [["a"]]},
    ],
)
def test_an_event_that_this_program_would_not_have_written_is_not_understood(payload: dict[str, Any]) -> None:
    assert len(replay(forged(GOOD), "run-1").lesions) == 1
    with pytest.raises(NOT_UNDERSTOOD):
        replay(forged(payload), "run-1")


def test_a_lesion_that_is_added_twice_is_not_understood() -> None:
    with pytest.raises(NOT_UNDERSTOOD):
        replay(chain([("run-1", "lesion", GOOD)] * 2), "run-1")


def test_in_brief_an_event_says_everything_but_the_voxels() -> None:
    brief = in_brief(GOOD)
    [lesion] = brief["lesions"]
    assert (lesion["number"], lesion["name"], lesion["method"]) == (1, "liver", "sphere of 4 mm")
    assert not {"mask", "affine"} & lesion.keys()
    assert in_brief({"answer": "aligned"}) == {"answer": "aligned"}
    assert in_brief({"lesions": "damaged"}) == {"lesions": "damaged"}


def test_the_portable_copy_has_a_table_of_lesions_and_their_voxels(tmp_path: Path) -> None:
    said = LesionsSaid(drawn("=liver", "node").renamed(2, "node\tleft"), ("a", "b"))
    review = CaseReview(lesions_said=said)
    summary, _ = export_review(tmp_path, RUN, review, coverage(review, (), ()), "R1", "head", 3, "sub-003")
    written = json.loads(summary.read_text(encoding="utf-8"))["lesions"]
    assert written["drawn"] == to_json(said.lesions)
    assert [one["voxels"] for one in written["rows"]] == [8, 8]
    assert written["rows"][0]["volume_ml"] == 0.064  # 8 voxels of 8 mm3
    assert (written["rows"][0]["x_mm"], written["rows"][0]["y_mm"]) == (1.0, 3.0)
    table = (tmp_path / "R1" / "sub-003_lesions.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[:2] for line in table] == [["number", "name"], ["1", "'=liver"], ["2", "node left"]]


def test_without_lesions_the_portable_copy_is_as_it_was(tmp_path: Path) -> None:
    review = CaseReview()
    summary, _ = export_review(tmp_path, RUN, review, coverage(review, (), ()), "R1", "head", 3, "sub-003")
    assert "lesions" not in summary.read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*_lesions.tsv"))

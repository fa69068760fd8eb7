"""What other files of a project tell of a reader: a reader whom somebody made away with is missed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_refusion.cohort.summary import write_summary
from napari_refusion.record.joining import join
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project, verify_reader
from tests.record.test_edits import review
from tests.recorded import RUN, at

STAMPED = f"{RUN.case_id}_anna_20260101T000000"


def forget(folder: Path, reader: str, *, with_head: bool = True) -> None:
    """Take away a reader's files and the name in the project's settings, as someone does who wants no trace."""
    settings = json.loads((folder / "project.json").read_text())
    (folder / "project.json").write_text(json.dumps(settings | {"roster": {}}))
    for path in (folder / "reviews").glob(f"{reader}.*"):
        if with_head or path.suffix != ".head":
            path.unlink()
    shutil.rmtree(folder / "exports" / reader, ignore_errors=True)


def found(folder: Path) -> dict[str, Verified]:
    return {one.reader: one for one in verify_project(open_project(folder, create=False))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    for reader in ("anna", "ben"):
        review(place, reader)
    return place


# --- readers ----------------------------------------------------------------------------------------------------------


def test_readers_who_wrote_one_after_the_other_are_sound(folder: Path) -> None:
    for _ in range(2):
        assert [(name, one.state, one.notes) for name, one in found(folder).items()] == [
            ("anna", "sound", ()),
            ("ben", "sound", ()),
        ]
        review(folder, "anna")


@pytest.mark.parametrize("reader", ["anna", "ben"])
def test_a_reader_who_was_made_away_with_is_missed_by_the_others_record(folder: Path, reader: str) -> None:
    other = {"anna": "ben", "ben": "anna"}[reader]
    review(folder, "anna")
    forget(folder, reader)
    told = found(folder)
    assert told[other].is_sound
    assert told[reader].state == "missing"
    assert f"of which {other}.sqlite tells" in told[reader].faults[1]
    assert verify_reader(open_project(folder), reader) == told[reader]
    page = write_summary(open_project(folder))[0].read_text(encoding="utf-8")
    assert f'{reader}</td><td><span class="red">MISSING' in page


def test_a_reader_who_began_while_another_one_was_at_work_is_known_to_both(tmp_path: Path) -> None:
    place = tmp_path / "project"
    open_project(place)
    with Store.open(place, "anna"):
        review(place, "ben")
    forget(place, "ben")
    assert found(place)["ben"].state == "missing"


def test_a_tail_that_was_cut_is_missed_by_the_others_record(folder: Path) -> None:
    kept = (folder / "reviews" / "anna.sqlite").read_bytes()
    review(folder, "anna")
    review(folder, "ben")
    forget(folder, "anna")
    (folder / "reviews" / "anna.sqlite").write_bytes(kept)
    told = found(folder)["anna"]
    assert told.state == "altered"
    assert "of which ben.sqlite tells, found none" in told.faults[0]


def left(folder: Path, what: str) -> None:
    """Leave one thing that is called after anna."""
    if what == "key":
        settings = json.loads((folder / "project.json").read_text())
        (folder / "project.json").write_text(json.dumps(settings | {"keys": {"anna": "ab" * 32}}))
        return
    path = folder / what
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"{}")


@pytest.mark.parametrize(
    "what",
    [
        "key",
        "reviews/anna.head",
        "reviews/anna.damaged-20260101T000000000000Z.sqlite",
        "exports/anna/case-1_review.json",
        "exports/anna/case-1_slices.tsv",
        f"exports/{STAMPED}_nifti/fused.json",
        f"exports/{STAMPED}_dicom/map.dcm",
        f"reports/{STAMPED}.html",
        f"reports/{STAMPED}.pdf",
    ],
)
def test_whatever_is_called_after_a_reader_tells_of_the_reader(tmp_path: Path, what: str) -> None:
    place = tmp_path / "project"
    review(place, "anna")
    forget(place, "anna")
    assert found(place) == {}
    left(place, what)
    assert found(place)["anna"].state == "missing"


def test_words_that_were_shown_tell_of_the_reader_who_said_them(tmp_path: Path) -> None:
    with Store.open(tmp_path, "ben") as store:
        store.append(RUN.case_id, RUN.run_id, "others", {"readers": ["anna"]})
    open_project(tmp_path)
    assert {name: one.state for name, one in found(tmp_path).items()} == {"ben": "sound", "anna": "missing"}


def test_words_that_no_reader_can_have_said_tell_of_nobody_but_their_own_record(tmp_path: Path) -> None:
    with Store.open(tmp_path, "ben") as store:
        store.append(RUN.case_id, RUN.run_id, "others", {"readers": ["anna", "../x", 3]})
    open_project(tmp_path)
    assert {name: one.state for name, one in found(tmp_path).items()} == {"ben": "altered", "anna": "missing"}


def test_other_names_in_the_folders_are_nobodys(folder: Path) -> None:
    for what in ("reviews/notes.txt", "exports/slides/case.pptx", "exports/slides.json", "reports/case-1.html"):
        left(folder, what)
    assert set(found(folder)) == {"anna", "ben"}


def test_nothing_tells_of_others_twice(folder: Path) -> None:
    for _ in range(3):
        for reader in ("anna", "ben"):
            Store.open(folder, reader).close()
    with Store.open(folder, "ben", read_only=True) as store:
        counts = [event.kind for event in store.chain()].count("readers")
    Store.open(folder, "ben").close()
    with Store.open(folder, "ben", read_only=True) as store:
        assert [event.kind for event in store.chain()].count("readers") <= counts + 1


# --- several computers ------------------------------------------------------------------------------------------------


def merged(folder: Path, copy: Path) -> Iterator[str]:
    yield from join(open_project(folder, create=False), open_project(copy, create=False))


def test_what_was_seen_on_another_computer_accuses_nobody_after_merging(folder: Path, tmp_path: Path) -> None:
    """There, a record may end in what came from elsewhere, which is not taken over as it is."""
    copies = [shutil.copytree(folder, tmp_path / f"copy{number}") for number in range(2)]
    for number, place in enumerate((folder, *copies)):
        for reader in ("anna", "ben"):
            with Store.open(place, reader) as store:
                store.append(RUN.case_id, RUN.run_id, "comment", at(1, text=f"{number}"))
    for place, other in ((copies[0], copies[1]), (folder, copies[0]), (copies[1], folder), (copies[0], folder)):
        list(merged(place, other))
        for reader in ("ben", "anna"):
            Store.open(place, reader).close()
        assert {name: one.faults for name, one in found(place).items()} == {"anna": (), "ben": ()}
    forget(folder, "anna")
    assert found(folder)["anna"].state == "missing"


def test_a_note_of_where_a_record_ended_that_says_nonsense_is_not_passed_on(folder: Path) -> None:
    path = folder / "reviews" / "anna.head"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"own": "<b>"}))
    with Store.open(folder, "ben") as store:
        assert "<b>" not in str([event.payload for event in store.chain()])
    change_project(open_project(folder), {"first": "anna"})
    assert found(folder)["ben"].is_sound

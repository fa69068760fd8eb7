"""A project's settings make sense or are refused, and no name leads out of its folder."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.roster import head_path, read_head
from napari_refusion.record.signing import signature
from napari_refusion.volume.finding import RefusedError

SETTINGS: dict[str, Any] = {
    "schema": "refusion-project/1",
    "identified": False,
    "minimum_seconds": 10.0,
    "body_share": 0.9,
    "seed": 7,
    "key": "ab" * 32,
    "readers": {"first": "R1", "second": "R2", "adjudicator": "R3"},
}


def write_settings(folder: Path, **changes: object) -> None:
    (folder / "project.json").write_text(json.dumps(SETTINGS | changes), encoding="utf-8")


def test_a_new_project_has_its_folders_and_the_settings_that_the_acceptance_tests_name(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "project"
    project = open_project(folder)
    assert (project.identified, project.minimum_seconds, project.body_share) == (False, 10.0, 0.9)
    assert dict(project.readers) == {}
    assert len(bytes.fromhex(project.key)) == 32
    for place in (project.folder / "reviews", project.reports, project.exports):
        assert place.is_dir()
        assert place.parent == folder
    assert json.loads((folder / "project.json").read_text())["schema"] == "refusion-project/1"


def test_a_project_is_the_same_when_it_is_opened_again_and_another_one_is_not(tmp_path: Path) -> None:
    one = open_project(tmp_path / "one")
    assert open_project(tmp_path / "one") == open_project(tmp_path / "one", create=False) == one
    assert open_project(tmp_path / "two").key != one.key


def test_the_key_is_not_shown_by_accident(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    assert project.key not in repr(project)


def test_settings_are_read(tmp_path: Path) -> None:
    write_settings(tmp_path, identified=True, minimum_seconds=0, body_share=1, seed=3)
    expected = Project(tmp_path, "ab" * 32, 3, True, 0.0, 1.0, SETTINGS["readers"])
    assert open_project(tmp_path) == expected


def test_settings_that_are_missing_have_their_defaults(tmp_path: Path) -> None:
    needed = {name: SETTINGS[name] for name in ("schema", "seed", "key")}
    (tmp_path / "project.json").write_text(json.dumps(needed))
    assert open_project(tmp_path) == Project(tmp_path, "ab" * 32, 7)


def test_settings_can_be_changed_and_the_others_stay(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    before = (tmp_path / "project.json").read_bytes()
    assert change_project(project) == project
    assert (tmp_path / "project.json").read_bytes() == before
    changed = change_project(project, {"first": "R1"}, minimum_seconds=3)
    changed = change_project(changed, {"second": "R2"}, identified=True)
    assert changed == open_project(tmp_path)
    assert changed == Project(tmp_path, project.key, project.seed, True, 3.0, 0.9, {"first": "R1", "second": "R2"})
    for readers, seconds in (({"second": "R1"}, 1.0), ({"boss": "R1"}, 1.0), ({}, -1.0), ({"first": "../x"}, 1.0)):
        with pytest.raises(RefusedError):
            change_project(changed, readers, seconds)
    assert open_project(tmp_path) == changed


def test_no_project_is_made_unless_wanted(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no project"):
        open_project(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "refusion-project/2"}, "newer version"),
        ({"schema": "refusion-review/1"}, "not a project file"),
        ({"schema": None}, "not a project file"),
        ({"key": "ab"}, "64 hexadecimal"),
        ({"key": 3}, "64 hexadecimal"),
        ({"seed": "x"}, "seed"),
        ({"seed": True}, "seed"),
        ({"identified": "no"}, "neither true nor false"),
        ({"identified": 0}, "neither true nor false"),
        ({"minimum_seconds": -1}, "below 0"),
        ({"minimum_seconds": "10"}, "not a number"),
        ({"minimum_seconds": True}, "not a number"),
        ({"minimum_seconds": float("nan")}, "not a number"),
        ({"body_share": 90}, "within 0 to 1"),
        ({"body_share": float("inf")}, "not a number"),
        ({"readers": ["R1"]}, "readers are named"),
        ({"readers": {"third": "R1"}}, "readers are named"),
        ({"readers": {"first": 1}}, "readers are named"),
        ({"readers": {"first": "../R1"}}, "not a valid reader name"),
        ({"readers": {"first": "R1", "adjudicator": "r1"}}, "two roles"),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_left_alone(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    write_settings(tmp_path, **changes)
    before = (tmp_path / "project.json").read_bytes()
    with pytest.raises(RefusedError, match=words):
        open_project(tmp_path)
    assert (tmp_path / "project.json").read_bytes() == before


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"minimum_seconds": -1.0}, "Choose another value, for nothing was changed: .*below 0"),
        ({"repeats": 0.9}, "Choose another value, for nothing was changed: .*within 0 to 0.5"),
        ({"readers": {"first": "R1", "second": "r1"}}, "Choose another value, for nothing was changed: .*two roles"),
        ({"readers": {"first": "../R1"}}, "not a valid reader name"),
    ],
)
def test_a_setting_that_makes_no_sense_does_not_blame_those_that_are_there(
    tmp_path: Path, wanted: dict[str, Any], words: str
) -> None:
    project = open_project(tmp_path)
    before = (tmp_path / "project.json").read_bytes()
    with pytest.raises(RefusedError, match=words):
        change_project(project, **wanted)
    assert (tmp_path / "project.json").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_broken_settings_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "project.json").write_bytes(content)
    with pytest.raises(RefusedError, match=r"project\.json"):
        open_project(tmp_path)
    assert (tmp_path / "project.json").read_bytes() == content


def test_a_file_in_place_of_a_folder_is_told_with_what_to_choose(tmp_path: Path) -> None:
    open_project(tmp_path)
    file = tmp_path / "project.json"
    for folder in (file, file / "below"):
        with pytest.raises(RefusedError, match=r"Choose a folder for the project: .*project\.json is a file"):
            open_project(folder)


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_project(tmp_path / ("x" * 300))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "reviews").touch()
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_project(tmp_path / "project")


def test_programs_that_begin_a_project_at_once_get_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from napari_refusion.record.project_folder import open_project\n"
        "print('ready', flush=True); sys.stdin.readline(); print(open_project(Path(sys.argv[1])).key)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "new")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    programs = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for one in programs:
        assert one.stdout is not None
        one.stdout.readline()
    keys = set()
    for one in programs:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in programs:
        keys.add(one.communicate()[0])
    assert len(keys) == 1


def leftover(folder: Path, ending: str, hours: float) -> Path:
    path = folder / f".refusion-{uuid4().hex}{ending}"
    path.write_text("half")
    when = time.time() - hours * 3600
    os.utime(path, (when, when))
    return path


def test_opening_a_project_sweeps_its_own_folders_only(tmp_path: Path) -> None:
    project = open_project(tmp_path / "project")
    own = [project.folder, project.folder / "reviews", project.reports, project.exports, project.exports / "R1"]
    (project.exports / "R1").mkdir()
    swept = [leftover(folder, ending, 1.1) for folder in own for ending in (".json", ".tsv", ".nii.gz", ".sqlite", "")]
    outside = tmp_path / "outside"
    outside.mkdir()
    (project.exports / "R2").symlink_to(outside)
    kept = [leftover(tmp_path, ".json", 2), leftover(outside, ".json", 2)]
    kept += [leftover(folder, ".json", 0.9) for folder in own]
    kept += [project.folder / "reviews" / "R1.sqlite", project.exports / ".refusion-notes"]
    for path in kept[-2:]:
        path.touch()
        os.utime(path, (0, 0))
    open_project(project.folder)
    assert not any(path.exists() for path in swept)
    assert all(path.exists() for path in kept)


def test_the_roster_is_kept_by_a_program_that_knows_an_older_one(tmp_path: Path) -> None:
    before = open_project(tmp_path)
    change_project(before, roster={"R1": "ab" * 32})
    change_project(before, roster={"R2": ""}, keys={"R2": "cd" * 32})
    changed = change_project(before, minimum_seconds=20.0)
    assert changed.minimum_seconds == 20.0
    assert dict(open_project(tmp_path).roster) == {"R1": "ab" * 32, "R2": ""}
    assert dict(open_project(tmp_path).keys) == {"R2": "cd" * 32}


@pytest.mark.parametrize("broken", [[], {"R1": 3}, {"R1": "xyz"}, {"../R1": ""}, {"R1": "ab"}])
@pytest.mark.parametrize("name", ["roster", "keys"])
def test_a_roster_that_makes_no_sense_is_refused(tmp_path: Path, name: str, broken: object) -> None:
    write_settings(tmp_path, **{name: broken})
    with pytest.raises(RefusedError, match=f"{name} does not give"):
        open_project(tmp_path)


@pytest.mark.parametrize("repeats", [-0.1, 0.6, "a", True])
def test_repeats_that_make_no_sense_are_refused(tmp_path: Path, repeats: object) -> None:
    write_settings(tmp_path, repeats=repeats)
    with pytest.raises(RefusedError, match="repeats is not"):
        open_project(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("repeats", 2, "repeats is not within 0 to 0.5 but 2"),
        ("minimum_seconds", -1, "minimum_seconds is below 0: -1"),
        ("body_share", 1.5, "body_share is not within 0 to 1 but 1.5"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_its_name_and_value(
    tmp_path: Path, name: str, value: float, words: str
) -> None:
    write_settings(tmp_path, **{name: value})
    with pytest.raises(RefusedError) as refused:
        open_project(tmp_path)
    assert str(refused.value).endswith(f"cannot be used: {words}.")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_the_settings_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "project.json")
    with pytest.raises(RefusedError, match="it is no file"):
        open_project(tmp_path, create=False)


def test_settings_and_heads_that_no_project_has_are_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "project.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(RefusedError, match="larger than 4 MB"):
        open_project(tmp_path)
    record = tmp_path / "anna.db"
    with head_path(record).open("wb") as file:
        file.truncate(2**40)
    assert read_head(record) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_beside_a_record_says_nothing_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "R1.head")
    assert read_head(tmp_path / "R1.sqlite") == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_key_to_sign_with(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    os.mkfifo(tmp_path / "anna.pem")
    with pytest.raises(RefusedError, match="not a file"):
        signature(tmp_path / "anna.pem", "anna", ())

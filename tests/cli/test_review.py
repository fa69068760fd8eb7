"""The commands that look after review projects."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from napari_refusion.io.write import write_nifti
from napari_refusion.record.places import place_mark
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.volume.volume import Volume
from tests.record.test_edits import review
from tests.recorded import RUN, judged
from tests.widgets.made import IPL_AFFINE, blob


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["review", *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    assert run("project", folder).exit_code == 0
    return folder


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """One case: a PET and an MRI in a folder."""
    place = tmp_path / "cases" / "case1"
    place.mkdir(parents=True)
    for seed, name in enumerate(("pet", "T1w")):
        write_nifti(Volume(blob((4, 8, 8), seed), IPL_AFFINE), place / f"{name}.nii.gz")
    return place.parent


def say_something(folder: Path, sources: tuple[Path, ...] = ()) -> Path:
    """Let R1 judge a slice, and return the reader's file."""
    with Store.open(folder, "R1") as store:
        store.rows.keep_case(RUN.case_id, {"words": RUN.words, "place": place_mark(open_project(folder), sources)})
        store.rows.keep_run(RUN)
        store.append(RUN.case_id, RUN.run_id, "registration", {"answer": "aligned"})
        kind, payload = judged(1, "accept")
        store.append(RUN.case_id, RUN.run_id, kind, payload)
        return store.path


def test_a_project_remembers_its_readers(project: Path) -> None:
    found = run("project", project, "--first", "anna", "--second", "ben", "--minimum-seconds", "20")
    assert found.exit_code == 0
    assert "first: anna, second: ben" in found.output
    again = open_project(project, create=False)
    assert again.readers == {"first": "anna", "second": "ben"}
    assert again.minimum_seconds == 20.0
    assert not again.identified


def test_one_reader_in_two_roles_is_refused_and_nothing_changes(project: Path) -> None:
    found = run("project", project, "--first", "anna", "--second", "anna")
    assert found.exit_code == 2
    assert "two roles" in found.output
    assert open_project(project, create=False).readers == {}


def test_the_list_says_how_far_each_case_is(project: Path, cases: Path) -> None:
    arguments = ("list", cases, "--project", project, "--reader", "R1")
    assert re.search(r"case1 .*PET \+ MRI .*new", run(*arguments).output)
    say_something(project, (cases / "case1" / "pet.nii.gz", cases / "case1" / "T1w.nii.gz"))
    found = run(*arguments)
    assert found.exit_code == 0
    assert re.search(rf"case1 .*in review .*{RUN.case_id}", found.output)


def test_the_list_of_a_reader_who_wrote_nothing_says_so_and_who_did(project: Path, cases: Path) -> None:
    arguments = ("list", cases, "--project", project, "--reader")
    assert "R1 has recorded nothing in this project yet." in run(*arguments, "R1").output
    say_something(project)
    assert "recorded nothing" not in run(*arguments, "R1").output
    run("project", project, "--second", "anna")
    misspelt = run(*arguments, "R7")
    assert "Check the name: R7 has recorded nothing in this project; its readers are R1, anna." in misspelt.output
    assert misspelt.exit_code == 0  # as of everybody before the first case
    assert "anna has recorded nothing in this project yet." in run(*arguments, "anna").output


def test_a_list_of_what_is_no_worklist_ends_with_2(project: Path, tmp_path: Path) -> None:
    found = run("list", tmp_path / "nowhere", "--project", project, "--reader", "R1")
    assert found.exit_code == 2
    assert "is not a worklist" in found.output


def test_the_summary_is_a_page_and_a_table(project: Path) -> None:
    say_something(project)
    found = run("summary", project)
    assert found.exit_code == 0
    assert {path.suffix for path in (project / "reports").iterdir()} == {".html", ".tsv"}


def test_the_log_is_everything_that_was_said_in_order(project: Path) -> None:
    say_something(project)
    lines = run("log", project).output.splitlines()
    assert [line.split()[1] for line in lines] == ["R1", "R1"]
    assert [line.split()[4] for line in lines] == ["registration", "slice"]
    assert '"answer": "aligned"' in lines[0]
    other = run("log", project, "--case", "case-of-nobody")
    assert (other.stdout, other.exit_code) == ("", 0)
    assert "Nobody has recorded anything of case-of-nobody here." in other.stderr


def test_a_whole_record_is_told_from_a_changed_one(project: Path) -> None:
    database = say_something(project)
    whole = run("verify", project)
    assert whole.exit_code == 0
    assert "R1: sound, 2 events; not signed; ends in" in whole.output
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER IF EXISTS events_are_not_changed")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE events SET payload_json = replace(payload_json, 'aligned', 'slight')")
    changed = run("verify", project)
    assert changed.exit_code == 2
    assert "R1: altered, 0 events can be read" in changed.output
    assert "event 4: expected the content with the SHA-256" in changed.output


@pytest.mark.parametrize("how", ["deleted", "emptied", "cut in half", "no database"])
def test_a_record_that_is_gone_or_broken_is_not_whole(project: Path, how: str) -> None:
    database = say_something(project)
    content = {"deleted": None, "emptied": b"", "no database": b"Dear colleague"}.get(
        how, database.read_bytes()[:20000]
    )
    database.unlink()
    if content is not None:
        database.write_bytes(content)
    found = run("verify", project)
    assert found.exit_code == 2
    assert f"R1: {'missing' if how == 'deleted' else 'damaged'}" in found.output
    assert "expected" in found.output


def test_a_copy_that_was_edited_is_told_beside_a_sound_record(project: Path) -> None:
    review(project, "R1")
    assert run("verify", project).exit_code == 0
    [copy] = project.glob("exports/R1/*_slices.tsv")
    copy.write_text(copy.read_text().replace("accept", "reject"))
    found = run("verify", project)
    assert found.exit_code == 2
    assert "R1: sound, " in found.output
    assert f"changed after it was written: R1/{copy.name}: expected the SHA-256" in found.output
    assert run("summary", project).exit_code == 0
    [page] = project.glob("reports/*.html")
    assert "changed after it was written: R1/" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "value"),
    [("minimum_seconds", 0.0), ("body_share", 0.0), ("identified", True), ("readers", {"first": "R9"}), ("seed", 1)],
)
def test_a_setting_that_was_changed_by_hand_is_told_until_somebody_accepts_it(
    project: Path, setting: str, value: object
) -> None:
    assert run("verify", project).exit_code == 0
    settings = json.loads((project / "project.json").read_text())
    (project / "project.json").write_text(json.dumps(settings | {setting: value}))
    assert run("verify", project).exit_code == 2
    say_something(project)  # puts R1 on the roster, which writes the settings
    found = run("verify", project)
    assert found.exit_code == 2
    assert "settings: expected the settings (project.json) as this program wrote them, found others" in found.output
    assert "R1: sound" in found.output
    assert run("summary", project).exit_code == 2
    seen = run("project", project)
    assert seen.exit_code == 0
    assert "were changed by hand" in seen.output
    assert run("verify", project).exit_code == 0
    assert "by hand" not in run("project", project).output
    assert json.loads((project / "project.json").read_text())[setting] == value


def test_settings_of_an_older_version_and_those_that_only_look_otherwise_are_not_called_changed(project: Path) -> None:
    path = project / "project.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(settings.items()))))
    assert run("verify", project).exit_code == 0
    del settings["record_sha256"]
    path.write_text(json.dumps(settings))
    assert run("verify", project).exit_code == 0
    assert run("project", project, "--first", "anna").exit_code == 0
    assert "record_sha256" in json.loads(path.read_text())


def test_a_project_without_readers_is_sound(project: Path) -> None:
    found = run("verify", project)
    assert (found.exit_code, found.output) == (0, "Nobody has recorded anything here.\n")


def test_a_signed_record_says_so_and_another_key_is_refused(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    say_something(project)
    assert run("key", tmp_path / "key.pem").exit_code == 0
    assert run("key", tmp_path / "other.pem").exit_code == 0
    assert run("sign", project, "--reader", "R1", "--key", tmp_path / "key.pem").exit_code == 0
    whole = run("verify", project)
    assert (whole.exit_code, "signed with the key" in whole.output) == (0, True)
    other = run("sign", project, "--reader", "R1", "--key", tmp_path / "other.pem")
    assert other.exit_code == 2
    assert "is another one" in other.output
    assert "recorded nothing" in run("sign", project, "--reader", "R2", "--key", tmp_path / "key.pem").output


@pytest.mark.parametrize("command", ["summary", "verify", "log"])
def test_a_folder_that_is_no_project_is_a_sentence(command: str, tmp_path: Path) -> None:
    found = run(command, tmp_path)
    assert found.exit_code == 2
    assert "no project" in found.output


@pytest.mark.parametrize("command", ["summary", "log"])
@pytest.mark.parametrize("how", ["damaged", "altered", "missing"])
def test_a_record_that_is_not_sound_is_told_by_every_command(project: Path, command: str, how: str) -> None:
    database = say_something(project)
    if how == "missing":
        database.unlink()
    elif how == "damaged":
        database.write_bytes(b"")
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE notes(text)")
    found = run(command, project)
    assert f"R1: {how}," in found.output
    assert found.exit_code == 2
    if command == "summary":
        assert {path.suffix for path in (project / "reports").iterdir()} == {".html", ".tsv"}


def test_what_was_recorded_elsewhere_is_merged_once(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "copy")
    say_something(project)
    say_something(copy)
    for count in (2, 0):
        found = run("merge", project, copy)
        assert found.exit_code == 0
        assert f"R1: {count} new events" in found.output
    assert "R1: sound, 4 events" in run("verify", project).output
    (tmp_path / "another").mkdir()
    assert run("merge", project, tmp_path / "another").exit_code == 2


def test_a_conflicted_copy_of_a_record_is_told_and_merged_by_naming_the_file(project: Path, tmp_path: Path) -> None:
    say_something(project)
    copy = shutil.copytree(project, tmp_path / "copy")
    say_something(copy)
    other = project / "reviews" / "R1 (conflicted copy).sqlite"
    shutil.copy(copy / "reviews" / "R1.sqlite", other)
    assert "Take over what R1 (conflicted copy).sqlite holds" in run("verify", project).output
    assert "R1: 2 new events" in run("merge", project, other).output
    assert "Take over" not in run("verify", project).output


def test_repeats_and_a_second_adjudicator_are_settings(project: Path, cases: Path) -> None:
    arguments = ("--adjudicator", "carla", "--second-adjudicator", "dora", "--repeats", "0.08")
    found = run("project", project, *arguments)
    assert "adjudicator: carla, second adjudicator: dora" in found.output
    assert re.search("twice .*8%", found.output)
    assert open_project(project, create=False).repeats == 0.08
    assert run("project", project, "--repeats", "0.9").exit_code == 2
    shutil.copytree(cases / "case1", cases / "case2")
    listed = run("list", cases, "--project", project, "--reader", "R1").output
    assert [f"case {place}" in listed for place in (1, 2, 3, 4)] == [True, True, True, False]
    assert "case1" not in listed

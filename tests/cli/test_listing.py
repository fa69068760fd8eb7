"""``check`` of one folder lists what is in it, and the other commands choose from that list."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from napari_refusion.io.dicom.scan import list_series
from tests import dicom_parts as several
from tests import dicom_series as phantom
from tests.dicom_parts import setting


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = several.write(tmp_path / "study", several.one_series([setting(EchoTime=20), setting(EchoTime=90)]))
    uncorrected = phantom.series("PT", 7)
    for image in uncorrected:
        image.CorrectedImage, image.SeriesDescription = ["DECY"], "WB NAC"
    phantom.write(folder, uncorrected, prefix="N")
    phantom.write(folder, phantom.series("PT", 8), prefix="P")
    return folder


def test_check_of_one_folder_lists_series_and_volumes(folder: Path) -> None:
    done = run("check", folder)
    assert done.exit_code == 0
    for words in ("WB NAC", "8x12x10", "4x2x3", "yes", "no", "0: echo time 20 ms; 1: echo time 90 ms", "--series-a"):
        assert words in done.output


def test_check_of_a_folder_in_which_nothing_can_be_read_says_why(tmp_path: Path) -> None:
    images = phantom.series()
    del images[3]
    done = run("check", phantom.write(tmp_path, images))
    assert done.exit_code == 2
    assert "missing" in done.output
    assert run("check", tmp_path / "gone").exit_code == 2


def test_series_and_volumes_are_chosen_on_the_command_line(folder: Path) -> None:
    series = ("--series-a", "3", "--series-b", "8")
    refused = run("check", folder, folder, *series)
    assert refused.exit_code == 2
    assert "echo time 90 ms" in refused.output
    assert "Choose a volume" not in run("check", folder, folder, *series, "--volume-a", "1").output
    assert "by its number" in run("check", folder, folder, *series, "--volume-a", "mean").output
    assert "Choose a volume from 0 to 1" in run("check", folder, folder, *series, "--volume-a", "2").output


def test_a_series_is_chosen_by_its_description(folder: Path) -> None:
    done = run("check", folder, folder, "--series-a", "nac", "--series-b", "3", "--volume-b", "0")
    assert "WB NAC" in done.output
    assert "not corrected for attenuation" in done.output


def test_series_with_one_number_are_listed_with_their_uids(tmp_path: Path) -> None:
    for name in ("lower", "upper"):
        phantom.write(tmp_path / name, phantom.series("CT"))
    uids = [one.uid for one in list_series(tmp_path)]
    output = run("check", tmp_path).output
    assert all(uid in output for uid in uids)
    phantom.write(tmp_path / "other", phantom.series("PT", 9))
    output = run("check", tmp_path).output
    assert output.count("UID of") == 2
    assert run("check", tmp_path, tmp_path, "--series-a", uids[0], "--series-b", "9").exit_code != 2


@pytest.mark.parametrize(
    ("choice", "status", "words"),
    [
        (("--series-a", "8"), 0, "Values are SUVbw"),
        (("--series-a", "7"), 1, "not corrected for attenuation"),
        (("--modality-a", "MR", "--volume-a", "1"), 0, "evenly 4 mm apart"),
        (("--series-a", "99"), 2, "holds no series 99"),
        (("--series-b", "8"), 2, "Name B as well"),
        (("--series-a", "8", "--volume-b", "1"), 2, "Name B as well"),
    ],
)
def test_what_is_chosen_of_one_folder_is_checked_and_not_passed_over(
    folder: Path, choice: tuple[str, ...], status: int, words: str
) -> None:
    done = run("check", folder, *choice)
    assert words in done.output
    assert done.exit_code == status


def test_the_current_folder_has_a_name_in_sentences(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "study holds 3 series" in run("check", ".", ".").output

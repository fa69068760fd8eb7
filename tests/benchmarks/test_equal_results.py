"""What counts as equal between two versions of the code, on made-up results and on one small case."""

import base64
import json
import subprocess
import sys
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset

from benchmarks.equal_results.cases import CASES, CHECKOUT, Case
from benchmarks.equal_results.comparison import compare_cases, differences
from benchmarks.equal_results.gathering import gather
from benchmarks.equal_results.normal import digest, normalised
from benchmarks.equal_results.objects import describe_dataset
from benchmarks.equal_results.page import Page
from benchmarks.equal_results.sources import find_sources

RESULTS: dict[str, Any] = {
    "check": {"status": 1, "findings": {"grid": {"level": "warn", "sentence": "Look twice."}}},
    "record": {"window": [0.0, 7.23], "reference": "b"},
    "report": {"page": ["Review", "Verdict | usable", "End"]},
}


def written(folder: Path, **cases: dict[str, Any]) -> Path:
    folder.mkdir()
    for name, case in cases.items():
        (folder / f"{name}.json").write_text(json.dumps(case))
    return folder


def compared(before: Path, after: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.equal_results", "compare", str(before), str(after)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def changed(*keys: Any, value: object) -> dict[str, Any]:  # noqa: ANN401 - keys and indices
    """Return the results with another value in one place."""
    results = deepcopy(RESULTS)
    place: Any = results
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return results


def row(part: str, after: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    return next((one.result, one.notes) for one in compare_cases("case", RESULTS, after) if one.part == part)


def test_equal_results_end_with_status_0(tmp_path: Path) -> None:
    done = compared(written(tmp_path / "before", head=RESULTS), written(tmp_path / "after", head=RESULTS))
    assert done.returncode == 0, done.stderr
    assert "3 equal, 0 new, 0 skipped, 0 different, 0 missing" in done.stdout


def test_one_planted_difference_is_named_and_ends_with_status_1(tmp_path: Path) -> None:
    after = changed("record", "window", 1, value=7.230001)
    done = compared(written(tmp_path / "before", head=RESULTS), written(tmp_path / "after", head=after))
    assert done.returncode == 1
    assert "2 equal, 0 new, 0 skipped, 1 different" in done.stdout
    assert "window[1]: '7.23' became '7.230001'" in done.stdout


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_a_folder_without_results_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = compared(written(tmp_path / "before", head=RESULTS), tmp_path / name)
    assert done.returncode == 1
    assert done.stderr.strip() == f"Write results first, there are none in this folder: {tmp_path / name}"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    before, after = (written(tmp_path / name, head=RESULTS) for name in ("before", "after"))
    (after / "head.json").write_text('{"check": ')
    done = compared(before, after)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"this file is not JSON: {after / 'head.json'}")


def test_a_field_a_line_and_a_part_that_were_added_are_new_and_no_difference() -> None:
    assert row("record", changed("record", "origin", value="x")) == ("new", ("origin: new: 'x'",))
    lines = ["Review", "Reader | R1", "Verdict | usable", "End", "Page 1"]
    assert row("report", changed("report", "page", value=lines))[0] == "new"
    assert row("origin", changed("origin", value={})) == ("new", ())


@pytest.mark.parametrize(
    ("keys", "value", "note"),
    [
        (("check", "status"), 0, "status: '1' became '0'"),
        (("check", "status"), 1.0, "status: '1' became '1.0'"),
        (("check", "status"), True, "status: '1' became 'true'"),
        (("check", "findings"), {}, "findings.grid: "),
        (("record", "window"), [0.0], "window: 2 values became 1"),
        (("record", "reference"), None, "reference: 'b' became 'null'"),
        (("report", "page"), ["Review", "End"], "page[1]: 'Verdict | usable' is gone"),
        (("report", "page"), ["Verdict | usable", "Review", "End"], "page[1]: "),
        (("report", "page"), ["Review", "Verdict | not usable", "End", "new"], "page[1]: 'Verdict | usable' became"),
    ],
)
def test_whatever_is_gone_or_changed_is_different(keys: tuple[str, str], value: object, note: str) -> None:
    result, notes = row(keys[0], changed(*keys, value=value))
    assert result == "different"
    assert any(one.startswith(note) for one in notes)


def test_a_case_that_only_one_side_ran_is_missing() -> None:
    skipped = {"skipped": "needs the real data"}
    assert [one.result for one in compare_cases("case", skipped, skipped)] == ["skipped"]
    for before, after in ((RESULTS, None), (RESULTS, skipped), (skipped, RESULTS)):
        assert [one.is_failure for one in compare_cases("case", before, after)] == [True]
    assert [one.result for one in compare_cases("case", RESULTS, {"check": RESULTS["check"]})] == [
        "equal",
        "missing",
        "missing",
    ]


def test_paths_times_and_versions_are_replaced_a_records_own_hash_left_out_and_nothing_else() -> None:
    text = "napari-refusion 0.1.0 wrote /out/a/fused.nii at 2025-03-01T14:05:59.123+00:00, 2025-03-01 14:05 UTC"
    value = {"text": text, "versions": {"torch": "2.13.0"}, "born": "1971-02-03", "numbers": [0.1, 2, None, True]}
    assert normalised(value | {"record_sha256": "ab" * 32}, {Path("/out/a"): "<output>"}) == {
        "text": "napari-refusion <version> wrote <output>/fused.nii at <time>, <time>",
        "versions": {"torch": "<version>"},
        "born": "1971-02-03",
        "numbers": [0.1, 2, None, True],
    }


def test_the_last_bit_of_one_voxel_changes_a_digest() -> None:
    voxels = np.full((2, 3, 4), 0.5, np.float32)
    other = voxels.copy()
    other[1, 2, 3] = np.nextafter(np.float32(0.5), np.float32(1))
    assert digest(voxels) == digest(np.asfortranarray(voxels))
    assert list(differences(digest(voxels), digest(other)))


def dicom_object(new_uid: str, of_source: str, time: str) -> Dataset:
    reference, dataset = Dataset(), Dataset()
    reference.ReferencedSOPInstanceUID = of_source
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = new_uid
    dataset.ContentTime, dataset.StudyTime = time, "120000"
    dataset.SoftwareVersions = f"0.{time}"
    dataset.SourceImageSequence = [reference]
    dataset.PixelData = b"\x01\x02"
    return dataset


def test_new_uids_times_and_versions_of_an_object_are_alike_and_those_of_its_sources_count() -> None:
    known = ("2.25.1", "2.25.2", "120000")
    one = describe_dataset(dicom_object("2.25.77", "2.25.1", "101112"), known)
    assert one == describe_dataset(dicom_object("2.25.88", "2.25.1", "131415"), known)
    assert one["(0008,0030) StudyTime"] == "120000"
    assert one["(0008,0033) ContentTime"] == "<time>"
    found = list(differences(one, describe_dataset(dicom_object("2.25.77", "2.25.2", "101112"), known)))
    assert [difference.words for difference in found] == ["'2.25.1' became '2.25.2'"]


def test_the_length_of_a_group_follows_from_uids_that_are_drawn_and_is_no_difference() -> None:
    short, long = Dataset(), Dataset()
    short.FileMetaInformationGroupLength, long.FileMetaInformationGroupLength = 208, 210
    assert describe_dataset(short) == describe_dataset(long)


def test_an_object_that_refers_to_another_new_uid_than_its_own_is_different() -> None:
    own, other = (describe_dataset(dicom_object("2.25.77", uid, "101112")) for uid in ("2.25.77", "2.25.78"))
    assert len(list(differences(own, other))) == 1


def test_a_report_is_compared_by_its_lines_and_the_pixels_of_its_pictures() -> None:
    def lines(value: int) -> list[str]:
        stream = BytesIO()
        Image.fromarray(np.full((2, 2), value, np.uint8)).save(stream, "PNG")
        uri = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
        style = "<style>p { color: red }</style>"
        row = '<tr><th>Fit</th><td class="red">off &amp; on</td></tr>'
        return Page(f'{style}<h1>Review</h1><table>{row}</table><p><img alt="Slice 1" src="{uri}"></p>').lines

    assert lines(1)[:2] == ["Review", "Fit | (red) off & on"]
    assert lines(1) == lines(1)
    assert lines(1)[2] != lines(2)[2]


def test_a_slab_keeps_the_place_of_its_voxels(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "phantom_pet_t1")
    assert case.slab is not None
    paths = find_sources(case, tmp_path, tmp_path)
    assert paths is not None
    cut, whole = nibabel.load(paths[1]), nibabel.load(CHECKOUT / case.second)
    first = np.linalg.solve(whole.affine, cut.affine[:, 3])[:3].round(6)
    assert first[:2].tolist() == [0, 0]
    assert case.slab[0] <= cut.affine[2, 3] <= case.slab[0] + 1.5
    stored = np.asarray(whole.dataobj)[:, :, int(first[2]) :][:, :, : cut.shape[2]]
    step = whole.dataobj.slope
    np.testing.assert_allclose(np.asarray(cut.dataobj), stored, atol=step)


def test_names_of_cases_are_used_once_and_three_tasks_are_among_them() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 20
    assert len({case.task for case in CASES}) >= 3


def test_a_case_without_its_real_data_is_skipped(tmp_path: Path) -> None:
    found = gather(Case("real", "shared/data/none.nii", "shared/data/none.nii"), tmp_path, tmp_path / "nowhere")
    assert list(found) == ["skipped"]


@pytest.mark.slow
def test_a_small_case_gives_equal_results_twice_and_different_ones_with_other_weights(tmp_path: Path) -> None:
    room = next(case for case in CASES if case.name == "room")
    other = Case(room.name, room.first, room.second, room.task, weights="multi_focus")
    one, again, changed = (
        gather(case, tmp_path / name, tmp_path) for case, name in ((room, "1"), (room, "2"), (other, "3"))
    )
    assert {"check", "fuse", "voxels", "record", "report", "review"} <= set(one)
    assert not list(differences(one, again))
    results = {row.part: row.result for row in compare_cases("room", one, changed)}
    assert results["check"] == "equal"
    assert results["voxels"] == results["record"] == results["report"] == "different"


def test_of_a_refused_case_the_sentence_is_the_result(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "refused_volume_and_photograph")
    found = gather(case, tmp_path, tmp_path)
    assert found["fuse"]["status"] == 2
    assert "have different sizes" in found["fuse"]["lines"][0]
    assert set(found) == {"check", "fuse"}

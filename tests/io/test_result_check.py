"""A fused image beside a record that is whole, damaged, lost or of other sources."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from napari_refusion.io.fused_files import FILES, sha256_of
from napari_refusion.io.result_check import check_result
from napari_refusion.io.sealed import sealed
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.io.test_own_result import RECORD, fused

PET, MRI = "1" * 64, "2" * 64


def volume(digest: str) -> Volume:
    """Return a source that was read today."""
    return Volume(fused().data, IPL_TO_RAS, name=digest[:1], origin=Origin(sha256=digest))


def result(folder: Path, a: object = PET, b: object = MRI, files: Mapping[str, object] | None = None) -> Path:
    """Return an image with a record beside it."""
    image = folder / "f.nii"
    image.write_bytes(b"fused")
    named = {image.name: sha256_of(image)} if files is None else files
    record = RECORD | {"a": {"sha256": a}, "b": {"sha256": b}, FILES: named}
    (folder / "f.json").write_text(json.dumps(record))
    return image


def levels(path: Path, *digests: str) -> list[str]:
    """Return what is said about the image and each source."""
    return [finding.level for finding in check_result(path, [volume(one) for one in digests])]


def test_both_sources_are_found_in_either_order(tmp_path: Path) -> None:
    path = result(tmp_path)
    assert levels(path, PET, MRI) == levels(path, MRI, PET) == ["ok"] * 3


def test_one_source_that_is_named_twice_does_not_stand_for_both(tmp_path: Path) -> None:
    found = check_result(result(tmp_path), [volume(MRI), volume(MRI)])
    assert [finding.level for finding in found] == ["ok", "ok", "block"]
    assert found[-1].sentence == "Name the other source as well: 2 was named twice."


def test_a_record_that_was_changed_after_it_was_written_vouches_for_nothing(tmp_path: Path) -> None:
    image, record = result(tmp_path), tmp_path / "f.json"
    whole = sealed(json.loads(record.read_text()) | {"window": [0, 10]})
    record.write_text(json.dumps(whole))
    assert levels(image, PET) == ["ok", "ok"]
    record.write_text(json.dumps(whole | {"window": [0, 20]}))
    first, *_ = check_result(image)
    assert (first.level, first.rule) == ("block", "result")
    assert "was changed after it was written" in first.sentence


def test_one_image_in_two_windows_is_both_sources(tmp_path: Path) -> None:
    path = result(tmp_path, a=PET, b=PET)
    assert levels(path, PET, PET) == ["ok"] * 3
    assert levels(path, PET, MRI) == ["ok", "ok", "block"]


@pytest.mark.parametrize("names", [{"": "1"}, {"..": "1"}, {"../g.nii": "1"}, {"f.nii": None}, {"f.nii": 5}, {}])
def test_a_record_that_names_no_image_beside_it_vouches_for_nothing(tmp_path: Path, names: dict[str, object]) -> None:
    assert set(levels(result(tmp_path, files=names))) == {"block"}


@pytest.mark.parametrize("digest", [5, None, "", ["1"], {}])
def test_a_record_without_hashes_of_sources_knows_no_source(tmp_path: Path, digest: object) -> None:
    *_, last = check_result(result(tmp_path, a=digest, b=None), [volume(PET)])
    assert last.level == "block"
    assert "None" not in last.sentence


@pytest.mark.parametrize("text", [None, "{", "[1]", "{}"])
def test_an_image_whose_record_is_lost_or_broken_is_said_to_have_none(tmp_path: Path, text: str | None) -> None:
    path = result(tmp_path)
    if text is None:
        (tmp_path / "f.json").unlink()
    else:
        (tmp_path / "f.json").write_text(text)
    *_, last = check_result(path)
    assert last.level == "block"
    assert last.sentence.startswith("Put its record back, or fuse or compare the sources again")
    assert last.sentence.endswith(f": {path}")

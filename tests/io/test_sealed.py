"""A record that holds a hash of itself tells whether anything in it was changed."""

import json

import pytest

from napari_refusion.io.sealed import SEAL, is_changed, sealed

CONTENT = {"a": {"window": (0.0, 10.0), "name": "K\u00f6ln"}, "legend": None, "axis": "axial", "tiny": 1e-310}


def test_a_record_is_whole_however_its_json_is_written() -> None:
    read = json.loads(json.dumps(sealed(CONTENT)))
    assert not is_changed(read)
    assert not is_changed(json.loads(json.dumps(read, indent=4, ensure_ascii=False, sort_keys=True)))


@pytest.mark.parametrize(
    "change", [{"axis": "coronal"}, {"a": {"window": [0.0, 20.0], "name": "K\u00f6ln"}}, {"b": 1}, {SEAL: ""}]
)
def test_whatever_is_changed_or_added_shows(change: dict[str, object]) -> None:
    assert is_changed(json.loads(json.dumps(sealed(CONTENT))) | change)


def test_what_is_removed_shows() -> None:
    read = sealed(CONTENT)
    del read["legend"]
    assert is_changed(read)


def test_a_record_of_an_earlier_version_has_no_seal() -> None:
    assert not is_changed(CONTENT)


def test_a_record_that_is_sealed_again_has_one_seal() -> None:
    assert sealed({**sealed(CONTENT), "axis": "coronal"}) == sealed({**CONTENT, "axis": "coronal"})

import json
from pathlib import Path
from typing import Any

import pytest

from napari_refusion.evidence import limits as limits_file
from napari_refusion.evidence.limits import Limits, as_record, find_limits, limits_from, read_limits
from napari_refusion.volume.finding import RefusedError

SHA = "ab" * 32


def record(**change: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "schema": "refusion-limits/1",
        "weights_sha256": SHA,
        "calibrated_on": "Made up for a test.",
        "limits": {"overshoot": {"amber": 0.04, "red": 0.10}, "recovered_a": {"amber": 0.3, "red": 0.1}},
    } | change


@pytest.fixture
def limits() -> Limits:
    return limits_from(record(), "made.json")


@pytest.mark.parametrize(
    ("name", "value", "colour"),
    [
        ("overshoot", 0.0, "green"),
        ("overshoot", 0.04, "green"),
        ("overshoot", 0.05, "amber"),
        ("overshoot", 0.10, "amber"),
        ("overshoot", 0.11, "red"),
        ("recovered_a", 0.9, "green"),
        ("recovered_a", 0.3, "green"),
        ("recovered_a", 0.2, "amber"),
        ("recovered_a", 0.05, "red"),
        ("overshoot", float("nan"), "not run"),
        ("recovered_b", 0.0, "not run"),
    ],
)
def test_a_value_beyond_a_limit_has_its_colour(limits: Limits, name: str, value: float, colour: str) -> None:
    assert limits.colour(name, value) == colour


def test_severity_is_0_at_amber_and_1_at_red_in_either_direction(limits: Limits) -> None:
    assert [limits.severity("overshoot", value) for value in (0.04, 0.10)] == pytest.approx([0, 1])
    assert [limits.severity("recovered_a", value) for value in (0.3, 0.1)] == pytest.approx([0, 1])
    assert limits.severity("recovered_a", 0.9) < 0


def test_limits_come_back_as_they_were_written(limits: Limits, tmp_path: Path) -> None:
    path = tmp_path / "made_limits.json"
    path.write_text(json.dumps(as_record(limits)), encoding="utf-8")
    assert as_record(read_limits(path)) == record()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([], "schema"),
        (record(schema="refusion-limits/2"), "schema"),
        (record(weights_sha256="abc"), "which weights"),
        (record(weights_sha256=None), "which weights"),
        (record(calibrated_on=" "), "what it was calibrated on"),
        (record(limits=[1]), "no limits"),
        (record(limits={"overshot": {"amber": 1, "red": 2}}), "no indicator 'overshot'"),
        (record(limits={"missed": {"amber": 1, "red": 2}}), "no indicator 'missed'"),
        (record(limits={"overshoot": {"amber": 0.1}}), "one amber and one red"),
        (record(limits={"overshoot": {"amber": "0.1", "red": 0.2}}), "not numbers"),
        (record(limits={"overshoot": {"amber": True, "red": 2}}), "not numbers"),
        (record(limits={"overshoot": {"amber": 0.1, "red": float("nan")}}), "not numbers"),
        (record(limits={"overshoot": {"amber": 0.2, "red": 0.1}}), "is not above its amber limit"),
        (record(limits={"recovered_a": {"amber": 0.2, "red": 0.2}}), "is not below its amber limit"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(bad: object, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        limits_from(bad, "made_limits.json")
    assert "made_limits.json" in str(refused.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "made_limits.json"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match="cannot be read"):
        read_limits(path)


def test_limits_are_found_by_the_hash_of_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_file, "__file__", str(tmp_path / "evidence" / "limits.py"))
    (tmp_path / "weights").mkdir()
    assert find_limits(SHA) is None
    for name, sha256 in (("one", "cd" * 32), ("two", SHA)):
        text = json.dumps(record(weights_sha256=sha256, calibrated_on=f"For {name}."))
        (tmp_path / "weights" / f"{name}_limits.json").write_text(text, encoding="utf-8")
    found = find_limits(SHA)
    assert found is not None
    assert found.calibrated_on == "For two."
    assert find_limits("0" * 64) is None


def test_the_installed_limits_are_readable() -> None:
    find_limits("")

"""An indicator is added in one place, and stands wherever indicators do."""

from pathlib import Path

import numpy as np
import pytest

from napari_refusion.evidence import indicators
from napari_refusion.evidence.indicators import Indicator
from napari_refusion.evidence.limits import Limits, limits_from
from napari_refusion.report.gathering import gather
from napari_refusion.report.page import report_html
from napari_refusion.session.examined import Examined
from napari_refusion.session.reading import Reading
from napari_refusion.session.sentences import number_rows
from tests.reviewed import COUNT, fused

GRAIN = Indicator(
    "grain of source b",
    "How much the brightness of source b varies.",
    "Structure counts as grain.",
    "above",
    "Output",
    lambda one: float(one.images.b[one.foreground].std()),
    is_share=False,
)


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setitem(indicators._TABLE, "grain", GRAIN)
    return Reading.open(tmp_path / "project", "R1", fused())


def take(reading: Reading, **limits: dict[str, float]) -> None:
    """Let the fusion be examined, with these limits for its weights."""
    *_, found = reading.examine() or ()
    assert isinstance(found, Examined)
    reading.take(Examined(found.examination, made(reading.session.partial.weights_sha256, **limits)))


def made(weights_sha256: str, **limits: dict[str, float]) -> Limits:
    record = {"schema": "refusion-limits/1", "weights_sha256": weights_sha256, "calibrated_on": "Made up."}
    return limits_from(record | {"limits": limits}, "made.json")


def test_a_new_indicator_is_measured_judged_marked_and_reported(reading: Reading) -> None:
    take(reading, grain={"amber": 0.1, "red": 0.2})
    session = reading.session
    assert session.examination is not None
    # the standard deviation of even noise in [0, 1) is 1 / sqrt(12), over its foreground nearly so
    assert session.examination.numbers["grain"] == pytest.approx(np.full(COUNT, 12**-0.5), abs=0.05)
    [row] = [row for row in number_rows(session, 2) if row.title == "grain of MRI"]
    assert row.colour == "red"
    output = next(outcome for outcome in session.check_outcomes() if outcome.check == "Output")
    assert output.colour == "red"
    assert "Grain of MRI (amber above 0.100, red above 0.200): How much the brightness of MRI varies." in output.rule
    assert all("Grain of MRI" in "".join(session.flagged[index]) for index in range(COUNT))
    stored = reading.store.rows.examination(session.run.run_id)
    assert stored is not None
    assert len(stored["numbers"]["grain"]) == COUNT
    content = gather(session, reading.fusion.provenance, reading.fusion.findings)
    assert "grain of MRI" in [curve.title for curve in content.curves]
    page = report_html(content)
    assert page.count("How much the brightness of MRI varies.") == 1
    assert "grain of MRI over the slices" in page


def test_limits_from_before_leave_a_new_indicator_unjudged(reading: Reading) -> None:
    take(reading, overshoot={"amber": 0.9, "red": 0.95})
    output = next(outcome for outcome in reading.session.check_outcomes() if outcome.check == "Output")
    assert "Not judged:" in output.sentence
    assert "grain of MRI" in output.sentence.split("Not judged:")[1]
    assert not any("rain of MRI" in sentence for one in reading.session.flagged.values() for sentence in one)

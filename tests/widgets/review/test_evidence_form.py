"""The numbers of a slice as a small table."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from napari_refusion.session.reading import Reading
from napari_refusion.widgets.review.evidence_form import EvidenceForm
from tests.reviewed import fused


def test_a_number_is_never_parted_from_its_unit(tmp_path: Path, qtbot: QtBot) -> None:
    reading = Reading.open(tmp_path / "project", "R1", fused())
    *_, found = reading.examine() or ()
    reading.take(found)
    form = EvidenceForm()
    qtbot.addWidget(form)
    form.show_slice(reading.session, 2)
    assert "&nbsp;%" in form.numbers.text()
    assert " %" not in form.numbers.text()

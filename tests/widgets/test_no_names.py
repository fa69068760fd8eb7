"""Nothing that a review leaves behind says who the patient is, and neither does any log."""

import base64
import gzip
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.review.panel import ReviewPanel
from tests.dicom_series import series, write

NAME, NUMBER, BORN, STUDIED, PLACE = "CANARY^JANE", "CANARY-0815", "19710203", "20240229", "CANARY_HOSPITAL"

CANARIES = ("canary", BORN, STUDIED, "1971-02-03", "2024-02-29")
"""In lower case; nothing that is written may hold one."""

DESCRIPTION = "described at length"
"""Of a series, which is what its layer is called. napari logs names of layers at the level DEBUG; no file holds one."""


def sing(image: Dataset) -> None:
    """Put canaries into an image's header."""
    image.PatientName, image.PatientID, image.PatientBirthDate = NAME, NUMBER, BORN
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = STUDIED
    for keyword in ("InstitutionName", "StudyDescription", "ProtocolName", "AccessionNumber"):
        assert dictionary_VR(keyword) in ("LO", "SH")
        setattr(image, keyword, PLACE[:16])
    image.SeriesDescription = DESCRIPTION
    image.ReferringPhysicianName = image.OperatorsName = NAME
    image.PatientComments = image.ImageComments = f"{NAME} of {PLACE}"


@pytest.fixture
def folders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> tuple[Path, Path]:
    """MRI and CT of one patient in folders that carry the name; from here on everything is logged."""
    caplog.set_level(logging.DEBUG)
    pair = series("MR", 3), series("CT", 4)
    for images in pair:
        for image in images:
            image.FrameOfReferenceUID = pair[0][0].FrameOfReferenceUID
            sing(image)
    root = tmp_path / "CANARY^JANE 1971-02-03"
    return write(root / "mr_canary", pair[0]), write(root / "ct_canary", pair[1])


@pytest.fixture
def panel(
    make_napari_viewer: Callable[..., Viewer], folders: tuple[Path, Path], weights: Path, tmp_path: Path, qtbot: QtBot
) -> ReviewPanel:
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer()
    for folder in folders:
        viewer.open(folder, plugin="napari-refusion")
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.canvas is not None and widget.canvas.is_complete, timeout=60_000)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    panel: ReviewPanel = widget.panels.review
    panel.begin(tmp_path / "project", "R1")
    qtbot.waitUntil(lambda: panel.session is not None and panel.session.examination is not None, timeout=60_000)
    return panel


def contents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file with everything in it that can be read, unpacked."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        text = content.decode("latin-1")
        if path.suffix == ".sqlite":
            with sqlite3.connect(path) as connection:
                text = "\n".join(connection.iterdump())
        if path.suffix == ".html":
            pictures = re.findall(r"base64,([A-Za-z0-9+/=]+)", text)
            text += "".join(base64.b64decode(picture).decode("latin-1") for picture in pictures)
        yield path, f"{path.relative_to(folder)}\n{text}".lower()


def test_no_name_number_or_date_is_in_any_file_or_log(
    panel: ReviewPanel, tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    session = panel.session
    assert session is not None
    panel.judging.answer("aligned")
    for index in range(session.count):
        session.look(index, 3.0)
        session.judge(index, "flag", ["uptake_lost"])
    session.mark_key(1, is_key=True)
    session.finish("usable_with_flags", 3.0)
    panel.output.mirror(session)
    for kind in ("report", "nifti", "dicom"):
        with qtbot.waitSignal(panel.output.written, timeout=60_000):
            panel.output.write(kind, session, panel.started, panel.source_paths())
    panel.end()
    written = dict(contents(tmp_path / "project"))
    endings = {path.suffix for path in written}
    assert {".sqlite", ".html", ".pdf", ".json", ".tsv", ".gz", ".dcm"} <= endings
    for path, text in written.items():
        assert [word for word in (*CANARIES, DESCRIPTION) if word in text] == [], path.name
    logged = "\n".join(record.getMessage() for when in ("setup", "call") for record in caplog.get_records(when)).lower()
    assert logged
    assert [word for word in CANARIES if word in logged] == []

"""Nothing that a review leaves behind says who the patient is, and neither does any log."""

import base64
import gzip
import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.datadict import dictionary_VR

from napari_refusion.io.open import open_volume
from napari_refusion.report.output import OUTPUTS, write_output
from napari_refusion.session.examined import Examined
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.reading import Reading
from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.widgets.review.report_pdf import write_pdf
from tests.canaries import UID, plant
from tests.dicom_series import series, write
from tests.reviewed import fused

pytestmark = pytest.mark.usefixtures("qapp")  # a PDF needs Qt's fonts

NAME, NUMBER, BORN, STUDIED, PLACE = "CANARY^JANE", "CANARY-0815", "19710203", "20240229", "CANARY_HOSPITAL"

CANARIES = ("canary", BORN, STUDIED, "1971-02-03", "2024-02-29")
"""In lower case; nothing that is written may hold one."""

SPACE = "2.25.71"
"""Frame of reference of both series."""

DESCRIPTION = "described at length"
"""Of a series, which is what its layer is called. napari logs names of layers at the level DEBUG; no file holds one."""


def sing(image: Dataset) -> None:
    """Put canaries into an image's header, wherever there is room for a text."""
    plant(image)
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
            image.FrameOfReferenceUID = SPACE
            sing(image)
    root = tmp_path / "CANARY^JANE 1971-02-03"
    return write(root / "mr_canary", pair[0]), write(root / "ct_canary", pair[1])


@pytest.fixture
def fusion(folders: tuple[Path, Path]) -> ReviewedFusion:
    mri, ct = (open_volume(folder) for folder in folders)
    return fused(ct, mri, paths=(folders[1], folders[0]))


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


def draw(fusion: ReviewedFusion, reading: Reading) -> None:
    """Draw a lesion on each source."""
    lesions = LesionSession()
    lesions.show_pair(fusion.partial)
    lesions.open_review(reading.session)
    grid = fusion.partial.study.grid
    for source in range(2):
        assert lesions.add_at(grid.point_at((np.array(grid.shape) - 1) / 2), "sphere", 6.0, source)


def test_no_name_number_or_date_is_in_any_file_or_log(
    fusion: ReviewedFusion, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reading = Reading.open(tmp_path / "project", "R1", fusion)
    reading.begin()
    *_, found = reading.examine() or ()
    assert isinstance(found, Examined)
    reading.take(found)
    reading.answer("aligned")
    for index in range(reading.session.count):
        reading.look(index, 3.0)
        reading.pend(index, "flag")
        reading.toggle_reason(index, "uptake_lost")
    reading.toggle_key(1)
    draw(fusion, reading)
    reading.finish("usable_with_flags", 3.0)
    for kind in OUTPUTS:
        [files] = write_output(kind, reading.session, fusion)
        reading.note_export([kind])
        if kind == "report":
            write_pdf(files[0], files[0].with_suffix(".pdf"))
    reading.close()
    written = dict(contents(tmp_path / "project"))
    endings = {path.suffix for path in written}
    assert {".sqlite", ".html", ".pdf", ".json", ".tsv", ".gz", ".dcm"} <= endings
    for path, text in written.items():
        assert [word for word in (*CANARIES, DESCRIPTION, UID) if word in text] == [], path.name
    logged = "\n".join(record.getMessage() for when in ("setup", "call") for record in caplog.get_records(when)).lower()
    assert logged
    assert [word for word in CANARIES if word in logged] == []

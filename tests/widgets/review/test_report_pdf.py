from pathlib import Path

import pytest
from qtpy.QtCore import QUrl

from napari_refusion.lesion.measures import heading
from napari_refusion.report.lesions import MEASURED, LesionSection
from napari_refusion.report.page import report_html, write_report
from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.review.report_pdf import ReportPages, write_pdf
from tests.reported import case_content

pytestmark = pytest.mark.usefixtures("qapp")


def page_texts(path: Path) -> list[str]:
    """Return the text of every page."""
    qt_pdf = pytest.importorskip("qtpy.QtPdf")
    document = qt_pdf.QPdfDocument(None)
    document.load(str(path))
    return [document.getAllText(number).text() for number in range(document.pageCount())]


def test_a_report_becomes_pages_with_all_of_its_sections(tmp_path: Path) -> None:
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    write_report(case_content(), page)
    count = write_pdf(page, pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    texts = page_texts(pdf)
    assert len(texts) == count > 2
    whole = " ".join("".join(texts).split())
    for words in ("1. Verdict", "3. Images", "5. Missed uptake", "7. How it was made", "9. Record", "c" * 64):
        assert words in whole
    assert "<script>alert('x')</script>" in whole.replace("</ script>", "</script>")
    for number, text in enumerate(texts):
        assert f"Research use only - page {number + 1} of {count}" in text


def test_the_headings_of_a_table_of_lesions_are_not_broken_within_words(tmp_path: Path) -> None:
    named = (heading(name, "SUVbw") for name in MEASURED)
    headings = ("No.", "Lesion", "Site", "Method", *named, "Shown (%)")
    line = ("1", "Lesion 1", "right axilla", "isocontour 41 %", *["12.34"] * len(MEASURED), "47 %")
    section = LesionSection(tables=(("PET", (headings, line)),))
    write_pdf(report_html(case_content(lesions=section)), tmp_path / "report.pdf")
    whole = " ".join(" ".join(page_texts(tmp_path / "report.pdf")).split())
    for word in " ".join(headings).split():
        assert word in whole


def test_pictures_are_in_the_file(tmp_path: Path) -> None:
    with_pictures, without = tmp_path / "with.pdf", tmp_path / "without.pdf"
    write_pdf(report_html(case_content()), with_pictures)
    write_pdf(report_html(case_content(panels=(), curves=())), without)
    assert with_pictures.read_bytes().count(b"/Subtype /Image") >= 5  # four slices and a curve
    assert without.read_bytes().count(b"/Subtype /Image") == 0


def test_nothing_of_the_patient_is_in_a_pdf_that_is_not_identified(tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"
    write_pdf(report_html(case_content()), pdf)
    assert "canary" not in "".join(page_texts(pdf)).casefold()
    assert b"CANARY" not in pdf.read_bytes()


def test_a_heading_stays_with_what_it_is_about(tmp_path: Path) -> None:
    for lines in range(30, 46):  # somewhere among these the heading would stand alone at the foot
        body = "<p>line</p>" * lines + "<h2>Heading</h2><p>About it</p><p>and more</p>"
        write_pdf(f"<html><title>t</title><body>{body}</body></html>", tmp_path / f"{lines}.pdf")
        last = page_texts(tmp_path / f"{lines}.pdf")[-1]
        assert "Heading" in last
        assert "About it" in last


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(case_content().panels[0].png)
    pages = ReportPages("<p>text</p>", 600, 800)
    for address in (QUrl.fromLocalFile(str(picture)), QUrl("https://example.org/a.png"), QUrl("picture.png")):
        assert pages.loadResource(2, address).isNull()


def test_a_pdf_is_never_written_over_by_accident(tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"
    write_pdf("<p>one</p>", pdf)
    with pytest.raises(RefusedError, match="already exists"):
        write_pdf("<p>two</p>", pdf)
    assert write_pdf("<p>two</p>", pdf, overwrite=True) == 1
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".pdf"] == ["report.pdf"]


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"none\.html cannot be read"):
        write_pdf(tmp_path / "none.html", tmp_path / "report.pdf")

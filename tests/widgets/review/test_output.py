"""What a review leaves behind is written in another thread than the window's."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QObject

import napari_refusion.report.output
from napari_refusion.report.page import write_report
from napari_refusion.volume.finding import refuse
from napari_refusion.widgets.review import report_pdf
from napari_refusion.widgets.review.output import ReviewOutput
from tests.reported import case_content


class Said(QObject):
    """A review's output whose words are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.output, self.words, self.files = ReviewOutput(self), list[str](), list[Any]()
        self.output.message.connect(self.words.append)
        self.output.done.connect(self.words.append)
        self.output.written.connect(lambda _kind, files, _session: self.files.extend(files))

    def write(self, qtbot: QtBot) -> None:
        """Write a report, and wait until it is said what came of it."""
        self.output.write("report", type("Reading", (), {"session": None, "fusion": None})())  # type: ignore[arg-type]
        qtbot.waitUntil(lambda: self.words[-1] != "Writing ...", timeout=60_000)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def written(*_given: object) -> Iterator[tuple[Path, ...]]:
        write_report(case_content(), tmp_path / "report.html")
        yield (tmp_path / "report.html",)

    monkeypatch.setattr(napari_refusion.report.output, "write_output", written)
    return tmp_path / "report.html"


def test_the_pdf_is_set_in_another_thread(page: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    write_pdf = report_pdf.write_pdf

    def noted(report: Path, path: Path) -> int:
        threads.append(threading.current_thread())
        return write_pdf(report, path)

    monkeypatch.setattr(report_pdf, "write_pdf", noted)
    said = Said()
    said.write(qtbot)
    assert threads
    assert threading.main_thread() not in threads
    assert said.files == [page, page.with_suffix(".pdf")]
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


def test_a_page_stays_and_it_is_said_why_there_is_no_pdf(
    page: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def refused(_report: Path, _path: Path) -> int:
        raise refuse("output", "Choose another place: nothing can be written here.")

    monkeypatch.setattr(report_pdf, "write_pdf", refused)
    said = Said()
    said.write(qtbot)
    assert said.files == [page]
    assert said.words[-1].endswith("Choose another place: nothing can be written here.")


def test_leaving_a_review_while_a_report_is_written_says_nothing_more(
    page: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    begun, released = threading.Event(), threading.Event()

    def late(_report: Path, _path: Path) -> int:
        begun.set()
        released.wait(30)
        return 1

    monkeypatch.setattr(report_pdf, "write_pdf", late)
    said = Said()
    said.output.write("report", type("Reading", (), {"session": None, "fusion": None})())  # type: ignore[arg-type]
    qtbot.waitUntil(begun.is_set, timeout=60_000)
    said.output.close()
    released.set()
    qtbot.wait(50)
    assert said.words == ["Writing ..."]
    assert said.files == []

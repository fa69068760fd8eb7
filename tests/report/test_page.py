import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.weights_files import find_weights, load_weights
from napari_refusion.report.page import loud_notice, moment, report_html, write_report
from napari_refusion.volume.finding import RefusedError
from tests.reported import CANARIES, FORMULA, SCRIPT, case_content

VOID = ("meta", "img", "br")
"""Elements without an end (HTML standard, 13.1.2)."""


class Page(HTMLParser):
    """Everything of a page, and whether its elements are nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
            if "tr" in self.open:
                self.rows[-1] += f"{data}|"

    def row(self, first: str) -> str:
        """Return the text of the first row that begins with a cell."""
        return next(row for row in self.rows if row.startswith(f"{first}|"))


@pytest.fixture(scope="module")
def html() -> str:
    return report_html(case_content())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_page_is_well_formed(html: str) -> None:
    assert html.startswith("<!DOCTYPE html>\n")
    names = [name for name, _ in Page(html).elements]
    assert names.count("title") == names.count("h1") == 1


def test_a_parser_of_the_html_standard_finds_no_error(html: str) -> None:
    html5lib = pytest.importorskip("html5lib")
    parser = html5lib.HTMLParser()
    parser.parse(html)
    assert parser.errors == []


def test_nothing_is_loaded_and_nothing_runs(page: Page) -> None:
    for name, attributes in page.elements:
        assert name not in ("script", "link", "iframe", "object", "embed", "form", "base", "a")
        assert attributes.get("src", "data:image/").startswith("data:image/")
        assert not [key for key in attributes if key.startswith("on") or key == "href"]
    assert not re.search(r"url\(|@import|https?:", report_html(case_content(panels=(), curves=())))


def test_every_picture_says_how_large_it_is_and_what_it_shows(page: Page) -> None:
    pictures = [attributes for name, attributes in page.elements if name == "img"]
    assert len(pictures) == 5  # four slices and one curve
    assert all(one["alt"] and int(one["width"]) <= 680 and int(one["height"]) <= 410 for one in pictures)


def test_headings_of_columns_are_repeated_on_every_page_that_a_table_is_printed_on(html: str) -> None:
    tables = [part.partition("</table>")[0].strip() for part in re.split("<table[^>]*>", html)[1:]]
    # a row of headings alone; in other tables each row begins with one
    headed = [one for one in tables if "<td" not in one.partition("</tr>")[0]]
    assert [re.findall("<th>([^<]*)", one)[0] for one in headed] == ["Check", "Finding", "Slice", "Slice", ""]
    assert [one[:60] for one in headed if not one.startswith("<thead><tr>")] == []


def test_what_a_person_typed_is_shown_as_text(html: str, page: Page) -> None:
    assert "<script" not in html
    for typed in (SCRIPT, FORMULA, 'a "quoted" caption', "R<1>", "fine & dandy", "seen twice"):
        assert typed in page.text


def test_letters_that_no_page_may_hold_or_that_turn_a_text_around_are_left_out(html: str) -> None:
    assert "\x00" not in html
    assert "\u202e" not in html


def test_without_identity_no_word_of_the_files_is_in_the_report(html: str) -> None:
    assert [word for word in CANARIES if word.casefold() in html.casefold()] == []
    assert "PET was resampled to the grid of MRI." in html
    assert "slice spacing" in html


def test_an_identified_report_shows_what_the_files_say() -> None:
    html = report_html(case_content(identified=True))
    for word in ("CANARY_DOE pet", "/data/CANARYDIR/1971-02-03.dcm lies off.", "CANARY_WEIGHTS.safetensors"):
        assert word in html
    assert Page(html).row("Files") == "Files|/data/CANARYDIR/CANARY_DOE.nii, canary-path|"


def test_it_says_verdict_fit_and_coverage(page: Page) -> None:
    assert page.row("Verdict").startswith("Verdict|usable with flags|, confidence 3 of 4")
    assert page.row("Alignment of the sources").endswith("slightly off|")
    assert "5 of 6 slices of the body were seen, and 1 of 2 that indicators warn of, in 12 s" in page.text
    assert page.row("Slices").endswith("1 accepted, 1 flagged, 1 rejected|")


def test_a_failed_check_stands_at_the_top_and_beside_it_why_it_was_passed_over(page: Page) -> None:
    assert page.text.index("CHECK FAILED: Registration (overridden)") < page.text.index("case-1a2b", 40)
    assert page.row("Registration").split("|")[1] == "FAILED"
    assert page.row("Registration").endswith("seen twice|")


def test_all_slices_that_were_flagged_or_rejected_or_that_an_indicator_warns_of_are_in_the_table(page: Page) -> None:
    assert page.row("2").startswith(f"2|S 26.0 mm|flagged: uptake lost or hidden|3 s|{SCRIPT}|")
    assert page.row("4").startswith("4|S 18.0 mm|REJECTED: wrong side or orientation, other")
    assert page.row("6") == "6|S 10.0 mm|not seen|Saturation 12 %.|Step 0.2.|"
    assert "Seen without a remark: 1. Not seen: 6." in page.text


def test_what_was_said_of_an_earlier_fusion_is_struck_through(html: str) -> None:
    assert "<del>REJECTED: flicker or step between slices</del>" in html


def test_missed_uptake_is_given_in_the_unit_of_the_source(page: Page) -> None:
    row = "2|R 4.0  A 16.0  S 26.0 mm|5 SUVbw (50 % of the window)|8 %|"  # half of a window of 10 SUVbw
    assert row in page.rows


def test_it_says_how_the_volume_was_made(page: Page) -> None:
    assert page.row("Window") == "Window|0 to 10 SUVbw|0 to 900 a.u.|"
    assert page.row("Moved by registration").startswith("Moved by registration|by 3.0 mm and 1.5 degrees|no")
    assert page.row("SHA-256") == f"SHA-256|{'a' * 64}|{'b' * 64}|"
    assert "6 x 20 x 16 voxels of 4 x 2 x 2 mm" in page.row("Grid")
    assert "feed" * 16 in page.row("Weights")
    assert "c" * 64 in page.text
    assert "tamper-evident, not tamper-proof" in page.text


def test_each_of_the_twelve_hazards_has_a_row_of_two_sentences(page: Page) -> None:
    titles = [row.split("|")[0] for row in page.rows]
    first, last = titles.index("Values are lost"), titles.index("Automation bias")
    assert last - first + 1 == 12
    assert all(row.count(". ") == 1 for row in page.rows[first : last + 1])


@pytest.mark.parametrize("task", ["medical", "infrared_visible", "multi_focus", "multi_exposure"])
def test_only_of_other_weights_is_it_said_that_swapped_sources_may_give_another_image(page: Page, task: str) -> None:
    weights = load_weights(find_weights(task))
    engine = TorchEngine(build_fusion_net(weights), weights, torch.device("cpu"))
    a, b = np.random.default_rng(5).random((2, 24, 32), np.float32)
    np.testing.assert_allclose(engine.fuse(a, b), engine.fuse(b, a), atol=1e-5)
    assert page.row("Order of the sources").startswith("Order of the sources|Other weights than this package's may")


def test_a_review_without_a_verdict_says_so() -> None:
    content = case_content(finished="", missed=(), missed_run=False, panels=(), left_out=2)
    review = type(content.review)()
    text = Page(report_html(case_content(finished="", review=review, missed=(), panels=(), left_out=2))).text
    assert "none yet: this review is not finished" in text
    assert "not answered" in text
    assert "2 more slices would belong here and are left out" in text
    assert "That does not mean that nothing was lost" in text


def test_a_report_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    content = case_content(panels=())
    write_report(content, path)
    assert path.read_text(encoding="utf-8") == report_html(content)
    with pytest.raises(RefusedError, match="already exists"):
        write_report(content, path)
    write_report(content, path, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("utc", "words"),
    [
        ("2025-03-01T14:05:59.123+00:00", "2025-03-01 14:05 UTC"),
        ("2025-03-01T14:05:00+02:00", "2025-03-01 12:05 UTC"),
        ("", "not yet"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_moment_is_written_in_universal_time(utc: str, words: str) -> None:
    assert moment(utc) == words


def test_the_notice_is_loud() -> None:
    assert loud_notice("Research use only, not for diagnosis.") == "RESEARCH USE ONLY, not for diagnosis."
    assert loud_notice("Not for diagnosis.") == "RESEARCH USE ONLY. Not for diagnosis."


def test_a_report_on_a_fusion_without_a_network_names_the_rule() -> None:
    making = replace(case_content().making, weights="average", rule="the mean of both sources at every pixel")
    limits = ("Amber is above the average of patients.",)
    page = Page(report_html(case_content(making=making, limits=limits)))
    assert "none: fused by a fixed rule (average), the mean of both sources at every pixel" in page.row("Weights")
    assert "medical" not in page.row("Weights")
    assert limits[0] in page.text  # the rule's name is no name of a file: it stays


@pytest.mark.parametrize(
    ("sources", "row"),
    [
        (("SUV 0-5, body", "header, BRAIN"), "Window by|SUV 0-5, body|header, BRAIN|"),
        (("", "chosen"), "Window by|not noted|chosen|"),
    ],
)
def test_the_page_says_where_each_window_came_from(sources: tuple[str, str], row: str) -> None:
    content = case_content()
    page = Page(report_html(replace(content, making=replace(content.making, window_sources=sources))))
    assert page.row("Window by") == row


def test_the_page_of_an_older_record_says_nothing_of_that(page: Page) -> None:
    assert not any(row.startswith("Window by") for row in page.rows)


def test_a_record_that_is_not_sound_stands_at_the_top_in_red() -> None:
    html = report_html(case_content(record=("DAMAGED", "expected a sound database, found a damaged one")))
    begin = html.index('<p class="failed">RECORD DAMAGED: what reader')
    assert begin < html.index("<h2>1. Verdict</h2>")
    assert "expected a sound database, found a damaged one" in html
    assert "RECORD " not in report_html(case_content())


@pytest.mark.parametrize("signed", ["not signed", "signed with the key ab12"])
def test_the_page_says_whether_the_record_is_signed(signed: str) -> None:
    assert f"The record is {signed}." in Page(report_html(case_content(signed=signed))).text


def test_no_slice_of_a_photograph_has_a_place_in_a_patient(page: Page) -> None:
    assert "Slice 2 of 6, S 26.0 mm: " in page.text  # slices of 4 mm, the first one at S 30
    photograph = Page(report_html(replace(case_content(), is_photograph=True)))
    assert "Slice 2 of 6: " in photograph.text
    assert not re.search(r"\b[SI] \d+\.\d mm", photograph.text)

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from napari_refusion.look import CHECKS
from napari_refusion.model.tasks import TASKS, installed_weights
from napari_refusion.record.case import CaseReview, SliceReview
from napari_refusion.report.card import read_card
from napari_refusion.report.content import choose_panels
from napari_refusion.report.rows import finding_rows
from napari_refusion.report.words import duration, findings_in_words, readable, without_names
from napari_refusion.volume.finding import Finding, RefusedError
from tests.reported import case_content


def review(**slices: SliceReview) -> CaseReview:
    return CaseReview(slices=MappingProxyType({int(name[1:]): one for name, one in slices.items()}))


def test_what_the_reader_marked_comes_before_what_indicators_warn_of() -> None:
    said = review(
        _9=SliceReview(is_key=True),
        _3=SliceReview(verdict="flag", is_key=True),
        _7=SliceReview(verdict="reject"),
        _1=SliceReview(verdict="accept"),
    )
    flagged = {2: ("one",), 7: ("one",), 8: ("one", "two")}
    chosen, left_out = choose_panels(said, flagged, most=4)
    assert list(chosen) == [7, 3, 9, 8]
    assert chosen[3] == "flagged by the reader, key image"
    assert chosen[7] == "rejected by the reader, flagged by indicators"
    assert left_out == 1


def test_there_are_at_most_24_pictures() -> None:
    chosen, left_out = choose_panels(review(), dict.fromkeys(range(40), ("one",)))
    assert len(chosen) == 24
    assert left_out == 16


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("T1 and DOE^JANE differ", "MRI and PET differ"),
        ("t1 in T12 and MRT1", "MRI in T12 and MRT1"),  # short names are whole words
        ("xdoe^janex.nii", "xPETx.nii"),  # long ones anywhere
        ("DOE^JANE late", "CT"),  # the longest name first
    ],
)
def test_names_become_words(text: str, plain: str) -> None:
    assert without_names({"T1": "MRI", "DOE^JANE": "PET", "DOE^JANE late": "CT", "": "nothing"})(text) == plain


def test_no_name_changes_no_text() -> None:
    assert without_names({})("as it is") == "as it is"


def test_warnings_come_before_passed_checks() -> None:
    assert [one.level for one in findings_in_words(case_content())] == ["warn", "warn", "ok"]


def test_of_what_readers_of_files_noticed_only_the_rule_is_told() -> None:
    (finding,) = (one for one in findings_in_words(case_content()) if one.rule == "slice spacing")
    assert finding.value == ""
    assert finding.sentence.startswith("Its sentence quotes a file")


def test_text_stays_readable_in_every_script() -> None:
    assert readable("Größe 頭 می‌خواهم 👩‍⚕️\n\tend") == "Größe 頭 می‌خواهم 👩‍⚕️\n\tend"
    assert readable("a\x1b[31mb\ud800c\ufffed\u2066") == "a[31mbcd"


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (245, "4 min 05 s")])
def test_a_time_is_in_minutes_and_seconds(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_model_card_gives_its_first_paragraph_and_its_limits(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(
        "# Title\n\nWhat it **is**,\nin `words`.\n\n| a |\n\n## Limits\n\n- One\n  limit.\n- Two.\n\n## More\n\n- no\n"
    )
    assert read_card(card) == ("What it is, in words.", "One limit.", "Two.")


def test_the_card_of_the_installed_weights_can_be_read() -> None:
    paragraphs = read_card(installed_weights()["medical"].with_suffix(".md"))
    assert "Research use only" in paragraphs[0]
    assert len(paragraphs) > 3


def test_marks_of_markdown_and_links_are_no_part_of_what_a_report_says_of_weights(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(
        "What it is (`a` **b**), 3 * 3 * 3.\n\n## Limits\n\n"
        "- The *missed uptake* lists it\n  ([table](../README.md#how)).\n- See [the page](b.md).\n",
        encoding="utf-8",
    )
    assert read_card(card) == ("What it is (a b), 3 * 3 * 3.", "The missed uptake lists it.", "See the page.")


@pytest.mark.parametrize("task", TASKS)
def test_what_a_report_says_of_installed_weights_is_plain_text(task: str) -> None:
    said = " ".join(read_card(installed_weights()[task].with_suffix(".md")))
    assert [mark for mark in ("](", "`", "**", " *", "](..") if mark in said] == []


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"model card none\.md cannot be read"):
        read_card(tmp_path / "none.md")


def test_what_was_not_run_is_not_printed_as_passed() -> None:
    content = case_content()
    not_run = Finding("ok", "evidence", "Not run: the map of what R rebuilds.", "R")
    rows = finding_rows(replace(content, findings=(*content.findings, not_run)))
    levels = {row["sentence"]: row["level"] for row in rows}
    assert levels["Not run: the map of what R rebuilds."] == CHECKS["not run"].printed

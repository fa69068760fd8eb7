"""Contrast is computed as WCAG 2.1 defines it, from the colours alone."""

import re
from pathlib import Path
from typing import get_args

import pytest

from napari_refusion import look
from napari_refusion.evidence.check_outcome import Colour
from napari_refusion.look import CELLS, CHECKS, DICOM_SIDES, LEVELS, SIDES, SIGNALS, VERDICTS, Signal
from napari_refusion.record.case import SLICE_VERDICTS
from napari_refusion.volume import finding
from napari_refusion.volume.affine import IPL

PACKAGE = Path(look.__file__).parent


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.1, definition of relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_standard_states() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.style)
def test_letters_can_be_read_on_every_colour(signal: Signal) -> None:
    assert contrast(signal.letters, signal.background) >= 4.5
    assert contrast(signal.ink, signal.paper) >= 4.5


def test_every_level_check_colour_and_verdict_has_one_look() -> None:
    assert tuple(LEVELS) == finding.LEVELS
    assert set(CHECKS) == set(get_args(Colour))
    assert tuple(VERDICTS) == SLICE_VERDICTS
    assert set(CELLS) == {"unseen", "seen", *SLICE_VERDICTS}


@pytest.mark.parametrize("table", [LEVELS, CHECKS, VERDICTS], ids=["levels", "checks", "verdicts"])
def test_words_and_colours_tell_results_apart(table: dict[str, look.Look]) -> None:
    for said in ("word", "printed"):
        assert len({getattr(one, said) for one in table.values()}) == len(table)
    judged = {name: one for name, one in table.items() if name != "not confirmed"}  # grey as well: nobody judged
    assert len({one.signal for one in judged.values()}) == len(judged)


def test_no_other_file_writes_a_colour_of_the_table_again() -> None:
    known = {colour for signal in SIGNALS for colour in (signal.background, signal.paper)} | {look.OVERLAY}
    known |= set(CELLS.values())
    files = [path for ending in ("*.py", "*.css", "*.html") for path in PACKAGE.rglob(ending)]
    again = {
        f"{path.relative_to(PACKAGE)} {colour}"
        for path in files
        if path != PACKAGE / "look.py"
        for colour in re.findall(r"#[0-9a-f]{6}", path.read_text(encoding="utf-8").lower())
        if colour in known
    }
    assert again == set()


def test_an_axis_of_an_array_ends_at_the_side_that_it_is_named_after() -> None:
    assert tuple(last for _, last in SIDES) == IPL


def test_dicom_names_head_and_foot_where_others_name_superior_and_inferior() -> None:
    """PS3.3, C.7.6.1.1.1: A, P, R, L, H, F."""
    letters = {DICOM_SIDES.get(letter, letter) for side in SIDES for letter in side}
    assert letters == set("APRLHF")

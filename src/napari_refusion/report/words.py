"""Words in a report: without what names the patient, and without characters that do harm."""

import unicodedata
from collections.abc import Callable
from typing import Final

from napari_refusion.fusion.nameless import without_names
from napari_refusion.report.content import ReportContent
from napari_refusion.volume.finding import Finding, severe_first

_TURNED: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of what follows: they make a text look like another."""

_QUOTES_A_FILE: Final = "Its sentence quotes a file: read it in the program, or in an identified report."


def readable(text: str) -> str:
    """Return a text that a person typed without characters that no page may hold, or that turn what follows around."""
    return "".join(letter for letter in text if letter in "\n\t" or not _is_harmful(letter))


def _is_harmful(letter: str) -> bool:
    code = ord(letter)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_no_character or letter in _TURNED or unicodedata.category(letter) in ("Cc", "Cs")


def plain_words(content: ReportContent) -> Callable[[str], str]:
    """Return what is done to every text that the program wrote: nothing where the report is identified."""
    if content.identified:
        return lambda text: text
    quoted = {finding.sentence: _QUOTES_A_FILE for finding in content.file_findings}
    files = {} if content.making.rule else {content.making.weights: "the weights"}
    return without_names({**content.names, **files, **quoted})


def findings_in_words(content: ReportContent) -> list[Finding]:
    """Return the findings as the report shows them, warnings first, without names unless it is identified."""
    plain = plain_words(content)
    shown = [Finding(one.level, one.rule, plain(one.sentence), plain(one.value)) for one in content.findings]
    for one in content.file_findings:
        shown.append(one if content.identified else Finding(one.level, one.rule, _QUOTES_A_FILE))
    return severe_first(shown)


def duration(seconds: float) -> str:
    """Return a time as ``45 s`` or ``4 min 05 s``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"

"""Findings: what the gates noticed about an input, in words that a reader of the images understands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "block"]
"""``ok``: checked and good. ``warn``: may be fused, look first. ``block``: must not be fused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    level: Level
    rule: str
    """What was checked, in a few words (``slice spacing``)."""
    sentence: str
    """What was found, naming the file or volume, the value, and for warn and block the remedy."""
    value: str = ""
    """The measured value with its unit (``4.7 mm``); empty where there is none."""


class RefusedError(ValueError):
    """An input that must not be fused. Its message is the sentences of the blocking findings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        """All findings, the blocking ones among them."""
        super().__init__(" ".join(finding.sentence for finding in blocking(self.findings)))


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that forbid fusing."""
    return [finding for finding in findings if finding.level == "block"]


def refuse(rule: str, sentence: str, value: str = "") -> RefusedError:
    """Return the error for one blocking finding, to be raised: ``raise refuse("geometry", "...")``."""
    return RefusedError([Finding("block", rule, sentence, value)])


def worst(findings: Iterable[Finding]) -> Level:
    """Return the most severe level among the findings, ``ok`` for none."""
    levels = {finding.level for finding in findings}
    return "block" if "block" in levels else "warn" if "warn" in levels else "ok"

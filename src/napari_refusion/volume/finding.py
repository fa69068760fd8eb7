"""Findings: what the gates noticed about an input, in words that a reader of the images understands."""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten
from typing import Final, Literal, get_args

from napari_refusion.unknown_name import unknown_name
from napari_refusion.volume.rule import RULES, Check

Level = Literal["ok", "warn", "block"]
"""``ok``: checked and good. ``warn``: may be fused, look first. ``block``: must not be fused."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""The most harmless first."""

_LONGEST: Final = 60
"""Characters that are shown of what was given in place of a name, such as a whole volume."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Raises
    ------
    ValueError
        If there is no such level, or no such rule in `rule.RULES`.
    """

    level: Level
    rule: str
    """What was checked: the name of one of `rule.RULES` (``slice spacing``)."""
    sentence: str
    """What was found, naming the file or volume, the value, and for warn and block the remedy."""
    value: str = ""
    """The measured value with its unit (``4.7 mm``); empty where there is none."""

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(unknown_name("level of findings", self.level, LEVELS))
        if self.rule not in RULES:
            raise ValueError(unknown_name("rule of findings", self.rule, RULES))

    @property
    def check(self) -> Check | None:
        """The QC check that it counts for, None for none."""
        return RULES[self.rule].check


class RefusedError(ValueError):
    """An input that must not be fused. Its message is the sentences of the blocking findings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        """All findings, the blocking ones among them."""
        super().__init__(" ".join(finding.sentence for finding in blocking(self.findings)))

    def __reduce__(self) -> tuple[type["RefusedError"], tuple[tuple[Finding, ...]]]:
        """Return how a copy, or another process, makes it again: an exception alone would be made of its message."""
        return type(self), (self.findings,)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that forbid fusing."""
    return [finding for finding in findings if finding.level == "block"]


def severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings from the most to the least severe, those of one level in their order."""
    return sorted(findings, key=lambda finding: -LEVELS.index(finding.level))


def refuse(rule: str, sentence: str, value: str = "") -> RefusedError:
    """Return the error for one blocking finding, to be raised: ``raise refuse("geometry", "...")``.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    return RefusedError([Finding("block", rule, sentence, value)])


def worst(findings: Iterable[Finding]) -> Level:
    """Return the most severe level among the findings, ``ok`` for none."""
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")


def check_name(rule: str, name: str, known: Iterable[str], kind: str = "") -> None:
    """Refuse a name that is not in a table, with one sentence that lists the known ones.

    Parameters
    ----------
    rule
        Of the finding, and what is named unless `kind` says it.
    """
    names = tuple(known)
    if not isinstance(name, str) or name not in names:  # a notebook may give anything
        given = name if isinstance(name, str) else shorten(str(name), _LONGEST, placeholder=" ...")
        raise refuse(rule, unknown_name(kind or rule, given, names), given)

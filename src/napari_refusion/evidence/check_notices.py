"""What a check is made of, and its colour and sentence: those of the worst."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from napari_refusion.evidence.check_outcome import CheckOutcome, Colour
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rule import Check

RANKS: Final[Sequence[Colour]] = ("not run", "green", "amber", "red")

OPENINGS: Final[dict[Colour, str]] = {"amber": "Look twice", "red": "Check failed"}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a check is made of."""

    colour: Colour
    words: str
    severity: float = 0.0
    """Compares those of one colour, see `Limits.severity`."""


def warned(findings: Iterable[Finding]) -> Iterator[Notice]:
    """Yield the warnings and blocks among findings."""
    for finding in findings:
        if finding.level != "ok":
            words = f"{finding.rule} ({finding.value})" if finding.value else finding.rule
            yield Notice("red" if finding.level == "block" else "amber", words)


def outcome_of(
    check: Check, rule: str, notices: Sequence[Notice], otherwise: str, without: Sequence[str] = ()
) -> CheckOutcome:
    """Return the check in the colour of the worst notice; `otherwise` is its sentence where none is amber or red."""
    colour: Colour = max((one.colour for one in notices), key=RANKS.index, default="not run")
    deciding = [one for one in notices if one.colour == colour]
    value = max(deciding, key=lambda one: one.severity).words if deciding else ""
    sentence = otherwise
    if colour in OPENINGS:
        bad = sorted((one for one in notices if one.colour in OPENINGS), key=lambda one: -RANKS.index(one.colour))
        sentence = f"{OPENINGS[colour]}: {', '.join(one.words for one in bad)}."
        sentence += f" {otherwise}" if otherwise.startswith("Not run") else ""
    return CheckOutcome(
        check, colour, value, rule, sentence + (f" Not judged: {', '.join(without)}." if without else "")
    )

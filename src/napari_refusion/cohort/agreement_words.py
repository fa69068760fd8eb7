"""How two readers agree, for the page of the summary in words, and in rows for other programs."""

from collections.abc import Iterator, Sequence
from typing import Final

from napari_refusion.cohort.agreement import Agreement, Figures
from napari_refusion.cohort.kappa import Interval
from napari_refusion.record.case import REASONS

COLUMNS: Final = ("question", "compared", "figure", "value", "low", "high")
"""Of the table, in their order; low and high are the ends of the 95 % interval."""

_QUESTIONS: Final = {"verdict": "Verdicts on cases", "registration": "Registration", "slices": "Verdicts on slices"}
"""Field of `Agreement` -> in words."""

_FIGURES: Final = {
    "same": "same",
    "kappa": "kappa",
    "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic weights",
    "ac1": "AC1",
}
"""Field of `Figures` -> in words."""

Row = tuple[str | int | float, ...]


def agreement_words(found: Agreement, readers: Sequence[str]) -> dict[str, str]:
    """Return the figures in words by their titles; those that have no value are left out."""
    words = {
        "Readers": f"{readers[0]} and {readers[1]}, {found.cases} case{'s' if found.cases != 1 else ''} read by both",
        "Discordant cases": f"{found.discordant} of {found.cases}",
    }
    if any(found.changed):
        words["Verdicts changed after seeing the other's"] = (
            f"{_cases_of(found.changed[0], readers[0])}, {_cases_of(found.changed[1], readers[1])}; all figures are of "
            "what was said before"
        )
    for name, title in _QUESTIONS.items():
        figures: Figures = getattr(found, name)
        parts = [f"{_FIGURES[figure]} {_in_words(interval)}" for figure, interval in _intervals(figures)]
        words[title] = f"{figures.count} compared: {'; '.join(parts) or 'no figure can be computed'}"
    given = [
        f"{REASONS[reason]} {readers[0]} {first:.0%}, {readers[1]} {second:.0%}"
        for reason, (first, second) in found.reasons.items()
        if first or second
    ]
    if given:
        words["Reasons, of all verdicts on slices"] = "; ".join(given)
    medians = [f"{name} {value:.1f} s" for name, value in zip(readers, found.seconds, strict=True) if value is not None]
    if medians:
        words["Median time for a slice"] = ", ".join(medians)
    return words


def _cases_of(count: int, reader: str) -> str:
    return f"{reader} in {count} case{'' if count == 1 else 's'}"


def repeat_words(found: Agreement, reader: str) -> dict[str, str]:
    """Return how a reader agrees with himself or herself over cases that came again."""
    words = agreement_words(found, (reader, reader))
    parts = [f"{title.lower()}: {words[title]}" for title in _QUESTIONS.values() if getattr(found, _named(title)).count]
    count = f"{found.cases} case{'' if found.cases == 1 else 's'} read twice"
    return {f"Reader {reader} again": ". ".join([count, *parts])}


def _named(title: str) -> str:
    return next(name for name, one in _QUESTIONS.items() if one == title)


def repeat_rows(found: Agreement, reader: str) -> Iterator[Row]:
    """Yield the figures of a reader's repeated cases as cells of `COLUMNS`."""
    yield f"{reader} again: cases", found.cases, "discordant", found.discordant, "", ""
    for name in _QUESTIONS:
        figures: Figures = getattr(found, name)
        for figure, interval in _intervals(figures):
            ends = (round(one, 4) for one in (interval.value, interval.low, interval.high))
            yield f"{reader} again: {name}", figures.count, figure, *ends


def agreement_rows(found: Agreement, readers: Sequence[str]) -> Iterator[Row]:
    """Yield the figures as cells of `COLUMNS`; for reasons the share of each reader's verdicts on slices, 0 to 1."""
    yield "cases", found.cases, "discordant", found.discordant, "", ""
    for reader, count in zip(readers, found.changed, strict=True):
        if any(found.changed):
            yield "cases", found.cases, f"verdict changed by {reader} after seeing the other's", count, "", ""
    for name in _QUESTIONS:
        figures: Figures = getattr(found, name)
        for figure, interval in _intervals(figures):
            ends = (round(one, 4) for one in (interval.value, interval.low, interval.high))
            yield name, figures.count, figure, *ends
    for reason, shares in found.reasons.items():
        for reader, share in zip(readers, shares, strict=True):
            yield f"reason {reason}", "", f"share of {reader}", round(share, 4), "", ""
    for reader, seconds in zip(readers, found.seconds, strict=True):
        if seconds is not None:
            yield "time for a slice", "", f"median seconds of {reader}", round(seconds, 2), "", ""


def _intervals(figures: Figures) -> Iterator[tuple[str, Interval]]:
    """Yield the figures that have a value."""
    for name in _FIGURES:
        interval: Interval | None = getattr(figures, name)
        if interval is not None:
            yield name, interval


def _in_words(interval: Interval) -> str:
    return f"{interval.value:.2f} (95 % interval {interval.low:.2f} to {interval.high:.2f})"

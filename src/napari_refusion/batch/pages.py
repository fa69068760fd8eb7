"""The page of each subject: every case of it, with its checks, numbers and pictures, in one file.

A page shows all results of its subject that are in the output, whichever run made them: sessions may be run one by one.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_refusion import look
from napari_refusion.batch.metrics import METRICS, TITLES
from napari_refusion.batch.outcome import Outcome, outcome_file, outcomes_of, read_outcome
from napari_refusion.evidence.indicators import INDICATORS, named
from napari_refusion.report.page import environment, write_page
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.rule import CHECKS

if TYPE_CHECKING:
    from napari_refusion.batch.cases import BatchCase
    from napari_refusion.batch.outcome import Measured, Picture

ENDED: dict[str, look.Look] = {
    "fused": look.Look(look.GREEN, "fused", "fused"),
    "refused": look.Look(look.AMBER, "refused", "REFUSED"),
    "failed": look.Look(look.RED, "failed", "FAILED"),
}
"""How a case ended -> how that looks."""


Result = tuple[Outcome, Path]
"""How a case ended, and the folder of its results."""


def page_of(subject: str, output: Path) -> Path:
    """Return where the page of a subject is."""
    return output / f"{subject}.html"


class Pages(NamedTuple):
    """Files about cases after they were brought up to date."""

    written: tuple[Path, ...]
    unwritten: tuple[Finding, ...]
    """Why others are not there or are the former ones: one for each, the level ``block``."""


def write_pages(cases: Iterable[BatchCase], output: Path, *, anew: bool = False) -> Pages:
    """Write the pages of subjects that are older than an outcome of theirs, or not there.

    Parameters
    ----------
    cases
        Of the input: the pages of their subjects are written.
    anew
        Whether all of them are written.
    """
    by_subject: dict[str, list[Path]] = {}
    for case in cases:
        by_subject.setdefault(case.subject, []).append(outcome_file(case, output))
    written, unwritten = [], list[Finding]()
    for subject, asked in by_subject.items():
        page, there = page_of(subject, output), outcomes_of(output / subject)
        try:
            if _is_stale(page, there, anew=anew):
                write_page(_html(subject, _results(there, asked)), page, overwrite=True)
                written.append(page)
        except RefusedError as error:
            unwritten += blocking(error.findings)
        except OSError as error:
            unwritten += blocking(_without_picture(subject, error).findings)
    return Pages(tuple(written), tuple(unwritten))


def _without_picture(subject: str, error: OSError) -> RefusedError:
    """Return why there is no page where what belongs on it cannot be read."""
    lost = Path(error.filename or subject)
    sentence = (
        f"Run the level participant again: {lost.name} cannot be read ({error.strerror or error}), so that {subject} "
        f"has no page: {lost}"
    )
    return refuse("output", sentence, str(lost))


def _results(there: Iterable[Path], asked: Sequence[Path]) -> list[Result]:
    """Return the results of a subject; those of earlier runs whose pictures were removed are not shown any more."""
    found = [(known, path.parent) for path in there if (known := read_outcome(path)) is not None]
    asked_for = {path.parent for path in asked}
    return [one for one in found if one[1] in asked_for or _has_pictures(*one)]


def _has_pictures(outcome: Outcome, folder: Path) -> bool:
    return all((folder / one.file).is_file() for one in (outcome.measured.pictures if outcome.measured else ()))


def _is_stale(page: Path, outcomes: Sequence[Path], *, anew: bool) -> bool:
    """Return whether a page is to be written: there is none for a subject of which nothing is known."""
    changed = [path.stat().st_mtime_ns for path in outcomes]
    return bool(changed) and (anew or not page.exists() or page.stat().st_mtime_ns < max(changed))


def _html(subject: str, results: Iterable[Result]) -> str:
    template = environment().get_template("subject.html")
    return template.render(title=f"Fused images of {subject}", cases=[_row(*one) for one in results])


def _row(outcome: Outcome, folder: Path) -> dict[str, Any]:
    measured = outcome.measured
    found: dict[str, Any] = {
        "name": outcome.case,
        "outcome": outcome,
        "look": ENDED[outcome.status],
        "measured": measured,
    }
    if measured is None:
        return found
    return found | {
        "checks": [(check, look.CHECKS[measured.checks[check]], measured.sentences[check]) for check in CHECKS],
        "numbers": number_rows(measured),
        "pictures": [(_uri(folder, picture), picture.why) for picture in measured.pictures],
        "levels": [(look.LEVELS[noticed.level], noticed) for noticed in outcome.findings if noticed.level != "ok"],
    }


def number_rows(measured: Measured) -> list[tuple[str, str]]:
    """Return the medians of a case by what they are called, in the order of their tables."""
    sources = measured.pair.split(" + ")
    words = (sources[0], sources[-1]) if sources[0] != sources[-1] else ("source a", "source b")
    known = {name: named(one.title, words) for name, one in INDICATORS.items()}
    rows = [(known[name], INDICATORS[name].words(measured.medians[name])) for name in known if name in measured.medians]
    return rows + [(TITLES[name], f"{measured.medians[name]:.3f}") for name in METRICS if name in measured.medians]


def _uri(folder: Path, picture: Picture) -> str:
    return "data:image/png;base64," + b64encode((folder / picture.file).read_bytes()).decode()
